"""The shared block against its parts written out."""

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from tenon.nn.convolution import conv_norm  # noqa: E402


@pytest.mark.mission("E1")
@pytest.mark.parametrize("kernel", [1, 3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2])
def test_maps_keep_their_size_or_are_halved_upwards(kernel, stride):
    for height, width in ((7, 8), (1, 2)):
        shape = conv_norm(2, 4, kernel, stride)(torch.randn(3, 2, height, width)).shape
        assert shape == (3, 4, -(-height // stride), -(-width // stride))


@pytest.mark.mission("D2", "D5", "E1")
@pytest.mark.parametrize("activation", [nn.ReLU, nn.SiLU, None])
def test_parts_follow_each_other(activation):
    torch.manual_seed(0)
    block, x = conv_norm(2, 4, 3, groups=2, activation=activation, eps=0.5, momentum=0.2), torch.randn(3, 2, 6, 6)
    y = nn.functional.conv2d(x, block[0].weight, padding=1, groups=2)
    mean, variance = y.mean(dim=(0, 2, 3)), y.var(dim=(0, 2, 3), correction=0)
    expected = (y - mean[:, None, None]) / (variance[:, None, None] + 0.5).sqrt()
    torch.testing.assert_close(block(x), activation()(expected) if activation else expected)
    torch.testing.assert_close(block[1].running_mean, 0.2 * mean)
    assert block[0].bias is None
