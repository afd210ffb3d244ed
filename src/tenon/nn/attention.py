"""Attention: each query's mean over values, weighted by how well their keys answer it.

weights = softmax(score(q, k)) over the keys of each query. Scores: of the distance, -|q - k|^2 / 2 w^2, which makes the mean
that of Nadaraya (1964) and Watson (1964) with a Gaussian kernel of width w, fixed or learnt; additive, v tanh(W q + U k)
(Bahdanau, Cho & Bengio 2015, arXiv:1409.0473, appendix A.1.2); the dot product (Luong, Pham & Manning 2015, arXiv:1508.04025,
section 3.1), the same over sqrt(D) (Vaswani et al. 2017, arXiv:1706.03762, eq. 1), and that of directions, the cosine. A query
all of whose keys are masked gets zeros, since there is nothing to answer it. Where nobody asks for the weights of the scaled
product, PyTorch's kernel gives the same answers and never holds them all.
"""

import math
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

from tenon import ranges
from tenon.errors import SettingsError

Score = Literal["gaussian", "additive", "dot", "scaled", "cosine"]


class Gaussian(nn.Module):
    """Minus half the squared distance in widths. width : where it starts, or stays unless is_learnt."""

    def __init__(self, width: float = 1.0, is_learnt: bool = False):
        super().__init__()
        ranges.number("width", width, 0, open_low=True)
        self.log_width = nn.Parameter(
            torch.tensor(math.log(width)), requires_grad=is_learnt
        )  # the logarithm: a width stays above 0

    def forward(self, queries: Tensor, keys: Tensor) -> Tensor:
        """queries: (…, T, D); keys: (…, S, D). Returns (…, T, S)."""
        squares = (queries[..., :, None, :] - keys[..., None, :, :]).square().sum(dim=-1)
        return -0.5 * squares * torch.exp(-2 * self.log_width)


class Additive(nn.Module):
    """A layer of tanh over query and key: v tanh(W q + U k)."""

    def __init__(self, d_query: int, d_key: int, d_hidden: int):
        super().__init__()
        self.query, self.key = nn.Linear(d_query, d_hidden), nn.Linear(d_key, d_hidden, bias=False)
        self.out = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, queries: Tensor, keys: Tensor) -> Tensor:
        """queries: (…, T, D_q); keys: (…, S, D_k). Returns (…, T, S)."""
        hidden = torch.tanh(self.query(queries)[..., :, None, :] + self.key(keys)[..., None, :, :])
        return self.out(hidden)[..., 0]


class Dot(nn.Module):
    """The dot product: plain, over sqrt(D), or of vectors brought to length 1."""

    def __init__(self, kind: Literal["dot", "scaled", "cosine"] = "scaled"):
        super().__init__()
        self.kind = kind

    def forward(self, queries: Tensor, keys: Tensor) -> Tensor:
        """queries: (…, T, D); keys: (…, S, D). Returns (…, T, S)."""
        if self.kind == "cosine":
            queries, keys = functional.normalize(queries, dim=-1), functional.normalize(keys, dim=-1)
        scores = queries @ keys.transpose(-2, -1)
        return scores / math.sqrt(queries.shape[-1]) if self.kind == "scaled" else scores


def score_of(kind: Score, d: int) -> nn.Module:
    """Return the score of this name for queries and keys of d columns; the Gaussian's width is learnt."""
    ranges.one_of("score", kind, get_args(Score))
    if kind == "gaussian":
        return Gaussian(math.sqrt(d), is_learnt=True)  # about the distance of random vectors
    return Additive(d, d, d) if kind == "additive" else Dot(kind)


def attention_weights(scores: Tensor, is_seen: Tensor | None = None) -> Tensor:
    """Return weights (…, T, S) that sum to 1 over the keys that are seen, all 0 where none is.

    is_seen : (…, T, S) bool, broadcast to the scores; None: all.
    """
    if is_seen is None:
        return scores.softmax(dim=-1)
    lowest = torch.finfo(scores.dtype).min  # not -inf, of which a row alone is NaN, and so is its gradient
    return scores.masked_fill(~is_seen, lowest).softmax(dim=-1) * is_seen


def is_real(lengths: Tensor, n_tokens: int) -> Tensor:
    """Return which of n_tokens places are tokens of a text, not padding behind it, (B, T) bool; lengths : (B,) int."""
    return torch.arange(n_tokens, device=lengths.device) < lengths[:, None]


def is_before(n_tokens: int, n_past: int = 0) -> Tensor:
    """Return for each of n_tokens places, which stand behind n_past others, which it may see so that nothing comes from later.

    These are itself and all before: (T, n_past + T) bool.
    """
    return torch.ones(n_tokens, n_past + n_tokens, dtype=torch.bool).tril(n_past)


class Read(NamedTuple):
    """Keys and values of tokens, each (B, H, S, D): all that attention needs of them, so that they are read but once."""

    keys: Tensor
    values: Tensor

    def followed_by(self, later: "Read") -> "Read":
        """Return both, those of later tokens behind."""
        return Read(torch.cat([self.keys, later.keys], dim=2), torch.cat([self.values, later.values], dim=2))


class Attention(nn.Module):
    """Several heads, each with its own view of queries, keys and values (Vaswani et al. 2017, section 3.2.2); self and cross.

    d_model : C of the queries and of the answer; d_memory : C of keys and values, None: the same. dropout : of the weights.
    d_head : D, width of a head; None: d_model / n_heads.
    """

    def __init__(
        self, d_model: int, n_heads: int = 1, score: Score = "scaled", d_memory: int | None = None, dropout: float = 0.0,
        d_head: int | None = None,
    ):  # fmt: skip
        super().__init__()
        ranges.whole("n_heads", n_heads, 1)
        if d_head is None and d_model % n_heads:
            raise SettingsError(f"d_model is a multiple of n_heads; got {d_model} and {n_heads}.")
        d_memory, d_head = d_model if d_memory is None else d_memory, d_model // n_heads if d_head is None else d_head
        self.n_heads, self.is_scaled, width = n_heads, score == "scaled", n_heads * d_head
        self.query, self.out = nn.Linear(d_model, width), nn.Linear(width, d_model)
        self.key, self.value = nn.Linear(d_memory, width), nn.Linear(d_memory, width)
        self.score, self.dropout = score_of(score, d_head), nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor | None = None, is_seen: Tensor | None = None) -> Tensor:
        """x: (B, T, C) float; memory: (B, S, C_m), None: x; is_seen: (B, T or more, S) bool, a side may be 1.

        Returns (B, T, C).
        """
        seen = None if is_seen is None else is_seen[:, : x.shape[1]]
        return self.ask(x, self.read(x if memory is None else memory), seen)

    def with_weights(self, x: Tensor, memory: Tensor | None = None, is_seen: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the same with the weights (B, H, T, S)."""
        return self.ask_with_weights(x, self.read(x if memory is None else memory), is_seen)

    def read(self, memory: Tensor) -> Read:
        """Return the keys and values of tokens (B, S, C_m)."""
        return Read(self.heads(self.key(memory)), self.heads(self.value(memory)))

    def ask(self, x: Tensor, read: Read, is_seen: Tensor | None = None) -> Tensor:
        """Return what the tokens that were read answer to x: (B, T, C) both."""
        if not self.is_scaled:
            return self.ask_with_weights(x, read, is_seen)[0]
        mask, dropout = None if is_seen is None else is_seen[:, None], self.dropout.p if self.training else 0.0
        return self.joined(functional.scaled_dot_product_attention(self.heads(self.query(x)), *read, mask, dropout))

    def ask_with_weights(self, x: Tensor, read: Read, is_seen: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the same with the weights (B, H, T, S)."""
        scores = self.score(self.heads(self.query(x)), read.keys)
        weights = attention_weights(scores, None if is_seen is None else is_seen[:, None])
        return self.joined(self.dropout(weights) @ read.values), weights

    def heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)  # (B, H, T, D)

    def joined(self, x: Tensor) -> Tensor:
        return self.out(x.transpose(1, 2).flatten(2))


class AttentionPooling(nn.Module):
    """One vector for a text: the mean over its tokens, weighted by additive scores (Yang et al. 2016, eq. 5 to 7).

    The query is learnt and the same for all texts, so that W q is a bias.
    """

    def __init__(self, d_model: int, d_hidden: int):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(d_model, d_hidden), nn.Tanh(), nn.Linear(d_hidden, 1, bias=False))

    def forward(self, x: Tensor, is_seen: Tensor) -> tuple[Tensor, Tensor]:
        """x: (B, T, C) float; is_seen: (B, T) bool. Returns (B, C) and the weights (B, T)."""
        weights = attention_weights(self.score(x)[..., 0], is_seen)
        return (weights[:, None] @ x)[:, 0], weights
