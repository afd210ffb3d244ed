"""Attention among tokens that are alike: Reformer (Kitaev, Kaiser & Levskaya 2020, arXiv:2001.04451, section 2).

One vector of each token is query and, at length 1, key. By chance directions it falls into a bucket, vectors that point alike
into the same one; sorted by bucket, then place, tokens stand in chunks, and each sees its chunk and the one before. Several
rounds, each with other directions, are averaged by how much each found to look at. Time and memory grow with the number of tokens
times what a chunk holds. A token sees itself only where it sees nothing else. As in the paper's program, what two rounds find
counts twice, and the first chunk of a round has the last of the round before it, the very first the very last.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from tenon import ranges
from tenon.errors import SettingsError

UNSEEN, ITSELF = -1e9, -1e5  # scores, in float32 at least
NEARLY_0 = 1e-6  # added to a vector's mean square


def buckets_of(vectors: Tensor, rotations: Tensor, is_key: Tensor | None = None) -> Tensor:
    """Return which bucket each token falls into, (B, H, R, T) int64; padding into one of its own, the last.

    vectors : (B, H, T, D); rotations : (H, D, R, n / 2) for R rounds of n buckets; is_key : (B, T) bool, None: all tokens are.
    """
    turned = torch.einsum("bhtd,hdrn->bhrtn", vectors.detach(), rotations)
    found = torch.cat([turned, -turned], dim=-1).argmax(dim=-1)
    return found if is_key is None else found.masked_fill(~is_key[:, None, None], 2 * rotations.shape[-1])


def attend_alike(
    vectors: Tensor, values: Tensor, buckets: Tensor, chunk: int, is_key: Tensor | None = None, is_causal: bool = False,
    dropout: float = 0.0,
) -> Tensor:  # fmt: skip
    """Return what tokens of their chunk, and of the one before, answer to each, (B, H, T, D).

    vectors, values : (B, H, T, D); buckets : (B, H, R, T) int64; is_key : (B, T) bool, None: all tokens are. is_causal : whether
    no token sees those behind it. dropout : of the weights.
    """
    n, n_rounds = vectors.shape[2], buckets.shape[2]
    more = -n % chunk
    order = functional.pad(buckets, (0, more), value=int(buckets.max()) + 1).argsort(dim=3, stable=True)
    places = order.flatten(2)  # (B, H, R T), round by round
    queries, answers = (
        _at(functional.pad(part, (0, 0, 0, more)), places).unflatten(2, (-1, chunk)) for part in (vectors, values)
    )
    where = places.unflatten(2, (-1, chunk))
    keys, answers, whose = (torch.cat([part.roll(1, dims=2), part], dim=3) for part in (_keys(queries), answers, where))
    own = torch.ones(len(vectors), n, dtype=torch.bool, device=vectors.device) if is_key is None else is_key
    is_seen = functional.pad(own, (0, more))[:, None].expand(-1, places.shape[1], -1).gather(2, whose.flatten(2))
    is_seen = is_seen.view_as(whose)[..., None, :]
    if is_causal:
        is_seen = is_seen & (whose[..., None, :] <= where[..., None])
    scores = torch.where(is_seen, (queries @ keys.transpose(-2, -1)).to(torch.promote_types(values.dtype, torch.float32)), UNSEEN)
    scores = torch.where(whose[..., None, :] == where[..., None], ITSELF, scores)
    total = scores.logsumexp(dim=-1, keepdim=True)
    said = functional.dropout((scores - total).exp(), dropout, dropout > 0).to(values.dtype) @ answers
    back = order.argsort(dim=3)
    said = said.flatten(2, 3).unflatten(2, (n_rounds, -1)).gather(3, back[..., None].expand(-1, -1, -1, -1, values.shape[3]))
    weight = total.flatten(2).unflatten(2, (n_rounds, -1)).gather(3, back).softmax(dim=2).to(values.dtype)
    return (weight[..., None] * said).sum(dim=2)[:, :, :n]


def _keys(vectors: Tensor) -> Tensor:
    """Return vectors (…, D) at a length of 1, over sqrt(D) once more."""
    return vectors * (vectors.square().mean(dim=-1, keepdim=True) + NEARLY_0).rsqrt() / math.sqrt(vectors.shape[-1])


def _at(x: Tensor, places: Tensor) -> Tensor:
    """Return x (B, H, T, D) at places (B, H, S), in their order."""
    return x.gather(2, places[..., None].expand(-1, -1, -1, x.shape[3]))


class LshAttention(nn.Module):
    """Several heads of it. n_buckets : even; n_rounds : of other directions; chunk : tokens; seed : of the directions."""

    rotations: Tensor

    def __init__(
        self, d_model: int, n_heads: int, n_buckets: int, n_rounds: int = 2, chunk: int = 64, is_causal: bool = False,
        dropout: float = 0.0, seed: int = 0,
    ):  # fmt: skip
        super().__init__()
        for name, value in (("n_heads", n_heads), ("n_rounds", n_rounds), ("chunk", chunk)):
            ranges.whole(name, value, 1)
        if d_model % n_heads:
            raise SettingsError(f"d_model is a multiple of n_heads; got {d_model} and {n_heads}.")
        if n_buckets < 2 or n_buckets % 2:
            raise SettingsError(f"n_buckets is even, since each direction parts off two; got {n_buckets}.")
        self.n_heads, self.chunk, self.is_causal, self.dropout = n_heads, chunk, is_causal, dropout
        self.query_key, self.value = (nn.Linear(d_model, d_model, bias=False) for _ in range(2))
        self.out = nn.Linear(d_model, d_model, bias=False)
        chance = torch.Generator().manual_seed(seed)
        directions = torch.randn(n_heads, d_model // n_heads, n_rounds, n_buckets // 2, generator=chance)
        self.register_buffer("rotations", directions, persistent=False)

    def forward(self, x: Tensor, is_key: Tensor | None = None) -> Tensor:
        """x: (B, T, C) float; is_key: (B, T) bool, None: all tokens are. Returns (B, T, C); padding has no meaning."""
        vectors, values = (part(x).unflatten(2, (self.n_heads, -1)).transpose(1, 2) for part in (self.query_key, self.value))
        buckets = buckets_of(vectors, self.rotations.to(x.dtype), is_key)
        dropout = self.dropout if self.training else 0.0
        said = attend_alike(vectors, values, buckets, self.chunk, is_key, self.is_causal, dropout)
        return self.out(said.transpose(1, 2).flatten(2))
