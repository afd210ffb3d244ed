"""Trainings of a network one after the other, in each of which other weights learn (Howard & Ruder 2018, section 3.3)."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from torch import nn

from tenon.training.history import History
from tenon.training.loop import Judge, Loss, train
from tenon.training.recipe import Recipe
from tenon.training.rows import Rows
from tenon.watch import SILENT, Watch

Rates = tuple[tuple[str, float], ...]  # `rate_of` of a recipe


def in_turn(recipe: Recipe, rates: Mapping[str, Rates]) -> dict[str, Recipe]:
    """Return a recipe for each training, by what learns in it; rates : of its weights. Epochs are parted evenly, rounded up."""
    epochs = math.ceil(recipe.epochs / len(rates))
    return {what: replace(recipe, epochs=epochs, rate_of=of) for what, of in rates.items()}


def train_in_turn(
    net: nn.Module,
    rows: Rows,
    loss: Loss,
    recipes: Mapping[str, Recipe],
    *,
    seed: int,
    held_out: Rows | None = None,
    judge: Judge | None = None,
    watch: Watch = SILENT,
    folder: Path | None = None,
) -> History:
    """Train the network by each recipe in turn, as `train` does, and return the last history, with those before it."""
    histories = {}
    for i, (what, recipe) in enumerate(recipes.items()):
        net.requires_grad_(True)  # what an earlier training froze
        histories[what] = train(
            net, rows, loss, recipe, seed=seed, held_out=held_out, judge=judge, watch=watch.part(i, len(recipes)),
            folder=folder and folder / f"training-{i}",
        )  # fmt: skip
    *before, (_, last) = histories.items()
    return replace(last, before=dict(before))
