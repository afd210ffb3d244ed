"""Write `torchvision_layouts.json`: names, shapes and answers of torchvision's networks, which ours have to equal.

    python tests/image/torchvision_layouts.py FOLDER    where FOLDER holds the unpacked torchvision package

Only its Python files are used, so any torchvision that fits the installed torch will do. Layouts come whole for some networks and
as SHA-256 for all. Answers are of weights and images that follow a formula, so that no weights need to be kept.
"""

import hashlib
import json
import sys
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import Tensor, nn

FILE = Path(__file__).with_suffix(".json")
NETS = (
    "alexnet", *(f"vgg{depth}{norm}" for depth in (11, 13, 16, 19) for norm in ("", "_bn")), "googlenet",
    *(f"resnet{depth}" for depth in (18, 34, 50, 101, 152)), *(f"efficientnet_b{scale}" for scale in range(8)),
)  # fmt: skip
WHOLE = ("alexnet", "vgg16_bn", "googlenet", "resnet18", "resnet50", "efficientnet_b0")
ANSWERING = (*WHOLE, "efficientnet_b5")
N_KEPT = 5  # answers of a row

Layout = list[tuple[str, list[int], str]]


def layout(net: nn.Module) -> Layout:
    """Name, shape and kind of all that the network's file would hold."""
    return [(name, list(x.shape), str(x.dtype).removeprefix("torch.")) for name, x in net.state_dict().items()]


def digest(found: Layout) -> str:
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def wave(shape: tuple[int, ...], start: int) -> Tensor:
    """Values from -1 to 1 without any pattern that a network would meet, the same everywhere."""
    table = np.sin(np.arange(10_007.0) ** 2)
    return torch.from_numpy(np.resize(np.roll(table, 131 * start), shape)).float()


@torch.no_grad()
def answers(net: nn.Module) -> list[list[float]]:
    """What the network says in evaluation of two images, when all its weights follow a formula."""
    for i, (name, x) in enumerate(net.state_dict().items()):
        values = wave(tuple(x.shape), i)
        if x.ndim > 1:
            x.copy_(values * 2.0 / x[0].numel() ** 0.5)
        elif name.endswith(("running_var", "bn.weight", "bn1.weight", "bn2.weight", "bn3.weight")):
            x.copy_(1.0 + 0.5 * values)
        elif x.is_floating_point():
            x.copy_(0.1 * values + 0.5 * name.endswith("weight"))
    return net.eval()(wave((2, 3, 97, 130), 0))[:, :N_KEPT].tolist()


def main(folder: str) -> None:
    sys.modules["torchvision._meta_registrations"] = ModuleType("the only part that needs compiled code")
    sys.path.insert(0, folder)
    warnings.simplefilter("ignore")  # GoogLeNet's first weights will change, it says
    import torchvision
    from torchvision import models

    found = {}
    for name in NETS:
        with torch.device("meta"):
            net = getattr(models, name)()
        parts = layout(net)
        found[name] = {"n_parameters": sum(p.numel() for p in net.parameters()), "digest": digest(parts)}
        if name in WHOLE:
            found[name]["layout"] = parts
        if name in ANSWERING:
            found[name]["answers"] = answers(getattr(models, name)())
    text = json.dumps({"torchvision": torchvision.__version__, "nets": found}, separators=(",", ":"))
    FILE.write_text(text.replace('],["', '],\n["').replace('"],[', '"],\n[') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
