"""What gradient boosting takes: the range of each setting, which of them mean nothing to a linear booster, and of the numbers."""

from inspect import signature
from typing import Any

import numpy as np
from scipy.sparse import issparse

from tenon import ranges
from tenon.errors import DataError, SettingsError
from tenon.trees.inputs import Matrix

TREES_ONLY = (
    "max_leaf_nodes", "max_depth", "growth", "order", "search", "min_split_gain", "min_child_weight", "min_samples_leaf",
    "subsample", "goss", "colsample_bytree", "colsample_bylevel", "colsample_bynode", "monotone_constraints", "max_bins",
    "cat_smooth", "cat_penalty",
)  # fmt: skip
LARGEST_WEIGHT = 1e30  # and so are weights
LARGEST_WEIGHTED = 1e37  # gradients are as large as targets times weights
LARGEST_CELL = 1e100  # of the linear booster, which sums cells times cells


def check_settings(model: Any) -> None:
    """Raise SettingsError for the first setting that is out of its range, or has nothing to do."""
    ranges.whole("n_estimators", model.n_estimators, 1)
    ranges.number("learning_rate", model.learning_rate, 0, open_low=True)
    ranges.whole("max_leaf_nodes", model.max_leaf_nodes, 2, or_none=True)
    ranges.whole("max_depth", model.max_depth, 1, or_none=True)
    ranges.one_of("growth", model.growth, ("depth", "leaf"))
    ranges.one_of("search", model.search, ("histogram", "exact"))
    ranges.whole("order", model.order, 1, 2)
    ranges.whole("min_samples_leaf", model.min_samples_leaf, 1)
    ranges.whole("max_bins", model.max_bins, 2, 255)
    for name in ("reg_alpha", "min_split_gain", "min_child_weight", "cat_smooth", "cat_penalty", "tol"):
        ranges.number(name, getattr(model, name), 0)
    ranges.number("reg_lambda", model.reg_lambda, 0, or_none=True)
    for name in ("subsample", "colsample_bytree", "colsample_bylevel", "colsample_bynode"):
        ranges.number(name, getattr(model, name), 0, 1, open_low=True)
    ranges.whole("n_iter_no_change", model.n_iter_no_change, 1, or_none=True)
    ranges.number("validation_fraction", model.validation_fraction, 0, 1, open_low=True)
    if model.goss is not None:
        _check_goss(model)
    ranges.one_of("booster", model.booster, ("tree", "linear"))
    if model.booster == "linear":
        _check_linear(model)


def _check_goss(model: Any) -> None:
    if np.shape(model.goss) != (2,):
        raise SettingsError(f"goss takes two shares of the rows, of large gradients and of others, or None; got {model.goss!r}.")
    for share in model.goss:
        ranges.number("goss", share, 0, 1, open_low=True)
    if sum(model.goss) > 1 or model.subsample < 1:
        raise SettingsError(
            f"goss takes two shares that sum to at most 1, with subsample=1; got {model.goss!r}, {model.subsample!r}."
        )


def _check_linear(model: Any) -> None:
    defaults = signature(type(model)).parameters
    for name in TREES_ONLY:
        default = defaults[name].default
        if getattr(model, name) != default:
            raise SettingsError(f"booster='linear' grows no trees, so {name} would do nothing; leave it at {default!r}.")


def check_weight(y: np.ndarray, weight: np.ndarray) -> None:
    """Raise DataError where weights (n,), none of them 0, or their products with y (n,) are beyond float32."""
    low, high = weight.min(), weight.max()
    if low < 1 / LARGEST_WEIGHT or high > LARGEST_WEIGHT:
        known = f"0, and numbers from {1 / LARGEST_WEIGHT:g} to {LARGEST_WEIGHT:g}"
        raise DataError(f"sample_weight takes {known}; got {low:g} to {high:g}: multiply them by a constant.")
    largest = (np.abs(y) * weight).max()
    if largest > LARGEST_WEIGHTED:
        raise DataError(f"y times sample_weight takes numbers up to {LARGEST_WEIGHTED:g} in size; got {largest:g}.")


def check_cells(X: Matrix) -> None:
    """Raise DataError where a linear booster cannot sum the squares of the cells."""
    cells = X.data if issparse(X) else X
    largest = np.abs(np.nan_to_num(cells, nan=0.0)).max(initial=0.0)
    if largest > LARGEST_CELL:
        raise DataError(
            f"booster='linear' takes cells up to {LARGEST_CELL:g} in size; got {largest:g}: divide them by a constant."
        )
