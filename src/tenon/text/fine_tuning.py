"""How a network with a BERT in it learns a task (Devlin et al. 2019, appendix A.3; Sun et al. 2019, arXiv:1905.05583)."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal, get_args

from tenon import ranges
from tenon.text.bert import Bert
from tenon.text.bert_config import LONG, BertConfig
from tenon.text.narrowed import narrowed
from tenon.text.token_rows import UnequalRows
from tenon.training.in_turn import in_turn
from tenon.training.recipe import Recipe

RECIPE = Recipe(epochs=4, batch_size=32, rate=2e-5, decay=0.01, schedule="linear", warmup=0.1, clip=1.0, precision="auto")
RATE_OF_ONE = 0.0384  # over the width of a network, its rate: 5e-5 for base, as of Devlin et al., more for smaller ones
SHARE = 0.95
FEWEST_STEPS = 200  # with 300 questions of trec, 170 found 93 % of the classes, and 68 found 83 %
SMALLEST_BATCH, LARGEST_BATCH = 16, 32  # rows
BATCHES = 100  # of an epoch, where that gives a batch between these sizes
MOST_STATES = 1_000_000_000  # numbers that are kept of a forward pass to compute gradients from, 4 GB in float32
OF_TOKEN, OF_LOOK = 20, 4  # of these, a layer keeps of a token, in widths, and of each head for a token that it looks at
Learns = Literal["all", "gradual"]
LEARNS = get_args(Learns)


def layer_rates(config: BertConfig, share: float = SHARE) -> tuple[tuple[str, float], ...]:
    """Return `rate_of` of a recipe: each layer learns at `share` of the rate of the one above (Sun et al. 2019, section 5.3.4).

    The top layer learns at the full rate, as the head does, the vectors of tokens below all layers at the least. For networks of
    `tenon.text.bert_heads`, which call it `bert`.
    """
    ranges.number("share", share, 0, 1)
    layers = ((f"bert.encoder.layers.{i}.", share ** (config.n_layers - 1 - i)) for i in range(config.n_layers))
    return (("bert.embedding.", share**config.n_layers), *layers)


def trainings(config: BertConfig, recipe: Recipe, share: float, n_frozen: int, learns: Learns) -> dict[str, Recipe]:
    """Return the recipes of trainings, one after the other.

    share : see `layer_rates`. n_frozen : layers that never learn, the lowest first, with the vectors of tokens below them.
    learns : all at once, or gradual: first the head, then the upper half of the layers, too, then everything (Howard & Ruder
    2018, arXiv:1801.06146, section 3.3). Raises SettingsError for what is out of range.
    """
    ranges.whole("frozen_layers", n_frozen, 0, config.n_layers)
    ranges.one_of("learns", learns, LEARNS)
    rates = layer_rates(config, share)  # from below

    def without(n: int) -> tuple[tuple[str, float], ...]:
        """n : of the parts of `rates` that do not learn."""
        return tuple((name, 0.0 if i < n else rate) for i, (name, rate) in enumerate(rates))

    lowest = n_frozen + 1 if n_frozen else 0
    everything = {"everything": without(lowest)}
    if learns == "all":
        return in_turn(recipe, everything)
    half = max(lowest, 1 + config.n_layers // 2)
    return in_turn(recipe, {"the head": without(len(rates)), "the upper half": without(half), **everything})


def recipe_for(
    config: BertConfig, epochs: int, batch_size: int, rate: float | None, decay: float, longest: int | None = None
) -> Recipe:
    """Return how a network of this width learns; rate : None: by the width.

    batch_size : rows of a step. longest : tokens of a row; where a step has too many for the memory, it is taken in parts, with
    a few rows more where equal parts need them.
    """
    room = batch_size if longest is None else min(batch_size, max(1, tokens_at_once(config, longest) // longest))
    fewest = -(-batch_size // room)
    n_parts = min(range(fewest, 2 * fewest), key=lambda n: n * -(-batch_size // n))  # of those with as few rows the fewest
    rate = RATE_OF_ONE / config.d_model if rate is None else rate
    return replace(
        RECIPE, epochs=epochs, batch_size=-(-batch_size // n_parts), accumulate=n_parts, rate=rate, decay=decay
    )  # fmt: skip


def tokens_at_once(config: BertConfig, longest: int) -> int:
    """Return from how many tokens a network may learn at once; longest : of a row. With dropout all weights of looks are kept."""
    seen = config.seen(longest)
    of_token = config.n_layers * (OF_TOKEN * config.d_model + OF_LOOK * config.n_heads * seen)
    return max(1, MOST_STATES // of_token)


@contextmanager
def within_memory(bert: Bert, rows: UnequalRows, held_out: UnequalRows | None = None) -> Iterator[None]:
    """Let a network learn from rows with `ids` in the block, judged by those held out, with no more memory than that takes.

    It knows the tokens of these alone; and a network for long texts computes its layers again, in the place of keeping what is in
    them, for a batch that would have more than MOST_STATES numbers there.
    """
    longest = int(rows.lengths.max())
    bert.encoder.most_kept = tokens_at_once(bert.config, longest) if bert.config.kind in LONG else None
    try:
        with narrowed(bert.embedding, [rows] if held_out is None else [rows, held_out]):
            yield
    finally:
        bert.encoder.most_kept = None


def batch_of(n_rows: int) -> int:
    """Return how many rows a step learns from, where nobody says."""
    return min(LARGEST_BATCH, max(SMALLEST_BATCH, n_rows // BATCHES))


def epochs_of(n_rows: int, batch_size: int, epochs: int, fewest_steps: int) -> int:
    """Return the epochs, more of few rows, until so many steps are taken (Mosbach et al. 2021, arXiv:2006.04884)."""
    return max(epochs, math.ceil(fewest_steps / math.ceil(n_rows / batch_size)))
