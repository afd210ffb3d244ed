"""How each network of the family is built, and trained where nothing else is asked for.

Rates are for batches of 128; what they reach on Fashion-MNIST stands in docs/benchmarks.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tenon.training.recipe import Recipe

if TYPE_CHECKING:
    from torch import nn

LARGEST_BATCH = 128  # rows
CLIP = 1.0  # longest gradient of a step: the first ones of a squared error would throw the weights far off


@dataclass(frozen=True)
class Kind:
    """A network by its public name in `tenon.image`, and what it is given where nothing else is asked for."""

    name: str
    epochs: tuple[int, int, int]  # passes over the rows: quick, normal, thorough
    recipe: Recipe
    settings: Mapping[str, Any] = field(default_factory=dict)  # of its constructor
    shift: float = 0.1  # of the augmentation; a small network has enough to learn without

    def build(self, n_out: int, shape: Sequence[int], settings: Mapping[str, Any]) -> "nn.Module":
        """Return the network for images of this shape (height, width, channels); settings : over its own."""
        from tenon import image  # whose names load PyTorch

        height, width, n_channels = shape
        return getattr(image, self.name)(n_out, channels=n_channels, size=(height, width), **{**self.settings, **settings})


def _adamw(rate: float, decay: float = 0.02) -> Recipe:
    return Recipe(batch_size=LARGEST_BATCH, rate=rate, decay=decay, schedule="cosine", warmup=0.05, clip=CLIP)


def _momentum(rate: float, decay: float = 5e-4) -> Recipe:
    return Recipe(
        batch_size=LARGEST_BATCH, optimiser="momentum", rate=rate, decay=decay, schedule="cosine", warmup=0.1, clip=CLIP
    )


FINE = _adamw(1e-3)  # of whatever starts from weights that were learnt before
KINDS = {
    "lenet": Kind("LeNet", (10, 30, 100), _adamw(3e-3), shift=0.04),
    "alexnet": Kind("AlexNet", (4, 15, 50), _adamw(1e-3)),
    "vgg": Kind("VGG", (4, 12, 50), _adamw(1e-3), {"depth": 11, "batch_norm": True}),
    "googlenet": Kind("GoogLeNet", (2, 5, 20), _adamw(2e-3)),
    "resnet": Kind("ResNet", (8, 30, 100), _momentum(0.1), {"depth": 20}),
    "efficientnet": Kind("EfficientNet", (5, 16, 60), _adamw(3e-3), {"stochastic_depth": 0.1}),
}

PUBLISHED: dict[str, tuple[str, dict[str, Any]]] = {  # as files of weights are called: network, settings of its constructor
    "alexnet": ("alexnet", {}),
    **{f"vgg{depth}": ("vgg", {"depth": depth, "batch_norm": False}) for depth in (11, 13, 16, 19)},
    **{f"vgg{depth}_bn": ("vgg", {"depth": depth, "batch_norm": True}) for depth in (11, 13, 16, 19)},
    "googlenet": ("googlenet", {}),
    **{f"resnet{depth}": ("resnet", {"depth": depth}) for depth in (18, 20, 32, 34, 44, 50, 56, 101, 110, 152)},
    **{f"efficientnet_b{scale}": ("efficientnet", {"scale": scale}) for scale in range(8)},
}
