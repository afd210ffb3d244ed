"""Attention against PyTorch's, against sums written out, and where masks leave nothing; gradients against differences."""

import math

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from tenon.errors import SettingsError  # noqa: E402
from tenon.nn.attention import (  # noqa: E402
    Additive,
    Attention,
    AttentionPooling,
    Dot,
    Gaussian,
    attention_weights,
    is_before,
    is_real,
    score_of,
)

B, T, S, C, H = 3, 4, 5, 8, 2
SCORES = ("gaussian", "additive", "dot", "scaled", "cosine")
CHANCE = torch.Generator().manual_seed(0)
X, MEMORY = (torch.randn(B, n, C, dtype=torch.float64, generator=CHANCE) for n in (T, S))
LENGTHS = torch.tensor([5, 2, 1])


def made(score: str = "scaled", d_memory: int | None = None) -> Attention:
    torch.manual_seed(1)
    return Attention(C, H, score, d_memory).double()


@pytest.mark.mission("G2")
@pytest.mark.parametrize("is_self", [True, False])
@pytest.mark.parametrize("mask", ["none", "padding", "causal"])
def test_equals_multihead_attention_of_torch(is_self, mask):
    ours, theirs = made(), torch.nn.MultiheadAttention(C, H, batch_first=True, dtype=torch.float64)
    memory = X if is_self else MEMORY
    n_keys = memory.shape[1]
    theirs.load_state_dict({
        "in_proj_weight": torch.cat([ours.query.weight, ours.key.weight, ours.value.weight]),
        "in_proj_bias": torch.cat([ours.query.bias, ours.key.bias, ours.value.bias]),
        "out_proj.weight": ours.out.weight, "out_proj.bias": ours.out.bias,
    })  # fmt: skip
    real, causal = is_real(LENGTHS, n_keys), torch.ones(T, n_keys, dtype=torch.bool).tril()
    seen = {"none": None, "padding": real[:, None], "causal": causal[None]}[mask]
    expected, weights = theirs(
        X, memory, memory, average_attn_weights=False,
        key_padding_mask=~real if mask == "padding" else None, attn_mask=~causal if mask == "causal" else None,
    )  # fmt: skip
    y, found = ours.with_weights(X, None if is_self else memory, seen)
    torch.testing.assert_close(y, expected)
    torch.testing.assert_close(found, weights)


def test_scaled_dot_is_that_of_torch():
    queries, keys, values = X.unflatten(-1, (H, -1)), MEMORY.unflatten(-1, (H, -1)), MEMORY.unflatten(-1, (H, -1))
    queries, keys, values = (part.transpose(1, 2) for part in (queries, keys, values))
    weights = attention_weights(Dot("scaled")(queries, keys), is_real(LENGTHS, S)[:, None, None])
    expected = functional.scaled_dot_product_attention(queries, keys, values, is_real(LENGTHS, S)[:, None, None])
    torch.testing.assert_close(weights @ values, expected)


@pytest.mark.parametrize("lengths", [None, LENGTHS, torch.tensor([5, 0, 2])], ids=["all", "some", "none"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_kernel_gives_what_is_written_out(lengths, dtype):
    """In answers and gradients, of rows without any key, too; float32 sums in another order, 1e-6 is some 10 ulp."""
    attention, seen = made().to(dtype), None if lengths is None else is_real(lengths, S)[:, None]
    found = []
    for ask in (attention, lambda *asked: attention.with_weights(*asked)[0]):
        leaves = [part.to(dtype, copy=True).requires_grad_() for part in (X, MEMORY)]
        y = ask(*leaves, seen)
        found.append((y, *torch.autograd.grad(y.square().sum(), [*leaves, attention.value.weight])))
    assert all(torch.isfinite(part).all() for part in found[0])
    for kernel, written in zip(*found, strict=True):
        torch.testing.assert_close(kernel, written, rtol=0, atol=1e-6 if dtype == torch.float32 else 1e-12)


def test_dropout_is_of_the_weights_while_training():
    attention = Attention(C, H, dropout=1.0).double()
    torch.testing.assert_close(attention.train()(X), attention.out.bias.expand(B, T, C))
    assert not torch.allclose(attention.eval()(X), attention.out.bias.expand(B, T, C))


def test_what_was_read_in_parts_is_what_is_read_at_once():
    attention = made()
    parts = attention.read(MEMORY[:, :2]).followed_by(attention.read(MEMORY[:, 2:]))
    torch.testing.assert_close(attention.ask(X, parts), attention(X, MEMORY))
    assert is_before(2, 3).tolist() == [[True, True, True, True, False], [True] * 5]


@pytest.mark.mission("G1")
def test_the_gaussian_is_the_mean_of_nadaraya_and_watson():
    """Three points on a line: weights e^(-d^2 / 2 w^2), by hand."""
    places, values = torch.tensor([[0.0], [1.0], [3.0]]), torch.tensor([[10.0], [20.0], [40.0]])
    asked, width = 1.5, 0.7
    kernel = [math.exp(-((asked - place) ** 2) / (2 * width**2)) for place in (0.0, 1.0, 3.0)]
    by_hand = sum(k * v for k, v in zip(kernel, (10, 20, 40), strict=True)) / sum(kernel)
    weights = attention_weights(Gaussian(width)(torch.tensor([[asked]]), places))
    assert (weights @ values).item() == pytest.approx(by_hand, rel=1e-5)


def test_a_learnt_width_takes_a_gradient_and_a_fixed_one_none():
    assert not Gaussian(2.0).log_width.requires_grad
    score = Gaussian(2.0, is_learnt=True)
    score(X, MEMORY).sum().backward()
    assert score.log_width.grad.item() > 0  # wider means nearer, and a score is larger the nearer


@pytest.mark.mission("G1")
def test_other_scores_by_hand():
    query, key = X[0, 0], MEMORY[0, 0]
    assert Dot("dot")(X, MEMORY)[0, 0, 0].item() == pytest.approx(sum(a * b for a, b in zip(query, key, strict=True)).item())
    cosine = functional.cosine_similarity(query, key, dim=0)
    assert Dot("cosine")(X, MEMORY)[0, 0, 0].item() == pytest.approx(cosine.item())
    additive = Additive(C, C, 3).double()
    hidden = torch.tanh(additive.query.weight @ query + additive.query.bias + additive.key.weight @ key)
    assert additive(X, MEMORY)[0, 0, 0].item() == pytest.approx((additive.out.weight @ hidden).item())


@pytest.mark.parametrize("score", SCORES)
def test_padding_changes_nothing_and_keys_all_masked_give_zeros(score):
    attention = made(score)
    alone = attention(X[1:2], MEMORY[1:2, :2])
    torch.testing.assert_close(attention(X, MEMORY, is_real(LENGTHS, S)[:, None])[1:2], alone)
    nothing = is_real(torch.tensor([5, 0, 0]), S)[:, None]
    leaf = MEMORY.clone().requires_grad_()
    y, weights = attention.with_weights(X, leaf, nothing)
    assert (weights[1:] == 0).all()
    torch.testing.assert_close(y[1:], attention.out.bias.expand(2, T, C))  # of zeros the last layer leaves its bias
    y.sum().backward()
    assert torch.isfinite(leaf.grad).all()
    assert (leaf.grad[1:] == 0).all()
    assert all(torch.isfinite(p.grad).all() for p in attention.parameters() if p.grad is not None)


@pytest.mark.parametrize("score", SCORES)
def test_nothing_comes_from_later_places(score):
    attention, later = made(score), X.clone()
    later[:, 2:] += 1.0
    seen = is_before(T)[None]
    torch.testing.assert_close(attention(later, is_seen=seen)[:, :2], attention(X, is_seen=seen)[:, :2])
    assert not torch.allclose(attention(later)[:, :2], attention(X)[:, :2])


@pytest.mark.mission("D8")
@pytest.mark.parametrize("score", SCORES)
def test_gradients_are_those_of_differences(score):
    module = score_of(score, C).double()
    leaves = [part.clone().requires_grad_() for part in (X[:2, :2], MEMORY[:2, :3])]
    seen = is_real(torch.tensor([3, 0]), 3)[:, None]
    assert torch.autograd.gradcheck(lambda q, k: attention_weights(module(q, k), seen) @ k, leaves)


def test_the_memory_may_be_of_another_width_and_order_does_not_matter():
    attention = made(d_memory=3)
    memory = torch.randn(B, S, 3, dtype=torch.float64)
    order = torch.tensor([3, 0, 4, 1, 2])
    torch.testing.assert_close(attention(X, memory[:, order]), attention(X, memory))


def test_pooling_is_the_weighted_mean_of_what_is_real():
    torch.manual_seed(2)
    pooling = AttentionPooling(C, 6).double()
    y, weights = pooling(MEMORY, is_real(LENGTHS, S))
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(B, dtype=torch.float64))
    torch.testing.assert_close(y[2], MEMORY[2, 0])  # one token: its own mean
    scores = [pooling.score(MEMORY[1, i]).item() for i in (0, 1)]
    share = 1 / (1 + math.exp(scores[1] - scores[0]))
    torch.testing.assert_close(y[1], share * MEMORY[1, 0] + (1 - share) * MEMORY[1, 1])


def test_what_cannot_be_is_told():
    with pytest.raises(SettingsError, match="d_model is a multiple of n_heads; got 8 and 3"):
        Attention(8, 3)
    with pytest.raises(SettingsError, match="score takes one of 'gaussian', .*; got 'dots'; did you mean 'dot'"):
        Attention(8, 2, "dots")
    with pytest.raises(SettingsError, match="width takes a number above 0"):
        Gaussian(0.0)
