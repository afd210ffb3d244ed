"""One classifier a label, each of which tells rows that have the label from all others: binary relevance.

Tsoumakas & Katakis 2007 (Multi-Label Classification: An Overview), section 3.1. Same as scikit-learn's OneVsRestClassifier, but
weights of rows reach the classifiers, and classifiers that write files of their own do so here, too.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from tenon.errors import ModelFileError
from tenon.estimator_file import WritesItself
from tenon.files import changed, seal

FOLDER = "label-{}"  # of the files of one classifier


class OneVsRest:
    """Learns an indicator matrix, a classifier for each column.

    classifiers : (K,) unfitted ones of two classes, one a label; empty once they are fitted. shares_ : (K,) float64, of the train
    rows that have each label. of_labels_ : (K,) fitted classifiers; None where all rows have the label or none has, so that its
    share is its probability.
    """

    def __init__(self, classifiers: Sequence[Any]):
        self.classifiers = classifiers

    def fit(self, X: Any, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """X : what the classifiers read. y : (n, K) bool. sample_weight : (n,), which the classifiers must take."""
        given = {} if sample_weight is None else {"sample_weight": sample_weight}
        self.shares_ = y.mean(axis=0)
        self.of_labels_ = [
            classifier.fit(X, has.astype(np.int64), **given) if 0 < share < 1 else None
            for classifier, has, share in zip(self.classifiers, y.T, self.shares_, strict=True)
        ]
        self.classifiers = []
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return (n, K) float64: the probability of each label by itself; 0 or 1 from a classifier that gives none."""
        columns = [None if one is None else _of_second(one, X) for one in self.of_labels_]
        n = next((len(column) for column in columns if column is not None), None) or X.shape[0]
        return np.column_stack([np.full(n, share) if column is None else column
                                for column, share in zip(columns, self.shares_, strict=True)])  # fmt: skip

    def predict(self, X: Any) -> np.ndarray:
        """Return (n, K) bool: labels that are more probable than not."""
        return self.predict_proba(X) > 0.5

    def put_out(self, folder: Path) -> "OneVsRest":
        """Write classifiers that write themselves, each into a sealed folder of its own, and return this without them."""
        kept = OneVsRest([])
        kept.shares_, kept.of_labels_ = self.shares_, list(self.of_labels_)
        for k, one in enumerate(self.of_labels_):
            if isinstance(one, WritesItself):
                own = folder / FOLDER.format(k)
                own.mkdir()
                one.write_files(own)
                seal(own)
                kept.of_labels_[k] = None
        return kept

    def take_in(self, folder: Path, read: Callable[[Path], Any] | None) -> None:
        """Read what `put_out` wrote. Raises ModelFileError where that was changed since."""
        for k, own in enumerate(folder / FOLDER.format(k) for k in range(len(self.of_labels_))):
            if read is None or not own.is_dir():
                continue
            if names := changed(own):
                raise ModelFileError(f"{own / names[0]} is damaged or was changed; the run has to be made again.")
            self.of_labels_[k] = read(own)


def _of_second(classifier: Any, X: Any) -> np.ndarray:
    """Return (n,) float64, the probability of the second class."""
    if not hasattr(classifier, "predict_proba"):
        return np.asarray(classifier.predict(X), np.float64)
    proba = np.asarray(classifier.predict_proba(X), np.float64)
    return proba[:, 1] / proba.sum(axis=1)
