"""Grad-CAM by hand on a network of one map, and on every network of the room."""

import pytest

torch = pytest.importorskip("torch")
from tests.image.nets import NETS  # noqa: E402
from torch import nn  # noqa: E402

from tenon.image.grad_cam import grad_cam  # noqa: E402


class Tiny(nn.Module):
    """Two maps, x and -x / 2; class 0 is twice the sum of the first less the sum of the second, class 1 its negative."""

    last_map = "maps"

    def __init__(self):
        super().__init__()
        self.maps = nn.Conv2d(1, 2, 1, bias=False)
        self.maps.weight.data = torch.tensor([1.0, -0.5]).reshape(2, 1, 1, 1)

    def forward(self, x):
        first, second = self.maps(nn.functional.avg_pool2d(x, 2)).sum(dim=(2, 3)).T
        return torch.stack([2 * first - second, second - 2 * first], dim=1)


def test_by_hand():
    """Pooled [[1, -2], [0, 4]]; weights are the gradients 2 and -1, so class 0 sees 2a + 0.5a = 2.5a where that is positive."""
    images = torch.tensor([[1.0, -2.0], [0.0, 4.0]]).repeat_interleave(2, 0).repeat_interleave(2, 1).expand(2, 1, 4, 4)
    seen = grad_cam(Tiny(), images, torch.tensor([0, 1]))
    corners = seen[:, [0, 0, -1, -1], [0, -1, 0, -1]]  # bilinear: a corner pixel of the image is that of the map
    assert corners.tolist() == [[2.5, 0.0, 0.0, 10.0], [0.0, 5.0, 0.0, 0.0]]
    assert seen[0, 0].tolist() == [2.5, 0.75 * 2.5, 0.25 * 2.5, 0.0]  # between pixel centres in a straight line


@pytest.mark.parametrize("name", NETS)
def test_every_network_shows_where_it_looks_and_stays_as_it_was(name):
    torch.manual_seed(0)
    net = NETS[name](3, 1, (40, 32)).train().requires_grad_(False)
    images = torch.randn(2, 1, 40, 32)
    before = {key: x.clone() for key, x in net.state_dict().items()}
    seen = grad_cam(net, images, torch.tensor([0, 2]))
    assert seen.shape == (2, 40, 32)
    assert seen.min() >= 0
    assert not seen.requires_grad
    assert net.training
    assert all(torch.equal(x, before[key]) for key, x in net.state_dict().items())
    torch.testing.assert_close(grad_cam(net, images[1:], torch.tensor([2])), seen[1:], rtol=1e-4, atol=1e-6)
    with torch.no_grad():
        torch.testing.assert_close(grad_cam(net, images, torch.tensor([0, 2])), seen)
