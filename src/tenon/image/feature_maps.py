"""What layers of a network make of an image: their maps where they are above 0.

Zeiler & Fergus 2014, arXiv:1311.2901, section 4.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

N_LAYERS = 3  # that are shown: the first, the last, and those evenly between


class LayerMaps(NamedTuple):
    """number : of the layer, from 1, among n_layers; maps : (k, h, w) float from 0 on, those with the greatest mean first."""

    number: int
    n_layers: int
    maps: Tensor


@torch.no_grad()
def feature_maps(net: nn.Module, image: Tensor, most: int) -> list[LayerMaps]:
    """Return of a few layers the maps that answer most to image (C, H, W), `most` of each layer.

    A layer is a convolution with its normalisation, if there is any. The network has to be in evaluation mode.
    """
    kind = nn.BatchNorm2d if any(isinstance(layer, nn.BatchNorm2d) for layer in net.modules()) else nn.Conv2d
    layers = [layer for layer in net.modules() if isinstance(layer, kind)]
    said: list[Tensor] = []  # in the order in which layers are asked; heads that learn alone are not
    hooks = [layer.register_forward_hook(lambda _layer, _given, output: said.append(output[0].relu())) for layer in layers]
    try:
        net(image[None])
    finally:
        for hook in hooks:
            hook.remove()
    chosen = sorted({round(i * (len(said) - 1) / (N_LAYERS - 1)) for i in range(N_LAYERS)}) if said else []
    return [LayerMaps(i + 1, len(said), _strongest(said[i], most)) for i in chosen]


def _strongest(maps: Tensor, most: int) -> Tensor:
    order = maps.mean(dim=(1, 2)).argsort(descending=True, stable=True)
    return maps[order[:most]]
