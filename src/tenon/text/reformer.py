"""A long text whose tokens look at those that are alike, in layers that are computed again rather than kept: Reformer.

Kitaev, Kaiser & Levskaya 2020 (arXiv:2001.04451): attention by buckets (`tenon.nn.lsh`) and feed-forward parts, each behind a
norm, as the halves of reversible layers (section 3), both of which begin as the tokens. The mean over a text's tokens is judged
by. A bucket's neighbours go by where a text ends, so each text of a batch is looked at for itself.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from tenon.nn.activations import activation_layer
from tenon.nn.attention import is_real
from tenon.nn.lsh import LshAttention
from tenon.nn.reversible import Reversible
from tenon.nn.transformer import LayerShape
from tenon.text.embedding import Embedding
from tenon.text.transformer_text import PlacedTokens, shape_of


class Alike(nn.Module):
    """Tokens (B, T, C) behind a norm look at those that are alike."""

    def __init__(self, shape: LayerShape, n_buckets: int, n_rounds: int, chunk: int, seed: int):
        super().__init__()
        self.norm, self.dropout = shape.layer_norm(), nn.Dropout(shape.dropout)
        self.attention = LshAttention(
            shape.d_model, shape.n_heads, n_buckets, n_rounds, chunk, dropout=shape.attention_dropout, seed=seed
        )  # fmt: skip

    def forward(self, x: Tensor, lengths: list[int]) -> Tensor:
        read, n = self.norm(x), x.shape[1]
        said = [self.attention(read[i : i + 1, :length]) for i, length in enumerate(lengths)]
        return self.dropout(torch.cat([functional.pad(one, (0, 0, 0, n - one.shape[1])) for one in said]))


class Thought(nn.Sequential):
    """Tokens (B, T, C) behind a norm are thought over alone."""

    def __init__(self, shape: LayerShape):
        inner, outer = nn.Linear(shape.d_model, shape.d_hidden), nn.Linear(shape.d_hidden, shape.d_model)
        within, dropout = nn.Dropout(shape.dropout), nn.Dropout(shape.dropout)
        super().__init__(shape.layer_norm(), inner, within, activation_layer(shape.activation), outer, dropout)


class ReformerEncoder(nn.Module):
    """Layers of these. n_buckets, n_rounds, chunk : of `tenon.nn.lsh.LshAttention`."""

    def __init__(self, n_layers: int, shape: LayerShape, n_buckets: int, n_rounds: int, chunk: int):
        super().__init__()
        self.layers = Reversible((Alike(shape, n_buckets, n_rounds, chunk, i), Thought(shape)) for i in range(n_layers))
        self.norm, self.dropout = nn.LayerNorm(2 * shape.d_model, shape.eps), nn.Dropout(shape.dropout)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """x: (B, T, C) float; lengths: (B,) int64. Returns (B, T, 2 C); padding has no meaning."""
        return self.dropout(self.norm(torch.cat(self.layers(x, x, lengths.tolist()), dim=2)))


class ReformerText(nn.Module):
    """Tokens (B, T) into answers (B, n_out). dropout : in each part of a layer, behind it, and of what the answer is of."""

    def __init__(
        self, n_out: int, embedding: Embedding, n_layers: int = 2, n_heads: int = 4, n_buckets: int = 32, n_rounds: int = 2,
        chunk: int = 64, dropout: float = 0.1,
    ):  # fmt: skip
        super().__init__()
        shape = shape_of(n_heads, "pre", dropout)
        self.tokens, self.encoder = PlacedTokens(embedding, shape), ReformerEncoder(n_layers, shape, n_buckets, n_rounds, chunk)
        self.head = nn.Linear(2 * shape.d_model, n_out)

    @property
    def embedding(self) -> Embedding:
        return self.tokens.embedding

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids: (B, T) int64, padding behind each text; lengths: (B,) int64 from 1 on. Returns (B, n_out)."""
        states = self.encoder(self.tokens(ids), lengths)
        return self.head((states * is_real(lengths, ids.shape[1])[..., None]).sum(dim=1) / lengths[:, None])
