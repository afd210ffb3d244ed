"""Methods that tag sentences with an encoder, cheapest first; PyTorch is loaded only when one is fitted."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tenon.adapter import Build
from tenon.method import Method
from tenon.tasks import Task
from tenon.text.bert_cost import seconds_to_tag
from tenon.text.bert_settings import EPOCHS, FINE_TUNING, fine_tuned, sequences_on_encoder
from tenon.text.sequence_methods import TAGGING

Params = Mapping[str, Any]
OF_BERT = {**FINE_TUNING, "layer_share": replace(FINE_TUNING["layer_share"], default=1.0)}


def bert_tagger(task: Task, params: Params, seed: int, stretch: dict[str, Any] | None = None) -> Any:
    """Return the estimator with the settings OF_BERT; stretch : of it, for rows longer than the encoder reads."""
    from tenon.text.bert_tagger import BertTagger

    return BertTagger(**fine_tuned(params), stretch=stretch, random_state=seed)


def _read_tagger(folder: Path) -> Any:
    from tenon.text.bert_tagger import BertTagger

    return BertTagger.read_files(folder)


def on_encoder(name: str, build: Build) -> dict[str, Any]:
    """Return the parts of a method that tags by an encoder."""
    return sequences_on_encoder(name, build, _read_tagger, TAGGING, seconds_to_tag, EPOCHS)


METHODS = (Method(cost_rank=91, params=OF_BERT, **on_encoder("bert-tagger", bert_tagger)),)
