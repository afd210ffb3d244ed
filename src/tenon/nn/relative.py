"""Attention by content and by how far tokens are apart, which lets a segment look back at those before it.

Transformer-XL (Dai et al. 2019, arXiv:1901.02860, sections 3.2 and 3.3): token i scores token j by (q_i + u) k_j +
(q_i + v) r_(i-j), over sqrt(D), where r is a projection of the waves of the distance and u, v, the same for all tokens, say
what is looked at whoever asks. States of earlier segments are read, but not learnt through.
"""

import math

import torch
from torch import Tensor, nn

from tenon import ranges
from tenon.errors import SettingsError
from tenon.nn.attention import attention_weights
from tenon.nn.positions import waves


def distances(n_tokens: int, n_before: int) -> Tensor:
    """Return how far each of n_tokens stands from itself and all others, n_before of which stand before: (T, n_before + T)."""
    return n_before + torch.arange(n_tokens)[:, None] - torch.arange(n_before + n_tokens)


class RelativeAttention(nn.Module):
    """Several heads of it. dropout : of the weights. The layers of a network share u and v (H, D)."""

    def __init__(self, d_model: int, n_heads: int, dropout: float = 0.0):
        super().__init__()
        ranges.whole("n_heads", n_heads, 1)
        if d_model % n_heads:
            raise SettingsError(f"d_model is a multiple of n_heads; got {d_model} and {n_heads}.")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.query, self.key, self.value, self.distance, self.out = (nn.Linear(d_model, d_model, bias=False) for _ in range(5))

    def forward(
        self, x: Tensor, u: Tensor, v: Tensor, memory: Tensor | None = None, is_seen: Tensor | None = None
    ) -> Tensor:  # fmt: skip
        """x: (B, T, C) float; u, v: (H, D); memory: (B, M, C), of tokens before; is_seen: (B, T, M + T) bool, a side may be 1.

        Returns (B, T, C).
        """
        read = x if memory is None else torch.cat([memory.detach(), x], dim=1)
        n, n_read = x.shape[1], read.shape[1]
        queries, keys, values = (self._heads(part(of)) for part, of in ((self.query, x), (self.key, read), (self.value, read)))
        apart = torch.arange(n_read - 1, -n, -1, device=x.device)  # from the farthest before to the farthest behind
        ways = self._heads(self.distance(waves(apart, x.shape[2]).to(x.dtype))[None])
        by_distance = (queries + v[:, None]) @ ways.transpose(2, 3)  # (B, H, T, n_read + T - 1)
        place = n_read - 1 - distances(n, n_read - n).to(x.device)
        by_distance = by_distance.gather(3, place.expand(*by_distance.shape[:2], -1, -1))
        scores = ((queries + u[:, None]) @ keys.transpose(2, 3) + by_distance) / math.sqrt(queries.shape[3])
        weights = attention_weights(scores, None if is_seen is None else is_seen[:, None])
        return self.out((self.dropout(weights) @ values).transpose(1, 2).flatten(2))

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.n_heads, -1)).transpose(1, 2)
