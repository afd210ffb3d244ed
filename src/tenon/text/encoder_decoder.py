"""An encoder reads a text both ways, a decoder says another, token by token, looking back at the encoder's states.

Without attention the encoder's last states are where the decoder starts (Sutskever, Vinyals & Le 2014), and what it reads at
every step (Cho et al. 2014). With it, it is that of Luong, Pham & Manning 2015, section 3.1: the decoder's state asks, and the
answer goes into what is said, not into the next state; so the decoder runs over all places of a known text at once, which that
of Bahdanau, Cho & Bengio 2015 (arXiv:1409.0473) does not. The vectors of target tokens also tell how likely each is (Press & Wolf
2017).
"""

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tenon.nn.attention import Attention, is_real
from tenon.nn.recurrent import LAYERS, Recurrent, last_states
from tenon.text.beam import State
from tenon.text.embedding import Embedding

Kind = Literal["gru", "lstm"]
Score = Literal["additive", "dot"]


class Memory(NamedTuple):
    """What the encoder has read: states (B, S, C), the last of each way (B, C), and which are no padding (B, 1, S) bool."""

    states: Tensor
    last: Tensor
    is_seen: Tensor


class EncoderDecoder(nn.Module):
    """Source tokens (B, S) and target tokens (B, T) into logits (B, T, V) of the tokens that come next."""

    def __init__(
        self, source: Embedding, target: Embedding, attention: Score | None = "additive", kind: Kind = "gru",
        d_hidden: int = 256, n_layers: int = 1, dropout: float = 0.3,
    ):  # fmt: skip
        super().__init__()
        self.source, self.target, self.kind, self.n_layers = source, target, kind, n_layers
        self.encoder = Recurrent(kind, source.width, d_hidden, n_layers, is_bidirectional=True, dropout=dropout)
        self.decoder = LAYERS[kind](
            target.width, d_hidden, n_layers, batch_first=True, dropout=dropout if n_layers > 1 else 0.0
        )  # of one layer PyTorch takes no dropout
        self.bridge = nn.Linear(self.encoder.d_out, n_layers * d_hidden)
        self.attention = None if attention is None else Attention(d_hidden, 1, attention, self.encoder.d_out)
        if attention is None:
            self.context = nn.Linear(self.encoder.d_out, d_hidden)
        self.dropout, self.mixed = nn.Dropout(dropout), nn.Linear(2 * d_hidden, target.width)
        self.bias = nn.Parameter(torch.zeros(target.vectors.num_embeddings))

    def forward(self, ids: Tensor, lengths: Tensor, read: Tensor) -> Tensor:
        """ids: (B, S), lengths: (B,) from 1 on: the source; read: (B, T), the end and the target. Returns (B, T, V)."""
        memory = self.encode(ids, lengths)
        return self.say(self.read(read, self.start(memory))[0], memory)[0]

    def encode(self, ids: Tensor, lengths: Tensor) -> Memory:
        states = self.encoder(self.source(ids), lengths)
        return Memory(self.dropout(states), last_states(states, lengths), is_real(lengths, ids.shape[1])[:, None])

    def start(self, memory: Memory) -> State:
        """Return the decoder's first state: (B, n_layers, D), of an LSTM with its empty cells."""
        hidden = torch.tanh(self.bridge(memory.last)).unflatten(1, (self.n_layers, -1))
        return (hidden, torch.zeros_like(hidden)) if self.kind == "lstm" else (hidden,)

    def read(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Let the decoder read tokens (B, T) on from a state. Returns its outputs (B, T, D) and the new state."""
        first = tuple(part.transpose(0, 1).contiguous() for part in state)
        outputs, after = self.decoder(self.target(ids), first if self.kind == "lstm" else first[0])
        return outputs, tuple(part.transpose(0, 1) for part in (after if self.kind == "lstm" else (after,)))

    def say(self, outputs: Tensor, memory: Memory) -> tuple[Tensor, Tensor | None]:
        """Return logits (B, T, V) of outputs (B, T, D), and what each looked at, (B, T, S), None without attention."""
        if self.attention is None:
            context, weights = self.context(memory.last)[:, None].expand_as(outputs), None
        else:
            context, weights = self.attention.with_weights(outputs, memory.states, memory.is_seen)
            weights = weights[:, 0]
        mixed = self.dropout(torch.tanh(self.mixed(torch.cat([outputs, context], dim=2))))
        return functional.linear(mixed, self.target.vectors.weight, self.bias), weights

    def step(self, last: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """Return logits (B, W, V) of what comes behind the tokens last (B, W), each of a text of its own, and the new state."""
        outputs, after = self.read(last.flatten()[:, None], tuple(part.flatten(0, 1) for part in state))
        logits = self.say(outputs.view(*last.shape, -1), memory)[0]  # all of a row's texts ask the same memory
        return logits, tuple(part.unflatten(0, last.shape) for part in after)

    def alignment(self, memory: Memory, read: Tensor) -> Tensor:
        """Return what each of the tokens read (B, T) looked at, (B, T, S). Asks for attention."""
        weights = self.say(self.read(read, self.start(memory))[0], memory)[1]
        assert weights is not None, "there is attention"
        return weights
