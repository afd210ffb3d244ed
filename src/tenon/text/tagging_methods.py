"""Methods that tag sentences with an encoder; PyTorch is loaded only when one is fitted."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tenon.adapter import from_sequences
from tenon.method import Method
from tenon.tasks import Task
from tenon.text.bert_cost import seconds_to_tune
from tenon.text.bert_settings import EPOCHS, FINE_TUNING, fine_tuned
from tenon.text.prepared import by_itself
from tenon.text.sequence_methods import TAGGING


def _tagger(task: Task, params: Mapping[str, Any], seed: int) -> Any:
    from tenon.text.bert_tagger import BertTagger

    return BertTagger(**fine_tuned(params), random_state=seed)


def _read_tagger(folder: Path) -> Any:
    from tenon.text.bert_tagger import BertTagger

    return BertTagger.read_files(folder)


_TAGGER = from_sequences("bert-tagger", _tagger, kinds_of_task=TAGGING, work={"epochs": EPOCHS}, read=_read_tagger)

METHODS = (
    Method(
        card="bert-tagger.md",
        cost_rank=92,
        takes=seconds_to_tune,
        needs="deep",
        cost="dear",
        is_seeded=True,
        params={**FINE_TUNING, "layer_share": replace(FINE_TUNING["layer_share"], default=1.0)},
        **by_itself(_TAGGER, "checkpoint", "mlm"),
    ),
)
