"""Which column of the data each encoded feature comes from, and what it says of it; for those who explain a model."""

from typing import Any, NamedTuple

import numpy as np

from tenon.features.chinese import WORD

IS_MISSING, RARE = "is missing", "a rare value"


class Origin(NamedTuple):
    """One encoded feature."""

    column: str
    part: str  # a value, a word, a pixel, a part of a date; "" for the column's own number
    kind: str  # of the column; "vector" where a text is read as one
    step: float  # by how much the column's own number differs where the feature differs by 1; NaN where it is no multiple of it


def origins(transformer: Any) -> list[Origin]:
    """Return the origin of each feature that a fitted transformer of `features.recipes` makes, in their order.

    Of Blocks, whose three matrices are read apart, those of the counts: words and pixels. Pictures, whole texts and sequences
    have none.
    """
    from tenon.features.blocks import Blocks
    from tenon.features.native import NativeColumns
    from tenon.features.one_column import OneColumn
    from tenon.features.pixels import Pictures
    from tenon.features.questions import QuestionsInContext
    from tenon.features.texts import EachText, WholeTexts

    if isinstance(transformer, Pictures | EachText | WholeTexts | OneColumn | QuestionsInContext):
        return []
    if isinstance(transformer, NativeColumns):
        return _native(transformer)
    parts = transformer.counts if isinstance(transformer, Blocks) else transformer
    found = []
    for name, part, columns in parts.transformers_:
        if name != "remainder":
            found += _READERS[name.split()[0]](part, [columns] if isinstance(columns, str) else list(columns))
    return found


def _native(transformer: Any) -> list[Origin]:
    found = [Origin(name, "", "number", 1.0) for name in transformer.numbers] + _dates(None, transformer.dates)
    for name, pixels in zip(transformer.images, transformer.pixels_, strict=True):
        found += _images(pixels, [name])
    return found + [Origin(name, "", "category", np.nan) for name in transformer.categories]


def _numbers(part: Any, columns: list[str]) -> list[Origin]:
    """Each number, then the marks of those that were missing in the train rows."""
    steps = getattr(part, "named_steps", {})
    scaler = steps.get("standardscaler") or steps.get("minmaxscaler")
    size = np.ones(len(columns))
    if "normalizer" in steps:
        size[:] = np.nan
    elif scaler is not None:
        size = scaler.scale_ if "standardscaler" in steps else 1 / scaler.scale_
    found = [Origin(name, "", "number", float(step)) for name, step in zip(columns, size, strict=True)]
    indicator = steps["simpleimputer"].indicator_ if "simpleimputer" in steps else None
    marked = [] if indicator is None else indicator.features_
    return found + [Origin(columns[j], IS_MISSING, "number", np.nan) for j in marked]


def _dates(part: Any, columns: list[str]) -> list[Origin]:
    from tenon.features.dates import PARTS

    marks = part is not None and hasattr(part, "named_steps")  # scaled dates say whether they are missing
    return [Origin(name, of, "date", np.nan) for name in columns for of in ((*PARTS, IS_MISSING) if marks else PARTS)]


def _categories(part: Any, columns: list[str]) -> list[Origin]:
    """The values of each column, sorted; a last feature stands for the rare ones."""
    found = []
    for j, name in enumerate(columns):
        rare = part.infrequent_categories_[j] if part.infrequent_categories_[j] is not None else ()
        known = [value for value in part.categories_[j] if not any(value is one or value == one for one in rare)]
        values = [IS_MISSING if value != value or value is None else str(value) for value in known]
        found += [Origin(name, value, "category", np.nan) for value in [*values, *([RARE] if len(rare) else [])]]
    return found


def _texts(part: Any, columns: list[str]) -> list[Origin]:
    """Words, or the numbers of a vector, which say nothing one by one."""
    kind = getattr(part, "feature_kind", "text")
    return [Origin(columns[0], str(word).removeprefix(WORD), kind, np.nan) for word in part.get_feature_names_out(None)]


def _images(part: Any, columns: list[str]) -> list[Origin]:
    pixels = part.named_steps["pixels"] if hasattr(part, "named_steps") else part
    return [Origin(columns[0], str(pixel), "image", np.nan) for pixel in pixels.get_feature_names_out(None)]


_READERS = {"numbers": _numbers, "dates": _dates, "categories": _categories, "text": _texts, "image": _images}
