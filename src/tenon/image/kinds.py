"""How each network of the family is built, and trained where nothing else is asked for.

Rates are for batches of 128; what they reach on Fashion-MNIST stands in docs/benchmarks.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tenon.training.recipe import Recipe

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
    "googlenet": Kind("GoogLeNet", (2, 6, 20), _adamw(2e-3)),
    "resnet": Kind("ResNet", (8, 30, 100), _momentum(0.1), {"depth": 20}),
    "efficientnet": Kind("EfficientNet", (5, 16, 60), _adamw(3e-3), {"stochastic_depth": 0.1}),
}
