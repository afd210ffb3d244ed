"""Tokens as vectors that are learnt; while training some tokens are made unknown (Gal & Ghahramani 2016; Iyyer et al. 2015)."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from tenon import ranges
from tenon.errors import DataError
from tenon.watch import SILENT, Watch


class Embedding(nn.Module):
    """A vector of `width` numbers for each of n_tokens.

    pad, unknown : ids; padding is zeros and stays so; None: there is none.
    word_dropout : share of tokens made unknown, dropout : of numbers set to 0.
    """

    def __init__(
        self, n_tokens: int, width: int, pad: int | None = 0, unknown: int = 1, word_dropout: float = 0.0, dropout: float = 0.0
    ):
        super().__init__()
        ranges.whole("width", width, 1)
        ranges.number("word_dropout", word_dropout, 0, 1)
        ranges.number("dropout", dropout, 0, 1)
        self.vectors = nn.Embedding(n_tokens, width, padding_idx=pad)
        self.width, self.unknown, self.word_dropout, self.dropout = width, unknown, word_dropout, nn.Dropout(dropout)
        with torch.no_grad():
            self.vectors.weight.mul_(width**-0.5)  # so that a vector has a length of about 1, whatever its width

    def forward(self, ids: Tensor) -> Tensor:
        """ids: (B, T) int64. Returns (B, T, width)."""
        if self.training and self.word_dropout:
            is_out = (torch.rand(ids.shape, device=ids.device) < self.word_dropout) & (ids != self.vectors.padding_idx)
            ids = ids.masked_fill(is_out, self.unknown)
        return self.dropout(self.vectors(ids))


@torch.no_grad()
def start_from(embedding: Embedding, words: Sequence[str], vectors: Mapping[str, np.ndarray], watch: Watch = SILENT) -> None:
    """Let the tokens that have a vector start from it, and tell their share of all.

    words : what each id says, "" of one that says nothing. vectors : word -> (width,). Raises DataError where none has one, or
    they are of another width.
    """
    found = {i: vectors[word] for i, word in enumerate(words) if word in vectors}
    if not found:
        raise DataError("none of the tokens has a vector among those given; they are cut otherwise, or of another language.")
    table = torch.from_numpy(np.asarray(list(found.values()), np.float32))
    if table.shape[1] != embedding.width:
        raise DataError(f"the vectors have {table.shape[1]} numbers, the network's {embedding.width}; set width to theirs.")
    embedding.vectors.weight[list(found)] = table
    watch.note(f"{100 * len(found) / sum(map(bool, words)):.0f} % of the tokens start from vectors of words.")
