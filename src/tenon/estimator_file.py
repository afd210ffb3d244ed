"""Fitted scikit-learn objects as a file that cannot run code: skops, with every type it may hold named here."""

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

from tenon.errors import ModelFileError
from tenon.files import reading

NAME = "estimator.skops"
SCHEMA = "schema.json"  # the file in it that says what everything else is
PLACE = re.compile(r'("__id__": |"file": "|"_stop_words_id": {[^{}]*"content": ")([0-9a-f-]+)')  # skops's and TfidfVectorizer's
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file knows
PARTS = {"transformer", "estimator", "present"}
OF_SETS = {"threshold"}  # beside them, where rows have sets of labels
AGAIN = "; the run has to be made again."

# What models of our own methods hold beside what skops trusts by itself.
TRUSTED = frozenset({
    "numpy.dtype",
    "scipy.sparse._csr.csr_matrix",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.model_selection._split.StratifiedKFold",
    "tenon.one_vs_rest.OneVsRest",
    "tenon.features.blocks.Blocks",
    "tenon.features.chinese.CharactersAndWords",
    "tenon.features.dates.DateNumbers",
    "tenon.features.native.NativeColumns",
    "tenon.features.one_column.OneColumn",
    "tenon.features.pixels.Centred",
    "tenon.features.questions.QuestionsInContext",
    "tenon.tabular.constant.ConstantAnswer",
    "tenon.tabular.constant.ConstantLabels",
    "tenon.tabular.constant.ConstantTag",
    "tenon.tabular.constant.ConstantText",
    "tenon.tabular.constant.UniformWords",
    "tenon.text.lexical_answer.LexicalAnswer",
    "tenon.text.mean_vectors.MeanVectors",
    "tenon.text.word_by_word.CopyText",
    "tenon.text.word_by_word.WordByWord",
    "tenon.features.pixels.Pictures",
    "tenon.features.pixels.Pixels",
    "tenon.features.texts.EachText",
    "tenon.features.texts.WholeTexts",
    "tenon.features.tfidf.TextTfidf",
    "tenon.tabular.naive_bayes.JointNaiveBayes",
    "tenon.tabular.neighbours.NeighboursClassifier",
    "tenon.tabular.neighbours.NeighboursRegressor",
})  # fmt: skip


@runtime_checkable
class WritesItself(Protocol):
    """A fitted estimator with files of its own, beside the one of skops."""

    def write_files(self, folder: Path) -> None: ...
    @classmethod
    def read_files(cls, folder: Path) -> Self: ...


def write_estimator(folder: Path, parts: Mapping[str, Any]) -> None:
    """Write the parts to one file in the folder; equal parts give the same bytes.

    skops numbers objects by their place in memory, names arrays by these numbers and stamps them with the time. Here objects
    are numbered in the order in which they stand in the file, and the time is always the same.
    """
    from skops.io import dumps

    numbers: dict[str, int] = {}

    def number(old: str) -> int:
        return numbers.setdefault(old, len(numbers) + 1)

    with zipfile.ZipFile(BytesIO(dumps(dict(parts)))) as made, zipfile.ZipFile(folder / NAME, "w") as file:
        schema = PLACE.sub(lambda match: f"{match[1]}{number(match[2])}", made.read(SCHEMA).decode())
        _put(file, SCHEMA, schema.encode())
        for name in made.namelist():
            if name != SCHEMA:
                old, dot, ending = name.partition(".")
                _put(file, f"{number(old)}{dot}{ending}", made.read(name))


def _put(file: zipfile.ZipFile, name: str, content: bytes) -> None:
    about = zipfile.ZipInfo(name, date_time=LONG_AGO)
    about.compress_type = zipfile.ZIP_DEFLATED
    file.writestr(about, content)


def read_estimator(folder: Path, package: str = "") -> dict[str, Any]:
    """Return the parts that `write_estimator` wrote.

    package: a package whose types may stand in the file too, for a method that the caller brought along.
    Raises ModelFileError where the file is missing, damaged, or holds a type that is not expected; nothing is run then.
    """
    from skops.io import get_untrusted_types, loads

    path = folder / NAME
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{folder} holds no {NAME} that can be read{AGAIN}") from error
    with reading(f"{path} is damaged", AGAIN):
        strange = set(get_untrusted_types(data=content))
    allowed = {name for name in strange if name in TRUSTED or (package and name.startswith(f"{package}."))}
    if strange - allowed:
        raise ModelFileError(
            f"{path} holds {', '.join(sorted(strange - allowed))}, which no model of this method holds; not loaded."
        )
    with reading(f"{path} is damaged", AGAIN):
        parts = loads(content, trusted=sorted(allowed))
    if not isinstance(parts, dict) or set(parts) - OF_SETS != PARTS:
        raise ModelFileError(f"{path} does not hold the parts {', '.join(sorted(PARTS))}{AGAIN}")
    return parts
