"""Transformer-XL over texts: what a segment sees of those before, how far that reaches, and what is learnt through."""

import pytest

torch = pytest.importorskip("torch")

from tenon.errors import SettingsError  # noqa: E402
from tenon.text.embedding import Embedding  # noqa: E402
from tenon.text.transformer_xl import TransformerXLText  # noqa: E402

IDS = torch.randint(2, 30, (1, 12), generator=torch.Generator().manual_seed(0))
LENGTHS = torch.tensor([12])


def made(length=3, n_layers=2):
    torch.manual_seed(0)
    net = TransformerXLText(3, Embedding(30, 8), n_layers=n_layers, n_heads=2, length=length).double().eval()
    with torch.no_grad():
        for parameter in (net.u, net.v):
            parameter.normal_()
    return net


def states(net, ids):
    return torch.cat(list(net.states(ids, LENGTHS)), dim=1)[0]


@pytest.mark.parametrize("n_layers", [1, 2, 3])
def test_each_layer_reaches_a_segment_further_back_and_none_ahead(n_layers):
    """Segments of 3 of 12 tokens: the first is seen by the n_layers behind it, and the last by none before it."""
    net = made(n_layers=n_layers)
    for changed, reached in ((0, range(0, min(12, 3 * (1 + n_layers)))), (11, range(9, 12))):
        other = IDS.clone()
        other[0, changed] = 2 if IDS[0, changed] != 2 else 3
        moved = (states(net, IDS) - states(net, other)).abs().amax(dim=1) > 0
        assert moved.nonzero().flatten().tolist() == list(reached)


def test_a_segment_that_holds_the_text_sees_all_of_it():
    """One layer whose second segment has the first in sight answers there as one segment of both does."""
    whole, parted = made(12, n_layers=1), made(6, n_layers=1)
    torch.testing.assert_close(states(parted, IDS)[6:], states(whole, IDS)[6:], rtol=0, atol=1e-12)
    assert not torch.allclose(states(parted, IDS)[:6], states(whole, IDS)[:6], atol=1e-3)


def test_nothing_is_learnt_through_what_stands_before():
    net = made()
    *_, last = net.states(IDS, LENGTHS)
    last.square().sum().backward()
    learnt = net.embedding.vectors.weight.grad.abs().amax(dim=1).nonzero().flatten().tolist()
    assert learnt == sorted(set(IDS[0, 9:].tolist()))


def test_lengths_out_of_range_are_refused():
    with pytest.raises(SettingsError, match="length takes a whole number from 1 on; got 0"):
        made(length=0)
