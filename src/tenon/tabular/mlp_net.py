"""A perceptron of several layers on a table: numbers as they are, each category as a vector that is learnt.

Embeddings of categories: Guo & Berkhahn 2016 (arXiv:1604.06737). A layer is linear, normalised by batches (Ioffe & Szegedy
2015), bent by an activation, and drops out (Srivastava et al. 2014).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tenon import ranges
from tenon.nn.activations import Activation, activation_layer


class TableNet(nn.Module):
    """numbers (n, q) float32 and codes (n, c) int64 into answers (n, n_out).

    n_values : (c,) how many codes each category column has, 0 for a value that training did not know.
    """

    def __init__(
        self, n_numbers: int, n_values: Sequence[int], hidden: Sequence[int], n_out: int, dropout: float,
        activation: Activation = "relu",
    ):  # fmt: skip
        super().__init__()
        ranges.number("dropout", dropout, 0, 1)
        self.embeddings = nn.ModuleList(nn.Embedding(n, embedding_width(n)) for n in n_values)
        widths = [n_numbers + sum(map(embedding_width, n_values)), *hidden]
        layers = [
            nn.Sequential(nn.Linear(n_in, width), nn.BatchNorm1d(width), activation_layer(activation), nn.Dropout(dropout))
            for n_in, width in zip(widths[:-1], widths[1:], strict=True)
        ]
        self.body, self.head = nn.Sequential(*layers), nn.Linear(widths[-1], n_out)

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        return self.head(self.body(self.joined(numbers, codes)))

    def joined(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Return what the first layer reads, (n, q and all vectors)."""
        vectors = [embedding(codes[:, j]) for j, embedding in enumerate(self.embeddings)]
        return torch.cat([numbers, *vectors], dim=1)


def embedding_width(n_values: int) -> int:
    """Return min(50, 1.6 n^0.56): fastai's rule of thumb."""
    return min(50, max(2, round(1.6 * n_values**0.56)))
