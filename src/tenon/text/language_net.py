"""An LSTM that tells what comes next in a text (Mikolov et al. 2010; Zaremba, Sutskever & Vinyals 2014, arXiv:1409.2329).

The vectors of events also tell how likely each is (Press & Wolf 2017).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from tenon.text.embedding import Embedding

State = tuple[Tensor, Tensor]  # of each layer, hidden and cells, (n_layers, B, D)


class LanguageNet(nn.Module):
    """Events (B, T) into logits (B, T, V) of the event that comes next. dropout : of what layers give to the next."""

    def __init__(self, embedding: Embedding, d_hidden: int, n_layers: int = 1, dropout: float = 0.3):
        super().__init__()
        self.embedding, self.dropout = embedding, nn.Dropout(dropout)
        between = dropout if n_layers > 1 else 0.0  # of one layer PyTorch takes no dropout
        self.layers = nn.LSTM(embedding.width, d_hidden, n_layers, batch_first=True, dropout=between)
        self.out = nn.Linear(d_hidden, embedding.width)
        self.bias = nn.Parameter(torch.zeros(embedding.vectors.num_embeddings))

    def forward(self, ids: Tensor) -> Tensor:
        """ids: (B, T) int64. Returns (B, T, V)."""
        return self.read(ids, None)[0]

    def read(self, ids: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Return the same where the texts go on from a state, None at their start, and the state behind them."""
        outputs, after = self.layers(self.embedding(ids), state)
        return functional.linear(self.out(self.dropout(outputs)), self.embedding.vectors.weight, self.bias), after
