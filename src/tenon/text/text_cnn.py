"""Windows that slide over a text, and the strongest answer of each (Kim 2014, arXiv:1408.5882, section 2).

As there: widths 3, 4 and 5, ReLU, the maximum over the text, dropout. Not as there: windows reach over both ends of the text, so
that a text of one word has some, and weights are decayed instead of cut at a length.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tenon import ranges
from tenon.nn.activations import Activation, activation_layer
from tenon.nn.attention import is_real
from tenon.text.embedding import Embedding


class TextCNN(nn.Module):
    """Tokens (B, T) into answers (B, n_out). windows : widths in tokens; n_maps : of each; dropout : before the answer."""

    def __init__(
        self, n_out: int, embedding: Embedding, windows: Sequence[int] = (3, 4, 5), n_maps: int = 100, dropout: float = 0.5,
        activation: Activation = "relu",
    ):  # fmt: skip
        super().__init__()
        for width in windows:
            ranges.whole("windows", width, 1)
        self.embedding = embedding
        self.convolutions = nn.ModuleList(nn.Conv1d(embedding.width, n_maps, width, padding=width - 1) for width in windows)
        self.activation = activation_layer(activation)
        self.dropout, self.head = nn.Dropout(dropout), nn.Linear(n_maps * len(windows), n_out)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids: (B, T) int64, padding behind each text; lengths: (B,) int64 from 1 on. Returns (B, n_out)."""
        x = self.embedding(ids).transpose(1, 2)
        pooled = torch.cat([self._strongest(x, lengths, convolution) for convolution in self.convolutions], dim=1)
        return self.head(self.dropout(pooled))

    def _strongest(self, x: Tensor, lengths: Tensor, convolution: Any) -> Tensor:
        """Return the maximum over all windows with a token of the text in them, (B, n_maps), of x (B, C, T)."""
        maps = self.activation(convolution(x))
        n_windows = lengths + convolution.kernel_size[0] - 1
        return maps.masked_fill(~is_real(n_windows, maps.shape[2])[:, None], -math.inf).amax(dim=2)
