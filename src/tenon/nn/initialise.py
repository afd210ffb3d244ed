"""First weights of a network: zero, normal, Xavier (Glorot & Bengio 2010) or He (He et al. 2015, arXiv:1502.01852, eq. 10).

A layer multiplies the variance of what it is given by n_in · Var(w), and a ReLU halves its mean square. He's 2 / n_in makes up
for both, so signals neither die out nor explode in depth; Xavier's 2 / (n_in + n_out) suits tanh, both ways. With zeros no
gradient passes a layer, so that none but the last one's bias ever learns.
"""

from typing import Literal, get_args

from torch import nn

from tenon import ranges

Rule = Literal["zero", "normal", "xavier", "he"]
SMALL = 0.01  # standard deviation of "normal" (Krizhevsky et al. 2012, section 5)


def initialise(net: nn.Module, rule: Rule = "he") -> None:
    """Set the weights of linear and convolution layers by the rule, with chance from torch's generator; biases to 0.

    Gains of normalisations become 1, and their shifts 0. Raises SettingsError for another rule.
    """
    ranges.one_of("rule", rule, get_args(Rule))
    for layer in net.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            _set_weight(layer, rule)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d | nn.LayerNorm) and layer.weight is not None:
            nn.init.ones_(layer.weight)
            nn.init.zeros_(layer.bias)


def _set_weight(layer: nn.Linear | nn.Conv2d, rule: Rule) -> None:
    if rule == "zero":
        nn.init.zeros_(layer.weight)
    elif rule == "normal":
        nn.init.normal_(layer.weight, std=SMALL)
    elif rule == "xavier":
        nn.init.xavier_normal_(layer.weight)
    else:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
