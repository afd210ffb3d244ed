"""What bends between the linear parts of a network, by name; PyTorch is loaded only when one is made.

sigmoid: 1 / (1 + exp(-x)); tanh; relu: max(0, x); leaky_relu: x / 100 in its place below 0 (Maas, Hannun & Ng 2013); mish:
x · tanh(log(1 + exp(x))) (Misra 2019, arXiv:1908.08681); gelu: x · P(normal < x), gelu_tanh its approximation (Hendrycks & Gimpel
2016, arXiv:1606.08415, section 2). The first two are flat far from 0, so that gradients vanish there; the others are so on one
side at most.
"""

from typing import TYPE_CHECKING, Literal, get_args

from tenon import ranges

if TYPE_CHECKING:
    from torch import nn

Activation = Literal["sigmoid", "tanh", "relu", "leaky_relu", "mish", "gelu", "gelu_tanh"]
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)


def activation_layer(name: Activation) -> "nn.Module":
    """Return the layer of this name, which works on each number by itself. Raises SettingsError for another name."""
    from torch import nn

    ranges.one_of("activation", name, ACTIVATIONS)
    made = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "mish": nn.Mish, "gelu": nn.GELU}
    return nn.GELU(approximate="tanh") if name == "gelu_tanh" else made[name]()


def replace_activations(net: "nn.Module", name: Activation) -> None:
    """Put the activation of this name where the network has a ReLU, tanh or SiLU; gates, which are sigmoid, stay."""
    from torch import nn

    for module in list(net.modules()):
        for child, layer in module.named_children():
            if isinstance(layer, nn.ReLU | nn.Tanh | nn.SiLU):
                setattr(module, child, activation_layer(name))
