"""What a Longformer costs beside that of transformers, and attention to a window beside attention to everything.

python benchmarks/long_attention.py [--only NAME …] [--anew]   writes benchmarks/results/long_attention.jsonl, a line a
measurement, and its part of docs/benchmarks.md. A line that is there is not made again but with --anew. About half an hour.

Layers are of a base-size network, 768 numbers and 12 heads, on random states; a window of 256 tokens to either side and the
first token global, as in its classifiers. Theirs is LongformerSelfAttention, whose output is not projected, and neither is ours.
"all" is one layer of PyTorch's attention to all tokens. Whole networks are of 12 layers, with weights by chance, in evaluation;
short texts are 16 of 100 to 600 tokens, theirs in two batches as they come, which it pads to a multiple of 512, ours of like
length. Seconds are of a processor, one thread; ways take turns, and what counts is the median over rounds of the ratio. Memory:
by how much the peak of a process of its own grows in one round forwards and backwards; of a network that learns, the peak itself
after two steps of Adam, weights and all, where both compute each layer anew instead of keeping it.
"""

import os
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
import transformers
from pages import asked_for, write_part
from torch import Tensor, nn
from transformers.models.longformer.modeling_longformer import LongformerSelfAttention

from tenon.nn.attention import Attention
from tenon.nn.long_attention import LongAttention, Seen
from tenon.nn.patterns import Window
from tenon.text import Bert, BertConfig

RESULTS = Path(__file__).parent / "results" / "long_attention.jsonl"
D, H, WINDOW, N, ROUNDS = 768, 12, 256, 4_096, 5
SHORT, LONGEST, SIZE = (100, 600), 8_192, 8
LEARNT = 16_384  # tokens of a text that a network learns from, in parts of its layers


class Ours(nn.Module):
    """The layer without what projects its output."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = LongAttention(D, H, Window(WINDOW))
        self.layer.local.out = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x, seen=Seen(None, torch.arange(x.shape[1], device=x.device)[None] == 0))


class Theirs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        config = transformers.LongformerConfig(
            hidden_size=D,
            num_attention_heads=H,
            num_hidden_layers=1,
            attention_window=[2 * WINDOW],
            attention_probs_dropout_prob=0,
        )
        self.layer = LongformerSelfAttention(config, 0)

    def forward(self, x: Tensor) -> Tensor:
        is_global = torch.arange(x.shape[1], device=x.device)[None] == 0
        mask = torch.where(is_global, 10_000.0, 0.0)
        none = torch.zeros_like(is_global)
        return self.layer(x, attention_mask=mask, is_index_masked=none, is_index_global_attn=is_global, is_global_attn=True)[0]


class All(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = Attention(D, H)
        self.layer.out = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)


LAYERS: dict[str, Callable[[], nn.Module]] = {"ours": Ours, "theirs": Theirs, "all": All}


def forwards(layer: nn.Module, x: Tensor) -> None:
    with torch.inference_mode():
        layer(x)


def both_ways(layer: nn.Module, x: Tensor) -> None:
    layer(x.clone().requires_grad_()).square().mean().backward()


def seconds(ways: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Return what each way takes in every round; one before warms up."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            start = time.process_time()
            way()
            took[name] += [time.process_time() - start] * (turn > 0)
    return took


def beside(took: dict[str, list[float]]) -> dict[str, Any]:
    """Return median seconds, and the median ratio of each other way to ours."""
    ratios = {name: statistics.median(a / b for a, b in zip(took[name], took["ours"], strict=True)) for name in took}
    return {"seconds": {name: statistics.median(values) for name, values in took.items()}, "ratios": ratios}


def of_layer(run: Callable[[nn.Module, Tensor], None]) -> dict[str, Any]:
    torch.manual_seed(0)
    x = torch.randn(1, N, D)
    layers = {name: build() for name, build in LAYERS.items()}
    return beside(seconds({name: lambda layer=layer: run(layer, x) for name, layer in layers.items()}))


def peak(name: str) -> float:
    """Return by how many MB the peak of this process grows in a round."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    layer, x = LAYERS[name](), torch.randn(1, N, D)
    both_ways(layer, x[:, : 2 * WINDOW])  # what is loaded on first use
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    both_ways(layer, x)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def in_own_process(measure: Callable[[str], float], names: Sequence[str]) -> dict[str, Any]:
    found = {}
    for name in names:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            found[name] = pool.submit(measure, name).result()
    return {"megabytes": found, "ratios": {name: value / found["ours"] for name, value in found.items()}}


def networks(n_positions: int) -> tuple[Bert, nn.Module]:
    """Return ours and theirs, of base size."""
    config = BertConfig(kind="longformer", vocab_size=30_000, n_positions=n_positions + 2, n_segments=1, pad=1)
    theirs = transformers.LongformerConfig(
        **{key: value for key, value in config.to_json().items() if key != "attention_dilation"}
    )
    return Bert(config).eval(), transformers.LongformerModel(theirs).eval()


def drawn(*shape: int) -> Tensor:
    return torch.randint(2, 30_000, shape, generator=torch.Generator().manual_seed(0))


@torch.inference_mode()
def read(ours: Bert, ids: Tensor, is_real: Tensor | None = None) -> None:
    ours(ids, is_real, global_attention_mask=torch.arange(ids.shape[1]).expand(len(ids), -1) == 0)


@torch.inference_mode()
def read_theirs(theirs: nn.Module, ids: Tensor, is_real: Tensor | None = None) -> None:
    is_global = (torch.arange(ids.shape[1]).expand(len(ids), -1) == 0).long()
    theirs(ids, None if is_real is None else is_real.long(), is_global)


def peak_of_learning(name: str) -> float:
    """Return the peak in MB of this process, which takes two steps of learning: the second holds what the first left."""
    torch.set_num_threads(1)
    ours, theirs = networks(LEARNT)
    net: nn.Module = ours.train() if name == "ours" else theirs.train()
    del ours, theirs
    if name == "ours":
        net.encoder.most_kept = 0
    else:
        net.gradient_checkpointing_enable()
    optimiser, ids = torch.optim.AdamW(net.parameters()), drawn(1, LEARNT)
    is_global = torch.arange(LEARNT)[None] == 0
    for _ in range(2):
        said = net(ids, global_attention_mask=is_global if name == "ours" else is_global.long())
        (said if name == "ours" else said.last_hidden_state)[:, 0].square().mean().backward()
        optimiser.step()
        optimiser.zero_grad()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def whole() -> dict[str, Any]:
    ours, theirs = networks(N)
    ids = drawn(1, N)
    return beside(seconds({"ours": lambda: read(ours, ids), "theirs": lambda: read_theirs(theirs, ids)}, rounds=3))


def short() -> dict[str, Any]:
    ours, theirs = networks(1_024)
    lengths = torch.randint(*SHORT, (2 * SIZE,), generator=torch.Generator().manual_seed(1))

    def batches(order: Tensor) -> list[tuple[Tensor, Tensor]]:
        chosen = [lengths[places] for places in order.split(SIZE)]
        return [(drawn(SIZE, int(own.max())), torch.arange(int(own.max())) < own[:, None]) for own in chosen]

    as_they_come, alike = batches(torch.arange(2 * SIZE)), batches(lengths.argsort())
    ways = {
        "ours": lambda: [read(ours, ids, real) for ids, real in alike],
        "theirs": lambda: [read_theirs(theirs, ids, real) for ids, real in as_they_come],
    }
    return beside(seconds(ways, rounds=3))


def twice() -> dict[str, Any]:
    ours, _ = networks(LONGEST)
    half, full = drawn(1, N), drawn(1, LONGEST)
    took = seconds({"ours": lambda: read(ours, half), "twice as long": lambda: read(ours, full)}, rounds=3)
    return beside(took)


MEASURED: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "layer forwards": (f"a layer, {N:,} tokens, forwards", lambda: of_layer(forwards)),
    "layer both ways": (f"a layer, {N:,} tokens, forwards and backwards", lambda: of_layer(both_ways)),
    "memory": (f"a layer, {N:,} tokens, forwards and backwards, memory", lambda: in_own_process(peak, list(LAYERS))),
    "learning": (
        f"a network that learns from {LEARNT:,} tokens, memory",
        lambda: in_own_process(peak_of_learning, ["ours", "theirs"]),
    ),
    "whole": (f"a network, {N:,} tokens", whole),
    "short": (f"a network, {SHORT[0]} to {SHORT[1]} tokens", short),
    "twice": (f"a network, {LONGEST:,} tokens beside {N:,}", twice),
}


def measured(name: str) -> dict[str, Any]:
    torch.set_num_threads(1)
    return {"name": name, "transformers": transformers.__version__, "torch": torch.__version__, **MEASURED[name][1]()}


def page(known: dict[str, dict[str, Any]]) -> list[str]:
    versions = next(iter(known.values()))
    lines = [
        *("## Attention to long texts", ""),
        f"Written by `benchmarks/long_attention.py`, transformers {versions['transformers']}, torch {versions['torch']}, whose",
        "first lines say what is measured. Seconds of a processor, or MB, and how many times ours the others take.",
        *("", "| | ours | transformers | all | transformers / ours | all / ours |", "|---|---|---|---|---|---|"),
    ]
    for name, (about, _) in MEASURED.items():
        if name in known and name != "twice":
            amounts, ratios = known[name].get("seconds") or known[name]["megabytes"], known[name]["ratios"]
            cells = [f"{amounts[way]:.3g}" if way in amounts else "" for way in LAYERS]
            lines.append(f"| {about} | {' | '.join(cells)} | {' | '.join(times(ratios.get(way)) for way in ('theirs', 'all'))} |")
    if "twice" in known:
        ratio = known["twice"]["ratios"]["twice as long"]
        lines += ["", f"A text of {LONGEST:,} tokens takes ours {ratio:.2f} times as long as one of {N:,}."]
    return lines


def times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    write_part("long_attention", page(asked_for(__doc__, list(MEASURED), RESULTS, measured)))
