"""BERT and RoBERTa beside transformers: answers, losses and gradients of one folder, in both directions."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
import transformers
from tests.parity.test_bert_tokens import TEXTS, assert_alike
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoTokenizer

from tenon.text import Bert, BertConfig, MarkedTokens
from tenon.text.bert_config import read_config
from tenon.text.bert_files import ENCODER, POOLER, their_name
from tenon.text.bert_heads import BertForMasked, BertForNext, BertForPretraining, BertForSpans, BertForTags, BertForTexts
from tenon.text.fine_tuning import RECIPE, layer_rates
from tenon.text.marked import Marked
from tenon.text.marked_rows import MarkedRows
from tenon.training.loop import train
from tenon.training.rows import batches_of
from tenon.training.schedules import rate_factor

SMALL = BertConfig(
    vocab_size=61, d_model=24, n_layers=3, n_heads=4, d_hidden=37, n_positions=19, dropout=0.0, attention_dropout=0.0
)
CONFIGS = {
    "bert": SMALL,
    "one head, relu": replace(SMALL, n_heads=1, n_layers=1, activation="relu", n_segments=3, pad=7),
    "gelu of tanh": replace(SMALL, d_model=33, n_heads=11, d_hidden=5, activation="gelu_tanh", eps=1e-5),
    **{name: replace(SMALL, activation=name) for name in ("mish", "leaky_relu", "tanh", "sigmoid")},
    "roberta": replace(SMALL, kind="roberta", n_segments=1, pad=1, n_positions=21),
    "roberta, other pad": replace(SMALL, kind="roberta", n_segments=2, pad=3, n_positions=23),
}
B, T, N_OUT = 5, 17, 3
LENGTHS = torch.tensor([17, 1, 8, 3, 16])
PEERS = {
    BertForMasked: ("BertForMaskedLM", "RobertaForMaskedLM"),
    BertForPretraining: ("BertForPreTraining",),
    BertForNext: ("BertForNextSentencePrediction",),
    BertForTexts: ("BertForSequenceClassification", "RobertaForSequenceClassification"),
    BertForTags: ("BertForTokenClassification", "RobertaForTokenClassification"),
    BertForSpans: ("BertForQuestionAnswering", "RobertaForQuestionAnswering"),
}


def seeded(net):
    """With gains and biases that are not 1 and 0, since these would hide what is done with them."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    return net


def batch(config, seed=0):
    """Ids with a token of padding's id within a text, too, the mask, and segments."""
    chance = torch.Generator().manual_seed(seed)
    is_real = torch.arange(T) < LENGTHS[:, None]
    ids = torch.randint(0, config.vocab_size, (B, T), generator=chance).masked_fill(~is_real, config.pad)
    segments = torch.randint(0, config.n_segments, (B, T), generator=chance)
    return ids, is_real, segments


def theirs(name, folder):
    return getattr(transformers, name).from_pretrained(folder, attn_implementation="eager")


def assert_same(found, expected, is_real=None, atol=1e-5):
    if is_real is not None:
        found, expected = found[is_real], expected[is_real]
    torch.testing.assert_close(found, expected, rtol=0, atol=atol)


@pytest.mark.mission("G5")
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_what_we_write_answers_there_as_here(config, tmp_path):
    """States, weights of attention, pooled states; with padding and segments, and without."""
    ours = seeded(Bert(config)).eval()
    ours.save_pretrained(tmp_path)
    peer = theirs("BertModel" if config.kind == "bert" else "RobertaModel", tmp_path)
    ids, is_real, segments = batch(config)
    expected = peer(ids, is_real.long(), segments, output_hidden_states=True, output_attentions=True)
    for mask in (is_real, is_real.long(), is_real.float()):
        assert_same(ours(ids, mask, segments), expected.last_hidden_state, is_real)
    assert_same(ours.pooled(ours(ids, is_real, segments)), expected.pooler_output)
    states, weights = ours.each(ids, is_real, segments)
    assert len(states) == config.n_layers + 1 == len(expected.hidden_states)
    for found, state in zip(states, expected.hidden_states, strict=True):
        assert_same(found, state, is_real)
    for found, weight in zip(weights, expected.attentions, strict=True):
        assert_same(found.transpose(1, 2)[is_real], weight.transpose(1, 2)[is_real])
    assert_same(ours(ids), peer(ids).last_hidden_state)


@pytest.mark.mission("G5")
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_what_they_write_answers_here_as_there(config, tmp_path):
    Bert(config).save_pretrained(tmp_path / "start")
    peer = seeded(theirs("BertModel" if config.kind == "bert" else "RobertaModel", tmp_path / "start"))
    peer.save_pretrained(tmp_path / "there")
    ours = Bert.from_pretrained(tmp_path / "there")
    assert ours.fresh == ()
    assert ours.config == config
    ids, is_real, segments = batch(config)
    assert_same(ours(ids, is_real, segments), peer(ids, is_real.long(), segments).last_hidden_state, is_real)


@pytest.mark.parametrize(("kind", "name"), [("bert", "BertConfig"), ("roberta", "RobertaConfig")])
def test_what_a_config_leaves_out_is_theirs_too(kind, name, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    ours, peer = read_config(tmp_path).to_json(), getattr(transformers, name)()
    assert len(ours) == 14
    assert ours == {said: getattr(peer, said) for said in ours}


def labels_of(kind, config, seed=3):
    chance = torch.Generator().manual_seed(seed)
    is_real = torch.arange(T) < LENGTHS[:, None]
    if kind in (BertForMasked, BertForPretraining):
        places = is_real & (torch.rand(B, T, generator=chance) < 0.4)
        return torch.randint(0, config.vocab_size, (B, T), generator=chance).masked_fill(~places, -100)
    if kind is BertForTags:
        return torch.randint(0, N_OUT, (B, T), generator=chance).masked_fill(~is_real, -100)
    if kind is BertForSpans:
        return torch.randint(0, T, (B, 2), generator=chance)
    return torch.randint(0, 2, (B,), generator=chance)


def our_loss(net, inputs, labels, next_labels):
    kind = type(net)
    if kind is BertForMasked:
        return functional.cross_entropy(net(*inputs, labels >= 0), labels[labels >= 0])
    if kind is BertForPretraining:
        masked, following = net(*inputs, labels >= 0)
        return functional.cross_entropy(masked, labels[labels >= 0]) + functional.cross_entropy(following, next_labels)
    if kind is BertForTags:
        return functional.cross_entropy(net(*inputs).flatten(0, 1), labels.flatten())
    return functional.cross_entropy(net(*inputs), labels)


def their_loss(net, kind, inputs, labels, next_labels):
    ids, is_real, segments = inputs
    asked = {"input_ids": ids, "attention_mask": is_real.long(), "token_type_ids": segments}
    if kind is BertForSpans:
        return net(**asked, start_positions=labels[:, 0], end_positions=labels[:, 1]).loss
    more = {"next_sentence_label": next_labels} if kind is BertForPretraining else {}
    return net(**asked, labels=labels, **more).loss


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        pytest.param(kind, config, id=f"{kind.__name__}-{name}")
        for kind in PEERS
        for name, config in CONFIGS.items()
        if config.kind in kind.names
    ],
)
def test_heads_lose_and_learn_as_theirs(kind, config, tmp_path):
    settings = (N_OUT,) if kind in (BertForTexts, BertForTags) else ()
    ours = seeded(kind(Bert(config), *settings))
    ours.save_pretrained(tmp_path)
    peer = theirs(PEERS[kind][config.kind == "roberta"], tmp_path)
    inputs, labels, following = batch(config), labels_of(kind, config), torch.tensor([0, 1, 1, 0, 1])
    loss, expected = our_loss(ours, inputs, labels, following), their_loss(peer, kind, inputs, labels, following)
    assert_same(loss, expected)
    loss.backward()
    expected.backward()
    peer.save_pretrained(tmp_path / "back")
    again = kind.from_pretrained(tmp_path / "back", *settings)
    assert not [name for name in again.fresh if not name.startswith("bert.pooler")]
    assert_same(our_loss(again, inputs, labels, following), expected)
    assert_gradients_agree(ours, peer)


def assert_gradients_agree(ours, peer):
    """Those of all parameters that any of both has one for."""
    kind = ours.bert.config.kind
    expected = {name: parameter.grad for name, parameter in peer.named_parameters() if parameter.grad is not None}
    found = {}
    for name, parameter in ours.named_parameters():
        if parameter.grad is not None:
            name = their_name(name, ours.names[kind])
            found[f"{kind}.{name}" if name.startswith((*ENCODER, POOLER)) else name] = parameter.grad
    assert found.keys() == expected.keys()
    for name, gradient in found.items():
        assert_same(gradient, expected[name])


def test_weights_that_learnt_english_answer_as_there(minilm):
    """The texts of test_bert_tokens and some of everyday length in one padded batch."""
    tokens, net, peer = MarkedTokens.from_pretrained(minilm), Bert.from_pretrained(minilm), theirs("BertModel", minilm)
    texts = [*TEXTS.values(), "A man is playing a guitar on the stage of a small club. " * 9, "Someone plays music."]
    rows = [tokens.encode(text).ids for text in texts]
    ids = pad_sequence([torch.from_numpy(row) for row in rows], batch_first=True, padding_value=tokens.tokens.pad)
    is_real = torch.arange(ids.shape[1]) < torch.tensor([len(row) for row in rows])[:, None]
    with torch.no_grad():
        expected = peer(ids, is_real.long(), output_hidden_states=True)
        states = net(ids, is_real)
        assert_same(states, expected.last_hidden_state, is_real)
        assert_same(net.pooled(states), expected.pooler_output)
        for found, state in zip(net.each(ids, is_real).states, expected.hidden_states, strict=True):
            assert_same(found, state, is_real)


def test_the_vocabulary_that_learnt_english_cuts_as_there(minilm, tmp_path):
    (tmp_path / "vocab.txt").write_bytes((minilm / "vocab.txt").read_bytes())
    assert_alike(MarkedTokens.from_pretrained(minilm), AutoTokenizer.from_pretrained(minilm))
    assert_alike(MarkedTokens.from_pretrained(tmp_path), AutoTokenizer.from_pretrained(minilm))


def test_fine_tuning_learns_as_a_bare_loop_of_theirs(tmp_path):
    """Groups, clipping, warm-up and decay of the rate, by the formulas of the papers; losses of all steps, and answers."""
    seeded(BertForTexts(Bert(SMALL), N_OUT)).save_pretrained(tmp_path)
    ours, peer = BertForTexts.from_pretrained(tmp_path, N_OUT), theirs(PEERS[BertForTexts][0], tmp_path)
    ids, is_real, segments = batch(SMALL)
    spans = np.zeros((T, 2), np.int64)
    rows = MarkedRows(
        [Marked(ids[i, :n].numpy(), segments[i, :n].numpy(), spans[:n]) for i, n in enumerate(LENGTHS.tolist())],
        torch.tensor([0, 1, 2, 1, 0]), SMALL.pad,
    )  # fmt: skip
    before = ours(ids, is_real, segments)
    recipe = replace(RECIPE, epochs=10, batch_size=2, rate=3e-3, rate_of=layer_rates(SMALL, 0.8))
    history = train(ours, rows, functional.cross_entropy, recipe, seed=4)
    n_steps = len(history.loss)
    assert n_steps == 20
    groups = [
        {"params": [parameter], "lr": 1.0, "share": their_share(name), "weight_decay": 0.0 if is_free(name) else 0.01}
        for name, parameter in peer.named_parameters()
    ]
    optimiser, losses = torch.optim.AdamW(groups), []
    for step, places in enumerate(places for epoch in range(10) for places in batches_of(rows, 2, 4, epoch)):
        factor = (step + 1) / 2 if step < 2 else (n_steps - step) / (n_steps - 2)
        for group in optimiser.param_groups:
            group["lr"] = 3e-3 * factor * group["share"]
        (tokens, mask, kinds), classes = rows.batch(places, ids.device)
        loss = peer(tokens, None if mask is None else mask.long(), kinds, labels=classes).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(peer.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
    assert history.loss == pytest.approx(losses, abs=1e-4)
    found = ours.eval()(ids, is_real, segments)
    assert (found - before).abs().max() > 0.5
    assert_same(found, peer(ids, is_real.long(), segments).logits, atol=1e-3)


def their_share(name):
    """0.8 for each layer above, of three."""
    if "embeddings" in name:
        return 0.8**3
    return 0.8 ** (2 - int(name.split(".")[3])) if "encoder.layer" in name else 1.0


def is_free(name):
    return "bias" in name or "LayerNorm" in name


def test_the_rate_falls_as_theirs():
    """Their warm-up starts at 0, where a step is wasted; ours one further."""
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule, expected = transformers.get_linear_schedule_with_warmup(optimiser, 4, 20), []
    for _ in range(20):
        expected.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    found = [rate_factor("linear", 0.2, step, 20) for step in range(20)]
    assert found[:4] == pytest.approx(expected[1:5])
    assert found[4:] == pytest.approx(expected[4:])
