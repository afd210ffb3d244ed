"""How long an encoder reads and learns, for the plan: what its layers multiply, at the rate that was measured; and how many texts
are too few for one.

A token costs a layer 8 C² + 4 C H multiplications and additions of its matrices (C wide, H within), and 4 C for each token that
it looks at; learning costs three times as much as reading (Kaplan et al. 2020, arXiv:2001.08361, table 1).
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.data.dataset import Dataset
from tenon.data.language import script_of
from tenon.data.long_texts import TOKENS_OF_WORD
from tenon.method import PREPARED

if TYPE_CHECKING:
    from tenon.text.bert_config import BertConfig

PER_SECOND = 6e10  # multiplications and additions of a core: MiniLM is within 1.25 of it, tiny on short texts within 3
PER_SECOND_MASKED, SECONDS_TO_MASK = 3e10, 4e-6  # of learning from masked tokens: the same, and what else a token takes
LEARNING = 3  # times what reading costs
CHARACTERS_OF_TOKEN = {"chinese": 1.2, "other": 4.3}
MARKS = 2
FEW_CHARACTERS = 800_000  # from so many and from fewer, a small encoder earned nothing (docs/log.md, docs/benchmarks.md)
SHARE_MASKED = 0.15
LOOKED_AT = 1_000  # rows
BATCH = 16  # rows of a step of what answers or tags
SECONDS_OF_STEP = 2.4e-3  # of a layer, beside what it multiplies: 20 operations, their gradients and the weights' step


def seconds_to_read(data: Dataset, n_rows: float, settings: Mapping[str, Any], budget: str) -> float:
    """Return how long an encoder reads so many rows of the data, once."""
    n_tokens, n_seen = _read_of_row(tokens_of_row(data), settings)
    config = _config(settings["checkpoint"], budget)
    of_token = config.n_layers * (8 * config.d_model**2 + 4 * config.d_model * (config.d_hidden + n_seen))
    return n_rows * n_tokens * of_token / PER_SECOND


def _read_of_row(n: float, settings: Mapping[str, Any]) -> tuple[float, float]:
    """Return how many of the n tokens of a row are read, and how many others each looks at.

    settings : `most_segments` and `overlap` of what reads in segments, `window` of a Longformer, `block` and `n_random` of a
    BigBird, `n_parts` of a BlockBERT; of all, `longest`.
    """
    longest = settings["longest"]
    if "most_segments" in settings:
        room = max(1, longest - MARKS)
        twice = room / max(1, room - settings["overlap"])
        return min(n * twice, settings["most_segments"] * longest), min(n, longest)
    n = min(n, longest)
    if "window" in settings:
        return n, min(n, 2 * settings["window"] + 1)
    if "n_random" in settings:
        from tenon.text.bert_config import FIXED

        return n, min(n, (FIXED + settings["n_random"]) * settings["block"])
    return n, n / settings.get("n_parts", 1)


def seconds_to_tune(
    data: Dataset, n_rows: float, settings: Mapping[str, Any], budget: str, batch_size: int | None = None
) -> float:
    """Return how long it learns from them: what is multiplied, and what a step of each layer takes however little that is.

    batch_size : rows of a step; None: by their number, see `tenon.text.fine_tuning.batch_of`.
    """
    from tenon.text.fine_tuning import batch_of, epochs_of  # loads torch

    n, n_layers = max(1, round(n_rows)), _config(settings["checkpoint"], budget).n_layers
    size = batch_of(n) if batch_size is None else batch_size
    epochs = epochs_of(n, size, settings["epochs"], settings["fewest_steps"])
    learning = LEARNING * seconds_to_read(data, epochs * n, settings, budget)
    return learning + epochs * math.ceil(n / size) * n_layers * SECONDS_OF_STEP


def seconds_to_answer(data: Dataset, n_rows: float, settings: Mapping[str, Any], budget: str) -> float:
    """Return how long it learns from questions, whose contexts it reads in windows that overlap."""
    n_windows = 1 + max(0.0, tokens_of_row(data) - settings["longest"]) / settings["stride"]
    return seconds_to_tune(data, n_rows * n_windows, settings, budget, BATCH)


def seconds_to_tag(data: Dataset, n_rows: float, settings: Mapping[str, Any], budget: str) -> float:
    """Return how long it learns from tagged sentences."""
    return seconds_to_tune(data, n_rows, settings, budget, BATCH)


def seconds_of_encoder(n_characters: float, script: str, budget: str, stage: str = "", start: str = "") -> float:
    """Return how long an encoder learns from masked tokens of so many characters, see `tenon.text.prepared_nets`."""
    from tenon.text.prepared_nets import SETTINGS, epochs_of_stage

    config = _config(start or PREPARED, budget, SETTINGS[budget].vocabulary)
    layers = config.n_layers * (8 * config.d_model**2 + 4 * config.d_model * config.d_hidden)
    of_token = LEARNING * (layers + SHARE_MASKED * 2 * config.d_model * config.vocab_size) / PER_SECOND_MASKED
    return epochs_of_stage(stage, budget) * (n_characters / CHARACTERS_OF_TOKEN[script]) * (of_token + SECONDS_TO_MASK)


def tokens_of_row(data: Dataset) -> float:
    """Return about how many tokens the texts, or the sentences of tokens, of a row have."""
    n_tokens = float(MARKS)
    for name in data.schema.features("text"):
        cells = data.frame[name].dropna().iloc[:LOOKED_AT]
        n_tokens += float(cells.str.len().mean()) / CHARACTERS_OF_TOKEN[script_of(cells)] if len(cells) else 0.0
    for name in data.schema.features("tokens"):
        cells = data.frame[name].dropna().iloc[:LOOKED_AT]
        n_tokens += TOKENS_OF_WORD * float(cells.str.len().mean()) if len(cells) else 0.0
    return n_tokens


def _config(checkpoint: str, budget: str, vocabulary: int = 30_522) -> "BertConfig":
    """Return what the encoder is like. A folder that has none is told of elsewhere; a small one stands for it.

    vocabulary : of a small one.
    """
    from tenon.errors import ModelFileError
    from tenon.text.bert_config import BertConfig, read_config
    from tenon.text.prepared_nets import SETTINGS

    try:
        if checkpoint != PREPARED:
            return read_config(Path(checkpoint))
    except ModelFileError:
        pass
    return BertConfig.of_size(SETTINGS[budget].size, vocabulary)
