"""Activations beside their formulas in NumPy, and in the place of what networks have."""

import numpy as np
import pytest
from scipy.special import ndtr

from tenon.errors import SettingsError
from tenon.nn.activations import ACTIVATIONS, activation_layer, replace_activations

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from tenon.image import VGG, AlexNet, EfficientNet, GoogLeNet, LeNet, ResNet  # noqa: E402

X = np.linspace(-30.0, 30.0, 601)
FORMULAS = {
    "sigmoid": 1 / (1 + np.exp(-X)),
    "tanh": (np.exp(X) - np.exp(-X)) / (np.exp(X) + np.exp(-X)),
    "relu": np.maximum(0, X),
    "leaky_relu": np.where(X < 0, 0.01 * X, X),
    "mish": X * np.tanh(np.log(1 + np.exp(X))),
    "gelu": X * ndtr(X),
    "gelu_tanh": 0.5 * X * (1 + np.tanh(np.sqrt(2 / np.pi) * (X + 0.044715 * X**3))),
}


@pytest.mark.mission("D2")
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_formula(name):
    np.testing.assert_allclose(activation_layer(name)(torch.from_numpy(X)).numpy(), FORMULAS[name], rtol=1e-12, atol=1e-12)


@pytest.mark.mission("D2")
def test_softmax_bears_any_logit():
    probabilities = torch.tensor([[1e4, 1e4 + 1.0, -1e4]], dtype=torch.float64).softmax(dim=1)
    np.testing.assert_allclose(probabilities.numpy(), [[1 / (1 + np.e), np.e / (1 + np.e), 0.0]], rtol=1e-12)


def test_another_name_is_refused():
    with pytest.raises(SettingsError, match="activation takes one of .*'mish'.*; got 'mihs'; did you mean 'mish'"):
        activation_layer("mihs")


@pytest.mark.parametrize("build", [LeNet, AlexNet, VGG, GoogLeNet, ResNet, EfficientNet])
def test_activations_of_networks_of_images_are_replaced(build, monkeypatch):
    """Where each activation stood there is the other, and all weights are as they were."""
    net = build(3, channels=1, size=16)
    before = list(net.state_dict())
    n_replaced = sum(isinstance(layer, nn.ReLU | nn.Tanh | nn.SiLU) for layer in net.modules())
    replace_activations(net, "mish")
    with monkeypatch.context() as patch:
        for name in ("relu", "silu", "tanh"):
            patch.delattr(torch.nn.functional, name)
            patch.setattr(torch.Tensor, name, None, raising=False)
        net.eval()(torch.zeros(1, 1, 16, 16))  # none is called but by a layer
    assert n_replaced == sum(isinstance(layer, nn.Mish) for layer in net.modules()) > 0
    assert not any(isinstance(layer, nn.ReLU | nn.Tanh | nn.SiLU) for layer in net.modules())
    assert list(net.state_dict()) == before
