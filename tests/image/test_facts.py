"""What the papers say of their networks: sizes, fields, blocks by hand."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from tenon.image import VGG, AlexNet, EfficientNet, GoogLeNet, LeNet, ResNet  # noqa: E402
from tenon.image.googlenet import Inception  # noqa: E402
from tenon.image.mbconv import SqueezeExcitation, StochasticDepth  # noqa: E402
from tenon.image.resnet import Basic, Bottleneck, Subsample  # noqa: E402


def size(module):
    return sum(p.numel() for p in module.parameters())


def on_paper(make):
    with torch.device("meta"):
        return make()


@pytest.mark.mission("E2")
def test_lenet_has_the_layers_of_the_paper():
    """C1 156, C5 48,120, F6 10,164 (section II.B); C3 sees all maps, so 16 · (6 · 25 + 1); the output 10 · 85."""
    net = LeNet(10, channels=1, size=28)
    layers = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert [size(layer) for layer in layers] == [156, 2416, 48_120, 10_164, 850]
    assert net.features[:-1](torch.zeros(1, 1, 28, 28)).shape == (1, 16, 5, 5)
    assert LeNet(10, 1, 32).features[:-1](torch.zeros(1, 1, 32, 32)).shape == (1, 16, 5, 5)


def test_lenet_sets_small_images_into_the_middle_of_a_field():
    padded = LeNet(10, 1, (8, 31)).features[0](torch.ones(1, 1, 8, 31))[0, 0]
    assert padded.shape == (32, 32)
    rows, columns = padded.nonzero(as_tuple=True)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (12, 19, 0, 30)


@pytest.mark.parametrize(("depth", "millions"), [(11, 133), (13, 133), (16, 138), (19, 144)])
def test_vgg_sizes_are_those_of_table_2(depth, millions):
    assert round(size(on_paper(lambda: VGG(1000, depth=depth))) / 1e6) == millions


@pytest.mark.parametrize(("depth", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)])
def test_narrow_resnet_sizes_are_those_of_table_6(depth, millions):
    net = on_paper(lambda: ResNet(10, size=32, depth=depth))
    assert size(net) / 1e6 == pytest.approx(millions, abs=0.0051 if depth < 110 else 0.05)
    assert size(on_paper(lambda: ResNet(10, size=32, depth=depth, shortcut=False))) == size(net)  # identities have no weights


@pytest.mark.parametrize(("scale", "millions"), [*enumerate([5.3, 7.8, 9.2, 12, 19, 30, 43, 66])])
def test_efficientnet_sizes_are_those_of_table_2(scale, millions):
    """B2 has 9.11 million weights; the paper says 9.2."""
    assert size(on_paper(lambda: EfficientNet(1000, scale=scale))) / 1e6 == pytest.approx(millions, rel=0.02)


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152, 20, 32, 110])
@pytest.mark.parametrize("shortcut", [True, False])
def test_depth_counts_the_layers_with_weights(depth, shortcut):
    net = on_paper(lambda: ResNet(10, depth=depth, shortcut=shortcut))
    layers = [name for name, layer in net.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert sum("downsample" not in name for name in layers) == depth


@pytest.mark.parametrize(("make", "field"), [(AlexNet, 195), (VGG, 212)])
def test_the_last_map_sees_as_much_as_published(make, field):
    """Araujo et al. 2019, Computing receptive fields of convolutional neural networks, table 1."""
    pixels, jump = 1, 1
    for layer in on_paper(lambda: make(10)).features:
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d):
            kernel, stride = (value if isinstance(value, int) else value[0] for value in (layer.kernel_size, layer.stride))
            pixels, jump = pixels + (kernel - 1) * jump, jump * stride
    assert pixels == field


def test_inception_blocks_are_as_wide_as_in_table_1():
    net = on_paper(lambda: GoogLeNet(10))
    blocks = [layer for layer in net.modules() if isinstance(layer, Inception)]
    with torch.device("meta"):
        widths = [block(torch.empty(1, block.branch1[0].in_channels, 7, 7)).shape[1] for block in blocks]
    assert widths == [256, 480, 512, 512, 512, 528, 832, 832, 1024]


@pytest.mark.parametrize("block", [Basic, Bottleneck])
def test_a_block_whose_branch_says_nothing_is_the_identity(block):
    width = 6 * block.expansion
    residual, plain = block(width, 6, 1, nn.Identity()), block(width, 6, 1, None)
    x = torch.randn(2, width, 5, 5)
    for net in (residual, plain):
        [*_, last] = [layer for layer in net.modules() if isinstance(layer, nn.BatchNorm2d)]
        nn.init.zeros_(last.weight)
    torch.testing.assert_close(residual(x), x.relu(), rtol=0, atol=0)
    assert not plain(x).any()


def test_subsampling_by_hand():
    x = torch.arange(25.0).reshape(1, 1, 5, 5)
    y = Subsample(2, 2)(x)
    assert y[0, 0].tolist() == [[0, 2, 4], [10, 12, 14], [20, 22, 24]]
    assert y.shape == (1, 3, 3, 3)
    assert not y[0, 1:].any()


def test_squeeze_and_excitation_by_hand():
    torch.manual_seed(1)
    block = SqueezeExcitation(6, 2).double()
    x = torch.randn(2, 6, 3, 4, dtype=torch.float64)
    (w1, b1), (w2, b2) = ((fc.weight.detach().numpy()[:, :, 0, 0], fc.bias.detach().numpy()) for fc in (block.fc1, block.fc2))
    for row, out in zip(x.numpy(), block(x).detach().numpy(), strict=True):
        hidden = w1 @ row.mean(axis=(1, 2)) + b1
        hidden = hidden / (1 + np.exp(-hidden))
        scale = 1 / (1 + np.exp(-(w2 @ hidden + b2)))
        np.testing.assert_allclose(out, row * scale[:, None, None], rtol=1e-12)


def test_stochastic_depth_keeps_the_expectation_row_by_row():
    """Each row is 0 or x / (1 - p); of 20,000 rows the mean is 1 within five deviations of sqrt(p / (1 - p) / n)."""
    torch.manual_seed(2)
    layer, x = StochasticDepth(0.3).train(), torch.ones(20_000, 2, 1, 1)
    y = layer(x)[:, :, 0, 0]
    assert torch.equal(y[:, 0], y[:, 1])
    assert torch.equal(y.unique(), torch.tensor([0.0, 1 / 0.7]))
    assert abs(y[:, 0].mean().item() - 1.0) < 5 * (0.3 / 0.7 / 20_000) ** 0.5
    assert layer.eval()(x) is x


def test_the_chance_to_be_left_out_rises_from_block_to_block():
    """16 blocks, of which 9 have a shortcut: 2 + 2 … less the first of each stage. The last of B0 has none."""
    layers = [layer.p for layer in EfficientNet(2, size=32).modules() if isinstance(layer, StochasticDepth)]
    with_shortcut = [2, 4, 6, 7, 9, 10, 12, 13, 14]  # all but the first block of a stage, counted from 0
    assert layers == pytest.approx([0.2 * i / 16 for i in with_shortcut])
