"""Saved predictions of finished trials as arrays that metrics can read."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.errors import RunFolderError, TenonError
from tenon.method import PREDICTION, proba_names
from tenon.metrics import Metric, PerGroup
from tenon.metrics.sequences import COUNTED
from tenon.tasks import Task
from tenon.trials.job import Job, place_of

if TYPE_CHECKING:
    import pandas as pd

    from tenon.data.splits import Splits


SAID = "said"  # predictions as they are, which no metric reads


def read_guess(path: Path, reads: str, task: Task, truth: "pd.Series | None" = None) -> tuple[np.ndarray, np.ndarray]:
    """Return (row ids, guess) from a predictions.parquet.

    reads : what the metric wants: "proba" (n, K) float64, "label" (n,) int64 positions in task.labels, "value" (n,) float64, or
    counts (n, q) float64, which need the truth, a series by row id. Raises RunFolderError where the file cannot be read.
    """
    import pandas as pd

    try:
        frame = pd.read_parquet(path, columns=[PREDICTION] if reads in COUNTED else None)
        return frame.index.to_numpy(), as_guess(frame, reads, task, None if truth is None else truth.loc[frame.index].to_numpy())
    except TenonError:
        raise
    except (OSError, ValueError, KeyError) as error:
        raise RunFolderError(f"{path} is damaged or missing. Remove {path.parent} and run the same line again.") from error


def as_guess(frame: "pd.DataFrame", reads: str, task: Task, y: np.ndarray | None = None) -> np.ndarray:
    """Return the guess that a predictions frame (prediction, p_<label>) holds, as the metric reads it.

    y : the truth of its rows, which counts are made with.
    """
    if reads == "proba":
        return frame[proba_names(task.labels)].to_numpy(np.float64)
    if reads == "label":
        return task.encode(frame[PREDICTION])
    if reads == SAID:
        return frame[PREDICTION].to_numpy(object)
    if reads in COUNTED:
        assert y is not None, "counts are made with the truth"
        return task.counted(y, frame[PREDICTION], reads)
    return frame[PREDICTION].to_numpy(np.float64)


def gathered(run: Path, places: Iterable[Path], reads: str, task: Task, truth: "pd.Series") -> np.ndarray:
    """Return (n, ...) what the trials in these folders said about the rows of the truth; zeros where none of them did."""
    position = {int(row): i for i, row in enumerate(truth.index)}
    result = np.empty(0)
    for place in places:
        rows, guess = read_guess(run / place / "predictions.parquet", reads, task, truth)
        if not len(result):
            result = np.zeros((len(truth), *guess.shape[1:]), guess.dtype)
        result[[position[int(row)] for row in rows]] = guess
    return result


def truth_of(y: np.ndarray, splits: "Splits") -> "pd.Series":
    """Return the truth of all rows of the splits, as task.encode gives it, by row id."""
    import pandas as pd

    return pd.Series(y, splits.row_ids)


class Guesses:
    """What every method guessed for every working row in every repeat, read from the run folder when it is needed."""

    def __init__(
        self,
        run: Path,
        splits: "Splits",
        task: Task,
        y: np.ndarray,
        brought: "Mapping[str, pd.DataFrame] | None" = None,
        per: PerGroup | None = None,
        only_fold: Mapping[str, int] | None = None,
    ):
        """y : (n,) the truth of all rows of `splits.row_ids`, as task.encode gives it.

        brought : predictions of models that were not fitted here, name -> the rows of `splits.row_ids`, the same in
        every repeat. per : scores of single trials are computed per group, too. only_fold : methods that ran on one fold of
        the first repeat only, and which it is.
        """
        self._brought, self._per, self._only_fold = dict(brought or {}), per, dict(only_fold or {})
        self.run, self.splits, self.task = run, splits, task
        self._position = {int(row): i for i, row in enumerate(splits.row_ids)}
        self.y, self.truth = y, truth_of(y, splits)
        self._arrays: dict[tuple[str, int, str], np.ndarray] = {}
        self.fold_scores: dict[str, list[float]] = {}  # method -> score of each finished trial, in order of finishing

    def add(self, job: Job, metric: Metric) -> None:
        """Score a finished trial alone, for the board that grows."""
        rows, guess = read_guess(self.run / job.place / "predictions.parquet", metric.reads, self.task, self.truth)
        at = [self._position[int(row)] for row in rows]
        self.fold_scores.setdefault(job.method, []).append(self._score(metric, np.array(at), guess))

    def add_brought(self, metric: Metric) -> None:
        """Score the models that were brought on each fold, for the board that grows."""
        for name in self._brought:
            guess = self.of(name, 0, metric.reads)
            rows_of = [np.flatnonzero(of_repeat == fold) for of_repeat in self.splits.fold for fold in range(self.splits.n_folds)]
            self.fold_scores[name] = [self._score(metric, at, guess[at]) for at in rows_of if len(at)]

    def _score(self, metric: Metric, at: np.ndarray, guess: np.ndarray) -> float:
        asked = metric if self._per is None else self._per.metric(metric, at)
        return asked.score(self.y[at], guess)

    def of(self, method: str, repeat: int, reads: str) -> np.ndarray:
        """Return the guess for all rows; those that no trial of this repeat predicted hold zeros. Reads the files if need be."""
        if method in self._brought:
            repeat = 0
            self._arrays.setdefault((method, 0, reads), as_guess(self._brought[method], reads, self.task, self.y))
        if (method, repeat, reads) not in self._arrays:
            folds = [self._only_fold[method]] if method in self._only_fold else range(self.splits.n_folds)
            places = [place_of(method, repeat, fold) for fold in folds]
            self._arrays[method, repeat, reads] = gathered(self.run, places, reads, self.task, self.truth)
        return self._arrays[method, repeat, reads]
