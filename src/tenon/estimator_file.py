"""Fitted scikit-learn objects as a file that cannot run code: skops, with every type it may hold named here."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenon.errors import ModelFileError

NAME = "estimator.skops"
PARTS = {"transformer", "estimator", "present"}

# What models of our own methods hold beside what skops trusts by itself.
TRUSTED = frozenset({
    "numpy.dtype",
    "scipy.sparse._csr.csr_matrix",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.model_selection._split.StratifiedKFold",
    "tenon.features.blocks.Blocks",
    "tenon.features.chinese.CharactersAndWords",
    "tenon.features.dates.DateNumbers",
    "tenon.features.pixels.Centred",
    "tenon.features.pixels.Pixels",
    "tenon.features.tfidf.TextTfidf",
    "tenon.tabular.naive_bayes.JointNaiveBayes",
    "tenon.tabular.neighbours.NeighboursClassifier",
    "tenon.tabular.neighbours.NeighboursRegressor",
})  # fmt: skip


def write_estimator(folder: Path, parts: Mapping[str, Any]) -> None:
    """Write the parts to one file in the folder."""
    from skops.io import dump

    dump(dict(parts), folder / NAME, compression=zipfile.ZIP_DEFLATED)


def read_estimator(folder: Path, package: str = "") -> dict[str, Any]:
    """Return the parts that `write_estimator` wrote.

    package: a package whose types may stand in the file too, for a method that the caller brought along.
    Raises ModelFileError where the file is missing, damaged, or holds a type that is not expected; nothing is run then.
    """
    from skops.io import get_untrusted_types, loads

    path = folder / NAME
    try:
        content = path.read_bytes()
        strange = set(get_untrusted_types(data=content))
    except FileNotFoundError as error:
        raise ModelFileError(f"{folder} holds no {NAME}, so it is no model folder of this method.") from error
    except (zipfile.BadZipFile, json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"{path} is damaged ({type(error).__name__}: {error}).") from error
    allowed = {name for name in strange if name in TRUSTED or (package and name.startswith(f"{package}."))}
    if strange - allowed:
        raise ModelFileError(
            f"{path} holds {', '.join(sorted(strange - allowed))}, which no model of this method holds; not loaded."
        )
    parts = loads(content, trusted=sorted(allowed))
    if not isinstance(parts, dict) or set(parts) != PARTS:
        raise ModelFileError(f"{path} does not hold the parts {', '.join(sorted(PARTS))}.")
    return parts
