"""A BERT or RoBERTa made a Longformer, which reads longer texts with what it has learnt (Beltagy et al. 2020, section 5).

Vectors of places are repeated for those behind them, so that every token is near its neighbours as before; global tokens begin by
asking as all others do. Texts as long as before, within the window, are read just as they were.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from tenon import ranges
from tenon.errors import SettingsError
from tenon.text.bert import Bert
from tenon.text.bert_config import BertConfig
from tenon.training.noise import own_chance

SAME = ("query", "key", "value")


def stretched(bert: Bert, longest: int, window: int = 256) -> Bert:
    """Return a Longformer with the weights of `bert`, in its mode, for texts of up to `longest` tokens.

    window : tokens that each sees to either side. Raises SettingsError where that is less than it reads, or it is one already.
    """
    config = bert.config
    if config.kind == "longformer":
        raise SettingsError("this network is a Longformer already.")
    ranges.whole("longest", longest, config.longest)
    longer = replace(config, kind="longformer", windows=(window,) * config.n_layers, n_positions=longest + config.pad + 1)
    with own_chance(0):  # of weights that are then taken over
        net = Bert(longer).to(bert.pooler.weight.device)
    weights: dict[str, Any] = {}
    for name, weight in bert.state_dict().items():
        before, _, after = name.partition(".attention.")
        weights[f"{before}.attention.local.{after}" if after else name] = weight
        if after.startswith(SAME):
            weights[f"{before}.attention.global_{after}"] = weight
    weights["embedding.positions.weight"] = _repeated(bert.embedding.positions.weight, config.first_position, longer)
    net.load_state_dict(weights)
    return net.train(bert.training)


def _repeated(places: Tensor, first: int, longer: BertConfig) -> Tensor:
    """Return vectors of all places: those before the first that counts, 0 where there are none, then the others in turn."""
    own = places[first:]
    before = places[:first] if first else own.new_zeros(longer.first_position, longer.d_model)
    return torch.cat([before, own.repeat(-(-longer.longest // len(own)), 1)[: longer.longest]])
