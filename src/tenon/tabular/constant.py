"""Answers about sequences that do not look at the row: the commonest tag, the commonest translation, all words alike."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from tenon.data.language import script_of
from tenon.data.lengths import n_units, units


class ConstantTag(BaseEstimator):
    """Give every token the commonest tag of the train rows."""

    def fit(self, X: Sequence[Sequence[str]], y: Sequence[Sequence[str]]) -> Self:
        self.tag_ = _commonest(chain.from_iterable(y))
        return self

    def predict(self, X: Sequence[Sequence[str]]) -> list[list[str]]:
        return [[self.tag_] * len(tokens) for tokens in X]


class ConstantText(BaseEstimator):
    """Translate everything by the commonest translation of the train rows."""

    def fit(self, X: Sequence[str], y: Sequence[str]) -> Self:
        self.text_ = _commonest(y)
        return self

    def predict(self, X: Sequence[str]) -> list[str]:
        return [self.text_] * len(X)


class UniformWords(BaseEstimator):
    """Hold every word of the train rows, the end of a text and an unknown word for equally likely: ln(V + 2) nats a unit."""

    def fit(self, X: Sequence[str], y: Any = None) -> Self:
        self.script_ = script_of(X)
        self.nats_ = float(np.log(len({unit for text in X for unit in units(text, self.script_)}) + 2))
        return self

    def predict(self, X: Sequence[str]) -> np.ndarray:
        """Return what each text costs, (n,) nats."""
        return self.nats_ * np.array([n_units(text, self.script_) for text in X], np.float64)


def _commonest(things: Any) -> str:
    """Return what stands most often; of equals the first in order, so that the order of rows does not matter."""
    return min(Counter(things).items(), key=lambda one: (-one[1], one[0]))[0]
