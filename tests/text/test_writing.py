"""Causal networks and Writer: nothing comes from later, the cache, likelihoods, what is drawn, long texts, refusals."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

pytest.importorskip("tokenizers")

from tenon.errors import DataError, SettingsError  # noqa: E402
from tenon.text import Bert, BertConfig, BertForMasked, BertForWriting, MarkedTokens, Writer  # noqa: E402

TEXTS = ["the cat sat on the mat", "dogs ran and ran", "a cat ran"]
CONFIG = BertConfig(d_model=16, n_layers=2, n_heads=2, d_hidden=24, n_positions=12, is_causal=True)


@pytest.fixture(scope="module")
def writer():
    tokens = MarkedTokens.learnt(TEXTS * 3, 60)
    torch.manual_seed(0)
    net = BertForWriting(Bert(replace(CONFIG, vocab_size=len(tokens.tokens) + 3))).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape))
    return Writer(net, tokens)


def test_nothing_comes_from_later(writer):
    ids = torch.randint(5, 20, (2, 9))
    logits = writer.net(ids)
    other = ids.clone()
    other[:, 6:] = 5
    torch.testing.assert_close(writer.net(other)[:, :6], logits[:, :6])
    assert not torch.allclose(writer.net(other)[:, 6:], logits[:, 6:])


@pytest.mark.parametrize("cuts", [[9], [1] * 9, [4, 1, 3, 1]])
def test_step_by_step_as_at_once(writer, cuts):
    ids, read, found = torch.randint(5, 20, (2, 9)), (), []
    for part in ids.split(cuts, dim=1):
        logits, read = writer.net.step(part, read)
        found.append(logits)
    torch.testing.assert_close(torch.cat(found, dim=1), writer.net(ids), rtol=0, atol=1e-5)  # float32, sums in another order


def test_what_tokens_cost(writer):
    text = TEXTS[0]
    ids = [writer.tokens.start, *writer.tokens.tokens.encode(text).ids.tolist(), writer.tokens.end]
    expected = []
    for i in range(1, len(ids)):  # each from its own beginning, also past the network's places
        first = (i - 1) // 12 * 12
        logits = writer.net(torch.tensor([ids[first:i]]))[0, -1].detach().double()
        expected.append(float(-functional.log_softmax(logits, dim=0)[ids[i]]))
    found = writer.nats(text)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert writer.perplexity([text, text]) == pytest.approx(np.exp(np.mean(expected)), rel=1e-5)
    long = writer.nats(" ".join(TEXTS * 3))
    assert len(long) == len(writer.tokens.tokens.encode(" ".join(TEXTS * 3)).ids) + 1 > 13


def greedy(writer, prompt, n):
    """The likeliest token, all read anew each time."""
    said, given = [writer.tokens.start, *writer.tokens.tokens.encode(prompt).ids.tolist()], None
    given = len(said)
    window = said[-12:]
    for _ in range(n):
        if len(window) > 12:
            window = window[-6:] if len(window) == 13 else window
        logits = writer.net(torch.tensor([window]))[0, -1].index_fill(0, torch.tensor(writer._never), -torch.inf)
        if (token := int(logits.argmax())) == writer.tokens.end:
            break
        said.append(token)
        window = [*window, token]
    return writer.tokens.tokens.decode(said[given:])


@pytest.mark.parametrize("prompt", ["", "the cat", "dogs ran and ran the cat sat on the mat dogs"])
def test_the_likeliest_text_with_and_without_what_was_read(writer, prompt):
    assert writer.generate(prompt, 30, temperature=0) == greedy(writer, prompt, 30)


def test_draws_go_by_seed_and_never_say_a_mark(writer):
    found = [writer.generate("the", 15, seed=seed) for seed in range(8)]
    assert found[3] == writer.generate("the", 15, seed=3)
    assert len(set(found)) > 4
    assert not any("[" in one for one in found)
    assert writer.generate("the", 15, top_k=1, seed=5) == writer.generate("the", 15, temperature=0)
    assert writer.generate("the", 0) == ""


def test_draws_go_by_probability(writer):
    """First tokens of many texts, the end of a text among them."""
    logits = writer.net(torch.tensor([[writer.tokens.start]]))[0, -1].detach().double()
    shares = logits.index_fill(0, torch.tensor(writer._never), -torch.inf).softmax(dim=0)
    texts = [writer.generate("", 1, seed=seed) for seed in range(1500)]
    for word in itertools.islice(sorted(set(texts), key=texts.count, reverse=True), 4):
        share = float(shares[list(writer.tokens.tokens.words).index(word) if word else writer.tokens.end])
        assert abs(texts.count(word) - 1500 * share) < 5 * (1500 * share * (1 - share)) ** 0.5 + 1


def test_files(writer, tmp_path):
    writer.net.save_pretrained(tmp_path)
    writer.tokens.save_pretrained(tmp_path)
    loaded = Writer.from_pretrained(tmp_path)
    assert loaded.generate("the cat", 20, seed=1) == writer.generate("the cat", 20, seed=1)
    assert loaded.net.bert.config == writer.net.bert.config


def test_refusals(writer):
    with pytest.raises(SettingsError, match="BertForMasked is not built on a network that reads only what stands before"):
        BertForMasked(writer.net.bert)
    with pytest.raises(SettingsError, match="BertForWriting is not built on a network that reads a text both ways"):
        BertForWriting(Bert(replace(CONFIG, is_causal=False)))
    for name, value in (("n", -1), ("temperature", -0.1), ("top_k", 0), ("seed", -1), ("seed", None)):
        with pytest.raises(SettingsError, match=f"{name} takes a"):
            writer.generate("", **{name: value})
    with pytest.raises(DataError, match="a text is a str, '' where one is missing; got 3"):
        writer.generate(3)
    with pytest.raises(DataError, match="perplexity is of a list of texts; got one text"):
        writer.perplexity("the cat")
