"""A text read both ways by an LSTM, and attention that weighs its tokens (Yang et al. 2016; Zhou et al. 2016, section 3.3)."""

from torch import Tensor, nn

from tenon.nn.attention import AttentionPooling, is_real
from tenon.nn.recurrent import Recurrent
from tenon.text.embedding import Embedding


class AttentiveNet(nn.Module):
    """Tokens (B, T) into answers (B, n_out). dropout : of what goes into each layer and the answer."""

    def __init__(self, n_out: int, embedding: Embedding, d_hidden: int = 100, n_layers: int = 1, dropout: float = 0.3):
        super().__init__()
        self.embedding = embedding
        self.layers = Recurrent("lstm", embedding.width, d_hidden, n_layers, dropout=dropout)
        self.attention = AttentionPooling(self.layers.d_out, d_hidden)
        self.dropout, self.head = nn.Dropout(dropout), nn.Linear(self.layers.d_out, n_out)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids: (B, T) int64, padding behind each text; lengths: (B,) int64 from 1 on. Returns (B, n_out)."""
        states = self.layers(self.embedding(ids), lengths)
        pooled, _ = self.attention(states, is_real(lengths, states.shape[1]))
        return self.head(self.dropout(pooled))
