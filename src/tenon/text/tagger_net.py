"""A network that scores the tags of each token: embeddings, characters by a convolution, a bidirectional LSTM, a linear layer.

Huang, Xu & Yu 2015 (arXiv:1508.01991) for the LSTM under a CRF; characters as in Ma & Hovy 2016 (arXiv:1603.01354, section 2.1).
"""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from tenon.nn.recurrent import Recurrent
from tenon.text.crf import CRF
from tenon.text.embedding import Embedding
from tenon.text.tags import transitions

CHARACTER_WIDTH, FILTERS, WINDOW = 25, 50, 3  # of the convolution
PADDING, UNKNOWN = 0, 1  # ids that every vocabulary begins with


class TaggerNet(nn.Module):
    """names (B, T, c) int64 and spellings (B, T, L) int64, both 0 on padding, into emissions (B, T, K) for `crf`.

    n_ids : (c,) the size of each column's vocabulary; n_characters : that of spellings, 0 where none are read.
    word_dropout : share of the names that are made unknown while training; dropout : of what the LSTM reads and gives.
    """

    def __init__(
        self, n_ids: Sequence[int], n_characters: int, tags: Sequence[str], width: int, hidden: int, dropout: float,
        word_dropout: float,
    ):  # fmt: skip
        super().__init__()
        self.embeddings = nn.ModuleList(Embedding(n, width, PADDING, UNKNOWN, word_dropout) for n in n_ids)
        self.spelling = Spelling(n_characters) if n_characters else None
        self.dropout = nn.Dropout(dropout)
        self.lstm = Recurrent("lstm", width * len(n_ids) + (FILTERS if n_characters else 0), hidden)
        self.scores = nn.Linear(self.lstm.d_out, len(tags))
        self.crf = CRF(*transitions(tags))

    @property
    def of_words(self) -> Embedding:
        """The embedding of the first column: of whole words, or of single characters."""
        return cast(Embedding, self.embeddings[0])

    def forward(self, names: Tensor, spellings: Tensor) -> Tensor:
        parts = [embedding(names[..., i]) for i, embedding in enumerate(self.embeddings)]
        if self.spelling is not None:
            parts.append(self.spelling(spellings))
        lengths = (names[..., 0] != PADDING).sum(dim=1)
        return self.scores(self.dropout(self.lstm(self.dropout(torch.cat(parts, dim=2)), lengths)))

    def loss(self, emissions: Tensor, tags: Tensor) -> Tensor:
        """Return the mean over sentences of -log P(tags); tags (B, T) int64 are below 0 on padding."""
        return -self.crf.log_likelihood(emissions, tags, tags >= 0).mean()


class Spelling(nn.Module):
    """characters (B, T, L) int64, 0 on padding, into (B, T, FILTERS): the most that each filter finds in a token."""

    def __init__(self, n_characters: int):
        super().__init__()
        self.embedding = Embedding(n_characters, CHARACTER_WIDTH, PADDING, UNKNOWN)
        self.filters = nn.Conv1d(CHARACTER_WIDTH, FILTERS, WINDOW, padding=WINDOW // 2)

    def forward(self, characters: Tensor) -> Tensor:
        B, T, L = characters.shape
        distinct, place = characters.reshape(B * T, L).unique(dim=0, return_inverse=True)  # a word often stands more than once
        found = self.filters(self.embedding(distinct).transpose(1, 2)).relu()
        found = found.where((distinct != PADDING)[:, None], 0.0)  # no filter finds less than 0, so padding is never the most
        return found.amax(dim=2)[place].view(B, T, -1)
