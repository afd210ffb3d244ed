"""What a network reads of texts: rows of their tokens in order, up to the longest, and the same without one of them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from torch import Tensor

from tenon.text.token_rows import TokenRows, UnequalRows, read_ids, share_read, tell_cut, texts_of
from tenon.text.tokens import Encoded, Tokens
from tenon.watch import Watch

Text = TypeVar("Text")  # what a row of X is
Cut = TypeVar("Cut")  # its tokens, all of them


class Reader(ABC, Generic[Text, Cut]):
    """room : tokens that are read of a row of X, at most. advice : what to do where rows are longer, "" for none."""

    room: int
    advice: str = ""

    @abstractmethod
    def texts(self, X: Any) -> list[Text]:
        """Return X as a list. Raises DataError where it holds anything but what is read."""

    @abstractmethod
    def encoded(self, text: Text) -> Cut:
        """Return all tokens of a row of X."""

    @abstractmethod
    def n_tokens(self, found: Cut) -> int:
        """Return how many these are."""

    @abstractmethod
    def read(self, found: Cut) -> Any:
        """Return what is read of these tokens."""

    @abstractmethod
    def rows(self, read: Sequence[Any], targets: Tensor) -> UnequalRows:
        """Return what is read of each row of X as batches, with targets."""

    @abstractmethod
    def without_each(self, text: Text) -> tuple[np.ndarray, list[Any]]:
        """Return where each token that is read stands (t, 2) int64, and what is read: of the whole, then without each of them."""

    def all_read(self, texts: Sequence[Text]) -> list[Any]:
        """Return what is read of each row of X."""
        return [self.read(self.encoded(one)) for one in texts]

    def told(self, texts: Sequence[Text], watch: Watch) -> tuple[list[Any], float]:
        """Return the same, and which share of the texts is not read to its end, which is told."""
        found = [self.encoded(one) for one in texts]
        share = tell_cut(self._lengths(found), self.room, "texts", watch, self.advice)
        return [self.read(one) for one in found], share

    def share(self, texts: Sequence[Text]) -> float:
        """Return which share of all tokens is read."""
        return share_read(self._lengths([self.encoded(one) for one in texts]), self.room)

    def _lengths(self, found: Sequence[Cut]) -> np.ndarray:
        return np.array([self.n_tokens(one) for one in found], np.int64)


class TextReader(Reader[str, Encoded]):
    """The first tokens of texts, each (t,) int64."""

    def __init__(self, tokens: Tokens, room: int):
        self.tokens, self.room = tokens, room

    def texts(self, X: Any) -> list[str]:
        return texts_of(X)

    def encoded(self, text: str) -> Encoded:
        return self.tokens.encode(text)

    def n_tokens(self, found: Encoded) -> int:
        return len(found.ids)

    def read(self, found: Encoded) -> Tensor:
        return read_ids(found.ids, self.tokens, self.room)

    def rows(self, read: Sequence[Tensor], targets: Tensor) -> TokenRows:
        return TokenRows(read, targets, self.tokens.pad)

    def without_each(self, text: str) -> tuple[np.ndarray, list[Tensor]]:
        ids, spans = (part[: self.room] for part in self.encoded(text))
        versions = [ids, *(np.delete(ids, i) for i in range(len(ids)))]
        return spans, [read_ids(one, self.tokens, self.room) for one in versions]
