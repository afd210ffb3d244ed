"""A long text read segment by segment, each with the states of the one before in sight: Transformer-XL.

Dai et al. 2019 (arXiv:1901.02860, section 3): layers over `tenon.nn.relative`, so that a place counts by its distance alone; what
a layer read of the segment before is read again, but not learnt through. So layer n sees n segments back. Theirs foretells each
token from those before it; here tokens of a segment see each other both ways, and the mean over a text's tokens is judged by.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from tenon import ranges
from tenon.nn.attention import is_real
from tenon.nn.relative import RelativeAttention
from tenon.nn.transformer import FeedForward, LayerShape, Residual
from tenon.text.embedding import Embedding
from tenon.text.transformer_text import shape_of


class SegmentLayer(nn.Module):
    """Tokens of a segment look at it and the one before, then each is thought over alone."""

    def __init__(self, shape: LayerShape):
        super().__init__()
        self.attention = RelativeAttention(shape.d_model, shape.n_heads, shape.attention_dropout)
        self.past, self.feed_forward = Residual(shape), FeedForward(shape)

    def forward(self, x: Tensor, u: Tensor, v: Tensor, before: Tensor | None, is_seen: Tensor) -> Tensor:
        """x: (B, T, C) float, before: (B, M, C), what the layer read of the segment before; is_seen: (B, 1, M + T) bool."""
        before = None if before is None else self.past.before(before)
        return self.feed_forward(self.past.after(x, self.attention(self.past.before(x), u, v, before, is_seen)))


class TransformerXLText(nn.Module):
    """Tokens (B, T) into answers (B, n_out). length : tokens of a segment; dropout : of what each part of a layer adds, and of
    what goes into the answer.
    """

    def __init__(
        self, n_out: int, embedding: Embedding, n_layers: int = 2, n_heads: int = 4, length: int = 128, dropout: float = 0.1
    ):  # fmt: skip
        super().__init__()
        ranges.whole("length", length, 1)
        ranges.whole("n_layers", n_layers, 1)
        shape = shape_of(n_heads, "pre", dropout)
        self.embedding, self.length, self.root = embedding, length, math.sqrt(shape.d_model)
        self.wide, self.layers = (
            nn.Linear(embedding.width, shape.d_model),
            nn.ModuleList(SegmentLayer(shape) for _ in range(n_layers)),
        )
        self.u, self.v = (nn.Parameter(torch.zeros(n_heads, shape.d_model // n_heads)) for _ in range(2))
        self.norm, self.dropout = shape.layer_norm(), nn.Dropout(dropout)
        self.head = nn.Linear(shape.d_model, n_out)

    def states(self, ids: Tensor, lengths: Tensor) -> Iterator[Tensor]:
        """Return the states of each segment, (B, t, C); padding has no meaning."""
        real, x = is_real(lengths, ids.shape[1]), self.root * self.wide(self.embedding(ids))
        before: list[Tensor | None] = [None] * len(self.layers)
        for start in range(0, ids.shape[1], self.length):
            now, is_seen = x[:, start : start + self.length], real[:, None, max(0, start - self.length) : start + self.length]
            for i, layer in enumerate(self.layers):
                now, before[i] = layer(now, self.u, self.v, before[i], is_seen), now
            yield self.norm(now)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids: (B, T) int64, padding behind each text; lengths: (B,) int64 from 1 on. Returns (B, n_out)."""
        states = torch.cat(list(self.states(ids, lengths)), dim=1) * is_real(lengths, ids.shape[1])[..., None]
        return self.head(self.dropout(states.sum(dim=1) / lengths[:, None]))
