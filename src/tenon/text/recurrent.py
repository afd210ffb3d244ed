"""A text read token by token, in one or more layers, forwards and backwards; one vector for it from what was read; an answer.

Bidirectional: Schuster & Paliwal 1997. The vector is the last state of each way, or the mean or maximum over all states.
"""

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from tenon import ranges
from tenon.nn.attention import is_real
from tenon.nn.recurrent import Kind, Recurrent, last_states
from tenon.text.embedding import Embedding

Pooling = Literal["last", "mean", "max"]


class RecurrentNet(nn.Module):
    """Tokens (B, T) into answers (B, n_out). kind : rnn, lstm or gru; dropout : of what goes into each layer and the answer."""

    def __init__(
        self, n_out: int, embedding: Embedding, kind: Kind = "lstm", d_hidden: int = 100, n_layers: int = 1,
        is_bidirectional: bool = True, pooling: Pooling = "max", dropout: float = 0.3,
    ):  # fmt: skip
        super().__init__()
        ranges.one_of("pooling", pooling, get_args(Pooling))
        self.embedding, self.pooling, self.is_bidirectional = embedding, pooling, is_bidirectional
        self.layers = Recurrent(kind, embedding.width, d_hidden, n_layers, is_bidirectional, dropout)
        self.dropout, self.head = nn.Dropout(dropout), nn.Linear(self.layers.d_out, n_out)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids: (B, T) int64, padding behind each text; lengths: (B,) int64 from 1 on. Returns (B, n_out)."""
        states = self.layers(self.embedding(ids), lengths)
        return self.head(self.dropout(self._pooled(states, lengths)))

    def _pooled(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Return one vector for each text, (B, C), of states (B, T, C)."""
        if self.pooling == "last":
            return last_states(states, lengths, self.is_bidirectional)
        seen = is_real(lengths, states.shape[1])[..., None]
        if self.pooling == "mean":
            return (states * seen).sum(dim=1) / lengths[:, None]
        return states.masked_fill(~seen, torch.finfo(states.dtype).min).amax(dim=1)
