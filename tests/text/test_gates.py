"""Gates step by step against PyTorch's layers, by hand on one unit, of a trained network, and drawn."""

import math
from xml.etree import ElementTree

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tenon.text.gates import MOST_TOKENS, NAMES, WIDTH, gates_svg, steps  # noqa: E402


def layer(kind: str, d_in: int = 5, d_hidden: int = 7):
    torch.manual_seed(0)
    return {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](d_in, d_hidden, batch_first=True).double()


def weights_of(module) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in module.state_dict().items()}


@pytest.mark.mission("F6")
@pytest.mark.parametrize("kind", NAMES)
def test_states_are_those_of_torch(kind):
    module, x = layer(kind), torch.randn(1, 11, 5, dtype=torch.float64)
    states, gates = steps(kind, x[0].numpy(), weights_of(module))
    np.testing.assert_allclose(states, module(x)[0][0].detach().numpy(), atol=1e-12)
    assert set(gates) == set(NAMES[kind])
    assert all(gate.shape == (11, 7) and (gate > 0).all() and (gate < 1).all() for gate in gates.values())
    assert steps(kind, np.zeros((0, 5)), weights_of(module))[0].shape == (0, 7)


def test_gates_of_one_unit_by_hand():
    """From a state of 0 a gate is the sigmoid of its weight times the token, and its two biases."""
    for kind, n in (("lstm", 4), ("gru", 3)):
        module = layer(kind, 1, 1)
        weights = weights_of(module)
        _, gates = steps(kind, np.array([[2.0]]), weights)
        rows = {"input": 0, "forget": 1, "output": 3} if n == 4 else {"reset": 0, "update": 1}
        for name, row in rows.items():
            z = 2 * weights["weight_ih_l0"][row, 0] + weights["bias_ih_l0"][row] + weights["bias_hh_l0"][row]
            assert gates[name][0, 0] == pytest.approx(1 / (1 + math.exp(-z)))


def test_a_shut_forget_gate_loses_what_was_and_an_open_one_keeps_it():
    weights = {name: np.zeros_like(w) for name, w in weights_of(layer("lstm", 1, 1)).items()}
    weights["weight_ih_l0"][2] = 1.0  # what is written follows the token
    weights["bias_ih_l0"][:] = [50.0, -50.0, 0.0, 50.0]
    states, _ = steps("lstm", np.array([[1.0], [0.0]]), weights)
    assert states[:, 0] == pytest.approx([math.tanh(math.tanh(1.0)), 0.0], abs=1e-12)
    weights["bias_ih_l0"][1] = 50.0
    states, gates = steps("lstm", np.array([[1.0], [0.0]]), weights)
    assert states[1, 0] == pytest.approx(states[0, 0], abs=1e-12)
    assert gates["forget"][:, 0] == pytest.approx([1.0, 1.0])


def test_the_drawing_has_every_token_and_a_band_for_each_gate_inside_its_frame():
    tokens = ["很好", "<b>", "&", *["word"] * 60]
    gates = {"reset": np.linspace(0, 1, 63), "update": np.full(63, 0.5)}
    root = ElementTree.fromstring(gates_svg(tokens, gates, "a & b"))
    space = "{http://www.w3.org/2000/svg}"
    said = [node.text for node in root.findall(f"{space}text")]
    assert [text for text in said if text not in gates] == tokens
    bands = root.findall(f"{space}rect")
    assert len(bands) == 2 * 63
    assert (bands[0].get("fill"), bands[-2].get("fill")) == ("#f0f3f4", "#07474d")
    assert bands[-1].find(f"{space}title").text == "update 0.50"
    height = float(root.get("height"))
    for band in bands:
        x, y, width, tall = (float(band.get(name)) for name in ("x", "y", "width", "height"))
        assert 0 <= x
        assert x + width <= WIDTH
        assert y + tall <= height
    long = ElementTree.fromstring(gates_svg(["x" * 500] * 200, {"reset": [0.5] * 200}))
    assert len(long.findall(f"{space}rect")) == MOST_TOKENS
