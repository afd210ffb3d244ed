"""Recipes: from the columns of a schema to an unfitted scikit-learn transformer that makes one matrix of them.

A recipe takes the schema and the settings of its method. What it returns is fitted on train rows only, on the frame that
`features.columns.plain` makes. The kinds of column that every recipe reads are in KINDS.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tenon.data.dataset import Schema
from tenon.errors import unknown

if TYPE_CHECKING:
    from sklearn.base import TransformerMixin
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

    from tenon.features.blocks import Blocks
    from tenon.features.native import NativeColumns

KINDS = ("number", "category", "date", "text", "image")
SCALINGS = ("standard", "minmax", "unit")
RARE = 3  # a category seen in fewer train rows is grouped with the other rare ones
MOST_CATEGORIES = 1000  # of one column; the rest counts as rare


def nothing(schema: Schema, params: Mapping[str, Any]) -> "ColumnTransformer":
    """Return a transformer to a matrix without columns, for a method that looks at the target alone."""
    from sklearn.compose import ColumnTransformer

    return ColumnTransformer([], remainder="drop")


def scaled(schema: Schema, params: Mapping[str, Any], text: "TransformerMixin | None" = None) -> "ColumnTransformer":
    """Return a transformer to one float matrix, sparse where it is mostly zeros, with all columns on like scales.

    Numbers and dates: scaled as params["scaling"] says ("standard" when absent: mean 0 and deviation 1 in the train rows;
    "minmax": from 0 to 1 there; "unit": standard, then each row of numbers divided by its length); a missing cell takes
    the train rows' median and is marked in a column of its own. Categories: one-hot, a missing cell is a value of its
    own, rare values share a column and unseen ones count as rare. Text: what the transformer `text` makes of each column, by
    default TF-IDF. Images: pixels, centred.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    from tenon.features.dates import DateNumbers
    from tenon.features.pixels import Centred, Pixels
    from tenon.features.tfidf import TextTfidf

    scaling = params.get("scaling", "standard")
    one_hot = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE, max_categories=MOST_CATEGORIES)
    dates = make_pipeline(DateNumbers(marks_missing=True), _scaled_and_filled(scaling, marks_missing=False))
    parts: list[tuple[str, TransformerMixin, Any]] = [
        ("numbers", _scaled_and_filled(scaling), schema.features("number")),
        ("dates", dates, schema.features("date")),
        ("categories", one_hot, schema.features("category")),
        *_each("text", text or TextTfidf(), schema.features("text")),
        *_each("image", make_pipeline(Pixels(), Centred()), schema.features("image")),
    ]
    return ColumnTransformer([part for part in parts if part[2]])


def counted(schema: Schema, params: Mapping[str, Any]) -> "Blocks":
    """Return a transformer to the three blocks that naive Bayes reads: see `features.blocks.Blocks`.

    Numbers and dates are standardised and stay NaN where missing; categories become codes; text becomes word weights
    and images pixels, both never negative.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder, StandardScaler

    from tenon.features.blocks import Blocks
    from tenon.features.dates import DateNumbers
    from tenon.features.pixels import Pixels
    from tenon.features.tfidf import TextTfidf

    coded = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    numbers = [
        ("numbers", StandardScaler(), schema.features("number")),
        ("dates", make_pipeline(DateNumbers(), StandardScaler()), schema.features("date")),
    ]
    counts = [
        *_each("text", TextTfidf(), schema.features("text")),
        *_each("image", Pixels(), schema.features("image")),
    ]
    return Blocks(
        numbers=ColumnTransformer([part for part in numbers if part[2]], sparse_threshold=0),
        categories=ColumnTransformer([("codes", coded, schema.features("category"))], sparse_threshold=0),
        counts=ColumnTransformer(counts),
    )


def native(schema: Schema, params: Mapping[str, Any]) -> "ColumnTransformer | NativeColumns":
    """Return a transformer to what trees read: numbers as they are, NaN where missing, and categories as categories.

    Beside text, the matrix is sparse, and categories are one-hot as in `scaled`; nothing is scaled or filled in either way.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder

    from tenon.features.dates import DateNumbers
    from tenon.features.native import NativeColumns
    from tenon.features.pixels import Pixels
    from tenon.features.tfidf import TextTfidf

    numbers, dates, categories = schema.features("number"), schema.features("date"), schema.features("category")
    if not schema.features("text"):
        return NativeColumns(numbers, dates, categories, schema.features("image"))
    one_hot = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE, max_categories=MOST_CATEGORIES)
    parts: list[tuple[str, TransformerMixin | str, Any]] = [
        ("numbers", "passthrough", numbers),
        ("dates", DateNumbers(), dates),
        ("categories", one_hot, categories),
        *_each("text", TextTfidf(), schema.features("text")),
        *_each("image", Pixels(), schema.features("image")),
    ]
    return ColumnTransformer([part for part in parts if part[2]], sparse_threshold=1)


def _scaled_and_filled(scaling: str, marks_missing: bool = True) -> "Pipeline":
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, Normalizer, StandardScaler

    if scaling not in SCALINGS:
        raise unknown("scaling", scaling, SCALINGS)
    scaler = MinMaxScaler() if scaling == "minmax" else StandardScaler()  # either passes over missing cells
    filler = SimpleImputer(strategy="median", add_indicator=marks_missing, keep_empty_features=True)
    return make_pipeline(scaler, filler, *([Normalizer()] if scaling == "unit" else []))


def _each(kind: str, transformer: "TransformerMixin", columns: list[str]) -> list[tuple[str, "TransformerMixin", str]]:
    """One part a column: texts (and images) of different columns have nothing in common."""
    return [(f"{kind} {i}", transformer, column) for i, column in enumerate(columns)]
