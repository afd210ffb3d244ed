"""Encoders for long texts by their names, beside transformers: one folder, the same answers."""

import inspect

import pytest
import torch
import transformers
from tests.parity.test_bert import seeded

from tenon.errors import SettingsError
from tenon.long import BigBird, BlockBert, Longformer
from tenon.text import Bert, BertConfig

SIZE = {"vocab_size": 61, "d_model": 24, "n_layers": 2, "n_heads": 4, "d_hidden": 37}
THEIR_SIZE = {
    "vocab_size": 61, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 37,
    "max_position_embeddings": 64, "attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0,
}  # fmt: skip
PEERS = {
    Longformer: (transformers.LongformerConfig, {"attention_window": [4, 4], "pad_token_id": 1}, transformers.LongformerModel),
    BigBird: (transformers.BigBirdConfig, {"pad_token_id": 0}, transformers.BigBirdModel),
}
IDS = torch.randint(2, 61, (3, 40), generator=torch.Generator().manual_seed(0))
REAL = (torch.arange(40) < torch.tensor([[40], [25], [9]])).long()


def peer_of(kind, folder):
    config, settings, theirs = PEERS[kind]
    peer = seeded(theirs(config(**THEIR_SIZE, **settings))).eval()
    peer.save_pretrained(folder)
    return peer


@pytest.mark.parametrize("kind", PEERS, ids=lambda kind: kind.__name__)
def test_a_folder_of_theirs_answers_here_as_there(kind, tmp_path):
    peer = peer_of(kind, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "model.safetensors"]  # no tokens are needed
    found = kind.from_pretrained(tmp_path)(IDS, REAL)
    expected = peer(IDS, attention_mask=REAL).last_hidden_state
    assert found.shape == (3, 40, 24)
    torch.testing.assert_close(found[REAL > 0], expected[REAL > 0], rtol=0, atol=1e-5)


@pytest.mark.parametrize("as_type", [torch.long, torch.bool], ids=str)
def test_global_tokens_are_named_as_theirs(as_type, tmp_path):
    peer, seen = peer_of(Longformer, tmp_path), torch.zeros_like(IDS)
    seen[:, [0, 5]] = 1
    net = Longformer.from_pretrained(tmp_path)
    found, without = net(IDS, REAL.to(as_type), seen.to(as_type)), net(IDS, REAL.to(as_type))
    expected = peer(IDS, attention_mask=REAL, global_attention_mask=seen).last_hidden_state
    torch.testing.assert_close(found[REAL > 0], expected[REAL > 0], rtol=0, atol=1e-5)
    assert not torch.allclose(found, without)


@pytest.mark.parametrize("kind", [Longformer, BigBird, BlockBert], ids=lambda kind: kind.__name__)
def test_each_is_the_bert_of_its_kind(kind, tmp_path):
    config = BertConfig(kind=kind.standard.kind, **SIZE, n_positions=64, dropout=0.0, attention_dropout=0.0)
    net = seeded(kind(config)).eval()
    net.save_pretrained(tmp_path)
    torch.testing.assert_close(Bert.from_pretrained(tmp_path)(IDS, REAL), net(IDS, REAL), rtol=0, atol=0)
    assert list(inspect.signature(net.forward).parameters)[:3] == ["input_ids", "attention_mask", "global_attention_mask"]
    with pytest.raises(
        SettingsError,
        match="takes settings of kind '.*'; got 'bert'. tenon.text.stretched makes such a network of a BERT or RoBERTa",
    ):
        kind(BertConfig(**SIZE))


@pytest.mark.parametrize(("kind", "theirs"), [(Longformer, transformers.LongformerConfig), (BigBird, transformers.BigBirdConfig)])
def test_where_nothing_is_said_sizes_are_those_published(kind, theirs):
    ours, published = kind.standard, theirs()
    assert (ours.d_model, ours.n_layers, ours.n_heads) == (768, 12, 12)
    assert (ours.d_hidden, ours.pad) == (published.intermediate_size, published.pad_token_id)
    assert ours.longest == 4096
