"""Methods that tag sentences with an encoder, cheapest first; PyTorch is loaded only when one is fitted."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tenon.adapter import from_sequences
from tenon.data.dataset import Schema
from tenon.method import Method
from tenon.tasks import Task
from tenon.text.bert_cost import seconds_to_tag
from tenon.text.bert_settings import EPOCHS, FINE_TUNING, fine_tuned
from tenon.text.long_methods import LONGEST, LONGFORMER, are_short, of_long_texts, stretch_to
from tenon.text.prepared import by_itself
from tenon.text.sequence_methods import TAGGING

Params = Mapping[str, Any]
OF_BERT = {**FINE_TUNING, "layer_share": replace(FINE_TUNING["layer_share"], default=1.0)}
AT_ONCE = {**OF_BERT, "longest": LONGEST, **LONGFORMER}


def not_long(schema: Schema) -> str | None:
    """Return why sentences are not read at once, None where enough of them are long."""
    [column] = schema.features("tokens")
    return are_short(schema, column, "sentences", "bert-tagger reads the others whole with longest=512")


def _tagger(task: Task, params: Params, seed: int, stretch: dict[str, Any] | None = None) -> Any:
    from tenon.text.bert_tagger import BertTagger

    return BertTagger(**fine_tuned(params), stretch=stretch, random_state=seed)


def _longformer(task: Task, params: Params, seed: int) -> Any:
    return _tagger(task, params, seed, stretch_to("longformer", LONGFORMER, params))


def _read_tagger(folder: Path) -> Any:
    from tenon.text.bert_tagger import BertTagger

    return BertTagger.read_files(folder)


def _on_encoder(name: str, build: Callable[..., Any]) -> dict[str, Any]:
    parts = from_sequences(name, build, kinds_of_task=TAGGING, work={"epochs": EPOCHS}, read=_read_tagger)
    own = {"card": f"{name}.md", "takes": seconds_to_tag, "needs": "deep", "cost": "dear", "is_seeded": True}
    return by_itself(parts, "checkpoint", "mlm") | own


METHODS = (
    Method(cost_rank=91, params=OF_BERT, **_on_encoder("bert-tagger", _tagger)),
    Method(cost_rank=92, params=AT_ONCE, **of_long_texts(_on_encoder("longformer-tagger", _longformer), not_long)),
)
