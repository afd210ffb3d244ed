"""What a network that starts from weights in a file learns anew, and when (Howard & Ruder 2018, arXiv:1801.06146, section 3.3).

head : its heads alone; all : everything, what was learnt before at a tenth of the rate; gradual : first the heads, then the upper
half of the layers too, then everything, in trainings of equal length. Means and deviations of batch norm follow the new images
in each, for these are not of the same colours as the old ones.
"""

import math
from dataclasses import replace
from typing import Literal, get_args

from torch import nn

from tenon.training.recipe import Recipe

Learns = Literal["head", "all", "gradual"]
LEARNS = get_args(Learns)
OLD = 0.1  # rate of weights from the file, as a share of the heads' rate


def trainings(net: nn.Module, recipe: Recipe, learns: Learns) -> list[Recipe]:
    """Return the recipes of trainings, one after the other. net : with `heads`, names of the layers that are new."""
    heads = tuple((f"{head}.", 1.0) for head in net.heads)  # type: ignore[union-attr]  # a module's attribute may be a tensor
    head = (("", 0.0), *heads)
    everything = (("", OLD), *heads)
    if learns == "head":
        return [replace(recipe, rate_of=head)]
    if learns == "all":
        return [replace(recipe, rate_of=everything)]
    layers = [name for name, child in _layers(net) if any(True for _ in child.parameters())]
    upper = tuple((f"{name}.", OLD) for name in layers[len(layers) // 2 :] if f"{name}." not in dict(heads))
    epochs = math.ceil(recipe.epochs / 3)
    return [replace(recipe, epochs=epochs, rate_of=rates) for rates in (head, (*head, *upper), everything)]


def _layers(net: nn.Module) -> list[tuple[str, nn.Module]]:
    """Return the parts of a network from its images to its heads; those of a long sequence one by one."""
    found = []
    for name, child in net.named_children():
        is_long = isinstance(child, nn.Sequential) and name == "features"
        found += [(f"{name}.{inner}", part) for inner, part in child.named_children()] if is_long else [(name, child)]
    return found
