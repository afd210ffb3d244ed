"""Reversible layers against the same layers kept as they are: answers, gradients, draws of dropout, memory."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from tenon.nn.reversible import Reversible  # noqa: E402

C = 6


class Shifted(nn.Module):
    """A part that is given more than its half."""

    def __init__(self, dropout=0.0):
        super().__init__()
        self.linear, self.dropout = nn.Linear(C, C), nn.Dropout(dropout)

    def forward(self, x, shift):
        return self.dropout(torch.tanh(self.linear(x) + shift))


def made(n_layers=3, dropout=0.0):
    torch.manual_seed(0)
    parts = ((Shifted(dropout), nn.Sequential(nn.Linear(C, C), nn.GELU(), nn.Dropout(dropout))) for _ in range(n_layers))
    return Reversible(parts).double()


def plain(net, x, y, shift):
    for f, g in zip(net.firsts, net.seconds, strict=True):
        x = x + f(y, shift)
        y = y + g(x)
    return x, y


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_answers_and_gradients_are_those_of_layers_that_are_kept(dropout):
    net = made(dropout=dropout)
    x, y = (torch.randn(4, C, dtype=torch.float64, requires_grad=True) for _ in range(2))
    leaves, wanted = [x, y, *net.parameters()], torch.randn(4, C, dtype=torch.float64)
    found = []
    for way in (lambda: net(x, y, 0.3), lambda: plain(net, x, y, 0.3)):
        torch.manual_seed(7)
        a, b = way()
        found.append(((a, b), torch.autograd.grad((a * wanted).sum() + b.square().sum(), leaves), torch.rand(1)))
    (ours, own, drawn), (theirs, others, drawn_there) = found
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    torch.testing.assert_close(own, others, rtol=0, atol=1e-12)
    assert torch.equal(drawn, drawn_there)


def test_halves_are_found_again_under_autocast():
    """bfloat16 has 8 bits: a hundredth."""
    net = made().float()
    x, y = (torch.randn(4, C, requires_grad=True) for _ in range(2))
    found = []
    for way in (net, lambda *given: plain(net, *given)):
        with torch.autocast("cpu", torch.bfloat16):
            a, b = way(x, y, 0.3)
        found.append(((a, b), torch.autograd.grad(a.square().sum() + b.square().sum(), [x, y, *net.parameters()])))
    torch.testing.assert_close(found[0][0], found[1][0], rtol=0, atol=0)
    torch.testing.assert_close(found[0][1], found[1][1], rtol=0.01, atol=0.01)


def test_only_the_last_layer_is_kept():
    """What is kept for the way back is no more of 30 layers than of one."""
    kept = []
    for n_layers in (1, 30):
        sizes = []
        with torch.autograd.graph.saved_tensors_hooks(lambda x, sizes=sizes: sizes.append(x.numel()) or x, lambda x: x):
            made(n_layers)(torch.randn(50, C, dtype=torch.float64, requires_grad=True), torch.randn(50, C).double(), 0.0)
        kept.append(sum(sizes))
    assert kept == [2 * 50 * C] * 2


def test_weights_that_do_not_learn_are_left():
    net = made()
    net.firsts[0].requires_grad_(False)
    x = torch.randn(4, C, dtype=torch.float64)
    sum(part.sum() for part in net(x, x, 0.0)).backward()
    assert net.firsts[0].linear.weight.grad is None
    assert net.firsts[1].linear.weight.grad.abs().max() > 0
