"""`tenon check`: what is wrong, odd or dangerous in the data, before anything is fitted."""

import json

from tenon.cli.options import Data, Final, Group, Json, Kind, Missing, NoQuoting, Target, TaskName, Time, read_kinds


def check(
    data: Data,
    target: Target = None,
    kind: Kind = None,
    missing: Missing = None,
    group: Group = None,
    time: Time = None,
    final: Final = None,
    no_quoting: NoQuoting = False,
    task: TaskName = "",
    as_json: Json = False,
) -> None:
    """[bold green]tenon check reviews.csv --target label[/]

    Look for what would make scores lie: columns that give the target away, copies of rows, labels that contradict each
    other, rare classes, names taken for features, final rows unlike the others. Nothing is fitted and nothing is changed;
    tenon compare looks for the same and keeps copies on one side of every split. Without --target, what needs none.
    """
    from tenon import api
    from tenon.checks.command import next_line
    from tenon.checks.look import seen_of
    from tenon.cli.bar import Bar
    from tenon.cli.findings import finding_lines
    from tenon.cli.terminal import put, put_data, stdout
    from tenon.cli.wording import described
    from tenon.trials.ask import Ask

    with Bar("reading the data") as bar:
        dataset = api.read(
            data, target, kinds=read_kinds(kind or ()), task=task, missing=tuple(missing or ()), group=group, time=time,
            final=final, quoting=not no_quoting,
        )  # fmt: skip
        put([*described(dataset, Ask(task), bar.console.width), ""], bar.console)
        bar.show("looking for leaks, copies and other faults")
        findings = api.check(dataset, task=task)
    if as_json:
        put_data(json.dumps(findings.to_json(), indent=1, sort_keys=True, ensure_ascii=False))
        return
    put([*finding_lines(findings, stdout().width), seen_of(dataset), f"next     {next_line(dataset, findings)}"], stdout())
