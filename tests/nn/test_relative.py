"""Attention by distance against scores written out for each pair of tokens, and what segments see of those before."""

import math

import pytest

torch = pytest.importorskip("torch")

from tenon.errors import SettingsError  # noqa: E402
from tenon.nn.attention import is_before  # noqa: E402
from tenon.nn.positions import sinusoidal, waves  # noqa: E402
from tenon.nn.relative import RelativeAttention  # noqa: E402

B, C, H = 2, 12, 3


def made(seed: int = 0):
    torch.manual_seed(seed)
    net = RelativeAttention(C, H).double().eval()
    return net, torch.randn(H, C // H, dtype=torch.float64), torch.randn(H, C // H, dtype=torch.float64)


def by_definition(net, x, u, v, before, is_seen):
    """Every score by itself, for texts (B, T, C) behind tokens (B, M, C)."""
    read, d, said = torch.cat([before, x], dim=1), C // H, torch.zeros_like(x)
    for b in range(len(x)):
        for i in range(x.shape[1]):
            for h in range(H):
                own = slice(h * d, h * d + d)
                query = net.query.weight[own] @ x[b, i]
                seen = [j for j in range(read.shape[1]) if is_seen[i, j]]
                scores = []
                for j in seen:
                    apart = before.shape[1] + i - j
                    wave = torch.tensor([f(apart / 10_000 ** (k / C)) for k in range(0, C, 2) for f in (math.sin, math.cos)])
                    key, way = net.key.weight[own] @ read[b, j], net.distance.weight[own] @ wave.double()
                    scores.append(((query + u[h]) @ key + (query + v[h]) @ way) / d**0.5)
                weights = torch.stack(scores).softmax(0)
                said[b, i, own] = weights @ (read[b, seen] @ net.value.weight[own].T)
    return said @ net.out.weight.T


@pytest.mark.mission("H6")
@pytest.mark.parametrize("n_before", [0, 4])
@pytest.mark.parametrize("is_causal", [False, True])
def test_equals_its_definition(n_before, is_causal):
    net, u, v = made()
    x, before = torch.randn(B, 5, C, dtype=torch.float64), torch.randn(B, n_before, C, dtype=torch.float64)
    is_seen = is_before(5, n_before) if is_causal else torch.ones(5, n_before + 5, dtype=torch.bool)
    found = net(x, u, v, before if n_before else None, is_seen[None] if is_causal else None)
    torch.testing.assert_close(found, by_definition(net, x, u, v, before, is_seen), rtol=0, atol=1e-6)  # waves are float32


def test_only_distances_count():
    """The same tokens behind others that are not seen say the same."""
    net, u, v = made()
    x, others = torch.randn(B, 6, C, dtype=torch.float64), torch.randn(B, 3, C, dtype=torch.float64)
    is_seen = torch.arange(9)[None, None] >= 3
    torch.testing.assert_close(net(x, u, v, others, is_seen), net(x, u, v), rtol=0, atol=1e-12)


def test_a_segment_reads_the_one_before_and_does_not_learn_through_it():
    net, u, v = made()
    x, before = (torch.randn(B, 4, C, dtype=torch.float64, requires_grad=True) for _ in range(2))
    whole = net(torch.cat([before, x], dim=1), u, v, None, is_before(8)[None])
    behind = net(x, u, v, before, is_before(4, 4)[None])
    torch.testing.assert_close(behind, whole[:, 4:], rtol=0, atol=1e-12)
    behind.sum().backward()
    assert before.grad is None
    assert x.grad.abs().min() > 0


def test_waves_of_places_before_others():
    assert torch.equal(sinusoidal(7, 6), waves(torch.arange(7), 6))
    behind, ahead = waves(torch.tensor([-3]), 6), waves(torch.tensor([3]), 6)
    assert torch.equal(behind[0, 0::2], -ahead[0, 0::2])
    assert torch.equal(behind[0, 1::2], ahead[0, 1::2])


def test_heads_share_a_width():
    with pytest.raises(SettingsError, match="multiple of n_heads.* 10 and 3"):
        RelativeAttention(10, 3)
