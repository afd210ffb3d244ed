"""What `import tenon` offers: read the data, compare methods on it, load the model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.caller import column, number, path, text, texts, untouched, whole
from tenon.caller import settings as plain_settings
from tenon.catalogue import own_methods, resolve
from tenon.checks.finding import Findings
from tenon.data.dataset import Dataset
from tenon.data.read import read
from tenon.errors import SettingsError
from tenon.inner.settings import Inner
from tenon.method import Method
from tenon.results import Look, Result, VerdictResult, load
from tenon.trials.ask import Ask
from tenon.trials.plan import Plan
from tenon.watch import SILENT, Watch

if TYPE_CHECKING:
    import pandas as pd

    from tenon.text.pretrain import Pretrained
    from tenon.text.pretrain_nets import PretrainedNet

__all__ = ["Look", "Result", "check", "compare", "load", "look", "plan", "pretrain", "read", "run", "verdict"]


def compare(
    data: "Dataset | pd.DataFrame | str | Path",
    target: str | None = None,
    *,
    out: str | Path | None = None,
    task: str = "",
    metric: str = "",
    methods: str | Sequence[str | Method] = "all",
    seed: int = 0,
    jobs: int | None = None,
    budget: str = "normal",
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    also: str | Sequence[str] = (),
    checkpoint: str | Path = "",
    unlabelled: str | Path = "",
    domain: str | Path = "",
    splits: str = "",
    tune: str | int = 0,
    cost: str = "",
    curve: bool = False,
    per: str | None = None,
    rope: float | None = None,
    predictions: "Mapping[str, str | Path | pd.DataFrame] | None" = None,
    lang: str = "en",
    no_rows: bool = False,
    watch: Watch = SILENT,
) -> Result:
    """Run every fitting method on the same splits and return which is best, how surely, and the model.

    data : a Dataset, or what `read` reads. target : column to predict, where `data` does not say.
    out : folder of the run, by default runs/<name of the data>; the same call again takes up a killed run.
    task, metric : "" = inferred and the task's primary one. methods : "all", names with commas between, or a list of names,
    "module:Class" and Method objects. jobs : worker processes, by default one per core. budget : quick, normal, thorough, or
    a duration such as "10m". settings : {"knn": {"k": 7}, "all": {"balance": "weights"}}. also : ["knn.k=7",
    "knn.k=9,weights=uniform"], methods that stand once more on the board, with these settings. checkpoint : weights to start
    from, for methods that take some: a file for networks of images, a BERT's folder for texts. unlabelled : texts without
    labels, a text a line, or a table with columns as the data's, for methods that begin with what is learnt from texts; copies of
    labelled rows are left out. domain : texts of the domain in the same forms, which methods on an encoder read before those;
    what each stage earned is told. splits : "5x4" = 5 folds, 4 repeats.
    tune : configurations to try inside the train rows, or "20:optuna". cost : "fn=5,fp=1", what the two mistakes of a binary task
    cost. curve : also fit on 1/8, 1/4 and 1/2 of the train rows. per : "user_id" scores inside each group and takes the mean by
    rows, "user_id:groups" with groups alike; the column stays among the features. rope : differences below it do not matter, in
    units of the metric. predictions : {"old": file or frame}, what models that you have say about all rows but the final ones;
    they must not have been trained on these rows. lang, no_rows : language of the report, en or zh, and whether to keep all cells
    of the data out of it; the same call with others writes it anew.

    Raises DataError, SettingsError or RunFolderError where what was asked cannot be done.
    """
    ask = Ask(
        task=text("task", task),
        metric=text("metric", metric),
        methods=methods if isinstance(methods, str) else resolve(methods),
        seed=whole("seed", seed),
        jobs=None if jobs is None else whole("jobs", jobs),
        budget=text("budget", budget),
        settings=plain_settings(settings or {}),
        also=texts("also", also),
        checkpoint=str(checkpoint),
        unlabelled=str(unlabelled),
        domain=str(domain),
        splits=text("splits", splits),
        inner=Inner.parse(tune, text("cost", cost)),
        curve=bool(curve),
        per=column("per", per) or "",
        rope=None if rope is None else number("rope", rope),
        predictions=_mapping(predictions or {}),
    )
    return run(_dataset(data, column("target", target), ask.task), ask, out, watch, lang=text("lang", lang), no_rows=no_rows)


def check(data: "Dataset | pd.DataFrame | str | Path", target: str | None = None, *, task: str = "") -> Findings:
    """Look for what would make scores lie: leaks, copies, contradicting labels, rare classes, final rows unlike the others.

    data : a Dataset, or what `read` reads. target : column to predict, where `data` does not say; without one, only what
    needs none is looked for. Returns findings, the gravest first, which show themselves as lines. Raises DataError for data
    that cannot be used, SettingsError for an impossible wish.
    """
    from tenon.checks import findings_of
    from tenon.tasks import check_columns, infer_task

    with untouched():
        dataset = _dataset(data, column("target", target), text("task", task))
        found = None if dataset.target is None else infer_task(dataset.target, task)[0]
        if found is not None:
            check_columns(found, dataset.schema)
        return findings_of(dataset, found)


def look(
    data: "Dataset | pd.DataFrame | str | Path", target: str | None = None, *, out: str | Path | None = None, seed: int = 0,
    lang: str = "en", no_rows: bool = False,
) -> Look:  # fmt: skip
    """Get to know the data: columns, what is missing and goes together, texts, images, density, groups, topics, a map.

    data : a Dataset, or what `read` reads. target : a column that colours the map and is held beside the groups; nothing is
    fitted to it. out : the folder that look.html and look.json are written to, by default runs/<name of the data>-look. seed : of
    the rows that are drawn where all would take too long. lang, no_rows : of the page, as for `compare`. Raises DataError for
    data that cannot be used, SettingsError for an impossible wish.
    """
    import json

    from tenon.files import write_text
    from tenon.overview.gather import look_at
    from tenon.report.language import language
    from tenon.report.look import write_look
    from tenon.tasks import infer_task

    language(text("lang", lang))  # one that there is not is told before anything is done
    with untouched():
        dataset = _dataset(data, column("target", target), "")
        folder = path("out", out) if out is not None else Path("runs") / f"{dataset.name.split('.')[0]}-look"
        task = None if dataset.target is None else infer_task(dataset.target)[0]
        content = look_at(dataset, task, whole("seed", seed))
        write_text(folder / "look.json", json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        write_look(folder / "look.html", content, lang, no_rows)
    return Look(folder, content)


def run(
    dataset: Dataset, ask: Ask, out: str | Path | None = None, watch: Watch = SILENT, *, lang: str = "en", no_rows: bool = False
) -> Result:
    """Do what `compare` does, for a data set that has been read and wishes that stand in an Ask."""
    from tenon.report.language import language
    from tenon.report.page import write_report
    from tenon.trials.compare import run_comparison

    language(lang)  # one that there is not is told before anything is fitted
    folder = _folder(dataset, out)
    with untouched():
        run_comparison(dataset, ask, folder, watch)
        write_report(folder, lang, no_rows)
    return Result(folder, own_methods(ask.methods))


def plan(dataset: Dataset, ask: Ask, out: str | Path | None = None) -> Plan:
    """Return what `run` would do with the same data and wishes, without doing it; of a run that was stopped, what is left."""
    from tenon.trials.compare import plan_comparison

    with untouched():
        return plan_comparison(dataset, ask, _folder(dataset, out))


def verdict(
    files: "Sequence[str | Path] | Mapping[str, str | Path | pd.DataFrame]",
    truth: "str | Path | pd.DataFrame",
    *,
    target: str | None = None,
    task: str = "",
    metric: str = "",
    per: str | None = None,
    group: str | None = None,
    rope: float | None = None,
) -> VerdictResult:
    """Return which of several models is better, how surely, from their predictions alone; nothing is trained.

    files : two or more files, or {"old": file or frame, ...}: a column `prediction` and for classes `p_<label>`, or one
    column of values. truth : the true value of every row, in the one column beside `id`, or in `target`. Rows are matched
    by `id` where there is such a column, else by their order. per : "user_id" scores inside each group and takes the mean
    by rows, "user_id:groups" with groups alike. group : rows of one group are not independent. rope : differences below
    it do not matter, in units of the metric. The columns `per` and `group` stand in `truth`.

    Raises DataError where files do not go together or a cell cannot be read, SettingsError for an impossible wish.
    """
    from tenon.trials.fixed_board import FixedAsk, judge_files

    ask = FixedAsk(
        target=column("target", target),
        task=text("task", task),
        metric=text("metric", metric),
        per=column("per", per) or "",
        group=column("group", group),
        rope=None if rope is None else number("rope", rope),
    )
    with untouched():
        return VerdictResult(**vars(judge_files(files, truth, ask)))


def pretrain(
    corpus: str | Path,
    out: str | Path | None = None,
    objective: str = "word2vec",
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
    jobs: int = 1,
    budget: str = "normal",
    start: str | Path | None = None,
    watch: Watch = SILENT,
) -> "Pretrained | PretrainedNet":
    """Learn from a text file, a text a line, without labels, and write what was learnt into a folder.

    out : by default runs/<name of the corpus>-<objective>. objective : "word2vec", vectors of words; "mlm", a BERT that foretells
    masked tokens; "mlm+nsp", one that tells pairs of parts, too; "ar", a network that writes. start : folder of a BERT that goes
    on to learn; None: a new one. settings : {"word2vec": {"dim": 300}}. jobs : threads; with several, the last digits differ from
    run to run. budget : quick, normal or thorough.
    Raises SettingsError, DataError or OutputError where what was asked cannot be done.
    """
    from tenon.text.pretrain import pretrain

    place = None if out is None else path("out", out)
    with untouched():
        return pretrain(
            path("corpus", corpus), place, text("objective", objective), plain_settings(settings or {}),
            seed=whole("seed", seed), jobs=whole("jobs", jobs), budget=text("budget", budget),
            start=None if start is None else path("start", start), watch=watch,
        )  # fmt: skip


def _dataset(data: Any, target: str | None, task: str) -> Dataset:
    """Return the data set, read if need be. Raises DataError for what can be none, SettingsError for a second target."""
    if not isinstance(data, Dataset):
        return read(data, target, task=task)
    column = data.schema.with_role("target")
    if target is not None and (column is None or column.name != target):
        has = "no target" if column is None else f"the target {column.name!r}"
        raise SettingsError(f"the data set was read with {has}; read it again: tenon.read(…, target={target!r}).")
    return data


def _folder(dataset: Dataset, out: str | Path | None) -> Path:
    return path("out", out) if out is not None else Path("runs") / dataset.name.split(".")[0]


def _mapping(predictions: Any) -> Any:
    if not isinstance(predictions, Mapping):
        raise SettingsError(f"predictions takes {{name: file or frame}}; got {type(predictions).__name__}.")
    return {str(name): given for name, given in predictions.items()}
