"""BigBird beside transformers: answers and gradients of one folder, in both directions.

Theirs draws blocks by chance while it trains; asked for answers alone, it takes the first block for each, so that this counts
again and again. The first is met by giving it our blocks, the second by a pattern that does the same, here alone.
"""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
import transformers
from tests.parity.test_bert import seeded
from torch.nn import functional

from tenon.errors import ModelFileError, SettingsError
from tenon.nn.patterns import Blocks, RandomBlocks
from tenon.text import Bert, BertConfig
from tenon.text.bert_config import read_config
from tenon.text.bert_heads import BertForMasked, BertForPretraining, BertForSpans, BertForTags, BertForTexts

SMALL = BertConfig(
    kind="big_bird", vocab_size=61, d_model=24, n_layers=3, n_heads=4, d_hidden=37, n_positions=64, n_segments=2, block=4,
    n_random=1, activation="gelu_tanh", dropout=0.0, attention_dropout=0.0,
)  # fmt: skip
CONFIGS = {"small": SMALL, "more by chance": replace(SMALL, n_random=2, block=3)}
B, T, N_OUT = 3, 59, 3  # more tokens than are seen whole, and no whole number of blocks
LENGTHS = torch.tensor([59, 58, 58])  # as many blocks each: theirs goes by the longest
HEADS = {
    BertForMasked: ("BigBirdForMaskedLM", ()),
    BertForTexts: ("BigBirdForSequenceClassification", (N_OUT,)),
    BertForTags: ("BigBirdForTokenClassification", (N_OUT,)),
}


@dataclass(frozen=True)
class FirstForChance(Blocks):
    """As theirs, asked for answers alone: the first block in the place of each by chance."""

    n_random: int
    block: int

    def side(self, n):
        return self.block

    def blocks(self, n):
        fixed = RandomBlocks(0, block=self.block).blocks(n)
        return [fixed[0], *([*seen, *[0] * self.n_random] for seen in fixed[1:-1]), fixed[-1]]


def batch(config):
    chance = torch.Generator().manual_seed(0)
    is_real = torch.arange(T) < LENGTHS[:, None]
    ids = torch.randint(2, config.vocab_size, (B, T), generator=chance).masked_fill(~is_real, config.pad)
    return ids, is_real, torch.randint(0, config.n_segments, (B, T), generator=chance)


def with_the_first_for_chance(net, config):
    for layer in net.encoder.layers:
        layer.attention.patterns = FirstForChance(config.n_random, config.block)
    return net


def with_our_blocks(peer, config):
    """Give theirs what ours draws: for each block but the ends, those that are neither ends nor neighbours."""
    for i, layer in enumerate(peer.encoder.layer):
        seen = RandomBlocks(config.n_random, seed=i, block=config.block).blocks(T)
        drawn = [sorted(set(row) - {0, j - 1, j, j + 1, len(seen) - 1}) for j, row in enumerate(seen)][1:-1]

        def plan(*_, drawn=drawn, **__):
            return [np.array(drawn, np.int32)] * config.n_heads

        layer.attention.self._bigbird_block_rand_mask_with_head = plan
        layer.attention.self._bigbird_block_rand_mask = plan
    return peer


@pytest.mark.mission("H6")
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_what_we_write_answers_there_as_here(config, tmp_path):
    ours = seeded(Bert(config)).eval()
    ours.save_pretrained(tmp_path)
    peer = transformers.BigBirdModel.from_pretrained(tmp_path)
    ids, is_real, segments = batch(config)
    expected = peer(ids, is_real.long(), segments)
    found = with_the_first_for_chance(ours, config)(ids, is_real, segments)
    torch.testing.assert_close(found[is_real], expected.last_hidden_state[is_real], rtol=0, atol=1e-5)
    torch.testing.assert_close(ours.pooled(found), expected.pooler_output, rtol=0, atol=1e-5)
    first = ours(ids, is_real, segments, n_asked=1)
    torch.testing.assert_close(first, found[:, :1], rtol=0, atol=1e-5)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_blocks_by_chance_are_seen_as_there(config, tmp_path):
    ours = seeded(Bert(config)).eval()
    ours.save_pretrained(tmp_path)
    peer = with_our_blocks(transformers.BigBirdModel.from_pretrained(tmp_path), config)
    ids, is_real, segments = batch(config)
    expected, found = peer(ids, is_real.long(), segments).last_hidden_state, ours(ids, is_real, segments)
    torch.testing.assert_close(found[is_real], expected[is_real], rtol=0, atol=1e-5)
    assert not torch.allclose(with_the_first_for_chance(ours, config)(ids, is_real, segments)[is_real], found[is_real], atol=1e-3)


def test_short_texts_are_seen_whole_as_there(tmp_path):
    ours = seeded(Bert(SMALL)).eval()
    ours.save_pretrained(tmp_path)
    peer = transformers.BigBirdModel.from_pretrained(tmp_path)
    ids, is_real, segments = (part[:, :28] for part in batch(SMALL))
    torch.testing.assert_close(
        ours(ids, is_real, segments), peer(ids, is_real.long(), segments).last_hidden_state, rtol=0, atol=1e-5
    )


def test_what_they_write_answers_here_as_there(tmp_path):
    Bert(SMALL).save_pretrained(tmp_path / "start")
    peer = seeded(transformers.BigBirdModel.from_pretrained(tmp_path / "start"))
    peer.save_pretrained(tmp_path / "there")
    ours = Bert.from_pretrained(tmp_path / "there")
    assert (ours.fresh, ours.config) == ((), SMALL)
    ids, is_real, segments = batch(SMALL)
    expected = peer(ids, is_real.long(), segments).last_hidden_state
    found = with_the_first_for_chance(ours, SMALL)(ids, is_real, segments)
    torch.testing.assert_close(found[is_real], expected[is_real], rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", HEADS, ids=lambda kind: kind.__name__)
def test_heads_answer_and_learn_as_theirs(kind, tmp_path):
    name, settings = HEADS[kind]
    ours = seeded(kind(Bert(SMALL), *settings)).eval()
    ours.save_pretrained(tmp_path)
    peer = getattr(transformers, name).from_pretrained(tmp_path)
    with_the_first_for_chance(ours.bert, SMALL)
    ids, _, segments = batch(SMALL)
    ids = ids.clamp(min=2)
    expected, found = peer(ids, token_type_ids=segments).logits, ours(ids, None, segments)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    labels = torch.randint(0, found.shape[-1], found.shape[:-1], generator=torch.Generator().manual_seed(2))
    for logits in (found, expected):
        functional.cross_entropy(logits.flatten(0, -2), labels.flatten()).backward()
    for own, other in (
        (ours.bert.embedding.tokens.weight, peer.bert.embeddings.word_embeddings.weight),
        (ours.bert.encoder.layers[0].attention.key.weight, peer.bert.encoder.layer[0].attention.self.key.weight),
    ):
        torch.testing.assert_close(own.grad, other.grad, rtol=0, atol=1e-5)


def test_the_head_of_pretraining_answers_as_theirs(tmp_path):
    ours = seeded(BertForPretraining(Bert(SMALL))).eval()
    ours.save_pretrained(tmp_path)
    peer = transformers.BigBirdForPreTraining.from_pretrained(tmp_path)
    with_the_first_for_chance(ours.bert, SMALL)
    ids, _, segments = batch(SMALL)
    expected, found = peer(ids.clamp(min=2), token_type_ids=segments), ours(ids.clamp(min=2), None, segments)
    torch.testing.assert_close(found[0], expected.prediction_logits, rtol=0, atol=1e-5)
    torch.testing.assert_close(found[1], expected.seq_relationship_logits, rtol=0, atol=1e-5)


def test_what_a_config_leaves_out_is_theirs_too(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "big_bird"}))
    ours, peer = read_config(tmp_path).to_json(), transformers.BigBirdConfig()
    assert len(ours) == 16
    assert ours == {said: getattr(peer, said) for said in ours}


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"attention_type": "original_full"}, "has attention_type 'original_full', which is not read here; 'block_sparse' is"),
        ({"rescale_embeddings": True}, "has rescale_embeddings True, which is not read here; False is"),
        ({"is_decoder": True}, "a network of kind big_bird reads a text both ways; is_causal is of others"),
        ({"block_size": 0}, "block takes a whole number from 1 on; got 0"),
        ({"num_random_blocks": -1}, "n_random takes a whole number from 0 on; got -1"),
    ],
)
def test_what_is_not_read_is_said(said, match, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "big_bird", **said}))
    with pytest.raises(ModelFileError, match=match):
        read_config(tmp_path)


def test_heads_that_no_file_has_are_refused():
    with pytest.raises(SettingsError, match="BertForSpans is not built on big_bird, which was never trained for it"):
        BertForSpans(Bert(SMALL))
