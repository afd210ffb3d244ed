"""Networks against torchvision's own: what their files hold, name by name, and what they answer with the same weights.

`torchvision_layouts.json` was written by the script beside it from torchvision's code.
"""

import json
import re

import pytest

torch = pytest.importorskip("torch")
from tests.image.torchvision_layouts import FILE, answers, digest, layout  # noqa: E402

from tenon.image import VGG, AlexNet, EfficientNet, GoogLeNet, ResNet  # noqa: E402

THEIRS = json.loads(FILE.read_text(encoding="utf-8"))["nets"]


def ours(name):
    family, number = re.fullmatch(r"([a-z_]+?)(?:_b)?(\d*)(?:_bn)?", name).groups()
    if family == "vgg":
        return VGG(1000, depth=int(number), batch_norm=name.endswith("_bn"))
    if family == "resnet":
        return ResNet(1000, depth=int(number))
    if family == "efficientnet":
        return EfficientNet(1000, scale=int(number))
    return {"alexnet": AlexNet, "googlenet": GoogLeNet}[family](1000)


@pytest.mark.mission("E3", "E4", "E5", "E6", "E7")
@pytest.mark.parametrize("name", THEIRS)
def test_files_hold_the_same(name):
    with torch.device("meta"):
        net = ours(name)
    found, theirs = layout(net), THEIRS[name]
    assert sum(p.numel() for p in net.parameters()) == theirs["n_parameters"]
    if "layout" in theirs:
        assert [list(part) for part in found] == theirs["layout"]
    assert digest(found) == theirs["digest"]


@pytest.mark.mission("E3", "E4", "E5", "E6", "E7")
@pytest.mark.parametrize("name", [name for name, net in THEIRS.items() if "answers" in net])
def test_the_same_weights_give_the_same_answers(name):
    """Single precision through up to 120 layers: another order of sums may cost four of its seven digits."""
    found, theirs = torch.tensor(answers(ours(name))), torch.tensor(THEIRS[name]["answers"])
    assert theirs.std() > 1e-3
    assert (found - theirs).abs().max() < 1e-3 * theirs.abs().max()


# What the authors or torchvision's pages publish.
PUBLISHED = {
    "alexnet": 61_100_840, "vgg16": 138_357_544, "resnet18": 11_689_512, "resnet50": 25_557_032, "efficientnet_b0": 5_288_548,
    "googlenet": 13_004_888,
}  # fmt: skip


@pytest.mark.parametrize(("name", "n_parameters"), PUBLISHED.items())
def test_counts_are_those_published(name, n_parameters):
    assert THEIRS[name]["n_parameters"] == n_parameters


def test_googlenet_without_auxiliary_heads_has_its_published_count():
    with torch.device("meta"):
        assert sum(p.numel() for p in GoogLeNet(1000, auxiliary=False).parameters()) == 6_624_904
