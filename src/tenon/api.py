"""What `import tenon` offers: read the data, compare methods on it, load the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.data.dataset import Dataset
from tenon.data.read import read
from tenon.errors import ModelFileError
from tenon.method import Method, Model
from tenon.trials.ask import Ask
from tenon.trials.plan import Plan
from tenon.watch import SILENT, Watch

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Result", "compare", "load", "plan", "read"]


@dataclass(frozen=True)
class Result:
    """A finished run, read from its folder. Shows itself as the leaderboard, in a terminal and in a notebook."""

    folder: Path
    methods: tuple[Method, ...] = ()  # methods of one's own, needed again to load their models

    @cached_property
    def board(self) -> dict[str, Any]:
        """The content of leaderboard.json."""
        from tenon.trials.folder import RunFolder

        return RunFolder(self.folder).read("leaderboard.json")

    @property
    def leaderboard(self) -> "pd.DataFrame":
        """One row a method, best first; indexed by method name."""
        import pandas as pd

        return pd.DataFrame(self.board["rows"]).set_index("method")

    @property
    def verdicts(self) -> "pd.DataFrame":
        """One row a pair of methods: effect, interval, p values, posterior, verdict in words."""
        import pandas as pd

        from tenon.trials.folder import RunFolder

        return pd.DataFrame(RunFolder(self.folder).read("verdicts.json"))

    @cached_property
    def model(self) -> Model:
        """The chosen model, fitted on all rows that were not put aside."""
        return load(self.folder, self.methods)

    def __repr__(self) -> str:
        from tenon.report.text import closing, lines

        return "\n".join([*lines(self.board), *closing(self.board), f"report  {self.folder / 'report.html'}"])

    def _repr_html_(self) -> str:
        from tenon.report.page import leaderboard_html

        return leaderboard_html(self.board)


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
    splits: str = "",
    watch: Watch = SILENT,
) -> Result:
    """Run every fitting method on the same splits and return which is best, how surely, and the model.

    data : a Dataset, or what `read` reads. target : column to predict, where `data` does not say.
    out : folder of the run, by default runs/<name of the data>; the same call again takes up a killed run.
    task, metric : "" = inferred and the task's primary one. methods : "all", names with commas between, or a list of
    names, "module:Class" and Method objects. jobs : worker processes, by default one per core. budget : quick, normal,
    thorough, or a duration such as "10m". settings : {"knn": {"n_neighbors": 7}}. splits : "5x4" = 5 folds, 4 repeats.

    Raises DataError, SettingsError or RunFolderError where what was asked cannot be done.
    """
    from tenon.report.page import write_report
    from tenon.trials.compare import run_comparison

    dataset = _dataset(data, target, task)
    ask = Ask(task, metric, methods, seed, jobs, budget, settings or {}, splits)
    folder = Path(out) if out is not None else Path("runs") / dataset.name.split(".")[0]
    run_comparison(dataset, ask, folder, watch)
    write_report(folder)
    own = () if isinstance(methods, str) else tuple(m for m in methods if isinstance(m, Method))
    return Result(folder, own)


def plan(data: "Dataset | pd.DataFrame | str | Path", target: str | None = None, *, ask: Ask) -> Plan:
    """Return what `compare` would do with the same data, without doing it."""
    from tenon.trials.prepare import prepare

    return prepare(_dataset(data, target, ask.task), ask, Path()).plan


def load(folder: str | Path, methods: Sequence[Method] = ()) -> Model:
    """Load the model of a run folder, or a model folder itself.

    methods : methods of one's own that the model may have been made by; Tenon's own are known.
    Raises ModelFileError for a folder without a model, a damaged one, or one of a later format.
    """
    from tenon.catalogue import load_model

    folder = Path(folder)
    model = folder / "model" if (folder / "model").is_dir() else folder
    if not (model / "model.json").exists():
        raise ModelFileError(f"{folder} holds no model: it has no model.json, nor a folder model with one.")
    return load_model(model, methods)


def _dataset(data: "Dataset | pd.DataFrame | str | Path", target: str | None, task: str) -> Dataset:
    return data if isinstance(data, Dataset) else read(data, target, task=task)
