"""What was asked to be done inside the train rows, checked and ready to travel as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from typing import Any

from tenon.caller import typed_whole
from tenon.data.dataset import Schema
from tenon.errors import NeedsExtra, SettingsError, unknown
from tenon.inner.augment import amount
from tenon.tasks import LARGEST_COST, SMALLEST_COST, Task

SEARCHES = ("random", "optuna", "grid")
BALANCES = ("", "weights", "over", "under")
CALIBRATIONS = ("", "sigmoid", "isotonic")
AUGMENTATIONS = ("", "eda", "eda-synonyms")
EVERY = ("balance", "calibrate", "augment")  # fields of Inner that are settings of every method: --set knn.balance=weights
TUNE_FOLDS = 3  # of the train rows, one repeat; every configuration is scored on the same
ADJUST_FOLDS = 5  # whose held-out rows calibrate and choose the threshold


@dataclass(frozen=True)
class Cost:
    """What the two mistakes of a binary task cost, in any one unit; a right answer costs nothing."""

    fn: float  # a positive row taken for a negative one
    fp: float  # a negative row taken for a positive one
    positive: Any = None  # the positive label, or how it is written; None = the second of the task's labels

    def __post_init__(self) -> None:
        for name, value in (("fn", self.fn), ("fp", self.fp)):
            if not SMALLEST_COST <= value <= LARGEST_COST:
                raise SettingsError(
                    f"--cost: {name} is what a mistake costs, a number above 0 (from {SMALLEST_COST:g} to {LARGEST_COST:g}); "
                    f"got {value:g}."
                )

    @property
    def bayes_threshold(self) -> float:
        """The probability from which "positive" is the cheaper answer, where probabilities can be taken at their word."""
        return self.fp / (self.fp + self.fn)

    def positive_code(self, task: Task) -> int:
        """Return the position of the positive label in task.labels. Raises SettingsError where there is none."""
        if task.kind != "binary":
            raise SettingsError(f"--cost is for a binary task; this one is {task.kind}.")
        if self.positive is None:
            return 1
        written = [str(label) for label in task.labels]
        if str(self.positive) not in written:
            raise unknown(f"label in column {task.target!r}", str(self.positive), written)
        return written.index(str(self.positive))

    def applied(self, task: Task, metric_name: str = "") -> Task:
        """Return the task that knows these costs, judged by `metric_name`, by default by the mean cost."""
        costs = (self.fp, self.fn) if self.positive_code(task) == 1 else (self.fn, self.fp)
        return replace(task, costs=costs, metric_name=metric_name)


@dataclass(frozen=True)
class Inner:
    """What is done inside the train rows of every trial. The default is nothing: the method is fitted as it is.

    tune : how many configurations of the settings are tried, the defaults being the first; 0 = the defaults are taken.
        Each is scored by the task's metric on 3 folds of the train rows, and the best is fitted to all of them.
    search : how they are found. random: drawn over the ranges. grid: spread evenly. optuna: each where those before it
        make it promising (tree-structured Parzen estimator; Bergstra et al. 2011); needs tenon[tune].
    cost : what mistakes cost in a binary task. The probability from which a row counts as positive is then chosen so
        that held-out rows of 5 inner folds cost least.
    balance : for classes of unequal size. weights: rows are weighted so that every class weighs the same. over: rows of
        small classes are repeated; under: rows of large ones are left out. Held-out rows always stay as they are.
    calibrate : make probabilities mean what they say, by held-out rows of 5 inner folds. sigmoid: two numbers a class,
        for few rows (Platt 1999). isotonic: any rising curve, from about 1,000 rows on (Zadrozny & Elkan 2002).
    augment : for few rows with texts. eda: copies of each row are added in whose texts some words are swapped or left out
        (Wei & Zou 2019). eda-synonyms: or replaced, or added to, by words with near vectors, learnt from the train rows.
    """

    tune: int = 0
    cost: Cost | None = None
    balance: str = ""
    calibrate: str = ""
    search: str = "random"
    augment: str = ""

    @classmethod
    def parse(cls, tune: str | int = 0, cost: str = "") -> "Inner":
        """Read what the command line takes: tune as 20 or "20:optuna", cost as "fn=5,fp=1"."""
        word, _, search = str(tune).partition(":")
        number = typed_whole(word)
        if number is None:
            raise SettingsError(f"--tune takes a number of configurations, such as 20 or 20:optuna; got {tune!r}.")
        return cls(tune=number, cost=parse_cost(cost) if cost else None, search=search or "random")

    def __post_init__(self) -> None:
        if self.tune < 0 or self.tune == 1:
            raise SettingsError(f"--tune takes at least 2, for the defaults are the first configuration tried; got {self.tune}.")
        for what, name, known in (
            ("search", self.search, SEARCHES),
            ("balance", self.balance, BALANCES),
            ("calibrate", self.calibrate, CALIBRATIONS),
            ("augment", self.augment, AUGMENTATIONS),
        ):
            if name not in known:
                raise unknown(f"way to {what}", str(name), [choice for choice in known if choice])

    @property
    def n_fits(self) -> int:
        """Fits of one trial, at most: those of the tuning, of the inner folds, and the one that is kept."""
        return 1 + self.tune * TUNE_FOLDS + (ADJUST_FOLDS if self.calibrate or self.cost else 0)

    def effort(self, n_train: int) -> int:
        """Return how many fits to n_train rows as they are one trial is worth, at most: copies of texts are rows, too."""
        return self.n_fits * (1 + amount(n_train)[0] if self.augment else 1)

    def check(self, schema: Schema, task: Task) -> None:
        """Raise SettingsError for what these data and this task lack, NeedsExtra where Optuna is asked for and missing."""
        if not task.has_classes and (self.balance or self.calibrate):
            name, value = ("balance", self.balance) if self.balance else ("calibrate", self.calibrate)
            raise SettingsError(f"{name}={value} is for tasks with classes, binary or multiclass; this one is {task.kind}.")
        if self.augment and task.is_of_sequences:
            raise SettingsError(
                f"augment={self.augment} changes texts and not what is said of them, so it is not for {task.kind}."
            )
        if self.augment and not schema.features("text"):
            raise SettingsError(f"augment={self.augment} changes columns of text; there is none.")
        if self.cost is not None:
            self.cost.positive_code(task)
        if self.tune and self.search == "optuna" and find_spec("optuna") is None:
            raise NeedsExtra("searching with Optuna needs tenon[tune]: pip install 'tenon[tune]'")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Inner":
        return cls(**{**raw, "cost": Cost(**raw["cost"]) if raw["cost"] else None})


def parse_cost(text: str) -> Cost:
    """Return the costs written as "fn=5,fp=1" or "fn=5,fp=1,positive=malignant". Raises SettingsError for anything else."""
    example = "--cost takes what a missed positive and a false alarm cost, as in fn=5,fp=1 or fn=5,fp=1,positive=yes"
    found: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not value:
            raise SettingsError(f"{example}; {part.strip()!r} is not of the form name=value.")
        if name not in ("fn", "fp", "positive"):
            raise unknown("part of --cost", name, ("fn", "fp", "positive"))
        if name in found:
            raise SettingsError(f"{example}; {name} stands there twice.")
        found[name] = value
    for name in ("fn", "fp"):
        if name not in found:
            raise SettingsError(f"{example}; {name} is missing in {text!r}.")
    return Cost(_number("fn", found["fn"]), _number("fp", found["fp"]), found.get("positive"))


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise SettingsError(f"--cost: {name} is what a mistake costs, a number above 0; got {text!r}.") from error


def split_settings(params: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (the method's own settings, those that every method has), each only where it is given."""
    every = {name: value for name, value in params.items() if name in EVERY}
    return {name: value for name, value in params.items() if name not in EVERY}, every
