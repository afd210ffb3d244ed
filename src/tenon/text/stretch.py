"""A BERT or RoBERTa made a network for longer texts, which begins with what it has learnt (Beltagy et al. 2020, section 5).

Vectors of places are repeated for those behind them, so that every token is near its neighbours as before; the global tokens of a
Longformer begin by asking as all others do. Texts as long as before, within the window of a Longformer, or which a BigBird sees
whole, are read just as they were; a BlockBERT parts every text, and has to learn again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from tenon import ranges
from tenon.errors import SettingsError, unknown
from tenon.text.bert import Bert
from tenon.text.bert_config import LONG, BertConfig, Kind
from tenon.training.noise import own_chance
from tenon.watch import SILENT, Watch

SAME = ("query", "key", "value")
SETTINGS = ("window", "kind", "block", "n_random", "n_parts")  # of `stretched`


def stretched(
    bert: Bert, longest: int, window: int = 256, kind: Kind = "longformer", block: int = BertConfig.block,
    n_random: int = BertConfig.n_random, n_parts: int = BertConfig.n_parts,
) -> Bert:  # fmt: skip
    """Return a network of a kind for long texts with the weights of `bert`, in its mode, for texts of up to `longest` tokens.

    window : of a Longformer, tokens that each sees to either side. block, n_random, n_parts : as of `BertConfig`. Raises
    SettingsError where `longest` is less than `bert` reads, or it is of such a kind already.
    """
    config = bert.config
    if config.kind in LONG:
        raise SettingsError(f"this network is a {config.name} already.")
    ranges.one_of("kind", kind, LONG)
    ranges.whole("longest", longest, config.longest)
    windows = (window,) * config.n_layers if kind == "longformer" else ()
    longer = replace(config, kind=kind, windows=windows, block=block, n_random=n_random, n_parts=n_parts)
    longer = replace(longer, n_positions=longest + longer.first_position)
    with own_chance(0):  # of weights that are then taken over
        net = Bert(longer).to(bert.pooler.weight.device)
    weights: dict[str, Any] = {}
    for name, weight in bert.state_dict().items():
        before, _, after = name.partition(".attention.")
        is_local = after and kind == "longformer"
        weights[f"{before}.attention.local.{after}" if is_local else name] = weight
        if is_local and after.startswith(SAME):
            weights[f"{before}.attention.global_{after}"] = weight
    weights["embedding.positions.weight"] = _repeated(bert.embedding.positions.weight, config.first_position, longer)
    net.load_state_dict(weights)
    return net.train(bert.training)


def reaching(bert: Bert, longest: int, stretch: Mapping[str, Any] | None, watch: Watch = SILENT) -> Bert:
    """Return `bert` stretched, or as it is where it is of the kind that is asked for already, or none is.

    stretch : SETTINGS of `stretched` by name, or None. watch : told of those that an encoder of the kind does not follow. Raises
    SettingsError for others, and as `stretched` does.
    """
    if stretch is None:
        return bert
    if not isinstance(stretch, Mapping):
        raise SettingsError(f"stretch takes settings by name, such as {{'window': 64}}, or None; got {stretch!r}.")
    for name in stretch:
        if name not in SETTINGS:
            raise unknown("setting", str(name), SETTINGS, of=" of stretch")
    if bert.config.kind == stretch.get("kind", "longformer"):
        for name, asked in stretch.items():
            own = set(bert.config.windows) if name == "window" else {getattr(bert.config, name)}
            if own != {asked}:
                watch.note(f"{name}={asked} is not used: the encoder is a {bert.config.name} already, and stays as it is.")
        return bert
    return stretched(bert, max(longest, bert.config.longest), **stretch)


def _repeated(places: Tensor, first: int, longer: BertConfig) -> Tensor:
    """Return vectors of all places: those before the first that counts, 0 where there are none, then the others in turn."""
    own, n_before = places[first:], longer.first_position
    before = places[:n_before] if first else own.new_zeros(n_before, longer.d_model)
    return torch.cat([before, own.repeat(-(-longer.longest // len(own)), 1)[: longer.longest]])
