"""The contract of a method, a model and its predictions.

A *method* is a recipe; fitting it on train rows gives a *model*; a model gives *predictions* for rows it never saw.
A new method is one file and one row in its family's METHODS tuple; the contract tests pick it up.
"""

import json
import math
import numbers
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.dataset import Dataset, Schema
from tenon.errors import DataError, MethodError, ModelFileError, SettingsError, unknown
from tenon.files import CHECKSUMS
from tenon.tasks import LARGEST_TARGET, Task

if TYPE_CHECKING:
    import pandas as pd

    from tenon.data.questions import Span

FORMAT = 1  # of model.json; raised when an old reader could misread a new file
COSTS = ("cheap", "medium", "dear")  # cost class: decides folds and repeats, see trials.protocol
PREDICTION, PROBA = "prediction", "p_"  # columns of predictions in a frame: what is said, and p_<label> for each class
BUDGETS = ("quick", "normal", "thorough")  # amounts of work, never of time
LIMITS = ("max_iter",)  # what a budget decides but a fit seldom reaches, so that it costs no more time where it is larger
OUTSIDE = 1e-6  # by which a probability may leave 0 to 1: rounding in float32
OFF_ONE = 1e-3  # by which the probabilities of a row may miss 1: they may be rounded figures
NONE, PREPARED = "none", "prepared"  # of a setting with an objective: begin with nothing; with what is learnt from the train rows
STAGES = "stages"  # setting of methods on an encoder: which texts it reads without labels before it learns the task


@dataclass(frozen=True)
class Param:
    """One setting of a method: its default and, for tuning, what it may range over."""

    default: Any
    low: float | None = None
    high: float | None = None
    log: bool = False  # search on a logarithmic scale
    is_positive: bool = False  # True: a number of 0 means nothing
    most: float | None = None  # numbers above it mean nothing
    choices: tuple[Any, ...] = ()
    is_tuned: bool = True  # False: another setting decides on it, so that no search tries others
    is_required: bool = False  # True: it has no default, and a method with it is not among `all`
    objective: str = (
        ""  # what is learnt before and lies where the setting says: a path, NONE, PREPARED, or "": see `trials.shared`
    )

    def check(self, name: str, value: Any) -> None:
        """Raise SettingsError where this cannot be a value: not among the choices, no finite number, or one that means nothing.

        The range from `low` to `high` is for the search and binds nobody.
        """
        if self.objective:
            self._check_path(name, value)
        elif self.choices:
            if value not in self.choices:
                raise unknown(f"value of {name}", str(value), [str(choice) for choice in self.choices])
        elif self.low is not None:
            is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
            is_finite = is_number and abs(value) <= sys.float_info.max
            is_whole = isinstance(self.default, int)
            least = self.low if is_whole else 0
            most = math.inf if self.most is None else self.most
            if (
                not is_finite
                or not least <= value <= most
                or (is_whole and value != int(value))
                or (self.is_positive and not value)
            ):
                raise SettingsError(f"{name} takes {self._taken(is_whole)}; got {value!r}.")

    def _taken(self, is_whole: bool) -> str:
        """Return what it takes, in words."""
        kind, least = ("a whole number", self.low) if is_whole else ("a number", 0)
        if self.most is not None:
            return f"{kind} from {least:g} to {self.most:g}"
        return "a number above 0" if self.is_positive else f"{kind} from {least:g} on" if is_whole else "a number, not below 0"

    def _check_path(self, name: str, value: Any) -> None:
        words = (PREPARED,) if self.default == PREPARED else (PREPARED, NONE)  # such a method cannot do without
        what, is_there = PLACES[self.objective]
        if value not in (self.default, *words) and not (isinstance(value, str) and is_there(Path(value))):
            raise SettingsError(f"{name} takes {what}, or {' or '.join(words)}; {value!r} is nothing of these.")


PLACES: dict[str, tuple[str, Callable[[Path], bool]]] = {  # what lies where a setting with an objective says, and whether it does
    "word2vec": (
        "a folder that tenon pretrain wrote, a file in word2vec's formats",
        lambda path: path.is_file() or (path / CHECKSUMS).is_file(),
    ),
    "mlm": ("the folder of a BERT as Hugging Face lays it out", lambda path: path.is_dir() and path != Path()),
}


@dataclass(frozen=True)
class Predictions:
    """What a model says about rows, in the order of `row_ids`."""

    row_ids: np.ndarray  # (n,) int64
    value: np.ndarray  # (n,) labels as they came in, or float64; lists of tags, translations, answers, nats that a text costs,
    # or tuples of labels: those that are probable enough
    proba: np.ndarray | None = None  # (n, K) float64 in the order of task.labels; None for numbers
    details: "pd.DataFrame | None" = None  # what only some methods know: where answers begin
    read_share: float = 1.0  # share of the rows' text that the model looked at

    def checked(self, task: Task, row_ids: np.ndarray) -> "Predictions":
        """Return these predictions. Raises MethodError where they are of other rows, or are no labels, numbers, probabilities."""
        if not np.array_equal(self.row_ids, row_ids):
            raise MethodError("it predicts other rows than it was given, or in another order")
        value = np.asarray(self.value)
        if value.shape != row_ids.shape:
            raise MethodError(f"its predictions have the shape {value.shape}; one a row is {row_ids.shape}")
        if task.is_regression:
            check_numbers(value)
        elif task.is_of_sequences:
            check_sequences(value, task)
        elif task.has_sets:
            check_sets(value, task)
        elif strange := [label for label in np.unique(value).tolist() if label not in task.labels]:
            raise MethodError(f"it predicts {strange[0]!r}, which is none of the labels")
        if self.proba is not None:
            check_proba(self.proba, len(row_ids), len(task.labels), is_one_of=task.has_classes)
        return self

    @classmethod
    def of_answers(cls, row_ids: np.ndarray, said: "Sequence[Span]", read_share: float) -> "Predictions":
        """Return answers as texts; details are where each begins in its context, missing where there is none, and its score."""
        import pandas as pd

        starts = pd.array([None if one.start < 0 else one.start for one in said], "Int64")
        details = pd.DataFrame({"start": starts, "score": [one.score for one in said]}, index=pd.Index(row_ids, name="row"))
        return cls(row_ids, np.array([one.text for one in said], object), details=details, read_share=read_share)

    def to_frame(self, labels: tuple[Any, ...] = ()) -> "pd.DataFrame":
        """Return a frame indexed by row id: `prediction`, one `p_<label>` for each class, and the details."""
        import pandas as pd

        columns: dict[str, np.ndarray] = {PREDICTION: self.value}
        if self.proba is not None:
            columns |= {name: self.proba[:, k] for k, name in enumerate(proba_names(labels))}
        frame = pd.DataFrame(columns, index=pd.Index(self.row_ids, name="row"))
        return frame if self.details is None else frame.join(self.details)


def proba_names(labels: Sequence[Any]) -> list[str]:
    """Return the names of the columns that hold the probability of each class."""
    return [f"{PROBA}{label}" for label in labels]


def check_numbers(value: np.ndarray) -> None:
    """Raise MethodError where a predicted number is missing, infinite, or too large for its square to be summed."""
    if value.dtype.kind not in "fiub":
        raise MethodError("it predicts what is no number")
    if not np.isfinite(value).all():
        raise MethodError("it predicts a missing or infinite number")
    if len(value) and np.abs(value).max() > LARGEST_TARGET:
        raise MethodError(f"it predicts numbers beyond {LARGEST_TARGET:g}, too large to calculate with")


def check_sequences(value: np.ndarray, task: Task) -> None:
    """Raise MethodError where a prediction is no list of tags, no text, or no number of nats, as the task wants it."""
    if task.kind == "language":
        check_numbers(value)
    elif not all(isinstance(one, list if task.kind == "tagging" else str) for one in value):
        raise MethodError("it predicts what is no list of tags" if task.kind == "tagging" else "it predicts what is no text")


def check_sets(value: np.ndarray, task: Task) -> None:
    """Raise MethodError where a prediction is no tuple of the labels."""
    known = set(task.labels)
    for of_row in value:
        if not isinstance(of_row, tuple) or not known.issuperset(of_row):
            raise MethodError(f"it predicts {of_row!r}, which is no tuple of the labels")


def check_proba(proba: np.ndarray, n_rows: int, n_classes: int, is_one_of: bool = True) -> None:
    """Raise MethodError where these are no probabilities, of this many rows and classes; is_one_of : each row sums to 1."""
    if proba.shape != (n_rows, n_classes) or proba.dtype.kind not in "fiub":
        wanted = f"(rows, classes) are {(n_rows, n_classes)}"
        raise MethodError(f"its probabilities have the shape {proba.shape}; {wanted}")
    if not np.isfinite(proba).all():
        raise MethodError("it gives a missing or infinite probability")
    if (proba < -OUTSIDE).any() or (proba > 1 + OUTSIDE).any():
        raise MethodError("it gives a probability below 0 or above 1")
    if is_one_of and (np.abs(proba.sum(axis=1) - 1) > OFF_ONE).any():
        raise MethodError("its probabilities of a row do not add up to 1")


class Model(ABC):
    """What fitting gives. A subclass adds `predict_rows` and `save_parts`; its method knows how to load it again."""

    def __init__(self, schema: Schema, task: Task, method_name: str):
        self.schema, self.task, self.method_name = schema, task, method_name

    def __repr__(self) -> str:
        """Return "logistic model of diagnosis (binary), 30 columns": the columns that it reads."""
        n = len(self.schema.features())
        return f"{self.method_name} model of {self.task.target} ({self.task.kind}), {n:,} column{'' if n == 1 else 's'}"

    def predict(self, data: "Dataset | pd.DataFrame") -> Predictions:
        """Predict rows that bring the feature columns of training, by name, in any order; other columns are not read.

        Raises DataError naming every missing or unreadable column, and where there are no rows.
        """
        return self.predict_rows(self._conformed(data, "predict"))

    def _conformed(self, data: "Dataset | pd.DataFrame", verb: str) -> Dataset:
        from tenon.data.conform import conform

        if not isinstance(data, Dataset) and not hasattr(data, "set_axis"):
            raise DataError(f"{verb} takes a pandas DataFrame or a Dataset; got {type(data).__name__}.")
        if not len(data):
            raise DataError(f"there are no rows to {verb}.")
        return conform(data, self.schema)

    @abstractmethod
    def predict_rows(self, dataset: Dataset) -> Predictions:
        """Predict rows whose columns already have the kinds of `self.schema`."""

    @abstractmethod
    def save_parts(self, folder: Path) -> None:
        """Write everything but model.json: arrays as safetensors, estimators by skops."""

    def moved_against(self, dataset: Dataset, y: np.ndarray, size: float) -> Dataset | None:
        """Return the rows, each moved by a small step that raises the model's loss; None where it knows of no such step.

        y : (n,) as `task.encode` gives it. size : of a number in standard deviations, of a pixel as a share of its range.
        """
        return None

    def history(self) -> dict[str, Any] | None:
        """Return the curves of its training as `training.History` holds them; None where it was not trained step by step."""
        return None

    def explain(self, data: "Dataset | pd.DataFrame", only: Collection[str] = ()) -> dict[str, Any]:
        """Return what only this model knows, as frames; empty where it knows nothing special.

        coefficients : of linear models and naive Bayes' words. contributions, base, unit : of trees, for these rows. sights : of
        networks for images, where they look, and maps of layers. readings, texts : of networks for texts, what each token does.
        kept : of those that read only some blocks of a text, which. entity_effects : of taggers, what each token does to each
        entity. answer_effects : of networks that answer questions, what each token does to the answer. alignments : of networks
        that translate, what each token was said by. looks : of Transformers that read, whom each token looks at. surprises : of
        language models, what each unit costs. candidates : of methods that answer questions, the answers weighed.
        See `tenon.inside`; what can be said of any model stands in `result.explain()`. Rows as for `predict`.
        only : names of these, the first of each sentence here, where others, which may take long, are not wanted; () for all.
        """
        return self.explain_rows(self._conformed(data, "explain"), only)

    def explain_rows(self, dataset: Dataset, only: Collection[str] = ()) -> dict[str, Any]:
        """Return what `explain` does of rows whose columns already have the kinds of `self.schema`."""
        return {}

    def save(self, folder: "Path | str") -> None:
        """Write the model to a folder; whole or not at all. One that stands there already is replaced, if it holds a model.

        Raises ModelFileError where the folder holds other things, OutputError where it cannot be written.
        """
        from tenon.files import new_folder, seal

        folder = Path(folder)
        if folder.exists() and not (folder / "model.json").is_file() and not _is_empty(folder):
            raise ModelFileError(f"{folder} exists already and holds no model; name another folder to save this one in.")
        with new_folder(folder) as unfinished:
            self.save_parts(unfinished)
            about = {
                "format": FORMAT,
                "method": self.method_name,
                "schema": self.schema.to_json(),
                "task": self.task.to_json(),
                "versions": versions(),
            }
            text = json.dumps(about, indent=1, sort_keys=True, ensure_ascii=False)
            (unfinished / "model.json").write_text(text, encoding="utf-8")
            seal(unfinished)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


Takes = Callable[[Dataset, float, Mapping[str, Any], str], float]  # (data, train rows, settings, budget) -> seconds of a fit


@dataclass(frozen=True)
class Method:
    """A recipe that the board can run.

    fit(train, task, *, params, seed, budget, watch) -> Model sees train rows only and must give the same model for
    the same arguments; load(folder, schema, task) -> Model reads what the model's `save_parts` wrote;
    accepts(schema, task) -> None, or the reason why not, in words for the user; check(data, params), if there is one, raises
    before anything is fitted where these settings cannot go well on any train rows of data.
    """

    name: str  # lower case with hyphens; a fixed name once released
    card: str  # file name in the family's folder cards/
    cost_rank: int  # catalogue order: of two tied methods the lower is chosen
    accepts: Callable[[Schema, Task], str | None]
    fit: Callable[..., Model]
    load: Callable[[Path, Schema, Task], Model]
    check: Callable[[Dataset, Mapping[str, Any]], None] | None = None
    needs: str | None = None  # extra that must be installed
    params: Mapping[str, Param] = field(default_factory=dict)
    cost: str = "cheap"  # one of COSTS; a dear method runs on one split, with all cores and alone
    pace: float = 1.0  # seconds per million cells (rows x encoded columns), order of magnitude, for --plan; of a normal budget
    takes: Takes | None = None  # the same where it hangs on settings, too
    work: Mapping[str, tuple[Any, Any, Any]] = field(default_factory=dict)  # settings that the budget decides, as in BUDGETS
    is_seeded: bool = False  # True: the fit draws random numbers that change the model
    grows_with_classes: bool = False  # True: fits something for each class, for --plan
    image_side: int = 32  # pixels of the longer side that it reads images at, for --plan

    def __post_init__(self) -> None:
        if self.cost not in COSTS:
            raise unknown(f"cost class of {self.name}", str(self.cost), COSTS)

    @property
    def required(self) -> list[str]:
        """Settings that have to be given."""
        return [name for name, param in self.params.items() if param.is_required]

    @property
    def pretrained(self) -> dict[str, str]:
        """Settings that are paths of what `tenon pretrain` writes, and the objective of each."""
        return {name: param.objective for name, param in self.params.items() if param.objective}

    def effort(self, budget: str) -> float:
        """Return how many times the passes or trees of a normal budget this one is."""
        amounts = [of_one for name, of_one in self.work.items() if name not in LIMITS]
        together = dict(zip(BUDGETS, map(sum, zip(*amounts, strict=True)), strict=False))  # empty where no budget counts
        return together[budget] / together["normal"] if together else 1.0

    def expected(self, data: Dataset, n_rows: float, width: float, given: Mapping[str, Any], budget: str) -> float:
        """Return about how many seconds a fit takes. n_rows : of train rows; width : cells of a row; given : settings."""
        if self.takes is None:
            return self.pace * self.effort(budget) * n_rows * width / 1e6
        amounts = {name: of_one[BUDGETS.index(budget)] for name, of_one in self.work.items()}
        return self.takes(data, n_rows, {**self.with_defaults(given), **amounts}, budget)

    def lacks(self) -> str:
        """Return what to tell where the extra that it needs is not installed, "" where nothing is missing."""
        if self.needs is None or _is_installed(self.needs):
            return ""
        return f"needs tenon[{self.needs}]: pip install 'tenon[{self.needs}]'"

    def with_defaults(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return all settings, `given` over the defaults.

        Raises SettingsError for a name the method does not have, and where one that it cannot do without is not given.
        """
        for name, value in given.items():
            if name not in self.params:
                raise unknown(f"setting of {self.name}", name, self.params)
            self.params[name].check(f"{self.name}.{name}", value)
        if missing := [name for name in self.required if given.get(name) is None]:
            raise SettingsError(f"{self.name} cannot do without {missing[0]}; give it: --set {self.name}.{missing[0]}=…")
        return {name: param.default for name, param in self.params.items()} | dict(given)


def versions(*more: str) -> dict[str, str]:
    """Versions of Python and the packages a result depends on. more : those of extras that it depends on, too."""
    import platform
    from importlib.metadata import version

    packages = ("tenon", "numpy", "scipy", "pandas", "scikit-learn", *more)
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def _is_installed(extra: str) -> bool:
    """Whether every package of one of Tenon's extras can be imported."""
    import re
    from importlib.metadata import PackageNotFoundError, requires, version

    for line in requires("tenon") or ():
        if f'extra == "{extra}"' in line.replace("'", '"'):
            try:
                version(re.split(r"[\s<>=;\[(~!]", line, maxsplit=1)[0])
            except PackageNotFoundError:
                return False
    return True
