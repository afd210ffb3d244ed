"""Self-attention for long texts: each token sees those around it, and a few global ones see all and are seen by all.

Longformer (Beltagy et al. 2020, arXiv:2004.05150, section 3.1): global tokens ask with projections of their own, of all tokens;
asked by others, they answer with the same as these. Their keys and values are projected for as many tokens as there are, which
costs as much as two of the three projections of all others; where few ask, the projections are moved over to what they ask and
what they are answered, (x W) q = x (W q), and no token is projected.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from tenon.errors import SettingsError
from tenon.nn.attention import Attention, Read, attention_weights
from tenon.nn.blockwise import attend
from tenon.nn.patterns import Pattern


class Seen(NamedTuple):
    """Which tokens of texts are any, (B, T) bool, None: all; and which of them see all and are seen by all, None: none."""

    is_key: Tensor | None = None
    is_global: Tensor | None = None


class LongAttention(nn.Module):
    """Several heads that look by patterns, one of all heads or one a head. dropout : of the weights."""

    def __init__(self, d_model: int, n_heads: int, patterns: Pattern | Sequence[Pattern], dropout: float = 0.0):
        super().__init__()
        if not isinstance(patterns, Pattern) and len(patterns) != n_heads:
            raise SettingsError(f"patterns are one for all heads, or one a head; got {len(patterns)} for {n_heads} heads.")
        self.patterns = patterns
        self.local = Attention(d_model, n_heads, dropout=dropout)
        self.global_query, self.global_key, self.global_value = (nn.Linear(d_model, d_model) for _ in range(3))

    def forward(self, x: Tensor, memory: Tensor | None = None, seen: Seen = Seen()) -> Tensor:  # noqa: B008 (a tuple)
        """x: (B, T, C) float; memory: (B, S, C), None: x, of which x are the first. Returns (B, T, C); padding has no meaning."""
        memory, n = x if memory is None else memory, x.shape[1]
        is_key, is_global = seen
        dropout = self.local.dropout.p if self.training else 0.0
        if is_global is None or not is_global.any():
            queries, read = self.local.heads(self.local.query(memory)), self.local.read(memory)
            return self.local.joined(attend(queries, read, self.patterns, is_key, dropout=dropout)[:, :, :n])
        is_global = is_global if is_key is None else is_global & is_key
        places, is_any = _first(is_global)
        asked = self._of_global(memory, places, is_key)
        if is_global[:, :n].all():
            return self.local.joined(asked[:, :, :n])
        queries, read = self.local.heads(self.local.query(memory)), self.local.read(memory)
        beside = Read(*(_at(part, places) for part in read)), is_any
        others = ~is_global if is_key is None else is_key & ~is_global
        said = attend(queries, read, self.patterns, others, beside, dropout)
        return self.local.joined(_put(said, places, is_any, asked)[:, :, :n])

    def _of_global(self, x: Tensor, places: Tensor, is_key: Tensor | None) -> Tensor:
        """Return what all tokens answer to those at places (B, g): (B, H, g, D)."""
        asking = x.gather(1, places[..., None].expand(-1, -1, x.shape[2]))
        queries = self.local.heads(self.global_query(asking))
        is_seen = None if is_key is None else is_key[:, None, None]
        n_heads, d_head = queries.shape[1], queries.shape[3]
        if places.shape[1] >= d_head:
            keys, values = self.local.heads(self.global_key(x)), self.local.heads(self.global_value(x))
            weights = attention_weights(queries @ keys.transpose(2, 3) / d_head**0.5, is_seen)
            return self.local.dropout(weights) @ values
        key, value = (part.weight.unflatten(0, (n_heads, d_head)) for part in (self.global_key, self.global_value))  # (H, D, C)
        asked = (queries @ key).flatten(1, 2)  # (B, H g, C); what the bias of keys adds is the same for all of them
        scores = (asked @ x.transpose(1, 2)).unflatten(1, (n_heads, -1)) / d_head**0.5
        weights = self.local.dropout(attention_weights(scores, is_seen))
        said = (weights.flatten(1, 2) @ x).unflatten(1, (n_heads, -1)) @ value.transpose(1, 2)
        return said + weights.sum(dim=3, keepdim=True) * self.global_value.bias.view(n_heads, 1, d_head)


def _first(is_global: Tensor) -> tuple[Tensor, Tensor]:
    """Return the places of the tokens that are global, (B, g) int64, texts with fewer filled up, and which are any, (B, g)."""
    counts = is_global.sum(dim=1)
    n = int(counts.max())
    places = torch.argsort(is_global.int(), dim=1, descending=True, stable=True)[:, :n]
    return places, torch.arange(n, device=places.device) < counts[:, None]


def _at(x: Tensor, places: Tensor) -> Tensor:
    """Return (B, H, g, D) of (B, H, T, D)."""
    return x.gather(2, places[:, None, :, None].expand(-1, x.shape[1], -1, x.shape[3]))


def _put(x: Tensor, places: Tensor, is_any: Tensor, values: Tensor) -> Tensor:
    """Return x (B, H, T, D) with values (B, H, g, D) at places, where there are any."""
    stays = torch.where(is_any[:, None, :, None], values.to(x.dtype), _at(x, places))
    return x.clone().scatter_(2, places[:, None, :, None].expand(-1, x.shape[1], -1, x.shape[3]), stays)
