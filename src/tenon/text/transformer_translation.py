"""An encoder reads a text, a decoder says another, both Transformers (Vaswani et al. 2017, arXiv:1706.03762, section 3).

The vectors of target tokens also tell how likely each is, as in section 3.4 there (Press & Wolf 2017). What is said is read but
once: keys and values of earlier tokens are kept from step to step.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from tenon.nn.activations import Activation
from tenon.nn.attention import Read, is_real
from tenon.nn.transformer import Decoder, Encoder, Norm, Said
from tenon.text.beam import State
from tenon.text.embedding import Embedding
from tenon.text.transformer_text import PlacedTokens, shape_of


class TransformerTranslation(nn.Module):
    """Source tokens (B, S) and target tokens (B, T) into logits (B, T, V) of the tokens that come next."""

    def __init__(
        self, source: Embedding, target: Embedding, n_layers: int = 2, n_heads: int = 4, norm: Norm = "pre",
        dropout: float = 0.1, activation: Activation = "gelu",
    ):  # fmt: skip
        super().__init__()
        shape = shape_of(n_heads, norm, dropout, activation)
        self.read_tokens, self.encoder = PlacedTokens(source, shape), Encoder(n_layers, shape)
        self.said_tokens, self.decoder = PlacedTokens(target, shape), Decoder(n_layers, shape)
        self.narrow = nn.Linear(shape.d_model, target.width)
        self.bias = nn.Parameter(torch.zeros(target.vectors.num_embeddings))

    @property
    def source(self) -> Embedding:
        return self.read_tokens.embedding

    def forward(self, ids: Tensor, lengths: Tensor, read: Tensor) -> Tensor:
        """ids: (B, S), lengths: (B,) from 1 on: the source; read: (B, T), the end and the target. Returns (B, T, V)."""
        return self._logits(self.decoder.step(self.said_tokens(read), self.encode(ids, lengths))[0])

    def encode(self, ids: Tensor, lengths: Tensor) -> Said:
        """Return what was read of the source, and that nothing is said yet."""
        seen = is_real(lengths, ids.shape[1])
        return self.decoder.start(self.encoder(self.read_tokens(ids), seen[:, None]), seen)

    def start(self, memory: Said) -> State:
        """Return what is kept before the first token: of each layer no keys and no values, (B, H, 0, D) each."""
        return tuple(part[:, :, :0] for read in memory.memory for part in read)

    def step(self, last: Tensor, state: State, memory: Said) -> tuple[Tensor, State]:
        """Return logits (B, W, V) of what comes behind the last tokens (B, W) of texts, and what is kept then."""
        B, W = last.shape
        parts = [part.flatten(0, 1) for part in state]
        said = Said(
            [Read(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)],
            [Read(*(part.repeat_interleave(W, dim=0) for part in read)) for read in memory.memory],
            None if memory.is_real is None else memory.is_real.repeat_interleave(W, dim=0),
        )
        x, said = self.decoder.step(self.said_tokens(last.view(-1, 1), parts[0].shape[2]), said)
        kept = (part for read in said.tokens if read is not None for part in read)
        return self._logits(x).view(B, W, -1), tuple(part.unflatten(0, (B, W)) for part in kept)

    def alignment(self, memory: Said, read: Tensor) -> Tensor:
        """Return what each of the tokens read (B, T) looked at, (B, T, S): the mean over layers and heads."""
        return torch.stack(self.decoder.looked(self.said_tokens(read), memory)).mean(dim=(0, 2))

    def _logits(self, states: Tensor) -> Tensor:
        return functional.linear(self.narrow(states), self.said_tokens.embedding.vectors.weight, self.bias)
