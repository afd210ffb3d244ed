"""Maps of layers by hand, and on every network of the room."""

import pytest

torch = pytest.importorskip("torch")
from tests.image.nets import NETS  # noqa: E402
from torch import nn  # noqa: E402

from tenon.image.feature_maps import N_LAYERS, feature_maps  # noqa: E402


def test_by_hand():
    """Three maps, x, -x and 2x: of [1, -3] they are [1, 0], [0, 3] and [2, 0] above 0, with means .5, 1.5 and 1."""
    layer = nn.Conv2d(1, 3, 1, bias=False)
    layer.weight.data = torch.tensor([1.0, -1.0, 2.0]).reshape(3, 1, 1, 1)
    [found] = feature_maps(nn.Sequential(layer, nn.Flatten()), torch.tensor([[[1.0, -3.0]]]), most=2)
    assert (found.number, found.n_layers) == (1, 1)
    assert found.maps.tolist() == [[[0.0, 3.0]], [[2.0, 0.0]]]


def test_a_layer_with_a_normalisation_is_shown_behind_it():
    net = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.BatchNorm2d(1)).eval()
    net[0].weight.data.fill_(1.0)
    net[1].running_mean.fill_(2.0)
    [found] = feature_maps(net, torch.tensor([[[1.0, 4.0]]]), most=4)
    torch.testing.assert_close(found.maps, torch.tensor([[[0.0, 2.0]]]), rtol=1e-4, atol=0)


def test_a_network_without_convolutions_has_none():
    assert feature_maps(nn.Flatten(), torch.zeros(1, 2, 2), most=4) == []


@pytest.mark.parametrize("name", NETS)
def test_every_network_shows_its_first_and_last_layer_and_keeps_no_hook(name):
    torch.manual_seed(0)
    net = NETS[name](3, 1, (40, 32)).eval()
    found = feature_maps(net, torch.randn(1, 40, 32), most=5)
    assert found[0].number == 1
    assert found[-1].number == found[-1].n_layers
    assert len(found) == min(N_LAYERS, found[0].n_layers)
    assert all(one.maps.ndim == 3 and len(one.maps) <= 5 and one.maps.min() >= 0 for one in found)
    assert found[0].maps.shape[1] >= found[-1].maps.shape[1]
    assert not any(layer._forward_hooks for layer in net.modules())
