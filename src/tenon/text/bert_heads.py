"""A BERT with a head for each task it is pretrained or fine-tuned on (Devlin et al. 2019, sections 3.1 and 4).

Each takes a folder under the names of Hugging Face, with its own head, another's, or none, and writes one that their programs
read. Logits are for `functional.cross_entropy`.
"""

from abc import ABC
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from tenon import ranges
from tenon.errors import SettingsError
from tenon.nn.activations import activation_layer
from tenon.nn.attention import Read
from tenon.text.bert import Bert, architecture, draw, first_of, question_of, with_weights_from
from tenon.text.bert_config import BertConfig, Family, read_config
from tenon.text.bert_files import POOLERS, Names, write_config, write_weights


class BertFor(nn.Module, ABC):
    """A BERT, `bert`, and what is built on it.

    `from_pretrained` gives one in evaluation mode; `fresh` then names the weights that the folder lacked, as first drawn.
    """

    fresh: tuple[str, ...] = ()
    n_classes = 0  # that it tells apart, where they are not the same in every use
    theirs: ClassVar[str]  # behind Bert or Roberta, the name of their class
    names: ClassVar[dict[Family, Names]]
    is_causal: ClassVar[bool] = False  # of the networks it is built on

    def __init__(self, bert: Bert):
        super().__init__()
        if bert.config.family not in self.names:
            raise SettingsError(f"{type(self).__name__} is not built on {bert.config.kind}, which was never trained for it.")
        if bert.config.is_causal != self.is_causal:
            reads = "only what stands before each token" if bert.config.is_causal else "a text both ways"
            raise SettingsError(f"{type(self).__name__} is not built on a network that reads {reads}.")
        self.bert = bert

    @classmethod
    def from_pretrained(cls, folder: "Path | str", *settings: Any) -> Self:
        """Return the network with the weights in a folder; settings : what the class takes behind `bert`.

        A head that the folder lacks, or has for other classes, is drawn from torch's generator. Raises ModelFileError where
        anything else does not fit.
        """
        config = read_config(Path(folder))
        names = cls.names.get(config.family, {})
        net, fresh = with_weights_from(Path(folder), lambda: cls(Bert(config), *settings), names)
        net.fresh = fresh
        return net

    def save_pretrained(self, folder: "Path | str") -> None:
        """Write config.json and model.safetensors into a folder. Raises OutputError where it cannot be written."""
        config, names = self.bert.config, [f"LABEL_{i}" for i in range(self.n_classes)]
        labels = {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}} if names else {}
        write_weights(self, Path(folder), self.names[config.family], prefix=config.prefix)
        write_config(Path(folder), config, architectures=[architecture(config, self.theirs)], **labels)


class MaskedHead(nn.Module):
    """Which token stands where one was masked: a layer, and the vectors of all tokens once more (Press & Wolf 2017)."""

    def __init__(self, config: BertConfig):
        super().__init__()
        self.dense, self.norm = nn.Linear(config.d_model, config.d_model), config.layer.layer_norm()
        self.activation = activation_layer("gelu" if config.family == "roberta" else config.activation)
        self.bias = nn.Parameter(self.dense.bias.new_zeros(config.vocab_size))
        draw(self)

    def forward(self, states: Tensor, vectors: Tensor) -> Tensor:
        """states: (…, C), vectors: (V, C) float. Returns logits (…, V)."""
        return functional.linear(self.norm(self.activation(self.dense(states))), vectors, self.bias)


MASKED: dict[Family, Names] = {
    "bert": {
        "masked.dense": "cls.predictions.transform.dense", "masked.norm": "cls.predictions.transform.LayerNorm",
        "masked.bias": "cls.predictions.bias",
    },
    "roberta": {"masked.dense": "lm_head.dense", "masked.norm": "lm_head.layer_norm", "masked.bias": "lm_head.bias"},
}  # fmt: skip
MASKED["big_bird"] = {**MASKED["bert"], **POOLERS["big_bird"]}
NEXT: Names = {"next": "cls.seq_relationship"}


class BertForMasked(BertFor):
    """Foretells masked tokens."""

    theirs, names = "ForMaskedLM", MASKED

    def __init__(self, bert: Bert):
        super().__init__(bert)
        self.masked = MaskedHead(bert.config)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None,
        places: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """Inputs as of `Bert`; places: (B, T) bool, those asked for, None: all. Returns logits (n, V), or (B, T, V)."""
        return _masked(self.masked, self.bert, self.bert(input_ids, attention_mask, token_type_ids=token_type_ids), places)


class BertForPretraining(BertFor):
    """Foretells masked tokens, and whether the second text of a pair follows the first (class 0) or is of elsewhere (1)."""

    theirs = "ForPreTraining"
    names: ClassVar[dict[Family, Names]] = {"bert": {**MASKED["bert"], **NEXT}, "big_bird": {**MASKED["big_bird"], **NEXT}}

    def __init__(self, bert: Bert):
        super().__init__(bert)
        self.masked, self.next = MaskedHead(bert.config), _linear(bert, 2)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None,
        places: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Inputs as of `BertForMasked`. Returns logits of tokens, (n, V) or (B, T, V), and of pairs (B, 2)."""
        states = self.bert(input_ids, attention_mask, token_type_ids=token_type_ids)
        return _masked(self.masked, self.bert, states, places), self.next(self.bert.pooled(states))


class BertForWriting(BertFor):
    """Foretells each token after those before it: a language model. Of causal networks alone."""

    theirs, names, is_causal = "LMHeadModel", {"bert": MASKED["bert"]}, True

    def __init__(self, bert: Bert):
        super().__init__(bert)
        self.masked = MaskedHead(bert.config)

    def forward(self, input_ids: Tensor) -> Tensor:
        """input_ids: (B, T) int64; padding stands behind texts. Returns logits (B, T, V) of what comes behind each token."""
        return _masked(self.masked, self.bert, self.bert(input_ids), None)

    def step(self, input_ids: Tensor, read: Sequence[Read] = ()) -> tuple[Tensor, list[Read]]:
        """Return the same for tokens behind others, which were read before, and all that is read by now."""
        states, read = self.bert.step(input_ids, read)
        return _masked(self.masked, self.bert, states, None), read


class BertForNext(BertFor):
    """Foretells whether the second text of a pair follows the first (class 0) or is of elsewhere (1)."""

    theirs, names = "ForNextSentencePrediction", {"bert": NEXT}

    def __init__(self, bert: Bert):
        super().__init__(bert)
        self.next = _linear(bert, 2)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None) -> Tensor:
        """Inputs as of `Bert`. Returns logits (B, 2)."""
        return self.next(self.bert.pooled(self.bert(input_ids, attention_mask, token_type_ids=token_type_ids, n_asked=1)))


_DENSE: Names = {"out": "classifier.out_proj", "bert.pooler": "classifier.dense"}


class BertForTexts(BertFor):
    """Gives n_out numbers for each text, or pair of texts in two segments: logits of classes, or one number."""

    theirs = "ForSequenceClassification"
    names: ClassVar[dict[Family, Names]] = {
        "bert": {"out": "classifier"}, **dict.fromkeys(("roberta", "big_bird"), _DENSE)
    }  # fmt: skip

    def __init__(self, bert: Bert, n_out: int):
        super().__init__(bert)
        self.n_classes, self.dropout, self.out = n_out, nn.Dropout(bert.config.dropout), _linear(bert, n_out)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None) -> Tensor:
        """Inputs as of `Bert`. Returns (B, n_out)."""
        states = self.bert(
            input_ids, attention_mask, token_type_ids=token_type_ids, n_asked=1, global_attention_mask=first_of(input_ids)
        )
        config = self.bert.config  # of the encoder that is there: it may have been stretched
        activation = activation_layer(config.activation) if config.family == "big_bird" else torch.tanh
        return self.out(self.dropout(self.bert.pooled(states, activation)))


class BertForTags(BertFor):
    """Gives logits of n_out tags for each token.

    In a Longformer [CLS] sees all and is seen by all, so that tokens far apart learn of each other, and heads of the lower layers
    find what they looked at in a BERT (Clark et al. 2019, arXiv:1906.04341, section 3.2). For coreference Beltagy et al. 2020 let
    none.
    """

    theirs = "ForTokenClassification"
    names: ClassVar[dict[Family, Names]] = {
        "bert": {"out": "classifier"}, "roberta": {"out": "classifier"}, "big_bird": {"out": "classifier", **POOLERS["big_bird"]}
    }  # fmt: skip

    def __init__(self, bert: Bert, n_out: int):
        super().__init__(bert)
        self.n_classes, self.dropout, self.out = n_out, nn.Dropout(bert.config.dropout), _linear(bert, n_out)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None) -> Tensor:
        """Inputs as of `Bert`. Returns (B, T, n_out)."""
        states = self.bert(input_ids, attention_mask, token_type_ids=token_type_ids, global_attention_mask=first_of(input_ids))
        return self.out(self.dropout(states))


class BertForSpans(BertFor):
    """Tells where in the row an answer begins and ends."""

    theirs = "ForQuestionAnswering"
    names: ClassVar[dict[Family, Names]] = {"bert": {"out": "qa_outputs"}, "roberta": {"out": "qa_outputs"}}

    def __init__(self, bert: Bert):
        super().__init__(bert)
        self.out = _linear(bert, 2)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None) -> Tensor:
        """Inputs as of `Bert`. Returns logits (B, T, 2) of each place being the first, and the last, of the answer.

        token_type_ids : which text each token is of, also for networks that know one kind; in a Longformer the first sees all.
        The loss of logits is `functional.cross_entropy(logits, places)`, places (B, 2), since the T places are the classes.
        """
        is_question = None if token_type_ids is None else question_of(token_type_ids)
        return self.out(self.bert(input_ids, attention_mask, token_type_ids=token_type_ids, global_attention_mask=is_question))


def _masked(head: MaskedHead, bert: Bert, states: Tensor, places: Tensor | None) -> Tensor:
    """Return logits of the places asked for, whose states are picked first: the vocabulary is the widest layer of all."""
    return head(states if places is None else states[places], bert.embedding.tokens.weight)


def _linear(bert: Bert, n_out: int) -> nn.Linear:
    ranges.whole("n_out", n_out, 1)
    layer = nn.Linear(bert.config.d_model, n_out)
    draw(layer)
    return layer
