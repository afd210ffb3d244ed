"""Longformer beside transformers: answers and gradients of one folder, in both directions, with global tokens of each task."""

import json
from dataclasses import replace

import pytest
import tokenizers
import torch
import transformers
from tests.parity.test_bert import seeded
from tests.text.encoders import X
from torch.nn import functional

from tenon.text import Bert, BertAnswer, BertConfig
from tenon.text.bert_config import read_config
from tenon.text.bert_heads import BertForMasked, BertForTags, BertForTexts
from tenon.text.marked_rows import MarkedRows

SMALL = BertConfig(
    kind="longformer", vocab_size=61, d_model=24, n_layers=3, n_heads=4, d_hidden=37, n_positions=44, n_segments=1, pad=1,
    windows=(2, 4, 2), dropout=0.0, attention_dropout=0.0,
)  # fmt: skip
CONFIGS = {"small": SMALL, "other pad, segments": replace(SMALL, pad=0, n_segments=2, windows=(4,) * 3)}
B, T, N_OUT = 4, 37, 3  # a length that no window divides; theirs have to divide each other
LENGTHS = torch.tensor([37, 22, 8, 30])
HEADS = {
    BertForMasked: ("LongformerForMaskedLM", ()),
    BertForTexts: ("LongformerForSequenceClassification", (N_OUT,)),
    BertForTags: ("LongformerForTokenClassification", (N_OUT,)),
}


def batch(config):
    chance = torch.Generator().manual_seed(0)
    is_real = torch.arange(T) < LENGTHS[:, None]
    ids = torch.randint(2, config.vocab_size, (B, T), generator=chance).masked_fill(~is_real, config.pad)
    return ids, is_real, torch.randint(0, config.n_segments, (B, T), generator=chance)


@pytest.mark.mission("H5")
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("places", [(), (0,), (0, 3, 7)], ids=str)
def test_what_we_write_answers_there_as_here(config, places, tmp_path):
    ours = seeded(Bert(config)).eval()
    ours.save_pretrained(tmp_path)
    peer = transformers.LongformerModel.from_pretrained(tmp_path)
    ids, is_real, segments = batch(config)
    is_global = torch.zeros(B, T, dtype=torch.bool)
    is_global[:, list(places)] = True
    expected = peer(ids, is_real.long(), is_global.long(), segments)
    found = ours(ids, is_real, segments, global_attention_mask=is_global)
    torch.testing.assert_close(found[is_real], expected.last_hidden_state[is_real], rtol=0, atol=1e-5)
    torch.testing.assert_close(ours.pooled(found), expected.pooler_output, rtol=0, atol=1e-5)
    if 0 in places:
        first = ours(ids, is_real, segments, n_asked=1, global_attention_mask=is_global)
        torch.testing.assert_close(first, found[:, :1], rtol=0, atol=1e-5)


def test_what_they_write_answers_here_as_there(tmp_path):
    Bert(SMALL).save_pretrained(tmp_path / "start")
    peer = seeded(transformers.LongformerModel.from_pretrained(tmp_path / "start"))
    peer.save_pretrained(tmp_path / "there")
    ours = Bert.from_pretrained(tmp_path / "there")
    assert (ours.fresh, ours.config) == ((), SMALL)
    ids, is_real, segments = batch(SMALL)
    expected = peer(ids, is_real.long(), token_type_ids=segments).last_hidden_state
    torch.testing.assert_close(ours(ids, is_real, segments)[is_real], expected[is_real], rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", HEADS, ids=lambda kind: kind.__name__)
def test_heads_answer_and_learn_as_theirs(kind, tmp_path):
    name, settings = HEADS[kind]
    ours = seeded(kind(Bert(SMALL), *settings)).eval()
    ours.save_pretrained(tmp_path)
    peer = getattr(transformers, name).from_pretrained(tmp_path)
    ids, _, segments = batch(SMALL)
    ids = ids.clamp(min=2)  # without padding, of which gradients of theirs are no numbers
    is_first = torch.zeros_like(ids)
    is_first[:, 0] = kind is not BertForMasked
    expected, found = peer(ids, global_attention_mask=is_first, token_type_ids=segments).logits, ours(ids, None, segments)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    labels = torch.randint(0, found.shape[-1], found.shape[:-1], generator=torch.Generator().manual_seed(2))
    for logits in (found, expected):
        functional.cross_entropy(logits.flatten(0, -2), labels.flatten()).backward()
    for own, other in (
        (ours.bert.embedding.tokens.weight, peer.longformer.embeddings.word_embeddings.weight),
        (ours.bert.encoder.layers[0].attention.local.key.weight, peer.longformer.encoder.layer[0].attention.self.key.weight),
    ):
        torch.testing.assert_close(own.grad, other.grad, rtol=0, atol=1e-5)


@pytest.mark.parametrize("checkpoint", ["", "of theirs"])
def test_answers_are_theirs_with_the_tokens_that_they_let_see_all(checkpoint, tmp_path):
    """They find the question by the first of three marks, and cut pairs themselves; windows are two tokens wide."""
    contexts = [" ".join(X[i : i + 4]) for i in range(12)]
    made = tokenizers.ByteLevelBPETokenizer()
    made.train_from_iterator(X, vocab_size=300, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], show_progress=False)
    made.save_model(str(tmp_path))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "LongformerTokenizer"}))
    config = replace(SMALL, vocab_size=300, n_positions=130, windows=(2, 2, 2))
    Bert(config).save_pretrained(tmp_path)
    if checkpoint:
        seeded(transformers.LongformerModel.from_pretrained(tmp_path)).save_pretrained(tmp_path)
    pairs = [(f"is it {X[i]}", context) for i, context in enumerate(contexts)]
    answers = [[{"text": context[:4], "start": 0, "script": "other"}] for context in contexts]
    model = BertAnswer(tmp_path, longest=128, epochs=1, fewest_steps=0, rate=1e-3, random_state=0, n_jobs=1).fit(pairs, answers)
    assert model.net_.bert.config == config
    model.net_.save_pretrained(tmp_path)
    peer = transformers.LongformerForQuestionAnswering.from_pretrained(tmp_path).eval()
    given = transformers.AutoTokenizer.from_pretrained(tmp_path)(*zip(*pairs, strict=True), return_tensors="pt", padding=True)
    expected, is_real = peer(**given), given["attention_mask"].bool()
    rows = MarkedRows([window.row for window in model._cut(pairs)], torch.zeros(12), 1)
    ids, mask, segments = rows.inputs(torch.arange(12), torch.device("cpu"))
    assert torch.equal(ids, given["input_ids"])
    assert torch.equal(mask, is_real)
    found = model.net_(ids, mask, segments)
    for side, theirs in enumerate((expected.start_logits, expected.end_logits)):
        torch.testing.assert_close(found[..., side][is_real], theirs[is_real], rtol=0, atol=1e-5)


def test_what_a_config_leaves_out_is_theirs_too(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "longformer"}))
    ours, peer = read_config(tmp_path).to_json(), transformers.LongformerConfig()
    assert ours.pop("attention_window") == [peer.attention_window] * peer.num_hidden_layers
    assert ours.pop("attention_dilation") == [1] * peer.num_hidden_layers
    assert ours.pop("is_decoder") is False
    assert len(ours) == 13
    assert ours == {said: getattr(peer, said) for said in ours}
