"""How well a forest tells final rows from others: one figure for all columns together."""

from typing import TYPE_CHECKING

import numpy as np

from tenon.checks.subject import Subject, one_of_each, some_rows
from tenon.data.dataset import Column, Dataset
from tenon.data.duplicates import near_groups
from tenon.metrics.curves import placements

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 2_000  # on either side
FEWEST_ROWS = 50
MOST_CELLS = 2_000_000  # of the matrix; with more columns there are fewer rows
MOST_VALUES = 30  # of a category that are told from the rest
HEAD = 1_000  # characters of a text that are looked for words
MOST_WORDS = 100  # of a text column, the most common ones
N_TREES = 60
LEAST_AUC = 0.65  # to be worth telling
STANDARD_ERRORS = 5.0  # of guesses that the AUC must lie above a half; out-of-bag votes vary a third more than guesses do


def told_apart(subject: Subject, others: Dataset, final: Dataset) -> float | None:
    """Return the AUC of the out-of-bag votes, None where final rows can hardly be told from the others.

    Of equal rows one is kept, since a tree would know the others by heart.
    """
    columns = [column for column in subject.looked_at if column.kind in ("number", "category", "text", "tokens")]
    if not columns:
        return None
    n_most = min(MOST_ROWS, MOST_CELLS // len(columns))
    parts = [some_rows(one_of_each(part, near_groups(part)), n_most) for part in (others, final)]
    if min(map(len, parts)) < FEWEST_ROWS:
        return None
    import pandas as pd

    frame = pd.concat([part.frame for part in parts])
    X = np.concatenate([_numbers(column, frame[column.name]) for column in columns], axis=1)
    is_final = np.repeat([False, True], [len(part) for part in parts])
    auc = _out_of_bag_auc(X, is_final)
    error = np.sqrt((len(X) + 1) / (12 * len(parts[0]) * len(parts[1])))  # of the AUC of guesses (Mann & Whitney 1947)
    return auc if auc >= max(LEAST_AUC, 0.5 + STANDARD_ERRORS * error) else None


def _numbers(column: Column, cells: "pd.Series") -> np.ndarray:
    """Return (n, k) float32: the number itself, a flag for every common value, or lengths and flags for common words."""
    if column.kind == "number":
        return cells.to_numpy(np.float32)[:, None]
    if column.kind == "category":
        common = cells.value_counts().index[:MOST_VALUES]
        return np.stack(
            [(cells == value).to_numpy(bool, na_value=False) for value in common] or [cells.isna().to_numpy()], axis=1
        )
    from sklearn.feature_extraction.text import CountVectorizer

    texts = cells.fillna("") if column.kind == "text" else cells.map(" ".join)
    vectorizer = CountVectorizer(max_features=MOST_WORDS, binary=True, token_pattern=r"[^\W\u3040-\u30ff\u3400-\u9fff]+|\w")
    try:
        words = vectorizer.fit_transform(texts.str[:HEAD]).toarray()
    except ValueError:  # scikit-learn's way of saying that there is not one word
        words = np.empty((len(texts), 0))
    return np.concatenate([texts.str.len().to_numpy(np.float32)[:, None], words], axis=1).astype(np.float32)


def _out_of_bag_auc(X: np.ndarray, is_final: np.ndarray) -> float:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(N_TREES, min_samples_leaf=5, oob_score=True, random_state=0, n_jobs=1)
    forest.fit(X, is_final)
    return placements(is_final.astype(np.int64), forest.oob_decision_function_[:, 1])[0]
