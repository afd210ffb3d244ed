"""What `import tenon` offers: read the data, compare methods on it, load the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.caller import column, number, path, text, texts, untouched, whole
from tenon.caller import settings as plain_settings
from tenon.catalogue import load_model, own_methods, resolve
from tenon.checks.finding import Findings
from tenon.compress.gather import Compressed
from tenon.compress.onnx_model import METHOD as ONNX
from tenon.data.dataset import Dataset
from tenon.data.read import read
from tenon.errors import ModelFileError, SettingsError
from tenon.explain.gather import Explained
from tenon.inner.settings import Inner
from tenon.method import Method, Model
from tenon.trials.ask import Ask
from tenon.trials.fixed_board import FixedResult
from tenon.trials.plan import Plan
from tenon.watch import SILENT, Watch

if TYPE_CHECKING:
    import pandas as pd

    from tenon.text.pretrain import Pretrained
    from tenon.text.pretrain_nets import PretrainedNet

__all__ = ["Look", "Result", "check", "compare", "load", "look", "plan", "pretrain", "read", "run", "verdict"]


@dataclass(frozen=True)
class Result:
    """A finished run, read from its folder. Shows itself as the leaderboard, in a terminal and in a notebook."""

    folder: Path
    methods: tuple[Method, ...] = ()  # methods of one's own, needed again to load their models

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))

    @cached_property
    def board(self) -> dict[str, Any]:
        """The content of leaderboard.json."""
        from tenon.trials.folder import RunFolder

        return RunFolder(self.folder).read("leaderboard.json")

    @property
    def leaderboard(self) -> "pd.DataFrame":
        """One row a method, best first; indexed by method name. The score and its interval stand first, the word last."""
        import pandas as pd

        return _begins_with(("score", "low", "high"), pd.DataFrame(self.board["rows"]).set_index("method"))

    @property
    def verdicts(self) -> "pd.DataFrame":
        """One row a pair of methods: which two, effect, interval, p values, posterior, verdict in words."""
        import pandas as pd

        from tenon.trials.folder import RunFolder

        pairs = RunFolder(self.folder).read("verdicts.json")
        return _begins_with(("method_a", "method_b", "effect", "low", "high"), pd.DataFrame(pairs)) if pairs else pd.DataFrame()

    @cached_property
    def insights(self) -> dict[str, Any]:
        """The content of insights.json: cost, calibration, pr, residuals, slices, twice; see the modules of `tenon.insight`.

        A section that could not be made holds the reason.
        """
        from tenon.trials.folder import RunFolder

        return RunFolder(self.folder).read("insights.json")

    @cached_property
    def rows(self) -> "dict[str, pd.DataFrame]":
        """Rows worth a look, indexed by their number in the file: most_wrong, doubtful, label_next.

        Beside label, prediction and probabilities stand the first columns of the data as text; empty where there are none.
        """
        from tenon.insight.frames import row_frames
        from tenon.trials.folder import RunFolder

        return row_frames(RunFolder(self.folder).read("rows.json"))

    @cached_property
    def model(self) -> Model:
        """The chosen model, fitted on all rows that were not put aside."""
        return load(self.folder, self.methods)

    def explain(
        self, row: int | None = None, *, data: "Dataset | pd.DataFrame | str | Path | None" = None,
        lang: str | None = None, no_rows: bool = False, watch: Watch = SILENT,
    ) -> "Explanation":  # fmt: skip
        """Return what the chosen model goes by, and for a row what drove its prediction; leaves explain.html in the folder.

        row : number of the row in the file, counted from 1. data : the data, where they moved since or were a frame. lang,
        no_rows : of the page, as for `compare`; by default in the language of the report. Raises DataError where the data are not
        those of the run any more.
        """
        from tenon.explain.gather import explain_run
        from tenon.report.explained import write_explained
        from tenon.report.language import language, language_of

        lang = language_of(self.folder / "report.html") if lang is None else text("lang", lang)
        language(lang)  # one that there is not is told before anything is done
        with untouched():
            number = None if row is None else whole("row", row)
            content = explain_run(self.folder, number, data, self.methods, watch)
            write_explained(self.folder, content, lang, no_rows)
        return Explanation(self.folder, content)

    def compress(
        self, only: str | Sequence[str] = (), *, data: "Dataset | pd.DataFrame | str | Path | None" = None, watch: Watch = SILENT
    ) -> "Compression":
        """Make the chosen model smaller and faster, leave each smaller one in compressed/NAME, and say whether it is as good.

        only : names of ways, in a list or with commas between; by default all that are for the model. data : the data, where they
        moved since or were a frame. Raises SettingsError for a way that is not for the model, RunFolderError for a run without
        final rows, DataError where the data are not those of the run any more.
        """
        from tenon.compress.gather import compress_run

        names = [name.strip() for one in texts("only", only) for name in one.split(",") if name.strip()]
        with untouched():
            return Compression(self.folder, compress_run(self.folder, names, data, self.methods, watch))

    def __repr__(self) -> str:
        from tenon.report.text import closing, lines

        return "\n".join([*lines(self.board), *closing(self.board), f"report  {self.folder / 'report.html'}"])

    def _repr_html_(self) -> str:
        from tenon.report.page import leaderboard_html

        return leaderboard_html(self.board)


class Explanation(Explained):
    """What the chosen model of a run goes by. Shows itself as the lines of `tenon explain`."""

    def __repr__(self) -> str:
        from tenon.report.explained_text import explained_lines

        return "\n".join([*explained_lines(self.content), f"page    {self.folder / 'explain.html'}"])


@dataclass(frozen=True)
class Look:
    """What data hold. Shows itself as the lines of `tenon look`; the page is look.html in the folder."""

    folder: Path
    content: dict[str, Any]  # of look.json

    def __repr__(self) -> str:
        from tenon.report.look_text import look_lines

        return "\n".join([*look_lines(self.content), f"page    {self.folder / 'look.html'}"])


class Compression(Compressed):
    """What became of the chosen model of a run that was made smaller. Shows itself as the lines of `tenon compress`."""

    def __repr__(self) -> str:
        from tenon.report.compressed import compressed_lines

        return "\n".join(compressed_lines(self.content, self.best))


class VerdictResult(FixedResult):
    """What can be said about fixed models. Shows itself as the lines of `tenon verdict`."""

    def __repr__(self) -> str:
        from tenon.report.verdict import verdict_lines

        return "\n".join(verdict_lines(self))


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
    folder = path("out", out) if out is not None else Path("runs") / dataset.name.split(".")[0]
    with untouched():
        run_comparison(dataset, ask, folder, watch)
        write_report(folder, lang, no_rows)
    return Result(folder, own_methods(ask.methods))


def plan(dataset: Dataset, ask: Ask) -> Plan:
    """Return what `run` would do with the same data and wishes, without doing it."""
    from tenon.trials.prepare import prepare

    with untouched():
        return prepare(dataset, ask, Path()).plan


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


def load(folder: str | Path, methods: "str | Sequence[Any]" = ()) -> Model:
    """Load the model of a run folder, or a model folder itself.

    methods : methods of one's own that the model may have been made by, as `compare` takes them; Tenon's own are known.
    Raises ModelFileError for a folder without a model, a damaged one, or one of a later format.
    """
    with untouched():
        return load_model(model_folder(Path(folder)), (ONNX, *own_methods(methods)))


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


def model_folder(folder: Path) -> Path:
    """Return the folder of the model, which may stand in the folder of a run."""
    for place in (folder / "model", folder):
        if (place / "model.json").exists():
            return place
    if not folder.is_dir():
        raise ModelFileError(f"{folder} is no folder; name that of a finished run.")
    if (folder / "run.json").exists() and not (folder / "leaderboard.json").exists():
        raise ModelFileError(
            f"the run in {folder} is not finished, so it has no model yet; the line that began it goes on with it."
        )
    raise ModelFileError(f"{folder} holds no model: it has no model.json, nor a folder model with one.")


def _begins_with(names: Sequence[str], frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return the frame with these columns first: pandas shows the outer ones of many, and files have them by the alphabet."""
    return frame[[*names, *(name for name in frame.columns if name not in names)]]


def _dataset(data: Any, target: str | None, task: str) -> Dataset:
    """Return the data set, read if need be. Raises DataError for what can be none, SettingsError for a second target."""
    if not isinstance(data, Dataset):
        return read(data, target, task=task)
    column = data.schema.with_role("target")
    if target is not None and (column is None or column.name != target):
        has = "no target" if column is None else f"the target {column.name!r}"
        raise SettingsError(f"the data set was read with {has}; read it again: tenon.read(…, target={target!r}).")
    return data


def _mapping(predictions: Any) -> Any:
    if not isinstance(predictions, Mapping):
        raise SettingsError(f"predictions takes {{name: file or frame}}; got {type(predictions).__name__}.")
    return {str(name): given for name, given in predictions.items()}
