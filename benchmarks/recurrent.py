"""What reading texts of like length together is worth to recurrent networks, and what packed sequences cost, on real lengths.

python benchmarks/recurrent.py [--rounds 5] [--page]

Texts of as many characters as the reviews of chnsenticorp_hotel, at most 400, in batches of 32 through a layer of 100 units, both
ways, from vectors of 100 numbers: as they are dealt by chance and padded, the same packed, and sorted into
batches of like length as `tenon.training` deals them to `tenon.nn.recurrent`. Processor seconds of one thread, in microseconds a
token; the ways take turns, and the ratio is the median over rounds. A JSON line each, and with --page docs/benchmarks.md.
"""

import json
import os
import platform
import statistics
import time
from pathlib import Path

import pandas as pd
import torch
from pages import asked_rounds, write_part
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from tenon.nn.recurrent import LAYERS, Recurrent
from tenon.training.rows import bucketed_batches, epoch_batches

DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
LONGEST, SIZE, WIDTH, BATCHES = 400, 32, 100, 12  # BATCHES: of a round


def lengths() -> Tensor:
    texts = pd.read_csv(DATA / "chnsenticorp_hotel" / "train.csv.gz")["text"]
    return torch.tensor(texts.str.len().clip(1, LONGEST).to_numpy())


def seconds(net: nn.Module, of_rows: Tensor, batches: list[Tensor], is_packed: bool) -> float:
    """Return microseconds a token, forwards and backwards."""
    start, n_tokens = time.process_time(), 0
    for ids in batches:
        n = of_rows[ids]
        x = torch.randn(len(ids), int(n.max()), WIDTH, requires_grad=True)
        if is_packed:
            y = net(pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False))[0].data
        else:
            y = net(x, n) if isinstance(net, Recurrent) else net(x)[0]
        y.sum().backward()
        n_tokens += int(n.sum())
    return 1e6 * (time.process_time() - start) / n_tokens


def main() -> None:
    rounds, has_page = asked_rounds(__doc__)
    torch.set_num_threads(1)
    of_rows = lengths()
    lines = [
        *("## Recurrent networks on texts of unequal length", ""),
        "Written by `benchmarks/recurrent.py` on the lengths of hotel reviews: microseconds of a processor a token, forwards and",
        "backwards, medians; the ratio is that of the last two, and its lowest and highest.",
        *("", "| layer | packed, by chance | padded, by chance | of like length | ratio | spread |", "|---|---|---|---|---|---|"),
    ]
    for kind in LAYERS:
        torch.manual_seed(0)
        theirs = LAYERS[kind](WIDTH, WIDTH, batch_first=True, bidirectional=True)
        ours = Recurrent(kind, WIDTH, WIDTH)
        took: dict[str, list[float]] = {"packed": [], "padded": [], "alike": []}
        for turn in range(rounds + 1):
            by_chance = epoch_batches(len(of_rows), SIZE, 0, turn)[:BATCHES]
            alike = bucketed_batches(of_rows, SIZE, 0, turn)[:BATCHES]
            for name, found in (
                ("packed", seconds(theirs, of_rows, by_chance, True)),
                ("padded", seconds(theirs, of_rows, by_chance, False)),
                ("alike", seconds(ours, of_rows, alike, False)),
            ):
                took[name] += [found] * (turn > 0)  # the first round warms up
        ratios = [padded / alike for padded, alike in zip(took["padded"], took["alike"], strict=True)]
        middle = {name: statistics.median(values) for name, values in took.items()}
        about = {"torch": torch.__version__, "machine": platform.machine(), "rounds": rounds}
        print(json.dumps({"layer": kind, **middle, "ratio": statistics.median(ratios), "ratios": ratios, **about}), flush=True)
        figures = " | ".join(f"{middle[name]:.3g}" for name in took)
        lines.append(f"| {kind} | {figures} | {statistics.median(ratios):.2f} | {min(ratios):.2f} to {max(ratios):.2f} |")
    if has_page:
        write_part("recurrent", lines)


if __name__ == "__main__":
    main()
