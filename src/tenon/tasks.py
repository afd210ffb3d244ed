"""Tasks: what is predicted, and by which metric a prediction is judged."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.dataset import Schema
from tenon.data.label_sets import indicator, rarest_labels, sets_of
from tenon.errors import DataError, SettingsError, unknown
from tenon.metrics import Metric
from tenon.metrics.cost import COST, cost_metric
from tenon.metrics.entities import entities
from tenon.metrics.sequences import COUNTED, EVERY_METRIC

if TYPE_CHECKING:
    import pandas as pd

PRIMARY = {
    "binary": "auc",
    "multiclass": "macro_f1",
    "pair": "macro_f1",
    "regression": "rmse",
    "tagging": "entity_f1",
    "translation": "bleu",
    "language": "perplexity",
    "answer": "answer_f1",
    "multilabel": "micro_f1",
}
CLASSES, NUMBERS = ("binary", "multiclass", "pair"), ("regression",)
SEQUENCES = ("tagging", "translation", "language", "answer")
SETS = ("multilabel",)
TEXTS_OF_PAIR = 2
LARGEST_TARGET = 1e36  # intervals take the eighth power of errors, which of larger numbers leaves float64
SMALLEST_COST, LARGEST_COST = 1e-36, 1e36  # of a mistake, likewise
SMALLEST_ROPE = 1e-36  # the rows that a smaller one would take are no number of float64
SMALLEST_SPREAD = 1e-36  # of a target, likewise
OTHERS = {
    "binary": ("accuracy", "macro_f1", "log_loss"),
    "multiclass": ("accuracy", "log_loss"),
    "pair": ("accuracy", "log_loss"),
    "regression": ("mae", "r2"),
    "tagging": ("tag_accuracy",),
    "translation": (),
    "language": (),
    "answer": ("exact_match",),
    "multilabel": ("macro_f1_of_labels", "hamming_loss", "subset_accuracy"),
}
REASONS = {"tagging": "a tag for each token", "answer": "answers with their places"}  # of lists
WHAT = {"": "no lists", "tagging": "lists", "answer": "answers"}
ROPES = {"bleu": 0.005, "perplexity": 1.0}  # of other metrics 0.01, see Task.rope


@dataclass(frozen=True)
class Task:
    """What is predicted. `labels` are the classes, or labels, in the order of every probability column; empty for numbers."""

    kind: str  # a key of PRIMARY
    target: str  # column name
    labels: tuple[Any, ...] = ()  # str, int or bool, as they stand in the data; sorted
    metric_name: str = ""  # one of metric_names; "" = the first, the primary one
    target_sd: float = 0.0  # standard deviation of a number target, for the default rope; 0 for classes
    costs: tuple[float, ...] = ()  # of two classes: what it costs to miss a row of each, in the order of labels; () = not said

    def __post_init__(self) -> None:
        if self.kind not in PRIMARY:
            raise unknown("task", self.kind, PRIMARY)
        if self.costs:
            self._check_costs()
        name = self.metric_name or self.metric_names[0]
        if name == COST and not self.costs and self.kind == "binary":
            raise SettingsError("the metric 'cost' needs to know what mistakes cost: --cost fn=5,fp=1.")
        if name not in self.metric_names:
            raise unknown("metric", name, self.metric_names, f" for a {self.kind} task")
        object.__setattr__(self, "metric_name", name)

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Every metric of this task, the primary one first: the mean cost where costs are known, else that of the kind."""
        return ((COST,) if self.costs else ()) + (PRIMARY[self.kind], *OTHERS[self.kind])

    @property
    def metric(self) -> Metric:
        return self.metric_of(self.metric_name)

    def metric_of(self, name: str) -> Metric:
        """Return the metric of this name, one of metric_names."""
        return cost_metric(self.costs) if name == COST else EVERY_METRIC[name]

    @property
    def is_regression(self) -> bool:
        return self.kind in NUMBERS

    @property
    def has_classes(self) -> bool:
        """Whether each row is of one of `labels`."""
        return self.kind in CLASSES

    @property
    def is_of_sequences(self) -> bool:
        """Whether rows are tagged sentences, translations, texts to be foretold or questions; y is what the target holds."""
        return self.kind in SEQUENCES

    @property
    def has_sets(self) -> bool:
        """Whether each row has any number of `labels`."""
        return self.kind in SETS

    @property
    def is_counted(self) -> bool:
        """Whether metrics count what rows add to sums (`metrics.sequences`): y is then no classes and no numbers to compare."""
        return self.is_of_sequences or self.has_sets

    @property
    def rope(self) -> float:
        """Differences smaller than this do not matter in practice, in units of the metric.

        0.01, or 1 % of a number target's standard deviation, or one of the cheaper mistakes in a hundred rows; half a point of
        BLEU, 1 of perplexity.
        """
        if self.metric_name == COST:
            return 0.01 * min(self.costs)
        return 0.01 * self.target_sd if self.metric.in_target_units else ROPES.get(self.metric_name, 0.01)

    def encode(self, target: "pd.Series") -> np.ndarray:
        """Return y: (n,) int64 places in `labels`, float64 for numbers and lengths of texts, else tags, translations, answers,
        label sets.
        """
        if self.is_regression or self.kind == "language":
            return target.to_numpy(np.float64)
        if self.is_counted:
            return target.to_numpy(object)
        position = {label: i for i, label in enumerate(self.labels)}
        strange = [value for value in target.unique().tolist() if value not in position]
        if strange:
            raise DataError(f"column {self.target!r} has a label that training never saw: {strange[0]!r}.")
        return target.map(position).to_numpy(np.int64)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the labels at these positions: (n,) of the labels' own type."""
        return np.array(self.labels)[codes]

    def indicator(self, y: Iterable[Iterable[str]]) -> np.ndarray:
        """Return (n, K) bool, which of the labels each row has; y : (n,) label sets."""
        if strange := sorted({label for of_row in y for label in of_row} - set(self.labels)):
            raise DataError(f"column {self.target!r} has a label that training never saw: {strange[0]!r}.")
        return indicator(y, self.labels)

    def sets_of(self, has: np.ndarray) -> np.ndarray:
        """Return the label set of each row, (n,) object; has : (n, K) bool."""
        return sets_of(has, self.labels)

    def counted(self, y: Iterable[Any], said: Iterable[Any], reads: str) -> np.ndarray:
        """Return (n, q) what the rows add to metrics that read this; y as `encode` gives it, said : (n,) predictions."""
        return COUNTED[reads](self.indicator(y), self.indicator(said)) if self.has_sets else COUNTED[reads](y, said)

    def strata(self, y: np.ndarray) -> np.ndarray:
        """Return codes (n,) int64 whose shares splits keep: classes, the rarest label of each row, or all alike."""
        if self.has_classes:
            return y
        return rarest_labels(self.indicator(y)) if self.has_sets else np.zeros(len(y), np.int64)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "target": self.target,
            "labels": list(self.labels),
            "metric_name": self.metric_name,
            "target_sd": self.target_sd,
            "costs": list(self.costs),
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Task":
        """Read what `to_json` wrote; costs may be missing."""
        return cls(**{**raw, "labels": tuple(raw["labels"]), "costs": tuple(raw.get("costs", ()))})

    def _check_costs(self) -> None:
        if self.kind != "binary":
            raise SettingsError(f"costs of mistakes are for a binary task; this one is {self.kind}.")
        if len(self.costs) != 2 or not all(SMALLEST_COST <= cost <= LARGEST_COST for cost in self.costs):
            raise SettingsError(
                f"costs of mistakes are two numbers above 0 (from {SMALLEST_COST:g} to {LARGEST_COST:g}), one a class; "
                f"got {self.costs}."
            )


def check_columns(task: Task, schema: Schema) -> None:
    """Raise DataError where the columns are not those that the task is about: a pair is two columns of texts."""
    texts = schema.features("text")
    if task.kind == "pair" and len(texts) != TEXTS_OF_PAIR:
        found = f"there {'is' if len(texts) == 1 else 'are'} {len(texts) or 'none'}{''.join(f', {name!r}' for name in texts)}"
        raise DataError(f"--task pair is about two columns of texts; {found}. --kind NAME=text makes a column one, =ignore none.")


def check_rope(rope: float | None) -> None:
    """Raise SettingsError for a rope that was asked for and is not above 0, or nothing that float64 can reckon with."""
    if rope is not None and not SMALLEST_ROPE <= rope < float("inf"):
        raise SettingsError(f"--rope takes a number above 0 (from {SMALLEST_ROPE:g} on), in units of the metric; got {rope:g}.")


def infer_task(target: "pd.Series", kind: str = "", metric: str = "") -> tuple[Task, str]:
    """Return the task of this target column and the reason for the guess, in words for the user.

    Two values make it binary, text or at most 10 different whole numbers multiclass, other numbers regression, lists tagging,
    lists of objects (`data.questions`), empty ones as well, answer, label sets multilabel. Rows without target are not looked at.
    `kind` and `metric` override the guess.
    Raises DataError where the column cannot be that target, SettingsError for an unknown kind or metric.
    """
    name = str(target.name)
    values = target.dropna()
    if values.empty:
        raise DataError(f"column {name!r}, the target, has no value in any row.")
    if kind in SEQUENCES or isinstance(values.iloc[0], list):
        return _of_sequences(values, kind, metric)
    if kind in SETS or isinstance(values.iloc[0], tuple):
        return _of_sets(values, kind, metric)
    labels = tuple(sorted(values.unique().tolist(), key=lambda v: (str(type(v)), v)))
    if len(labels) == 1:
        raise DataError(f"column {name!r}, the target, has the same value {labels[0]!r} in every row; nothing to learn.")
    guess, reason = _guess(values, labels)
    kind = kind or guess
    if kind != guess:
        reason = "given by --task"
    if kind == "regression":
        return _regression(values, name, metric), reason
    if kind == "binary" and len(labels) != 2:
        raise SettingsError(f"column {name!r} has {len(labels)} classes, so the task cannot be binary; try --task multiclass.")
    return Task(kind, name, _native(labels), metric), reason


def _of_sequences(values: "pd.Series", kind: str, metric: str) -> tuple[Task, str]:
    name, are_lists = str(values.name), isinstance(values.iloc[0], list)
    guess = _of_lists(values) if are_lists else ""
    kind = kind or guess
    if kind not in PRIMARY:
        raise unknown("task", kind, PRIMARY)
    if guess != (kind if kind in REASONS else ""):
        what = WHAT[guess]
        raise DataError(f"column {name!r}, the target, holds {what}, so the task cannot be {kind}.")
    if kind == "answer" and not any(map(len, values)):
        said = f"column {name!r}, the target, says of every context that it holds no answer"
        raise DataError(f"{said}, so there is nothing to learn; give questions that have one.")
    reason = REASONS.get(kind, "given by --task")
    if kind == "tagging" and not any(map(entities, values)):  # such as parts of speech
        if metric == PRIMARY[kind]:
            raise DataError(f"no tag in column {name!r} is of an entity, such as B-PER or I-PER; use --metric tag_accuracy.")
        metric, reason = "tag_accuracy", f"{reason}, none of an entity"
    return Task(kind, name, metric_name=metric), reason


def _of_lists(values: "pd.Series") -> str:
    """Return which task a column of lists is of: answers are objects, and there may be none of them."""
    are_answers = all(not cell or isinstance(cell[0], dict) for cell in values)
    return "answer" if are_answers else "tagging"


def _of_sets(values: "pd.Series", kind: str, metric: str) -> tuple[Task, str]:
    name, kind = str(values.name), kind or "multilabel"
    if kind not in PRIMARY:
        raise unknown("task", kind, PRIMARY)
    if kind not in SETS or not isinstance(values.iloc[0], tuple):
        what = "holds no lists of labels" if kind in SETS else "holds lists of labels"
        raise DataError(f"column {name!r}, the target, {what}, so the task cannot be {kind}.")
    labels = tuple(sorted({label for of_row in values for label in of_row}))
    if not labels:
        raise DataError(f"column {name!r}, the target, has no label in any row; nothing to learn.")
    if values.nunique() == 1:
        raise DataError(f"column {name!r}, the target, has the same labels, {', '.join(labels)}, in every row; nothing to learn.")
    return Task(kind, name, labels, metric), "lists of labels"


def _guess(values: "pd.Series", labels: tuple[Any, ...]) -> tuple[str, str]:
    import pandas as pd

    if len(labels) == 2:
        return "binary", "2 different values"
    if not pd.api.types.is_numeric_dtype(values):
        return "multiclass", f"{len(labels)} different values that are not numbers"
    is_whole = bool((values == values.round()).all())
    if is_whole and len(labels) <= 10:
        return "multiclass", f"{len(labels)} different whole numbers"
    return "regression", f"numbers with {len(labels):,} different values"


def _regression(values: "pd.Series", name: str, metric: str) -> Task:
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(values):
        raise DataError(f"column {name!r} does not hold numbers, so it cannot be the target of a regression.")
    numbers = values.to_numpy(np.float64)
    if not np.isfinite(numbers).all():
        raise DataError(f"column {name!r}, the target, holds infinite numbers.")
    if np.abs(numbers).max() > LARGEST_TARGET:
        raise DataError(
            f"column {name!r}, the target, holds {np.abs(numbers).max():.3g}: too large to calculate with; divide it first."
        )
    if numbers.std() < SMALLEST_SPREAD:
        raise DataError(
            f"column {name!r}, the target, spreads by {numbers.std():.3g}: too little to calculate with; multiply it first."
        )
    return Task("regression", name, (), metric, float(numbers.std()))


def _native(labels: tuple[Any, ...]) -> tuple[Any, ...]:
    """Whole floats become ints (a column with missing cells was read as float); the rest stay."""
    if all(isinstance(label, float) and label.is_integer() for label in labels):
        return tuple(int(label) for label in labels)
    return labels
