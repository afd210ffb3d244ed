"""All networks alike: any size, grey or not, single rows; gradients reach every weight; wrong arguments are told."""

import pytest

torch = pytest.importorskip("torch")
from tests.image.nets import NETS  # noqa: E402

from tenon.errors import SettingsError  # noqa: E402
from tenon.image import VGG, EfficientNet, GoogLeNet, LeNet, ResNet  # noqa: E402
from tenon.image.googlenet import with_auxiliary  # noqa: E402
from tenon.nn.initialise import initialise  # noqa: E402

SIZES = (8, 9, 11, 12, 16, 17, 28, 31, 64, 65, 100, 256, (8, 256), (256, 9), (65, 70))


def output_shape(net, *shape):
    output = net(torch.empty(shape))
    return [tuple(part.shape) for part in ((output,) if isinstance(output, torch.Tensor) else output)]


@pytest.mark.parametrize("name", NETS)
def test_any_size_goes_through(name):
    """On torch's device for shapes alone, which refuses what a real one refuses."""
    for i, size in enumerate(SIZES):
        height, width = size if isinstance(size, tuple) else (size, size)
        channels = (1, 3)[i % 2]
        with torch.device("meta"):
            net = NETS[name](7, channels, size)
            assert output_shape(net.eval(), 1, channels, height, width) == [(1, 7)], size
            assert set(output_shape(net.train(), 2, channels, height, width)) == {(2, 7)}, size


LARGEST_OF_ONE_PIXEL = {
    "lenet": 0, "alexnet": 0, "vgg": 0, "vgg-norm": 16, "googlenet": 11, "resnet": 8, "resnet-bottleneck": 8, "resnet-narrow": 0,
    "plain": 0, "efficientnet": 16,
}  # fmt: skip


@pytest.mark.parametrize("name", NETS)
def test_one_row_trains_unless_batch_norm_sees_one_pixel(name):
    for size in SIZES:
        height, width = size if isinstance(size, tuple) else (size, size)
        with torch.device("meta"):
            net = NETS[name](3, 1, size).train()
            if max(height, width) > LARGEST_OF_ONE_PIXEL[name]:
                assert output_shape(net, 1, 1, height, width)[0] == (1, 3)
            else:
                with pytest.raises(ValueError, match="more than 1 value per channel"):
                    output_shape(net, 1, 1, height, width)


@pytest.mark.parametrize("name", NETS)
def test_a_network_takes_other_sizes_than_it_was_built_for(name):
    with torch.device("meta"):
        small, large = NETS[name](3, size=32).eval(), NETS[name](3).eval()
        assert {output_shape(small, 2, 3, size, size)[0] for size in (32, 64, 200)} == {(2, 3)}
        assert {output_shape(large, 2, 3, size, size)[0] for size in (63, 65, 256)} == {(2, 3)}


@pytest.mark.parametrize("name", NETS)
def test_gradients_reach_every_weight(name):
    torch.manual_seed(0)
    net = NETS[name](3, 1, 24).train()
    for layer in net.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
    loss = with_auxiliary(torch.nn.functional.cross_entropy)(net(torch.randn(6, 1, 24, 24)), torch.tensor([0, 1, 2, 0, 1, 2]))
    loss.backward()
    assert loss.isfinite()
    assert [key for key, p in net.named_parameters() if p.grad is None or not p.grad.isfinite().all()] == []
    assert [key for key, p in net.named_parameters() if p.ndim > 1 and not p.grad.any()] == []


@pytest.mark.parametrize("name", NETS)
def test_names_of_heads_and_of_the_last_map_are_layers(name):
    net = NETS[name](5, 1, 40).eval()
    maps = []
    net.get_submodule(net.last_map).register_forward_hook(lambda _layer, _inputs, output: maps.append(output))
    with torch.no_grad():
        net(torch.randn(2, 1, 40, 40))
    assert maps[0].ndim == 4
    widths = {p.shape[0] for head in net.heads for key, p in net.named_parameters() if key == f"{head}.weight"}
    assert widths == {5}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LeNet(0), "n_classes takes a whole number from 1 on; got 0"),
        (lambda: LeNet(2, channels=0), "channels takes a whole number from 1 on; got 0"),
        (lambda: ResNet(2, size=7), "size takes a whole number from 8 on; got 7"),
        (lambda: ResNet(2, size=(64, 7)), "size takes a whole number from 8 on; got 7"),
        (lambda: VGG(2, depth=12), "depth of VGG takes one of 11, 13, 16, 19; got 12"),
        (lambda: ResNet(2, depth=19), "depth of ResNet takes one of 18, 34, 50, 101, 152, or 6n \\+ 2 as in 20, 32, 44; got 19"),
        (lambda: ResNet(2, depth=2), "depth of ResNet takes one of .*; got 2"),
        (lambda: EfficientNet(2, scale=8), "scale takes a whole number from 0 to 7; got 8"),
        (lambda: EfficientNet(2, stochastic_depth=1.0), "stochastic_depth takes a number from 0 to 0.9; got 1.0"),
        (lambda: initialise(LeNet(2), "hey"), "rule takes one of 'zero', 'normal', 'xavier', 'he'; got 'hey'"),
    ],
)
def test_wrong_arguments_are_told(make, message):
    with pytest.raises(SettingsError, match=message):
        make()


def test_auxiliary_heads_join_in_training_alone():
    logits, lower, upper = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 5.0]]), torch.tensor([[7.0, 11.0]])
    total = with_auxiliary(lambda output, targets: output.sum() + targets.sum())
    assert total((logits, lower, upper), torch.tensor([4.0])).item() == pytest.approx(7.0 + 0.3 * 12.0 + 0.3 * 22.0)
    assert total(logits, torch.tensor([4.0])).item() == 7.0
    net = GoogLeNet(2, size=16)
    images = torch.randn(2, 3, 16, 16)
    assert len(net.train()(images)) == 3
    assert net.eval()(images).shape == (2, 2)
    assert GoogLeNet(2, size=16, auxiliary=False).train()(images).shape == (2, 2)
