"""Longformer, BigBird and BlockBERT: a `tenon.text.Bert` whose tokens see a part of the others, so that it reads long texts."""

from typing import ClassVar

from torch import Tensor

from tenon.errors import SettingsError
from tenon.text.bert import Bert
from tenon.text.bert_config import BertConfig


class _LongBert(Bert):
    """Tokens (B, T) into states (B, T, C); the settings are of the kind of network that the class is."""

    standard: ClassVar[BertConfig]

    def __init__(self, config: BertConfig | None = None):
        config = config or self.standard
        if config.kind != self.standard.kind:
            raise SettingsError(
                f"{type(self).__name__} takes settings of kind {self.standard.kind!r}; got {config.kind!r}. "
                "tenon.text.stretched makes such a network of a BERT or RoBERTa."
            )
        super().__init__(config)

    def forward(  # type: ignore[override]  # the order of Hugging Face's Longformer
        self, input_ids: Tensor, attention_mask: Tensor | None = None, global_attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None, n_asked: int | None = None,
    ) -> Tensor:  # fmt: skip
        """See `tenon.text.Bert.forward`. Returns (B, T, C)."""
        return super().forward(input_ids, attention_mask, token_type_ids, n_asked, global_attention_mask)


class Longformer(_LongBert):
    """Each token sees a window around it; those of `global_attention_mask` see all and are seen by all.

    From chance in the size of Longformer-base (Beltagy et al. 2020, arXiv:2004.05150, section 5), where no settings are given.
    """

    standard = BertConfig(
        kind="longformer", vocab_size=50_265, n_positions=4_098, n_segments=1, pad=1, eps=1e-5
    )  # fmt: skip


class BigBird(_LongBert):
    """Each block of tokens sees the first and the last, those beside it, and some by chance; short texts are seen whole.

    From chance in the size of BigBird-base (Zaheer et al. 2020, arXiv:2007.14062, appendix E), where no settings are given. No
    token is named global: those of the first and the last block are.
    """

    standard = BertConfig(kind="big_bird", vocab_size=50_358, n_positions=4_096, activation="gelu_tanh")


class BlockBert(_LongBert):
    """The text falls into parts, and each head lets every part see one other (Qiu et al. 2020, arXiv:1911.02972)."""

    standard = BertConfig(kind="blockbert", n_positions=1_024)
