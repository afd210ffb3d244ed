"""A model that answers requests: rows in, predictions out, several requests at once; and what drove the prediction of a row."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.errors import MethodError, ModelFileError, TenonError, failure_reason
from tenon.explain.sequences import said_of_sequence
from tenon.explain.single import explained_row, known_of_sequence
from tenon.method import Model, Predictions

if TYPE_CHECKING:
    import pandas as pd

REQUEST = "the request"
NO_OTHERS = "Which columns drove it is not known: the server found no rows of the run to compare with; --data DATA names them."
SEED = 0  # of columns in whose order rows turn into one another


@dataclass(frozen=True)
class Served:
    """name : of the run. others : rows that a row is compared with, so that columns are told apart; None: there are none here."""

    model: Model
    name: str
    others: Dataset | None = None

    def answers(self, frames: "Sequence[pd.DataFrame]") -> "list[pd.DataFrame | TenonError]":
        """Return of each frame the predictions, as `Predictions.to_frame` gives them, or why there are none."""
        ready = [self._conformed(frame) for frame in frames]
        good = [one for one in ready if isinstance(one, Dataset)]
        found = iter(self._together(good))
        return [next(found) if isinstance(one, Dataset) else one for one in ready]

    def _conformed(self, frame: "pd.DataFrame") -> Dataset | TenonError:
        try:
            return conform(frame, self.model.schema, REQUEST)
        except TenonError as error:
            return error

    def _together(self, parts: Sequence[Dataset]) -> "list[pd.DataFrame | TenonError]":
        """Return the predictions of each part; where those of all together fail, each is asked alone, so that one spoils none."""
        if not parts:
            return []
        try:
            frame = self._said(parts[0] if len(parts) == 1 else Dataset.of_parts(parts))
        except TenonError as error:
            return [error] if len(parts) == 1 else [one for part in parts for one in self._together([part])]
        ends = [sum(map(len, parts[: i + 1])) for i in range(len(parts))]
        return [frame.iloc[end - len(part) : end].reset_index(drop=True) for part, end in zip(parts, ends, strict=True)]

    def _said(self, rows: Dataset) -> "pd.DataFrame":
        return said(self.model, rows, f"the model of {self.name}").to_frame(self.model.task.labels)

    def explained(self, frame: "pd.DataFrame") -> dict[str, Any]:
        """Return what drove the prediction of the one row of a frame, as explain.json tells it; note : why columns are not told.

        Raises DataError, and ModelFileError where the model fails on the row.
        """
        row = conform(frame, self.model.schema, REQUEST)
        with failures_told(f"the model of {self.name}"):
            return self._explained(row)

    def _explained(self, row: Dataset) -> dict[str, Any]:
        if self.model.task.is_of_sequences:
            return {"row": 1, **said_of_sequence(self.model, row), **known_of_sequence(self.model, row)}
        n_columns = len(self.model.schema.features())
        others = self.others if n_columns > 1 else None  # what one column does is all that is done
        found = explained_row(self.model, row, others, SEED)
        return found | {"note": NO_OTHERS} if found["drivers"] is None and n_columns > 1 else found


def said(model: Model, rows: Dataset, which: str) -> Predictions:
    """Return what a model says of rows, checked. which : it is called. Raises ModelFileError where it fails on them."""
    with failures_told(which):
        return model.predict(rows).checked(model.task, rows.row_ids)


@contextmanager
def failures_told(which: str) -> Iterator[None]:
    """Raise ModelFileError for what goes wrong with a model: the method may be anyone's code and raise anything."""
    try:
        yield
    except MethodError as error:
        raise ModelFileError(f"{which} cannot be used for these rows: {error}.") from error
    except TenonError:
        raise
    except Exception as error:
        raise ModelFileError(f"{which} fails on these rows: {failure_reason(error)}.") from error
