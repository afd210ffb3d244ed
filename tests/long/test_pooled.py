"""Texts in segments: pools against sums by hand, texts alone and among others, votes, and rows as batches."""

import pytest

torch = pytest.importorskip("torch")

from typing import get_args  # noqa: E402

import numpy as np  # noqa: E402

from tenon.errors import SettingsError  # noqa: E402
from tenon.long import pooled  # noqa: E402
from tenon.long.pooled import BertForSegments, Pool, Pooling, SegmentedRows  # noqa: E402
from tenon.text import Bert, BertConfig, BertForTexts  # noqa: E402
from tenon.text.marked import Marked  # noqa: E402

CONFIG = BertConfig(vocab_size=41, d_model=12, n_layers=2, n_heads=3, d_hidden=20, n_positions=9)
COUNTS = (3, 1, 4)
EACH = pytest.mark.parametrize("pool", get_args(Pool))


def made(pool, n_out=3):
    torch.manual_seed(0)
    net = BertForSegments(Bert(CONFIG), pool, n_out).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.2 * torch.randn(parameter.shape))
    return net


def texts(seed=0):
    """Segments of unlike lengths."""
    chance = np.random.default_rng(seed)

    def segment():
        n = int(chance.integers(2, 9))
        return Marked(chance.integers(2, 41, n), np.zeros(n, np.int64), np.zeros((n, 2), np.int64))

    return [tuple(segment() for _ in range(n)) for n in COUNTS]


def rows(of):
    return SegmentedRows(of, torch.zeros(len(of)), pad=0)


def said(net, of):
    return net(*rows(of).inputs(torch.arange(len(of)), torch.device("cpu")))


VECTORS = torch.tensor([[[1.0, -2.0], [3.0, 0.0], [9.0, 9.0]], [[5.0, 5.0], [-7.0, 8.0], [1.0, 1.0]]])
TWO_AND_ONE = torch.tensor([2, 1])


@pytest.mark.mission("H2")
@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        ("max", [[3.0, 0.0], [5.0, 5.0]]),
        ("mean", [[2.0, -1.0], [5.0, 5.0]]),
        ("votes", [[2.0, -1.0], [5.0, 5.0]]),
        ("both", [[3.0, 0.0, 2.0, -1.0], [5.0, 5.0, 5.0, 5.0]]),
    ],
)
def test_pools_by_hand(pool, expected):
    """Two segments of the first text count, one of the second."""
    assert Pooling(pool, 2)(VECTORS, TWO_AND_ONE).tolist() == expected


def test_attention_weighs_segments_that_are_any():
    torch.manual_seed(0)
    pooling = Pooling("attention", 2)
    score = pooling.layer.score
    weights = score(VECTORS[0, :2]).softmax(dim=0)
    torch.testing.assert_close(pooling(VECTORS, TWO_AND_ONE)[0], (weights * VECTORS[0, :2]).sum(dim=0))
    torch.testing.assert_close(pooling(VECTORS, TWO_AND_ONE)[1], VECTORS[1, 0])


def test_an_lstm_ends_with_the_last_segment():
    torch.manual_seed(0)
    pooling = Pooling("lstm", 2)
    for row, count in enumerate(TWO_AND_ONE.tolist()):
        _, (hidden, _) = pooling.layer(VECTORS[row : row + 1, :count])
        torch.testing.assert_close(pooling(VECTORS, TWO_AND_ONE)[row], hidden[0, 0])


@EACH
def test_a_text_says_among_others_what_it_says_alone(pool):
    net, of = made(pool), texts()
    together = said(net, of)
    assert together.shape == (3, 3)
    for row, text in enumerate(of):
        torch.testing.assert_close(together[row : row + 1], said(net, [text]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("pool", ["max", "mean"])
def test_a_text_of_one_segment_is_read_as_by_a_bert(pool):
    net = made(pool)
    peer = BertForTexts(net.bert, 3).eval()
    peer.out.load_state_dict(net.out.state_dict())
    segment = texts()[1][0]
    ids, segments = (torch.from_numpy(part)[None] for part in (segment.ids, segment.segments))
    torch.testing.assert_close(said(net, [(segment,)]), peer(ids, None, segments), rtol=0, atol=1e-6)


@pytest.mark.mission("H2")
def test_votes_are_the_mean_of_what_segments_say():
    net, of = made("votes"), texts()
    for row, text in enumerate(of):
        alone = torch.cat([said(net, [(segment,)]).softmax(dim=1) for segment in text])
        torch.testing.assert_close(said(net, of)[row].softmax(dim=0), alone.mean(dim=0), rtol=0, atol=1e-6)
    net = made("votes", n_out=1)
    alone = torch.cat([said(net, [(segment,)]) for segment in of[2]])
    torch.testing.assert_close(said(net, of)[2], alone.mean(dim=0), rtol=0, atol=1e-6)


def test_votes_that_are_very_sure_stay_finite():
    """Logits of some thousands: the mean probability of the classes that nobody votes for is too small for a float32."""
    net = made("votes")
    with torch.no_grad():
        net.out.weight.mul_(1e4)
    logits = said(net, texts())
    logits.sum().backward()
    assert logits.isfinite().all()
    assert net.out.weight.grad.isfinite().all()


@EACH
def test_every_weight_learns(pool):
    net = made(pool)
    said(net, texts()).square().sum().backward()
    still = {name for name, weight in net.named_parameters() if weight.grad is None or not weight.grad.any()}
    assert {name for name in still if "positions" not in name and "segments" not in name and "key.bias" not in name} <= {
        "out.bias"
    }


@EACH
@pytest.mark.parametrize("is_masked", [True, False])
def test_what_is_read_in_parts_says_and_learns_the_same(pool, is_masked, monkeypatch):
    """Parts of 9 tokens."""
    of = texts() if is_masked else [texts()[0][:1] * n for n in COUNTS]
    net = made(pool)
    whole = said(net, of)
    whole.square().sum().backward()
    expected = {name: weight.grad.clone() for name, weight in net.named_parameters() if weight.grad is not None}
    net.zero_grad()
    monkeypatch.setattr(pooled, "tokens_at_once", lambda config, longest: 9)
    parted = said(net, of)
    torch.testing.assert_close(parted, whole, rtol=0, atol=1e-5)
    parted.square().sum().backward()
    for name, weight in net.named_parameters():
        if weight.grad is not None:
            torch.testing.assert_close(weight.grad, expected[name], rtol=1e-4, atol=1e-4)


def test_dropout_is_drawn_again_as_it_was(monkeypatch):
    """Beside parts that are read once, whose states are kept."""
    monkeypatch.setattr(pooled, "tokens_at_once", lambda config, longest: 9)
    grads = []
    for reads in (pooled.checkpoint, lambda read, *inputs, use_reentrant: read(*inputs)):
        monkeypatch.setattr(pooled, "checkpoint", reads)
        net = made("mean").train()
        torch.manual_seed(1)
        said(net, texts()).square().sum().backward()
        grads.append(net.bert.embedding.tokens.weight.grad)
    assert torch.equal(*grads)


def test_memory_of_learning_does_not_grow_with_segments(monkeypatch):
    """What is kept to compute gradients from, in bytes: beside inputs and vectors no more for 64 segments than for 8."""

    def kept(n):
        total = 0

        def seen(tensor):
            nonlocal total
            total += tensor.numel() * tensor.element_size()
            return tensor

        segment = texts()[0][0]
        with torch.autograd.graph.saved_tensors_hooks(seen, lambda tensor: tensor):
            said(made("mean"), [(segment,) * n])
        return total

    monkeypatch.setattr(pooled, "tokens_at_once", lambda config, longest: 40)
    a_segment = (kept(64) - kept(16)) / 48
    monkeypatch.setattr(pooled, "tokens_at_once", lambda config, longest: 10**9)
    assert a_segment < (kept(64) - kept(16)) / 48 / 10


def test_rows_count_their_tokens():
    of = texts()
    assert rows(of).lengths.tolist() == [sum(len(segment.ids) for segment in text) for text in of]


def test_other_pools_are_refused():
    with pytest.raises(SettingsError, match="pool .* 'median'"):
        Pooling("median", 4)
