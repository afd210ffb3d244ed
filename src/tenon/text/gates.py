"""What the gates of an LSTM or GRU do at each token, step by step from their weights, and that as a drawing (SVG).

LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000): i, f, o = sigmoid(W x + U h + b),
c = f c' + i tanh(...), h = o tanh(c). GRU (Cho et al. 2014): r, z = sigmoid(W x + U h + b),
h = z h' + (1 - z) tanh(W x + b + r (U h' + b')). NumPy alone: it is what PyTorch's layers are checked against, too.
"""

from collections.abc import Mapping, Sequence
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

import numpy as np

NAMES = {"lstm": ("input", "forget", "output"), "gru": ("reset", "update")}
MOST_TOKENS = 120  # drawn
LETTER, LINE, BAND, PAD = 7.0, 18.0, 9.0, 8.0  # pixels: width of a Latin letter, height of a line, of a gate's band, space around
LABELS, WIDTH = 64.0, 720.0  # pixels: room for the gates' names, and of the whole
LOWEST, HIGHEST = (240, 243, 244), (7, 71, 77)  # colours of a gate that is shut, and of one that is open
FONT = "12px ui-monospace, Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace"


def steps(kind: str, x: np.ndarray, weights: Mapping[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the states (T, H) and the gates by name, each (T, H) from 0 to 1, of tokens x (T, D) read from the first on.

    kind : lstm or gru. weights : of the layer, by PyTorch's names: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0.
    """
    into, again = weights["weight_ih_l0"], weights["weight_hh_l0"]
    given, step = x @ into.T + weights["bias_ih_l0"], {"lstm": _lstm_step, "gru": _gru_step}[kind]
    state = memory = np.zeros(again.shape[1])
    states, gates = [], []
    for token in given:
        state, memory, opened = step(token, again @ state + weights["bias_hh_l0"], state, memory)
        states.append(state)
        gates.append(opened)
    return np.array(states).reshape(-1, len(state)), {
        name: np.array([opened[i] for opened in gates]).reshape(-1, len(state)) for i, name in enumerate(NAMES[kind])
    }


def _lstm_step(given: np.ndarray, back: np.ndarray, state: np.ndarray, memory: np.ndarray) -> tuple:
    """Return state, memory and gates after a token; given (4 H,) comes from it, back (4 H,) from the state before."""
    enter, keep, write, show = np.split(given + back, 4)
    enter, keep, show = _sigmoid(enter), _sigmoid(keep), _sigmoid(show)
    memory = keep * memory + enter * np.tanh(write)
    return show * np.tanh(memory), memory, (enter, keep, show)


def _gru_step(given: np.ndarray, back: np.ndarray, state: np.ndarray, memory: np.ndarray) -> tuple:
    """The same of (3 H,) each; there is no memory beside the state. An update gate of 1 leaves the state as it is."""
    (reset, update, new), (reset_back, update_back, new_back) = np.split(given, 3), np.split(back, 3)
    reset, update = _sigmoid(reset + reset_back), _sigmoid(update + update_back)
    return update * state + (1 - update) * np.tanh(new + reset * new_back), memory, (reset, update)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * x))  # no overflow at either end


def gates_svg(tokens: Sequence[str], gates: Mapping[str, Sequence[float]], title: str = "gates") -> str:
    """Return the tokens as a text in lines, under each a band for each gate, the darker the wider the gate is open.

    gates : by name, (t,) from 0 to 1, the mean over the units. The first MOST_TOKENS are drawn.
    """
    tokens = list(tokens)[:MOST_TOKENS]
    places, n_lines = _places(tokens)
    height = LINE + len(gates) * BAND + PAD
    drawn = [
        _drawn_token(token, [(name, gates[name][i]) for name in gates], *places[i], height) for i, token in enumerate(tokens)
    ]
    labels = [
        f'<text x="{PAD:g}" y="{PAD + line * height + LINE + (i + 1) * BAND - 1:g}" font-size="9">{escape(name)}</text>'
        for line in range(n_lines)
        for i, name in enumerate(gates)
    ]
    size = f'viewBox="0 0 {WIDTH:g} {2 * PAD + n_lines * height:g}" width="{WIDTH:g}" height="{2 * PAD + n_lines * height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" style="font: {FONT}"><title>{escape(title)}</title>'
    return head + "".join(labels + drawn) + "</svg>"


def _places(tokens: Sequence[str]) -> tuple[list[tuple[int, float, float]], int]:
    """Return line, left end and width of each token, and how many lines there are."""
    places, line, x = [], 0, LABELS
    for token in tokens:
        width = min(_width(token) + PAD, WIDTH - LABELS - PAD)
        if x + width > WIDTH - PAD and x > LABELS:
            line, x = line + 1, LABELS
        places.append((line, x, width))
        x += width + 2
    return places, line + 1


def _width(text: str) -> float:
    return LETTER * sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _drawn_token(token: str, gates: Sequence[tuple[str, float]], line: int, x: float, width: float, height: float) -> str:
    top = PAD + line * height
    word = f'<text x="{x + width / 2:g}" y="{top + LINE - 5:g}" text-anchor="middle">{escape(token)}</text>'
    bands = [
        f'<rect x="{x:g}" y="{top + LINE + i * BAND:g}" width="{width:g}" height="{BAND - 1:g}" fill="{_colour(value)}">'
        f"<title>{escape(name)} {value:.2f}</title></rect>"
        for i, (name, value) in enumerate(gates)
    ]
    return word + "".join(bands)


def _colour(value: float) -> str:
    return "#" + "".join(f"{round(low + value * (high - low)):02x}" for low, high in zip(LOWEST, HIGHEST, strict=True))
