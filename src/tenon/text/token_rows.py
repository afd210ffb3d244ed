"""Texts as batches of token ids for a network: those of like length together, so that there is little to pad."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from tenon.errors import DataError
from tenon.text.tokens import Tokens
from tenon.training.rows import Batch
from tenon.watch import Watch

TOKENS_AT_ONCE = 4_096  # of prediction by a BERT, with padding


class UnequalRows(ABC):
    """Rows, each of one token or more, and targets (n, …) to train on or judge by; pad : id that fills up.

    lengths : (n,) int64, by which rows of like length come into a batch together.
    """

    def __init__(self, rows: Sequence[Any], targets: Tensor, pad: int):
        self.rows, self.targets, self.pad = rows, targets, pad
        self.lengths = torch.tensor([self._length(row) for row in rows], dtype=torch.int64)

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        """Return what `inputs` does, and targets of rows ids (b,)."""
        return self.inputs(ids, device), self.targets[ids].to(device)

    def sorted(self) -> Self:
        """Return the same rows, the shortest first: batches of neighbours then have little to pad."""
        return self.part(self.lengths.argsort(stable=True).tolist())

    def part(self, rows: Sequence[int]) -> Self:
        """Return these rows in this order."""
        return type(self)([self.rows[i] for i in rows], self.targets[list(rows)], self.pad)

    def ids(self) -> list[np.ndarray]:
        """Return the ids of tokens, (t,) int64 each, of rows that are tuples with `ids`, as `tenon.text.marked.Marked`."""
        return [row.ids for row in self.rows]

    @abstractmethod
    def inputs(self, ids: Tensor, device: torch.device) -> tuple[Any, ...]:
        """Return what a network is called with for rows ids (b,), padded to the longest of them."""

    def _length(self, row: Any) -> int:
        return len(row)


class TokenRows(UnequalRows):
    """Ids of texts, each (t,) int64."""

    def inputs(self, ids: Tensor, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return tokens (b, T) and lengths (b,), int64."""
        padded = pad_sequence([self.rows[i] for i in ids.tolist()], batch_first=True, padding_value=self.pad)
        return padded.to(device), self.lengths[ids].to(device)


def ids_of(texts: Sequence[str], tokens: Tokens) -> list[np.ndarray]:
    """Return the ids (t,) int64 of each text."""
    return [tokens.encode(one).ids for one in texts]


def lengths_of(ids: Sequence[np.ndarray]) -> np.ndarray:
    """Return how many ids each text has, (n,) int64."""
    return np.array([len(one) for one in ids], np.int64)


def read_ids(ids: np.ndarray, tokens: Tokens, longest: int) -> Tensor:
    """Return the first `longest` ids (t,) int64 of a text; one that has no tokens is read as a single unknown one."""
    return torch.from_numpy(ids[:longest] if len(ids) else np.array([tokens.unknown], np.int64))


def tell_cut(lengths: np.ndarray, longest: int, what: str, watch: Watch, advice: str = "") -> float:
    """Return which share of texts of so many tokens is not read to its end, and tell it.

    what : texts or translations. advice : what else to do.
    """
    share = float(np.mean(lengths > longest))
    if share:
        told = f"{100 * share:.3g} % of the {what} are longer than {longest:,} tokens, of which no more are read"
        watch.note(f"{told}; {advice}." if advice else f"{told}.")
    return share


def share_read(lengths: np.ndarray, longest: int) -> float:
    """Return which share of the tokens of texts, so many each, is among the first `longest` of its text; 1 of none."""
    return float(np.minimum(lengths, longest).sum() / lengths.sum()) if lengths.any() else 1.0


def texts_of(X: Any) -> list[str]:
    """Return X as a list. Raises DataError where it holds anything but texts."""
    if isinstance(X, str) or not hasattr(X, "__iter__") or not all(isinstance(one, str) for one in X):
        raise DataError("texts are a list or an array (n,) of str; missing ones are ''.")
    return [str(one) for one in X]


def of_like_length(lengths: Tensor, most: int) -> list[Tensor]:
    """Return places (b,) of texts of about the same length, of at most `most` tokens in all with padding."""
    order, parts, start = lengths.argsort(stable=True), [], 0
    while start < len(order):
        n = max(1, most // int(lengths[order[start]]))
        while n > 1 and n * int(lengths[order[min(start + n, len(order)) - 1]]) > most:
            n //= 2
        parts.append(order[start : start + n])
        start += n
    return parts
