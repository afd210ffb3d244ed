"""`tenon compare`: run every fitting method on the same splits and say which is best."""

from pathlib import Path
from typing import Annotated

import typer

from tenon.cli.options import (
    HOW,
    OUTPUT,
    Data,
    Final,
    Group,
    Json,
    Kind,
    Lang,
    MetricName,
    Missing,
    NoQuoting,
    NoRows,
    Per,
    Rope,
    Target,
    TaskName,
    Time,
    read_kinds,
    read_predictions,
    read_settings,
    text_option,
)

Predictions = Annotated[
    list[str] | None,
    text_option("--predictions", help="A model you have, by its predictions of these rows.", metavar="NAME=FILE", panel=HOW),
]
Methods = Annotated[
    str, text_option("--methods", help="Such as logistic,knn,my_module:Mine; all by default.", metavar="NAMES", panel=HOW)
]
Setting = Annotated[
    list[str] | None, text_option("--set", help="A setting of one method.", metavar="METHOD.param=value", panel=HOW)
]
Also = Annotated[
    list[str] | None,
    text_option(
        "--also", help="The method once more with this setting, as a row of its own.", metavar="METHOD.param=value", panel=HOW
    ),
]
Checkpoint = Annotated[
    str, text_option("--checkpoint", help="Weights to start from: resnet18.pth, or a BERT's folder.", metavar="PATH", panel=HOW)
]
Unlabelled = Annotated[
    str, text_option("--unlabelled", help="Texts without labels, for methods that learn from them.", metavar="FILE", panel=HOW)
]
Domain = Annotated[
    str, text_option("--domain", help="Texts of the domain, which a BERT reads before those.", metavar="FILE", panel=HOW)
]
Splits = Annotated[str, text_option("--splits", help="Folds x repeats, such as 5x4.", metavar="KxR", panel=HOW)]
Tune = Annotated[
    str, text_option("--tune", help="Configurations to try inside the train rows; 20:optuna.", metavar="N", panel=HOW)
]
Costs = Annotated[
    str,
    text_option("--cost", help="What mistakes cost, such as fn=5,fp=1; chooses the threshold.", metavar="COSTS", panel=HOW),
]
Curve = Annotated[bool, typer.Option("--curve", help="Also train on 1/8, 1/4, 1/2 of the rows.", rich_help_panel=HOW)]
Budget = Annotated[
    str, typer.Option(help="quick, normal, thorough; or a time: 90s, 10m, 2h.", metavar="WORK", rich_help_panel=HOW)
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same leaderboard.", metavar="N", rich_help_panel=HOW)]
Jobs = Annotated[
    int | None,
    typer.Option(help="Worker processes; one per core by default.", metavar="N", rich_help_panel=HOW, show_default=False),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Folder of the run; runs/NAME by default.", metavar="RUN", rich_help_panel=OUTPUT),
]
ShowPlan = Annotated[bool, typer.Option("--plan", help="Show what would be done; do nothing.", rich_help_panel=OUTPUT)]


def compare(
    data: Data, target: Target = None, kind: Kind = None, missing: Missing = None, group: Group = None, time: Time = None,
    final: Final = None, no_quoting: NoQuoting = False,
    task: TaskName = "", metric: MetricName = "", per: Per = "", rope: Rope = None, predictions: Predictions = None,
    methods: Methods = "all", setting: Setting = None, also: Also = None, checkpoint: Checkpoint = "",
    unlabelled: Unlabelled = "", domain: Domain = "",
    splits: Splits = "", tune: Tune = "0", cost: Costs = "",
    curve: Curve = False, budget: Budget = "normal", seed: Seed = 0, jobs: Jobs = None,
    out: Out = None, lang: Lang = "en", no_rows: NoRows = False, plan: ShowPlan = False, as_json: Json = False,
) -> None:  # fmt: skip
    """[bold green]tenon compare reviews.csv --target label[/]

    Run every fitting method on the same splits, say which differences are real, choose a model, score it once on rows
    that nothing has seen, and write all of it with a report to a folder. The same line again goes on where it stopped.
    """
    from tenon import api
    from tenon.cli.result import show_plan, show_result
    from tenon.cli.screen import Screen
    from tenon.cli.terminal import put
    from tenon.cli.wording import described
    from tenon.inner.settings import Inner
    from tenon.trials.ask import Ask

    inner, brought = Inner.parse(tune, cost), read_predictions(predictions or ())
    ask = Ask(
        task=task, metric=metric, methods=methods, seed=seed, jobs=jobs, budget=budget, settings=read_settings(setting or ()),
        also=also or (), checkpoint=checkpoint, unlabelled=unlabelled, domain=domain, splits=splits, inner=inner, curve=curve,
        per=per, rope=rope, predictions=brought,
    )  # fmt: skip
    kinds, cells = read_kinds(kind or ()), tuple(missing or ())
    with Screen() as screen:
        dataset = api.read(
            data, target, kinds=kinds, task=task, missing=cells, group=group, time=time, final=final, quoting=not no_quoting
        )
        put([*described(dataset, ask, screen.console.width), ""], screen.console)
        found = api.plan(dataset, ask, out) if plan else api.run(dataset, ask, out, screen.watch, lang=lang, no_rows=no_rows)
    if plan:
        show_plan(found, as_json)
        return
    show_result(found, as_json, said=dataset.notes)
