"""A text whose tokens all look at one another, layer over layer: a Transformer's encoder (Vaswani et al. 2017, section 3).

Vectors of tokens come to the width of the layers and grow with its root, as there in section 3.4, and waves tell where each
stands. The mean over a text's tokens is what is judged by.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn

from tenon import ranges
from tenon.nn.activations import Activation
from tenon.nn.attention import is_real
from tenon.nn.positions import SinusoidalPositions
from tenon.nn.transformer import Encoder, LayerShape, Norm
from tenon.text.embedding import Embedding

WIDTH_OF_HEAD = 32


def shape_of(n_heads: int, norm: Norm, dropout: float, activation: Activation = "gelu") -> LayerShape:
    """Return layers of so many heads, each WIDTH_OF_HEAD wide; weights of attention are never left out."""
    ranges.whole("n_heads", n_heads, 1)
    width = n_heads * WIDTH_OF_HEAD
    return LayerShape(width, n_heads, 4 * width, activation=activation, norm=norm, dropout=dropout, attention_dropout=0.0)


class PlacedTokens(nn.Module):
    """Tokens (B, T) as vectors (B, T, C) that tell where they stand, ready for the first layer."""

    def __init__(self, embedding: Embedding, shape: LayerShape):
        super().__init__()
        self.embedding, self.wide = embedding, nn.Linear(embedding.width, shape.d_model)
        self.places, self.root = SinusoidalPositions(), math.sqrt(shape.d_model)

    def forward(self, ids: Tensor, n_before: int = 0) -> Tensor:
        """ids: (B, T) int64; n_before : tokens that stand before these. Returns (B, T, C)."""
        return self.places(self.root * self.wide(self.embedding(ids)), n_before)


class TransformerText(nn.Module):
    """Tokens (B, T) into answers (B, n_out). dropout : of what each part of a layer adds, and of what goes into the answer."""

    def __init__(
        self, n_out: int, embedding: Embedding, n_layers: int = 2, n_heads: int = 4, norm: Norm = "pre", dropout: float = 0.1,
        activation: Activation = "gelu",
    ):  # fmt: skip
        super().__init__()
        shape = shape_of(n_heads, norm, dropout, activation)
        self.tokens, self.encoder = PlacedTokens(embedding, shape), Encoder(n_layers, shape)
        self.dropout, self.head = nn.Dropout(dropout), nn.Linear(shape.d_model, n_out)

    @property
    def embedding(self) -> Embedding:
        return self.tokens.embedding

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids: (B, T) int64, padding behind each text; lengths: (B,) int64 from 1 on. Returns (B, n_out)."""
        seen = is_real(lengths, ids.shape[1])
        states = self.encoder(self.tokens(ids), seen[:, None])
        return self.head(self.dropout((states * seen[..., None]).sum(dim=1) / lengths[:, None]))

    @torch.no_grad()
    def heads(self, ids: Tensor) -> list[np.ndarray]:
        """Return whom the tokens of a text (T,) look at, (H, T, T) of each layer."""
        return [layer[0].numpy() for layer in self.encoder.each(self.tokens(ids[None])).weights]
