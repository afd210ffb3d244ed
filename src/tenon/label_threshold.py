"""From which probability on a label is said: where micro-F1 is best on train rows that the model has not learnt from.

Micro-F1 is the F1 of cases that are a row and a label each, so one threshold serves all labels where probabilities can be taken
at their word; it is then half of the best F1, and lies below 1/2 (Lipton, Elkan & Naryanaswamy 2014, arXiv:1402.1892, theorem 1).
Ours is chosen on held-out rows (Fan & Lin 2007, A Study on Threshold Selection for Multi-label Classification), but one for all
labels rather than one each, which would hang on the few rows of the rare ones.
"""

from collections.abc import Callable

import numpy as np

from tenon.data.dataset import Dataset
from tenon.data.splits import IN_NO_FOLD, deal_parts
from tenon.method import Model
from tenon.tasks import Task

EVEN = 0.5
N_PARTS = 3  # of the train rows; the model of the other parts tells of each


def unseen_threshold(
    model: Model, train: Dataset, task: Task, held_out: np.ndarray | None, seed: int, fit: Callable[[Dataset], Model]
) -> float:
    """Return the threshold for a model of the train rows, EVEN where no row can be held out.

    held_out : (n,) bool, rows that the model was not trained on, if there are such. Else `fit` makes a model of two parts of the
    rows, which keep groups and times, for each third. Rows made of others do not judge.
    """
    assert train.target is not None, "train rows have a target"
    is_judge, has = ~train.is_made, task.indicator(task.encode(train.target))
    proba = np.zeros(has.shape)
    if held_out is not None and held_out.any():
        is_judge &= held_out
        proba[is_judge] = _proba(model, train, is_judge)
    else:
        part = deal_parts(train, task.strata(task.encode(train.target)), N_PARTS, seed)
        is_judge &= part != IN_NO_FOLD
        for k in np.unique(part[is_judge]):
            is_in = part == k
            proba[is_judge & is_in] = _proba(fit(train.rows(train.row_ids[~is_in])), train, is_judge & is_in)
    weight = train.schema.with_role("weight")
    weights = np.ones(len(train)) if weight is None else train.frame[weight.name].to_numpy(np.float64)
    return best_threshold(has[is_judge], proba[is_judge], weights[is_judge])


def _proba(model: Model, rows: Dataset, is_asked: np.ndarray) -> np.ndarray:
    said = model.predict_rows(rows.rows(rows.row_ids[is_asked]).without_target()).proba
    assert said is not None, "models of labels give their probabilities"
    return said


def best_threshold(has: np.ndarray, proba: np.ndarray, weights: np.ndarray) -> float:
    """Return t so that micro-F1 is best where labels of a probability of at least t are said; EVEN where no row has a label.

    has : (n, K) bool. proba : (n, K). weights : (n,) >= 0, of rows. Of equals it is the one nearest to EVEN; between two
    probabilities it is EVEN where that lies there, else midway.
    """
    levels, level_of = np.unique(proba, return_inverse=True)
    each, level_of = np.repeat(weights, has.shape[1]), level_of.reshape(-1)
    hits, said = (  # of all labels that are at least this probable
        np.cumsum(np.bincount(level_of, counted, minlength=len(levels))[::-1])[::-1] for counted in (each * has.reshape(-1), each)
    )
    if not len(levels) or not hits[0]:
        return EVEN
    below = np.append(0.0, levels[:-1])
    middle = (below + levels) / 2
    cuts = np.where((below < EVEN) & (levels >= EVEN), EVEN, np.where(middle > below, middle, levels))
    f1 = 2 * hits / (hits[0] + said)
    best = np.flatnonzero(f1 >= f1.max() * (1 - 1e-12))  # equal but for rounding
    return float(cuts[best[np.argmin(np.abs(cuts[best] - EVEN))]])
