"""How each network for texts is built, and trained where nothing else is asked for.

What they reach on real texts stands in docs/benchmarks.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tenon.training.recipe import Recipe

CLIP = 1.0  # longest gradient of a step: through a long text it may grow without bounds (Pascanu, Mikolov & Bengio 2013)
RECIPE = Recipe(decay=0.01, schedule="cosine", warmup=0.05, clip=CLIP)  # AdamW; the rate falls as half a cosine after a warm-up


@dataclass(frozen=True)
class Kind:
    """A network by its public name in `tenon.text`, and what it is given where nothing else is asked for."""

    name: str
    rate: float
    epochs: tuple[int, int, int]  # passes over the rows: quick, normal, thorough
    settings: Mapping[str, Any] = field(default_factory=dict)  # of its constructor
    dropout: float = 0.3  # share that is left out of the numbers of a token, and of what goes into each layer and the answer
    word_dropout: float = 0.0  # share of tokens that are made unknown while training

    @property
    def recipe(self) -> Recipe:
        return replace(RECIPE, rate=self.rate)


KINDS = {
    "text-cnn": Kind("TextCNN", 1e-3, (4, 10, 30), dropout=0.5),
    "rnn": Kind("RecurrentNet", 1e-3, (4, 10, 30), {"kind": "rnn"}),
    "lstm": Kind("RecurrentNet", 2e-3, (4, 10, 30), {"kind": "lstm"}),
    "gru": Kind("RecurrentNet", 2e-3, (4, 10, 30), {"kind": "gru"}),
    "bilstm-attention": Kind("AttentiveNet", 2e-3, (4, 10, 30)),
    "transformer": Kind("TransformerText", 1e-3, (4, 10, 30), word_dropout=0.1),
    "transformer-xl": Kind("TransformerXLText", 1e-3, (4, 10, 30), word_dropout=0.1),
    "reformer": Kind("ReformerText", 1e-3, (4, 10, 30), word_dropout=0.1),
}
TRANSLATING = {
    "gru": Kind("EncoderDecoder", 3e-3, (3, 10, 30), {"n_layers": 1}, dropout=0.2),
    "lstm": Kind("EncoderDecoder", 3e-3, (3, 10, 30), {"n_layers": 1}, dropout=0.2),
    "transformer": Kind("TransformerTranslation", 1.5e-3, (4, 10, 30), {"n_layers": 2}, dropout=0.1),
}
