"""Models that somebody brings to the board as predictions: the same guesses in every repeat, judged but never chosen."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import Dataset
from tenon.data.sources import series_to_arrow
from tenon.data.splits import Splits
from tenon.errors import DataError, SettingsError
from tenon.method import proba_names
from tenon.tasks import Task
from tenon.trials.answers import ID, Answers, Keys, keys_of, places, read_answers

if TYPE_CHECKING:
    import pandas as pd

COST_RANK = 10**6  # behind all methods where scores are equal


@dataclass(frozen=True)
class Brought:
    """What a model that was brought says about the rows of a data set."""

    name: str
    frame: "pd.DataFrame"  # prediction, p_<label>; the rows of the data set; those of final rows that it lacks mean nothing
    has_proba: bool

    @property
    def digest(self) -> str:
        """SHA-256 of what it says, as 64 hex digits: of the predictions, not of how the file holds them."""
        import pandas as pd

        digest = sha256(repr(list(self.frame.columns)).encode())
        digest.update(pd.util.hash_pandas_object(self.frame, index=False).to_numpy().tobytes())
        return digest.hexdigest()

    def reads(self, reads: str) -> bool:
        """Tell whether it can be scored by a metric that reads this."""
        return reads != "proba" or self.has_proba


def bring(name: str, given: "str | Path | pd.DataFrame", data: Dataset, splits: Splits, task: Task) -> Brought:
    """Read a model's predictions for the rows of a data set: every row but the final ones needs one.

    Rows are matched by a column `id`, if the data have one, else by their order. Raises DataError where that cannot be
    done, a cell cannot be read, or the task's metric needs probabilities that are not there.
    """
    answers = read_answers(name, given)
    has_proba = answers.has_proba(task.labels)
    if task.metric.reads == "proba" and not has_proba:
        wanted = ", ".join(proba_names(task.labels))
        raise DataError(
            f"{answers.keys.file}: {task.metric.title} needs probabilities (columns {wanted}); --metric accuracy needs none."
        )
    place = _places(answers, data, splits.is_final)
    frame = answers.frame(task, task.labels).iloc[np.maximum(place, 0)]
    return Brought(name, frame.set_axis(data.frame.index), has_proba)


def check_name(name: str, methods: "list[str]") -> None:
    """Raise SettingsError for a model that is called like a method."""
    if not name or name in methods:
        raise SettingsError(f"--predictions {name}=…: a method has that name; call the model otherwise.")


def note_on(brought: Brought) -> str:
    """Return what the reader of a board must know about it."""
    return (
        f"{brought.name} was brought as predictions, the same in every repeat, and cannot be chosen. Its score is worth as much "
        "as it is certain that it was not trained on these rows."
    )


def _places(answers: Answers, data: Dataset, is_final: np.ndarray) -> np.ndarray:
    """Return the place of each row of the data among the answers; without ids also files with rows left out by us."""
    column = data.schema.with_role("id")
    if column or ID in data.frame:
        import pyarrow as pa

        keys = keys_of(data.name, pa.table({ID: series_to_arrow(data.frame[column.name if column else ID])}))
        return places(answers.keys, keys, may_lack=is_final)
    if answers.keys.ids is None:
        own_final = np.isin(data.row_ids, data.final_ids)
        if answers.keys.n_rows == data.row_ids.max() + 1:  # the whole file, with the rows that have no target
            return data.row_ids
        if len(data.final_ids) and answers.keys.n_rows == (~own_final).sum():
            return np.where(own_final, -1, np.cumsum(~own_final) - 1)
    return places(answers.keys, Keys(data.name, len(data)))
