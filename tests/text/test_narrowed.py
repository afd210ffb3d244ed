"""Narrowed training beside the same steps by hand with vectors of all tokens."""

from contextlib import nullcontext

import numpy as np
import pytest

torch = pytest.importorskip("torch")

pytest.importorskip("tokenizers")

from tests.text.encoders import CLASSES, X, small_encoder  # noqa: E402
from tests.text.sentences import made  # noqa: E402
from torch.nn import functional  # noqa: E402

from tenon.text import (  # noqa: E402
    Bert,
    BertAnswer,
    BertClassifier,
    BertConfig,
    BertTagger,
    bert_answer,
    bert_estimators,
    bert_tagger,
)
from tenon.text.bert_heads import BertForTexts  # noqa: E402
from tenon.text.marked import Marked  # noqa: E402
from tenon.text.marked_rows import MarkedRows  # noqa: E402
from tenon.text.narrowed import narrowed  # noqa: E402

SIZE = {"vocab_size": 50, "d_model": 8, "n_layers": 1, "n_heads": 2, "d_hidden": 16, "n_positions": 12, "dropout": 0.0}
CPU = torch.device("cpu")


def row(*ids):
    return Marked(np.array(ids), np.zeros(len(ids), np.int64), np.zeros((len(ids), 2), np.int64))


def of(kind, pad):
    config = BertConfig(kind=kind, pad=pad, attention_dropout=0.0, **SIZE, **({"n_segments": 1} if kind == "roberta" else {}))
    torch.manual_seed(0)
    net = BertForTexts(Bert(config), 2).train()
    return net, MarkedRows([row(40, 7, 31), row(40, 9), row(40, 7, 22, 31)], torch.tensor([0, 1, 0]), pad)


def steps(net, rows, n=3):
    """Train with Adam, without decay."""
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(n):
        inputs, targets = rows.batch(torch.arange(len(rows)), CPU)
        optimiser.zero_grad()
        functional.cross_entropy(net(*inputs), targets).backward()
        optimiser.step()


@pytest.mark.parametrize(("kind", "pad"), [("bert", 0), ("roberta", 1)])
def test_it_learns_what_all_vectors_would(kind, pad):
    (whole, rows), (narrow, _) = of(kind, pad), of(kind, pad)
    first = narrow.bert.embedding.tokens.weight.detach().clone()
    steps(whole, rows)
    with narrowed(narrow.bert.embedding, [rows]):
        assert len(narrow.bert.embedding.tokens.weight) == 1 + 5  # the one that pads, too
        steps(narrow, rows)
    ours, theirs = narrow.state_dict(), whole.state_dict()
    assert list(ours) == list(theirs)
    for name, weights in theirs.items():
        torch.testing.assert_close(ours[name], weights, rtol=0, atol=1e-6, msg=name)
    is_same = (ours["bert.embedding.tokens.weight"] == first).all(dim=1)
    assert (~is_same).nonzero()[:, 0].tolist() == [7, 9, 22, 31, 40]


def test_rows_held_out_are_known_and_an_error_leaves_the_vocabulary():
    net, rows = of("bert", 0)
    others = MarkedRows([row(45, 3)], torch.tensor([1]), 0)
    before = net.bert.embedding.tokens
    with torch.no_grad():
        expected = net(*others.inputs(torch.tensor([0]), CPU))

    def looked():
        with narrowed(net.bert.embedding, [rows, others]), torch.no_grad():
            torch.testing.assert_close(net(*others.inputs(torch.tensor([0]), CPU)), expected, rtol=0, atol=0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="^$"):
        looked()
    assert net.bert.embedding.tokens is before


def test_a_token_of_other_rows_is_an_error():
    net, rows = of("bert", 0)
    others = MarkedRows([row(45, 3)], torch.tensor([1]), 0)
    with narrowed(net.bert.embedding, [rows]), pytest.raises(IndexError, match="index out of range"):
        net(*others.inputs(torch.tensor([0]), CPU))


@pytest.mark.parametrize(
    "module", [bert_estimators, bert_tagger, bert_answer], ids=lambda module: module.__name__.rpartition(".")[2]
)
def test_estimators_learn_the_same_without_it(module, tmp_path, monkeypatch):
    """Without decay, since that alone moves vectors that nobody reads."""
    how = {"epochs": 1, "fewest_steps": 0, "decay": 0.0, "n_jobs": 1, "random_state": 0}
    made_of = {
        bert_estimators: (BertClassifier, X[:40], CLASSES[:40]),
        bert_tagger: (BertTagger, *made(20)),
        bert_answer: (BertAnswer, [("film", "a good film")] * 20, [[{"text": "good", "start": 2, "script": "other"}]] * 20),
    }
    kind, rows, truth = made_of[module]
    folder = small_encoder(tmp_path, texts=[*X, *map(" ".join, made(20)[0])])
    narrow = kind(folder, **how).fit(rows, truth).net_.state_dict()
    monkeypatch.setattr(module, "within_memory", lambda *_: nullcontext())
    whole = kind(folder, **how).fit(rows, truth).net_.state_dict()
    assert list(narrow) == list(whole)
    for name, weights in whole.items():
        torch.testing.assert_close(narrow[name], weights, rtol=0, atol=1e-6, msg=name)
