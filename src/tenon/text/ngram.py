"""NGramLanguage: a language model of counted n-grams, smoothed as `tenon.text.back_off` tells, as an estimator."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from safetensors.numpy import load_file, save_file
from sklearn.base import BaseEstimator

from tenon import ranges
from tenon.files import reading
from tenon.text.back_off import SMOOTHINGS, NGrams, Order
from tenon.text.events import Events
from tenon.text.token_rows import texts_of

WORDS, NUMBERS = "ngram.json", "ngram.safetensors"
MOST = 10  # units of an n-gram


class NGramLanguage(BaseEstimator):
    """How likely a text is, unit by unit, after the n - 1 units before each.

    Parameters
    ----------
    n : units of the longest n-grams. smoothing : kneser-ney or witten-bell.
    fewest : times that a unit stands in the train texts to be known; others are spelled out (`tenon.text.events`).

    Attributes
    ----------
    events_ : `tenon.text.events.Events`; grams_ : `tenon.text.back_off.NGrams`
    """

    def __init__(self, n: int = 4, smoothing: str = "kneser-ney", fewest: int = 2):
        self.n, self.smoothing, self.fewest = n, smoothing, fewest

    def fit(self, X: Sequence[str], y: Any = None) -> Self:
        """X : (n,) texts. Raises SettingsError for settings out of range, DataError for other X."""
        ranges.whole("n", self.n, 1, MOST)
        ranges.whole("fewest", self.fewest, 1)
        ranges.one_of("smoothing", self.smoothing, SMOOTHINGS)
        texts = texts_of(X)
        self.events_ = Events.learnt(texts, self.fewest)
        self.grams_ = NGrams.learnt([self.events_.encode(one) for one in texts], len(self.events_), self.n, self.smoothing)
        return self

    def predict(self, X: Sequence[str]) -> np.ndarray:
        """Return what each text costs, its end included, (n,) nats."""
        return np.array([nats.sum() for nats in self.surprises(X)])

    def surprises(self, X: Sequence[str]) -> list[np.ndarray]:
        """Return what each unit of each text costs, and last its end, (t,) nats."""
        texts = texts_of(X)
        coded = [self.events_.encode(one) for one in texts]
        ends = np.cumsum([len(one) for one in coded], dtype=np.int64)
        parts = np.split(-np.log(self.grams_.probabilities(coded)), ends)[:-1]
        return [nats + spelled for nats, spelled in zip(parts, self.events_.spelled(texts), strict=True)]

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: numbers as safetensors, the rest as JSON."""
        words = {"settings": self.get_params(deep=False), "events": self.events_.to_json()}
        (folder / WORDS).write_text(json.dumps(words, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8")
        save_file(
            {f"{k}.{name}": values for k, order in enumerate(self.grams_.orders) for name, values in vars(order).items()},
            folder / NUMBERS,
        )

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        with reading(f"{folder} holds no n-grams that can be read"):
            words = json.loads((folder / WORDS).read_text(encoding="utf-8"))
            numbers, model = load_file(folder / NUMBERS), cls(**words["settings"])
            model.events_ = Events(**words["events"])
            orders = (Order(*(numbers[f"{k}.{name}"] for name in ("keys", "share", "back"))) for k in range(model.n))
            model.grams_ = NGrams(len(model.events_), tuple(orders))
        return model
