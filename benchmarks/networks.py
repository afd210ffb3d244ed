"""What training a network costs beside the network: the loop, images changed by chance, the layout of images in memory.

python benchmarks/networks.py [--rounds 9] [--page]

loop: microseconds of a step on a network of one weight, beside a bare loop of PyTorch's. batch: milliseconds to make one of 128
images, moved, mirrored and standardised, beside one image after the other. layout: milliseconds of a step of ResNet-20 on 64
images of 32x32, channels last beside first. The two of a pair take turns, and the ratio is the median over rounds: another load
on the machine tells on both. Processor seconds of one thread; a JSON line each, and with --page a table in docs/benchmarks.md.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable

import torch
from pages import write_part
from torch import Tensor, nn
from torch.nn import functional

from tenon.image import ResNet
from tenon.image.augment import Augmentation
from tenon.image.rows import Channels, PictureRows
from tenon.training import Recipe, TensorRows, train
from tenon.training.rows import epoch_batches

STEPS = 500


def loop_pair() -> tuple[Callable[[], None], Callable[[], None]]:
    X = torch.randn(STEPS * 4, 1)
    rows, recipe = TensorRows(X, targets=X), Recipe(epochs=1, batch_size=4, optimiser="sgd", rate=1e-3, decay=0.0)

    def bare() -> None:
        net = nn.Linear(1, 1)
        optimiser = torch.optim.SGD(net.parameters(), lr=1e-3)
        net.train()
        for ids in epoch_batches(len(X), 4, 0, 0):
            optimiser.zero_grad()
            loss = functional.mse_loss(net(X[ids]), X[ids])
            loss.backward()
            optimiser.step()
            loss.item()

    return lambda: void(train(nn.Linear(1, 1), rows, functional.mse_loss, recipe)), bare


def batch_pair(n_channels: int, side: int) -> tuple[Callable[[], None], Callable[[], None]]:
    pictures = torch.randint(0, 256, (1000, side, side, n_channels), dtype=torch.uint8)
    rows = PictureRows(pictures, torch.zeros(1000), Channels.of(pictures.numpy()), Augmentation(mirror=True))
    mean, deviation = (torch.tensor(values)[:, None, None] for values in (rows.channels.mean, rows.channels.deviation))
    ids, most = torch.randperm(1000)[:128], round(0.1 * side)

    def one(picture: Tensor) -> Tensor:
        image = functional.pad(picture.permute(2, 0, 1).float()[None] / 255, (most,) * 4, mode="replicate")[0]
        top, left = torch.randint(2 * most + 1, (2,)).tolist()
        image = image[:, top : top + side, left : left + side]
        return ((image.flip(-1) if torch.rand(1) < 0.5 else image) - mean) / deviation

    return lambda: void(rows.batch(ids, torch.device("cpu"))), lambda: void(torch.stack([one(pictures[i]) for i in ids]))


def layout_pair() -> tuple[Callable[[], None], Callable[[], None]]:
    def step_in(layout: torch.memory_format) -> Callable[[], None]:
        net = ResNet(10, 3, 32, depth=20).to(memory_format=layout).train()
        images, classes = torch.rand(64, 3, 32, 32).contiguous(memory_format=layout), torch.arange(64) % 10
        return lambda: functional.cross_entropy(net(images), classes).backward()

    return step_in(torch.channels_last), step_in(torch.contiguous_format)


def void(_: object) -> None:
    """A step gives nothing."""


def seconds(run: Callable[[], None]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


PAIRS = (  # name, what is timed, beside what, unit, times the unit in a run
    ("a step of the loop", loop_pair, "a bare loop", "µs", 1e6 / STEPS),
    ("a batch, 1x28x28", lambda: batch_pair(1, 28), "image by image", "ms", 1e3),
    ("a batch, 3x64x64", lambda: batch_pair(3, 64), "image by image", "ms", 1e3),
    ("ResNet-20, channels last", layout_pair, "channels first", "ms", 1e3),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    lines = [
        *("## Training networks", ""),
        f"Written by `benchmarks/networks.py`; PyTorch {torch.__version__}, one thread. Below 1 the ratio is our gain.",
        *("", "| what | ours | beside | theirs | ratio | spread |", "|---|---|---|---|---|---|"),
    ]
    for name, make, beside, unit, scale in PAIRS:
        ours, theirs = make()
        ours(), theirs()  # untimed
        times = [(seconds(ours), seconds(theirs)) for _ in range(asked.rounds)]
        low, ratio, high = statistics.quantiles((mine / other for mine, other in times), n=4)
        mine, other = (scale * statistics.median(column) for column in zip(*times, strict=True))
        found = {"what": name, unit: mine, "beside": beside, f"{unit} there": other, "ratio": ratio, "low": low, "high": high}
        print(json.dumps(found | {"torch": torch.__version__, "machine": platform.machine()}))
        lines.append(f"| {name} | {mine:.3g} {unit} | {beside} | {other:.3g} {unit} | {ratio:.2f} | {low:.2f} to {high:.2f} |")
    if asked.page:
        write_part("networks", lines)


if __name__ == "__main__":
    main()
