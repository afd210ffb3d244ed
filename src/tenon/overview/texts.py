"""Columns of texts and sentences: how long they are, in which script, and how many words they use."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.data.language import HEAD, is_cjk, script_of
from tenon.data.lengths import units
from tenon.data.long_texts import LIMIT, long_share

N_BINS = 30
QUANTILES = {"low": 0.0, "q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95, "high": 1.0}
CHINESE, OTHER_SIGNS = "Chinese or Japanese", "no letters"
Content = dict[str, Any]


def texts(data: Dataset) -> list[Content]:
    """Return what is known of each column of texts or of sentences; data : the rows that are looked at."""
    return [_text(data, name) for name in data.schema.features("text", "tokens")]


def _text(data: Dataset, name: str) -> Content:
    cells = data.frame[name].dropna()
    if not len(cells):
        return {"name": name, "reason": "no row has a text."}
    if data.schema[name].kind == "tokens":
        split, what, long = cells.tolist(), "tokens a row", None
        scripts = Counter(script(" ".join(one)) for one in split)
    else:
        is_chinese = script_of(cells) == "chinese"
        split, what = [units(one, "chinese" if is_chinese else "other") for one in cells], "characters" if is_chinese else "words"
        scripts, long = Counter(map(script, cells)), long_share(cells)
    lengths = np.array([len(one) for one in split])
    counts = Counter(unit.lower() for one in split for unit in one)
    return {
        "name": name,
        "rows": len(cells),
        "unit": what,
        "length": {key: float(np.quantile(lengths, q)) for key, q in QUANTILES.items()},
        "bins": histogram(lengths),
        "long_share": long,
        "limit": LIMIT,
        "scripts": [[script, n / len(cells)] for script, n in scripts.most_common()],
        "units": int(sum(counts.values())),
        "different_units": len(counts),
        "once": sum(n == 1 for n in counts.values()),
    }


def histogram(lengths: np.ndarray) -> Content:
    """Return how many texts have each length, in at most N_BINS bins of one whole width, from the shortest on."""
    low, high = int(lengths.min()), int(lengths.max())
    width = max(1, -(-(high - low + 1) // N_BINS))
    counts = np.bincount((lengths - low) // width)
    return {"start": low, "width": width, "counts": [int(n) for n in counts]}


def script(text: str) -> str:
    """Return the script of most letters at the beginning of a text, such as "Latin"; OTHER_SIGNS without letters.

    >>> script("Tenon"), script("榫卯结构很牢 tenon")
    ('Latin', 'Chinese or Japanese')
    """
    return _most(_script_of_letter(sign) for sign in text[:HEAD] if sign.isalpha())


def _most(scripts: Iterable[str]) -> str:
    counts = Counter(scripts)
    return min(counts, key=lambda name: (-counts[name], name)) if counts else OTHER_SIGNS


@lru_cache(maxsize=100_000)
def _script_of_letter(letter: str) -> str:
    """Return the first word of the letter's name in Unicode: "Latin", "Cyrillic", "Hangul"."""
    return CHINESE if is_cjk(letter) else unicodedata.name(letter, "other").partition(" ")[0].capitalize()
