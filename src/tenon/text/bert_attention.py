"""How the layers of each kind of BERT look at a text: at all of it, or, where texts are long, by a pattern."""

from torch import nn

from tenon.nn.long_attention import LongAttention
from tenon.nn.patterned_attention import PatternedAttention, parts_by_head
from tenon.nn.patterns import RandomBlocks, Window
from tenon.text.bert_config import BertConfig


def long_attention(config: BertConfig, place: int) -> nn.Module:
    """Return the attention of a layer, by its place from below, of a network for long texts; it is asked with `Seen`.

    A BigBird sees short texts whole, as in the paper's program.
    """
    of = config.d_model, config.n_heads
    if config.kind == "longformer":
        window = Window(config.windows[place], config.is_causal, config.dilations[place])
        return LongAttention(*of, window, config.attention_dropout)
    if config.kind == "blockbert":
        return PatternedAttention(*of, parts_by_head(config.n_heads, config.n_parts), config.attention_dropout)
    return PatternedAttention(*of, RandomBlocks(config.n_random, place, config.block, config.whole), config.attention_dropout)
