"""What goes into a tree: any table as one matrix of numbers, in which a category is an integer code and NaN is missing.

Categories are the columns of a frame whose type is category, string, object or bool, the columns of an array that hold
strings, and those that `categorical_features` names. The code of a value is its position among the sorted values of the
train rows; a value never seen in them becomes NaN, so it goes where missing values go.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.sparse import csc_matrix, issparse
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, assert_all_finite, check_consistent_length, column_or_1d, validate_data

from tenon.errors import DataError, SettingsError

Categorical = Literal["from_dtype"] | Sequence[Any]  # positions, names, or a mask of the columns that are categories
Matrix = np.ndarray | csc_matrix  # (n, p) float64
LARGEST_TARGET = 1e30  # boosting's gradients are float32


def read_train(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    categorical_features: Categorical | None = "from_dtype",
    keeps_float32: bool = False,
) -> tuple[Matrix, np.ndarray, np.ndarray]:
    """Return X (n, p) float64 (or float32 as given, if it may be kept), y (n,) and weights (n,) float64 > 0.

    Rows of weight 0 are left out.
    y is float64, or int64 codes of the sorted classes where the estimator is a classifier. Sets the estimator's
    n_features_in_, feature_names_in_ (frames), categories_ (column -> sorted values), has_missing_ (p,), classes_ (classifiers).
    Raises ValueError for infinite cells, a target or weight that is missing, infinite or too large, and negative weights.
    """
    chosen: Categorical = () if categorical_features is None else categorical_features
    matrix = _matrix(estimator, X, chosen, keeps_float32=keeps_float32)
    estimator.has_missing_ = _has_missing(matrix)
    y = read_target(estimator, y)
    check_consistent_length(matrix, y)
    if sample_weight is not None and not np.asarray(sample_weight).any():
        raise DataError("sample_weight is zero for every row, so there is nothing to learn from.")
    weight = _check_sample_weight(sample_weight, matrix, dtype=np.float64, ensure_non_negative=True)
    if not weight.max(initial=0.0) < np.finfo(float).max / len(weight):
        raise DataError("the sum of sample_weight is beyond what float64 can hold; divide the weights by a constant.")
    if weight.all():
        return matrix, y, weight
    kept = weight > 0
    return matrix[kept], y[kept], weight[kept]


def read_rows(estimator: Any, X: Any, unseen: float = np.nan, keeps_float32: bool = False) -> Matrix:
    """Return rows to predict as the matrix (n, p) float64 that the fitted estimator knows; unseen: code of unknown categories."""
    return _matrix(estimator, X, None, unseen, keeps_float32)


def read_target(estimator: Any, y: Any) -> np.ndarray:
    """Return y (n,) as float64, or as int64 codes of `estimator.classes_`, which it sets, for a classifier."""
    from sklearn.base import is_classifier

    if y is None:
        raise DataError(f"{type(estimator).__name__} requires y to be passed, but the target y is None.")
    y = column_or_1d(y, warn=True)
    if is_classifier(estimator):
        assert_all_finite(y, input_name="y")  # first: scikit-learn's look at the classes warns of a NaN before it refuses it
        try:
            check_classification_targets(y)
            estimator.classes_, codes = np.unique(y, return_inverse=True)
        except TypeError as error:
            raise DataError("y holds classes of several types, which cannot be put in order; make strings of all.") from error
        return codes.astype(np.int64)
    y = np.asarray(y, np.float64)
    assert_all_finite(y, input_name="y")
    check_size(y)
    return y


def check_size(y: np.ndarray) -> None:
    """Raise DataError where a target (n,) is too large for sums of squares."""
    largest = np.abs(y).max(initial=0.0)
    if largest > LARGEST_TARGET:
        raise DataError(f"y takes numbers up to {LARGEST_TARGET:g} in size; got {largest:g}: divide it by a constant.")


def _matrix(
    estimator: Any, X: Any, categorical_features: Categorical | None, unseen: float = np.nan, keeps_float32: bool = False
) -> Matrix:
    """categorical_features is None where the estimator is fitted already."""
    is_new = categorical_features is not None
    table = _as_frame(X, of_categories=not is_new and bool(estimator.categories_))
    if table is not None and len(table) and table.shape[1]:
        validate_data(estimator, X, reset=is_new, skip_check_array=True)  # names and number of the columns
        if is_new:
            estimator.categories_ = _categories_of_frame(table, _chosen(categorical_features, X, table.shape[1]))
        return _coded_frame(table, estimator.categories_, unseen, keeps_float32)
    dtype = [np.float64, np.float32] if keeps_float32 else np.float64
    matrix = validate_data(estimator, X, reset=is_new, accept_sparse="csc", dtype=dtype, ensure_all_finite="allow-nan")
    if is_new:
        estimator.categories_ = _categories_of_array(matrix, _chosen(categorical_features, X, matrix.shape[1]))
    return _coded_array(matrix, estimator.categories_, unseen)


def _has_missing(matrix: Matrix) -> np.ndarray:
    """Return for each column (p,) bool whether a cell is missing."""
    if not issparse(matrix):
        return np.asarray(np.isnan(matrix).any(axis=0))
    columns = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
    is_missing = np.isnan(matrix.data)
    return np.isin(np.arange(matrix.shape[1]), columns[is_missing])


def _as_frame(X: Any, of_categories: bool) -> pd.DataFrame | None:
    """Return X as a frame where its columns have types of their own, or None for plain numbers.

    of_categories: the estimator knows categories, so a frame without any string holds missing values in their place.
    """
    if isinstance(X, pd.DataFrame):
        return X if of_categories or any(_holds_words(X.iloc[:, i]) for i in range(X.shape[1])) else None
    if issparse(X) or (hasattr(X, "dtype") and X.dtype.kind not in "OUS"):
        return None
    cells = np.asarray(X, object) if isinstance(X, list | tuple) and np.asarray(X).dtype.kind in "OUS" else np.asarray(X)
    if cells.ndim != 2 or cells.dtype.kind not in "OUS":
        return None
    holds_words = cells.dtype.kind in "US" or any(isinstance(cell, str) for cell in cells.ravel())
    return pd.DataFrame(cells).infer_objects() if holds_words or of_categories else None


def _holds_words(column: pd.Series) -> bool:
    """An object column without any string holds numbers, or something that cannot be read and is refused as such."""
    if pd.api.types.is_object_dtype(column.dtype):
        return any(isinstance(cell, str | bool) for cell in column)
    return not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)


def _chosen(categorical_features: Categorical | None, X: Any, n_columns: int) -> list[int]:
    """Return the positions that `categorical_features` names; none for "from_dtype"."""
    if categorical_features is None or (isinstance(categorical_features, str) and categorical_features == "from_dtype"):
        return []
    asked = np.asarray(categorical_features)
    if asked.ndim != 1:
        raise SettingsError(f"categorical_features takes positions, names or a mask of columns; got {categorical_features!r}.")
    if asked.dtype == bool and len(asked) == n_columns:
        return [int(i) for i in np.flatnonzero(asked)]
    if asked.dtype.kind in "OU":
        names = list(getattr(X, "columns", []))
        unknown = [name for name in asked.tolist() if name not in names]
        if unknown:
            raise SettingsError(f"categorical_features names {unknown[0]!r}, which is no column of X.")
        return [names.index(name) for name in asked.tolist()]
    if asked.size and (asked.dtype.kind not in "iu" or asked.min() < 0 or asked.max() >= n_columns):
        raise SettingsError(
            f"categorical_features takes column positions from 0 to {n_columns - 1}, names or a mask; "
            f"got {categorical_features!r}."
        )
    return [int(i) for i in asked]


def _categories_of_frame(frame: pd.DataFrame, chosen: list[int]) -> dict[int, np.ndarray]:
    categories = {}
    for i in range(frame.shape[1]):
        column = frame.iloc[:, i]
        if i in chosen or _holds_words(column):
            categories[i] = _sorted_values(column)
    return categories


def _places(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Return each cell's place (n,) among the values that occur, -1 where it is missing, and these values."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), column.cat.categories
    try:
        places, values = pd.factorize(column)
    except TypeError as error:
        raise DataError(f"column {column.name!r} holds lists or other cells that are no values ({error}).") from error
    return places, pd.Index(values)


def _sorted_values(column: pd.Series) -> np.ndarray:
    """Return the values of a column (k,), sorted, as strings where one of them is a string."""
    places, known = _places(column)
    values = list(known[np.unique(places[places >= 0])])
    if any(isinstance(value, str) for value in values):
        return np.array(sorted({str(value) for value in values}), np.str_)
    return np.sort(np.array(values)) if values else np.empty(0, np.str_)


def _coded_frame(frame: pd.DataFrame, categories: dict[int, np.ndarray], unseen: float, keeps_float32: bool) -> np.ndarray:
    has_float32 = all(kind == np.float32 for i, kind in enumerate(frame.dtypes) if i not in categories)
    matrix = np.empty(frame.shape, np.float32 if keeps_float32 and has_float32 else np.float64, order="F")
    for i, (_, column) in enumerate(frame.items()):
        if i in categories:
            matrix[:, i] = _codes(column, categories[i], unseen)
        else:
            matrix[:, i] = _numbers(column)
    return matrix


def _numbers(column: pd.Series) -> np.ndarray:
    try:
        cells = column.to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise DataError(f"column {column.name!r} holds what is no number ({error}), but held numbers only in fitting.") from error
    if np.isinf(cells).any():
        raise DataError(f"column {column.name!r} contains infinity; mark such cells as missing (NaN).")
    return cells


def _codes(column: pd.Series, values: np.ndarray, unseen: float) -> np.ndarray:
    """Return the code (n,) float64 of each cell; what is asked of a cell is asked once of each value."""
    places, known = _places(column)
    code_of = {value: code for code, value in enumerate(values.tolist())}
    cells = map(str, known) if values.dtype.kind == "U" else known
    codes = np.array([code_of.get(cell, unseen) for cell in cells], np.float64)
    return np.append(codes, np.nan)[places]  # -1, missing, is the last


def _categories_of_array(matrix: Matrix, chosen: list[int]) -> dict[int, np.ndarray]:
    if not chosen:
        return {}
    if issparse(matrix):
        raise SettingsError(
            "categorical_features takes columns of a dense table; one-hot columns of a sparse one need no mention."
        )
    return {i: np.unique(matrix[~np.isnan(matrix[:, i]), i]) for i in chosen}


def _coded_array(matrix: Matrix, categories: dict[int, np.ndarray], unseen: float) -> Matrix:
    if issparse(matrix):
        tidy = matrix.copy()
        tidy.sum_duplicates()
        tidy.eliminate_zeros()
        return tidy
    if not categories:
        return matrix
    coded = matrix.copy(order="F")
    for i, values in categories.items():
        x = matrix[:, i]
        codes = np.where(np.isin(x, values), np.searchsorted(values, x), unseen)
        coded[:, i] = np.where(np.isnan(x), np.nan, codes)
    return coded
