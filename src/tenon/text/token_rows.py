"""Texts as batches of token ids for a network: those of like length together, so that there is little to pad."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from tenon.errors import DataError
from tenon.text.tokens import Tokens
from tenon.training.rows import Batch
from tenon.watch import Watch


class TokenRows:
    """Ids of texts, each (t,) int64 of one token or more, and targets (n, …) to train on or judge by; pad : id that fills up."""

    def __init__(self, texts: Sequence[Tensor], targets: Tensor, pad: int):
        self.texts, self.targets, self.pad = texts, targets, pad
        self.lengths = torch.tensor([len(text) for text in texts])

    def __len__(self) -> int:
        return len(self.texts)

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        """Return tokens (b, T) and lengths (b,), int64, and targets of rows ids (b,); T is the longest of them."""
        return self.inputs(ids, device), self.targets[ids].to(device)

    def inputs(self, ids: Tensor, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return what a network is called with for rows ids (b,)."""
        padded = pad_sequence([self.texts[i] for i in ids.tolist()], batch_first=True, padding_value=self.pad)
        return padded.to(device), self.lengths[ids].to(device)

    def sorted(self) -> "TokenRows":
        """Return the same rows, the shortest first: batches of neighbours then have little to pad."""
        return self.part(self.lengths.argsort(stable=True).tolist())

    def part(self, rows: Sequence[int]) -> "TokenRows":
        """Return these rows in this order."""
        return TokenRows([self.texts[i] for i in rows], self.targets[list(rows)], self.pad)


def ids_of(texts: Sequence[str], tokens: Tokens) -> list[np.ndarray]:
    """Return the ids (t,) int64 of each text."""
    return [tokens.encode(one).ids for one in texts]


def read_ids(ids: np.ndarray, tokens: Tokens, longest: int) -> Tensor:
    """Return the first `longest` ids (t,) int64 of a text; one that has no tokens is read as a single unknown one."""
    return torch.from_numpy(ids[:longest] if len(ids) else np.array([tokens.unknown], np.int64))


def tell_cut(ids: Sequence[np.ndarray], longest: int, what: str, watch: Watch) -> float:
    """Return which share of texts of these ids is not read to its end, and tell it. what : texts or translations."""
    share = float(np.mean([len(one) > longest for one in ids]))
    if share:
        watch.note(f"{100 * share:.3g} % of the {what} are longer than {longest:,} tokens, of which no more are read.")
    return share


def share_read(texts: Sequence[str], tokens: Tokens, longest: int) -> float:
    """Return which share of all tokens is among the first `longest` of their text; 1 where there are none."""
    lengths = np.array([len(ids) for ids in ids_of(texts, tokens)], np.int64)
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
