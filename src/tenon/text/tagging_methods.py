"""Methods that tag sentences with an encoder, cheapest first; PyTorch is loaded only when one is fitted."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tenon.adapter import from_sequences
from tenon.method import Method
from tenon.tasks import Task
from tenon.text.bert_cost import seconds_to_tag
from tenon.text.bert_settings import EPOCHS, FINE_TUNING, fine_tuned
from tenon.text.prepared import by_itself
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


def on_encoder(name: str, build: Callable[..., Any]) -> dict[str, Any]:
    """Return the parts of a method that tags by an encoder."""
    parts = from_sequences(name, build, kinds_of_task=TAGGING, work={"epochs": EPOCHS}, read=_read_tagger)
    own = {"card": f"{name}.md", "takes": seconds_to_tag, "needs": "deep", "cost": "dear", "is_seeded": True}
    return by_itself(parts, "checkpoint", "mlm") | own


METHODS = (Method(cost_rank=91, params=OF_BERT, **on_encoder("bert-tagger", bert_tagger)),)
