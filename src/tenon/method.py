"""The contract of a method, a model and its predictions.

A *method* is a recipe; fitting it on train rows gives a *model*; a model gives *predictions* for rows it never saw.
A new method is one file and one row in its family's METHODS tuple; the contract tests pick it up.
"""

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.dataset import Dataset, Schema
from tenon.errors import DataError, SettingsError, unknown
from tenon.tasks import Task

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1  # of model.json; raised when an old reader could misread a new file
COSTS = ("cheap", "medium", "dear")  # cost class: decides folds and repeats, see trials.protocol
BUDGETS = ("quick", "normal", "thorough")  # amounts of work, never of time


@dataclass(frozen=True)
class Param:
    """One setting of a method: its default and, for tuning, what it may range over."""

    default: Any
    low: float | None = None
    high: float | None = None
    log: bool = False  # search on a logarithmic scale
    choices: tuple[Any, ...] = ()

    def check(self, name: str, value: Any) -> None:
        """Raise SettingsError where this cannot be a value: not among the choices, no finite number, too small to mean anything.

        The range itself is for the search and binds nobody.
        """
        if self.choices:
            if value not in self.choices:
                raise unknown(f"value of {name}", str(value), [str(choice) for choice in self.choices])
        elif self.low is not None:
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            is_whole = isinstance(self.default, int)
            if not is_number or (is_whole and value != int(value)) or value < (self.low if is_whole else 0):
                what = f"a whole number from {self.low:g} on" if is_whole else "a number, not below 0"
                raise SettingsError(f"{name} takes {what}; got {value!r}.")


@dataclass(frozen=True)
class Predictions:
    """What a model says about rows, in the order of `row_ids`."""

    row_ids: np.ndarray  # (n,) int64
    value: np.ndarray  # (n,) labels as they came in, or float64
    proba: np.ndarray | None = None  # (n, K) float64 in the order of task.labels; None for numbers
    details: "pd.DataFrame | None" = None  # what only some methods know: spans, kept sentences
    read_share: float = 1.0  # share of the rows' text that the model looked at

    def checked(self) -> "Predictions":
        """Return these predictions. Raises DataError where a probability or a number is missing or infinite."""
        numbers = self.proba if self.proba is not None else self.value
        if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
            raise DataError("it predicts a missing or infinite number")
        return self

    def to_frame(self, labels: tuple[Any, ...] = ()) -> "pd.DataFrame":
        """Return a frame indexed by row id: `prediction` and one `p_<label>` a class."""
        import pandas as pd

        columns: dict[str, np.ndarray] = {"prediction": self.value}
        if self.proba is not None:
            columns |= {f"p_{label}": self.proba[:, k] for k, label in enumerate(labels)}
        return pd.DataFrame(columns, index=pd.Index(self.row_ids, name="row"))


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

        Raises DataError naming every missing or unreadable column.
        """
        from tenon.data.conform import conform

        return self.predict_rows(conform(data, self.schema))

    @abstractmethod
    def predict_rows(self, dataset: Dataset) -> Predictions:
        """Predict rows whose columns already have the kinds of `self.schema`."""

    @abstractmethod
    def save_parts(self, folder: Path) -> None:
        """Write everything but model.json: arrays as safetensors, estimators by skops."""

    def explain(self, dataset: Dataset) -> dict[str, Any]:
        """Return what only this model knows (coefficients, attention); empty where it knows nothing special."""
        return {}

    def save(self, folder: Path) -> None:
        """Write the model to a folder that does not exist yet; whole or not at all."""
        from tenon.files import new_folder

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


@dataclass(frozen=True)
class Method:
    """A recipe that the board can run.

    fit(train, task, *, params, seed, budget, watch) -> Model sees train rows only and must give the same model for
    the same arguments; load(folder, schema, task) -> Model reads what the model's `save_parts` wrote;
    accepts(schema, task) -> None, or the reason why not, in words for the user.
    """

    name: str  # lower case with hyphens; a fixed name once released
    card: str  # file name in the family's folder cards/
    cost_rank: int  # catalogue order: of two tied methods the lower is chosen
    accepts: Callable[[Schema, Task], str | None]
    fit: Callable[..., Model]
    load: Callable[[Path, Schema, Task], Model]
    needs: str | None = None  # extra that must be installed
    params: Mapping[str, Param] = field(default_factory=dict)
    cost: str = "cheap"  # one of COSTS
    pace: float = 1.0  # seconds per million cells (rows x encoded columns), order of magnitude, for --plan
    is_seeded: bool = False  # True: the fit draws random numbers that change the model

    def with_defaults(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return all settings, `given` over the defaults. Raises SettingsError for a name the method does not have."""
        for name, value in given.items():
            if name not in self.params:
                raise unknown(f"setting of {self.name}", name, self.params)
            self.params[name].check(f"{self.name}.{name}", value)
        return {name: param.default for name, param in self.params.items()} | dict(given)


def versions() -> dict[str, str]:
    """Versions of Python and the packages a result depends on."""
    import platform
    from importlib.metadata import version

    packages = ("tenon", "numpy", "scipy", "pandas", "scikit-learn")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
