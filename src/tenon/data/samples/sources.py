"""Real samples from what every installation brings: scikit-learn's data, Python's own docstrings, jieba's dictionary.

Tables and digits are scikit-learn's bundled sets (`sklearn.datasets.load_*`), with the column names they have there.
Docstrings are read from the library's source files as text; no module is imported for it.
"""

import ast
import csv
import io
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from tenon.errors import DataError, NeedsExtra

PACKAGES = ("asyncio", "email", "http", "importlib", "logging", "multiprocessing", "unittest", "xml")
SHORTEST_DOCSTRING = 40  # characters; below this there is hardly a word to go by
N_WORDS = 3_000
LEAST_COUNT = 10  # in jieba's own corpus; rarer words are often marked wrongly
PARTS_OF_SPEECH = {"n": "noun", "v": "verb", "a": "adjective", "i": "idiom", "nr": "person", "ns": "place"}  # jieba's marks


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a CSV file as UTF-8 with `\\n` line ends; floats in the fewest digits that read back equal."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def breast_cancer(seed: int) -> dict[str, bytes]:
    """569 rows, 30 numbers and `diagnosis`."""
    from sklearn.datasets import load_breast_cancer

    return _table("breast-cancer.csv", load_breast_cancer(), "diagnosis")


def wine(seed: int) -> dict[str, bytes]:
    """178 rows, 13 numbers and `cultivar`."""
    from sklearn.datasets import load_wine

    return _table("wine.csv", load_wine(), "cultivar")


def iris(seed: int) -> dict[str, bytes]:
    """150 rows, 4 numbers and `species`."""
    from sklearn.datasets import load_iris

    return _table("iris.csv", load_iris(), "species")


def diabetes(seed: int) -> dict[str, bytes]:
    """442 rows, 10 numbers in their own units and `progression`."""
    from sklearn.datasets import load_diabetes

    return _table("diabetes.csv", load_diabetes(scaled=False), "progression")


def _table(file: str, bunch: Any, target: str) -> dict[str, bytes]:
    """`bunch` is what a loader of scikit-learn returns; classes are written by name."""
    names = getattr(bunch, "target_names", None)
    values = bunch.target if names is None else np.asarray(names)[bunch.target]
    rows = [[*row, value] for row, value in zip(bunch.data.tolist(), values.tolist(), strict=True)]
    return {file: csv_bytes([*bunch.feature_names, target], rows)}


def digits(seed: int) -> dict[str, bytes]:
    """1,797 grey PNG of 8x8 pixels as digits/CLASS/NUMBER.png; the number is the row in scikit-learn's set, from 1."""
    from PIL import Image
    from sklearn.datasets import load_digits

    bunch = load_digits()
    grey = np.rint(bunch.images * (255 / 16)).astype(np.uint8)  # the scans count ink from 0 to 16
    contents = {}
    for number, (pixels, digit) in enumerate(zip(grey, bunch.target, strict=True), start=1):
        png = io.BytesIO()
        Image.fromarray(pixels).save(png, format="PNG")
        contents[f"digits/{digit}/{number:04d}.png"] = png.getvalue()
    return contents


def docstrings(seed: int) -> dict[str, bytes]:
    """Docstrings of PACKAGES as `text`, `package`; each text once, under the first package that has it.

    The texts are left as they are, so some name their own package, as real texts do. How many there are depends on the
    version of Python. Raises DataError where Python was installed without its source files.
    """
    package_of: dict[str, str] = {}
    for package in PACKAGES:
        for text in _docstrings_of(package):
            package_of.setdefault(text, package)
    if set(package_of.values()) != set(PACKAGES):
        lacking = ", ".join(package for package in PACKAGES if package not in package_of.values())
        raise DataError(f"this Python has no source files of {lacking}, so there are no docstrings to read.")
    return {"docstrings.csv": csv_bytes(["text", "package"], package_of.items())}


def _docstrings_of(package: str) -> Iterator[str]:
    folder = Path(sysconfig.get_path("stdlib")) / package
    for path in sorted(folder.rglob("*.py")):
        if "test" in path.relative_to(folder).parts:
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node) or ""
                if len(text) >= SHORTEST_DOCSTRING:
                    yield text


def jieba_words(seed: int) -> dict[str, bytes]:
    """N_WORDS words as `word`, `part_of_speech`: an equal number of each of PARTS_OF_SPEECH, drawn by the seed.

    Raises NeedsExtra without jieba, which is not imported: its dictionary is a text file.
    """
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise NeedsExtra("sample 'jieba-words' needs jieba; install it with: pip install 'tenon[zh]'")
    mark_of: dict[str, str] = {}
    for line in (Path(spec.origin).parent / "dict.txt").read_text(encoding="utf-8").splitlines():
        word, count, mark = line.split(" ")
        if mark in PARTS_OF_SPEECH and int(count) >= LEAST_COUNT:
            mark_of.setdefault(word, mark)
    rng = np.random.default_rng(seed)
    drawn = []
    for mark, name in PARTS_OF_SPEECH.items():
        words = [word for word, its_mark in mark_of.items() if its_mark == mark]
        drawn += [(words[k], name) for k in rng.permutation(len(words))[: N_WORDS // len(PARTS_OF_SPEECH)]]
    return {"jieba-words.csv": csv_bytes(["word", "part_of_speech"], [drawn[k] for k in rng.permutation(len(drawn))])}
