"""Networks through the training loop: they learn which way stripes run."""

import pytest

torch = pytest.importorskip("torch")
from tests.image.nets import NETS  # noqa: E402
from torch import Tensor  # noqa: E402

from tenon.image.googlenet import with_auxiliary  # noqa: E402
from tenon.training import Recipe, TensorRows, train  # noqa: E402


def stripes(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Stripes (n, 1, 16, 16) of four pixels that lie (class 0) or stand (1), each from another start, and noise."""
    chance = torch.Generator().manual_seed(seed)
    classes, start = torch.arange(n) % 2, 4 * torch.rand(n, 1, generator=chance)
    waves = (torch.pi / 2 * (torch.arange(16) + start)).sin()[:, None, None, :].expand(n, 1, 16, 16)
    images = torch.where(classes[:, None, None, None] == 1, waves, waves.transpose(2, 3))
    return images + 0.5 * torch.randn(n, 1, 16, 16, generator=chance), classes


# Train rows and epochs. LeNet overfits fewer rows; EfficientNet, with batch norm over single pixels here, takes its time.
WORK = {
    "lenet": (600, 20), "alexnet": (80, 6), "vgg-norm": (80, 6), "googlenet": (80, 6), "resnet": (80, 6),
    "resnet-narrow": (80, 6), "plain": (80, 6), "efficientnet": (80, 20),
}  # fmt: skip


SLOW = ("googlenet", "efficientnet")


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in WORK])
def test_networks_learn_which_way_stripes_run(name):
    """The sums along either way tell the classes apart without an error, so what is wrong is the network's own."""
    torch.manual_seed(0)
    net = NETS[name](2, 1, 16)
    n_rows, epochs = WORK[name]
    images, classes = stripes(n_rows, 0)
    others, their_classes = stripes(50, 1)
    history = train(
        net, TensorRows(images, targets=classes), with_auxiliary(torch.nn.functional.cross_entropy),
        Recipe(epochs=epochs, batch_size=16, rate=1e-3, clip=1.0), held_out=TensorRows(others, targets=their_classes),
    )  # fmt: skip
    assert len(history.held_out) == epochs
    with torch.no_grad():
        assert (net(others).argmax(dim=1) == their_classes).float().mean() > 0.9
