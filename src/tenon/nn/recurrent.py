"""Layers that read a text token by token: Elman's (1990), LSTM (Hochreiter & Schmidhuber 1997), GRU (Cho et al. 2014); both ways.

The layers are PyTorch's, and what they give for each text is what they would give for it alone. Padding stands behind a text, so
the way forwards meets it last; for the way backwards each text is turned round within its own length. PyTorch's packed sequences
say the same, but on a CPU take several times as long, as they keep its fast kernels out (benchmarks/recurrent.py).
"""

from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from tenon import ranges

Kind = Literal["rnn", "lstm", "gru"]
LAYERS: dict[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Recurrent(nn.Module):
    """n_layers over one another, each d_hidden wide a way; dropout between them."""

    def __init__(
        self, kind: Kind, d_in: int, d_hidden: int, n_layers: int = 1, is_bidirectional: bool = True, dropout: float = 0.0
    ):
        super().__init__()
        ranges.one_of("kind", kind, get_args(Kind))
        ranges.whole("d_hidden", d_hidden, 1)
        ranges.whole("n_layers", n_layers, 1)
        self.kind, self.d_out = kind, d_hidden * (2 if is_bidirectional else 1)
        widths = [d_in, *[self.d_out] * (n_layers - 1)]
        self.forwards = nn.ModuleList(LAYERS[kind](width, d_hidden, batch_first=True) for width in widths)
        self.backwards = nn.ModuleList(LAYERS[kind](width, d_hidden, batch_first=True) for width in widths if is_bidirectional)
        self.dropout = nn.Dropout(dropout)
        if kind == "lstm":
            for layer in (*self.forwards, *self.backwards):
                _remember(layer)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """x: (B, T, d_in) float; lengths: (B,) int from 1 on. Returns states (B, T, d_out), of no meaning behind a text's end."""
        for i, layer in enumerate(self.forwards):
            x = x if i == 0 else self.dropout(x)
            y = layer(x)[0]
            if self.backwards:
                y = torch.cat([y, turned(self.backwards[i](turned(x, lengths))[0], lengths)], dim=2)
            x = y
        return x


def turned(x: Tensor, lengths: Tensor) -> Tensor:
    """Return texts (B, T, C) with their tokens in the opposite order; padding stays behind them."""
    places = torch.arange(x.shape[1], device=x.device)
    places = torch.where(places < lengths[:, None], lengths[:, None] - 1 - places, places)
    return x.gather(1, places[:, :, None].expand_as(x))


def last_states(states: Tensor, lengths: Tensor, is_bidirectional: bool = True) -> Tensor:
    """Return where each way over a text ended, (B, C), of states (B, T, C): at its last token, and at its first backwards."""
    n = states.shape[2] // (2 if is_bidirectional else 1)
    ends = states[torch.arange(states.shape[0], device=states.device), lengths - 1, :n]
    return torch.cat([ends, states[:, 0, n:]], dim=1)


@torch.no_grad()
def _remember(layer: Any) -> None:
    """Let the forget gate start open, with a bias of 1 (Jozefowicz, Zaremba & Sutskever 2015, section 4)."""
    n = layer.hidden_size
    layer.bias_ih_l0[n : 2 * n] = 1.0
    layer.bias_hh_l0[n : 2 * n] = 0.0
