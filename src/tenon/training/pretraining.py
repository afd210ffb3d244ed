"""Greedy pretraining: layer after layer learns to give back what it reads, before the whole network is trained.

Hinton & Salakhutdinov 2006 (doi:10.1126/science.1127647); Bengio et al. 2007. Behind each layer stands a linear one that gives
back, by squared error, what the layer read, and is thrown away. With noise on inputs it is a denoising auto-encoder.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tenon.training.history import History
from tenon.training.loop import train
from tenon.training.noise import own_chance
from tenon.training.recipe import Recipe
from tenon.training.rows import TensorRows
from tenon.watch import SILENT, Watch

ROWS_AT_ONCE = 8192


def pretrain(
    layers: Iterable[nn.Module],
    inputs: Tensor,
    recipe: Recipe,
    *,
    seed: int = 0,
    watch: Watch = SILENT,
    folder: Path | None = None,
) -> dict[str, History]:
    """Train the layers in place, each on what those before it make of the inputs (n, p); return what happened in "layer 1" ….

    folder : of checkpoints, one folder a layer, as for `train`.
    """
    histories = {}
    for number, layer in enumerate(layers, 1):
        with own_chance(seed + number):
            coder = nn.Sequential(layer, nn.Linear(_encoded(layer, inputs[:1]).shape[1], inputs.shape[1]))
        histories[f"layer {number}"] = train(
            coder,
            TensorRows(inputs, targets=inputs),
            nn.functional.mse_loss,
            recipe,
            seed=seed + number,
            watch=_of_layer(watch, number),
            folder=folder and folder / f"layer-{number}",
        )
        inputs = _encoded(layer, inputs)
    return histories


@torch.no_grad()
def _encoded(layer: nn.Module, inputs: Tensor) -> Tensor:
    layer.eval()
    return torch.cat([layer(part) for part in inputs.split(ROWS_AT_ONCE)])


def _of_layer(watch: Watch, number: int) -> Watch:
    """Return a watch that tells the loss under the layer's name: that of the whole network is another one."""

    def listen(event: dict[str, Any]) -> None:
        if event["event"] == "progress":
            watch.progress(event["done"], event["total"], **{f"layer {number} loss": event["loss"]})
        else:
            watch.tell(event)

    return Watch(listen)
