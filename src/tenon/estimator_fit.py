"""Fit a transformer, then an estimator: with probabilities, row weights and held-out rows where it takes any.

An estimator with margins but no probabilities is calibrated by Platt's sigmoid (Platt 1999) on margins that cross-validation
inside the train rows gives. What it warns of, or our own code logs meanwhile, becomes notes; chance is that of the seed alone.
"""

import logging
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.data.splits import deal_parts, put_aside, with_their_first
from tenon.features.recipes import nothing
from tenon.one_vs_rest import OneVsRest
from tenon.tasks import Task
from tenon.training.held_out import held_out_share
from tenon.watch import Watch

CALIBRATION_FOLDS = 3
NOT_FOR_USERS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


def fit_parts(train: Dataset, task: Task, transformer: Any, estimator: Any, seed: int, watch: Watch) -> dict[str, Any]:
    """Fit the transformer, then the estimator, and return the parts of a `tenon.adapter.EstimatorModel`."""
    from sklearn.base import clone
    from sklearn.dummy import DummyClassifier

    from tenon.features.columns import plain

    assert train.target is not None, "train rows have a target"
    y, present = task.encode(train.target), np.empty(0, np.int64)
    strata = task.strata(y)
    if task.has_sets:
        y, present = task.indicator(y), np.arange(len(task.labels))
        if (y == y[0]).all():
            watch.note("all train rows have the same labels, so they are all that can be predicted.")
            transformer, estimator = nothing(train.schema, {}), OneVsRest([DummyClassifier()] * len(present))
        elif not getattr(estimator, "learns_sets", False):
            estimator = OneVsRest([_with_probabilities(clone(estimator), train, has.astype(np.int64), seed) for has in y.T])
    elif task.has_classes:
        present, y = np.unique(y, return_inverse=True)
        if len(present) == 1:
            watch.note(f"the train rows hold the class {task.labels[present[0]]!r} only, so it is all that can be predicted.")
            transformer, estimator = nothing(train.schema, {}), DummyClassifier(strategy="prior")
        estimator = _with_probabilities(estimator, train, y, seed)
    parted = held_out_rows(train, estimator, strata, seed)
    if "held_out" in parted and train.made_of is not None:  # what was made of a held-out row neither trains nor judges
        is_used = ~(parted["held_out"] & train.is_made)
        train, y, parted = train.rows(train.row_ids[is_used]), y[is_used], {"held_out": parted["held_out"][is_used]}
    X = transformer.fit_transform(plain(train))
    extra = _weights(train, estimator, watch) | parted | _class_names(estimator, task, present)
    if isinstance(getattr(estimator, "watch", None), Watch):
        estimator.watch = watch
    try:
        estimator.fit(X, y, **extra)
    except TypeError:  # what scikit-learn raises for a sparse matrix where only a dense one is taken
        if not hasattr(X, "toarray"):
            raise
        transformer.set_params(sparse_threshold=0)
        estimator.fit(transformer.fit_transform(plain(train)), y, **extra)
    return {"transformer": transformer, "estimator": estimator, "present": present}


def _with_probabilities(estimator: Any, train: Dataset, y: np.ndarray, seed: int) -> Any:
    """Return an estimator that also gives probabilities, where it has margins only; y: (n,) classes 0 … k-1.

    A class with a single row cannot be held out, so the calibration then uses the margins of the rows that were fitted.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import StratifiedKFold

    if hasattr(estimator, "predict_proba") or not hasattr(estimator, "decision_function"):
        return estimator
    fewest, everything = np.bincount(y[~train.is_made]).min(), np.arange(len(y))
    folds: Any = [(everything, everything)]
    if fewest > 1:
        folds = StratifiedKFold(min(CALIBRATION_FOLDS, fewest), shuffle=True, random_state=seed)
        if train.made_of is not None:
            fold = with_their_first(train, y, lambda _, classes: _dealt(folds, classes))
            folds = [(everything[fold != k], everything[fold == k]) for k in range(folds.n_splits)]
    return CalibratedClassifierCV(estimator, method="sigmoid", cv=folds, ensemble=False)


def _dealt(folds: Any, y: np.ndarray) -> np.ndarray:
    """Return which of scikit-learn's folds holds each row out, (n,) int64."""
    fold = np.empty(len(y), np.int64)
    for k, (_, held_out) in enumerate(folds.split(y, y)):
        fold[held_out] = k
    return fold


def _weights(train: Dataset, estimator: Any, watch: Watch) -> dict[str, np.ndarray]:
    """Return the row weights as an argument of fit, or nothing where there are none or they cannot be taken."""
    from sklearn.utils.validation import has_fit_parameter

    column = train.schema.with_role("weight")
    if column is None:
        return {}
    inner = getattr(estimator, "regressor", estimator)  # TransformedTargetRegressor hands weights on to this one
    inner = inner.classifiers[0] if isinstance(inner, OneVsRest) else inner
    if not has_fit_parameter(inner, "sample_weight"):
        watch.note(f"{type(inner).__name__} takes no row weights; column {column.name!r} was not used.")
        return {}
    return {"sample_weight": train.frame[column.name].to_numpy(np.float64)}


def _class_names(estimator: Any, task: Task, present: np.ndarray) -> dict[str, list[str]]:
    """Return what classes 0 … k-1, or labels, are called as an argument of fit, for estimators that look for it in the rows."""
    from sklearn.utils.validation import has_fit_parameter

    is_asked = has_fit_parameter(estimator, "class_names")
    return {"class_names": [str(task.labels[k]) for k in present]} if is_asked and task.labels else {}


def held_out_rows(train: Dataset, estimator: Any, strata: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Return the rows that choose the epoch of a network as an argument of fit: no group, copy or time on both sides."""
    from sklearn.utils.validation import has_fit_parameter

    if has_fit_parameter(estimator, "held_out"):
        return {"held_out": put_aside(train, strata, held_out_share(int((~train.is_made).sum())), seed)}
    if has_fit_parameter(estimator, "parts") and getattr(estimator, "folds", 1) > 1:
        return {"parts": deal_parts(train, strata, estimator.folds, seed)}
    return {}


@contextmanager
def own_randomness(seed: int) -> Iterator[None]:
    """Seed the global generators for estimators that draw from them (scikit-learn's SVR does), and put them back."""
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    random.seed(int(seed))  # which takes no whole number of NumPy's
    try:
        yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)


class _Notes(logging.Handler):
    def __init__(self, watch: Watch):
        super().__init__()
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        self._watch.note(record.getMessage())


@contextmanager
def log_as_notes(watch: Watch) -> Iterator[None]:
    """Tell at once what Tenon's own code logs while it fits: that it is compiling, say."""
    handler, log = _Notes(watch), logging.getLogger("tenon")
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


@contextmanager
def warnings_as_notes(name: str, watch: Watch) -> Iterator[None]:
    """Turn what libraries warn of into one note each; the caller's filters come back as they were."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    told = set()
    for warning in caught:
        text = str(warning.message).strip().split("\n")[0]
        if issubclass(warning.category, ConvergenceWarning):
            text = "stopped before it had converged; a larger --budget lets it go on"
        if not issubclass(warning.category, NOT_FOR_USERS) and text not in told:
            told.add(text)
            watch.note(f"{name}: {text}")
