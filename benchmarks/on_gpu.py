"""What networks cost on a GPU beside transformers: fine-tuning, reading, learning by masked tokens, attention to long texts.

python benchmarks/on_gpu.py [--only NAME …] [--anew]   writes benchmarks/results/on_gpu.jsonl, a line a measurement, and its part
of docs/benchmarks.md. A line that is there is not made again but with --anew; --only without a name writes the page alone. About
5 minutes on an H100. `--toy` tries all of it in small, on whatever there is, and writes nothing.

Networks are of BERT-base's shape, with weights by chance, written into a folder that both sides read. Texts of fine-tuning are of
trec and sentence_polarity, from TENON_DATA or shared/data beside the repository, in parts of words learnt from them, cut to
LONGEST, and parted before the clock starts; of reading and masked tokens they are numbers by chance, of lengths even from 1 to
512.
fine-tuning: one pass in bfloat16 (autocast), ours by `tenon.training.train` with rows of like length and vectors of those tokens
alone that the rows hold, theirs by Trainer with dynamic padding and its grouping by length; the same batch sizes, AdamW.
reading: weights in bfloat16, in evaluation; theirs 32 texts a batch as they come, padded, PyTorch's attention; ours of like
length, as many tokens at once. masked: 15 % of the tokens, a step of AdamW a batch in bfloat16 (autocast), batches of like length
on both sides.
layer: `benchmarks/long_attention.py` says what each is; "blocks" is ours without the kernel for GPUs.
Ways take turns; what counts is the median over rounds. "of peak" is the share that the multiplications of tokens that are no
padding, and of what is asked for, make up of what the card's matrix units could do in that time (`card.PEAKS`): two operations
for each number of each weight matrix and token, 4 n d a layer for a token that looks at n, and three times as many where
gradients are. "busy" is what the card's driver says. Memory is what is held at most, of networks with their
weights, of layers without.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import torch
import transformers
from bert import learning, our_loss, their_loss
from card import DEVICE, HAS_GPU, NAME, beside, of_peak, turns
from long_attention import LAYERS, D, Ours, both_ways, forwards
from pages import asked_for, write_part
from torch import Tensor, nn

from tenon.nn import flex
from tenon.text import Bert, BertConfig
from tenon.text.bert_heads import BertForMasked, BertForTexts
from tenon.text.marked import Marked, MarkedTokens
from tenon.text.marked_rows import MarkedRows
from tenon.text.narrowed import narrowed
from tenon.text.token_rows import of_like_length
from tenon.training import Recipe, train
from tenon.training.losses import cross_entropy, with_weights_of_rows

RESULTS = Path(__file__).parent / "results" / "on_gpu.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
SIZE, N_TUNED, N_READ, ROUNDS, REPEATS = ("base", 3_072, 1_024, 3, 10) if HAS_GPU else ("tiny", 64, 16, 1, 1)
LENGTHS = (4_096, 8_192, 16_384) if HAS_GPU else (512, 1_024)
LONGEST, VOCABULARY, MOST_TOKENS, THEIR_SIZE, SEED = 128, 30_000, 512, 32, 0
SHARE = 0.15  # of tokens that are masked
KINDS = {"bfloat16": torch.bfloat16, "float32": torch.float32}
DIRECTIONS = {"forwards": forwards, "both ways": both_ways}


def fine_tuning(corpus: str, size: int) -> dict[str, Any]:
    """Return what a pass over texts of a corpus takes."""
    data = pd.read_csv(DATA / corpus / "train.csv.gz").sample(N_TUNED, random_state=SEED)
    codes = np.unique(data["label"].to_numpy(), return_inverse=True)[1]
    with TemporaryDirectory() as folder:
        tokens = MarkedTokens.learnt(data["text"], VOCABULARY)
        tokens.save_pretrained(folder)
        config = BertConfig.of_size(SIZE, vocab_size=len(tokens.tokens))
        torch.manual_seed(SEED)
        BertForTexts(Bert(config), int(codes.max()) + 1).save_pretrained(folder)
        read = [cut(tokens.encode(text), tokens.end) for text in data["text"]]
        ways = {"ours": lambda: our_training(folder, read, codes, size), "theirs": lambda: trainer(folder, read, codes, size)}
        found = beside(turns(ways, ROUNDS), "ours")
    lengths = np.array([len(row.ids) for row in read])
    return {**found, **amounts(found, {"examples": len(read)}, 3 * operations(config, lengths)), "vocabulary": config.vocab_size}


def cut(row: Marked, end: int) -> Marked:
    """Return a row of at most LONGEST tokens, the last of which is the mark that ends it."""
    if len(row.ids) <= LONGEST:
        return row
    return Marked(np.append(row.ids[: LONGEST - 1], end), row.segments[:LONGEST], row.spans[:LONGEST])


def our_training(folder: str, read: list[Marked], codes: np.ndarray, size: int) -> Callable[[], object]:
    net = BertForTexts.from_pretrained(folder, int(codes.max()) + 1).to(DEVICE)
    rows = MarkedRows(read, with_weights_of_rows(torch.from_numpy(codes), torch.ones(len(codes))), net.bert.config.pad)
    recipe = Recipe(epochs=1, batch_size=size, rate=5e-5, schedule="linear", clip=1.0, precision="bfloat16")

    def run() -> None:
        with narrowed(net.bert.embedding, [rows]):
            train(net, rows, cross_entropy(), recipe, seed=SEED)

    return run


def trainer(folder: str, read: list[Marked], codes: np.ndarray, size: int) -> Callable[[], object]:
    """Return a pass by transformers' Trainer, whose name for grouping by length changed."""
    known = {field.name for field in fields(transformers.TrainingArguments)}
    grouped = {"train_sampling_strategy": "group_by_length"} if "train_sampling_strategy" in known else {"group_by_length": True}
    asked = transformers.TrainingArguments(
        f"{folder}/out", num_train_epochs=1, per_device_train_batch_size=size, learning_rate=5e-5, weight_decay=0.01,
        lr_scheduler_type="linear", max_grad_norm=1.0, bf16=True, report_to=[], save_strategy="no", logging_strategy="no",
        disable_tqdm=True, use_cpu=not HAS_GPU, seed=SEED, **grouped,
    )  # fmt: skip
    net = transformers.AutoModelForSequenceClassification.from_pretrained(folder, num_labels=int(codes.max()) + 1)
    data = [{"input_ids": row.ids.tolist(), "labels": int(code)} for row, code in zip(read, codes, strict=True)]
    collator = transformers.DataCollatorWithPadding(transformers.AutoTokenizer.from_pretrained(folder))
    made = transformers.Trainer(net, asked, train_dataset=data, data_collator=collator)
    made.remove_callback(transformers.PrinterCallback)
    return made.train


def operations(config: BertConfig, lengths: np.ndarray, n_asked: float = 0.0) -> float:
    """Return two for each product of a forward pass over texts of these lengths, n_asked of whose tokens meet the vocabulary."""
    d, n = config.d_model, lengths.astype(float)
    layer = 2 * (4 * d**2 + 2 * d * config.d_hidden) * n + 4 * d * n**2
    return config.n_layers * float(layer.sum()) + n_asked * 2 * d * (d + config.vocab_size)


def amounts(found: dict[str, Any], of: dict[str, int], n_operations: float) -> dict[str, Any]:
    """Return how many a second of what was counted each way took, and the share of the card's peak that is multiplied."""
    rates = {f"{what}_a_second": {way: n / s for way, s in found["seconds"].items()} for what, n in of.items()}
    return {**rates, "of_peak": {way: of_peak(n_operations, s) for way, s in found["seconds"].items()}}


def drawn_rows(config: BertConfig) -> MarkedRows:
    """Return rows of tokens by chance, about half as long as the longest in the middle."""
    chance = np.random.default_rng(SEED)
    rows = [chance.integers(1_000, config.vocab_size, n) for n in chance.integers(1, MOST_TOKENS + 1, N_READ).tolist()]
    made = [Marked(ids, np.zeros(len(ids), np.int64), np.zeros((len(ids), 2), np.int64)) for ids in rows]
    return MarkedRows(made, torch.zeros(len(rows)), config.pad)


def reading() -> dict[str, Any]:
    config = BertConfig.of_size(SIZE)
    rows = drawn_rows(config)
    as_they_come, alike = torch.arange(N_READ).split(THEIR_SIZE), of_like_length(rows.lengths, THEIR_SIZE * MOST_TOKENS)

    def run(net: nn.Module, batches: Any) -> Callable[[], object]:
        net = net.to(DEVICE, torch.bfloat16).eval()

        @torch.inference_mode()
        def read() -> None:
            for ids in batches:
                tokens, mask, segments = rows.inputs(ids, DEVICE)
                net(tokens, None if mask is None else mask.long(), segments)

        return read

    with TemporaryDirectory() as folder:
        Bert(config).save_pretrained(folder)
        ways = {
            "ours": lambda: run(Bert.from_pretrained(folder), alike),
            "theirs": lambda: run(transformers.BertModel.from_pretrained(folder), as_they_come),
        }
        found = beside(turns(ways, ROUNDS), "ours")
    padded = sum(len(ids) * int(rows.lengths[ids].max()) for ids in as_they_come)
    n_tokens = int(rows.lengths.sum())
    told = amounts(found, {"tokens": n_tokens}, operations(config, rows.lengths.numpy()))
    return {**found, **told, "fill": n_tokens / padded}


def masked() -> dict[str, Any]:
    config = BertConfig.of_size(SIZE)
    rows = drawn_rows(config)
    batches = of_like_length(rows.lengths, THEIR_SIZE * MOST_TOKENS)

    def run(net: nn.Module, loss: Callable[..., Tensor]) -> Callable[[], object]:
        step = learning(net.to(DEVICE), loss, is_half=True)

        def learn() -> None:
            for ids in batches:
                step(rows, ids)

        return learn

    with TemporaryDirectory() as folder:
        BertForMasked(Bert(config)).save_pretrained(folder)
        ways = {
            "ours": lambda: run(BertForMasked.from_pretrained(folder), our_loss),
            "theirs": lambda: run(transformers.BertForMaskedLM.from_pretrained(folder), their_loss),
        }
        found = beside(turns(ways, ROUNDS), "ours")
    n_tokens = int(rows.lengths.sum())
    return {**found, **amounts(found, {"tokens": n_tokens}, 3 * operations(config, rows.lengths.numpy(), SHARE * n_tokens))}


def layer(n: int, kind: str, direction: str) -> dict[str, Any]:
    """Return what a layer of attention takes on a text of n tokens."""
    torch.manual_seed(SEED)
    x = torch.randn(1, n, D, device=DEVICE, dtype=KINDS[kind])
    made = {name: build().to(DEVICE, KINDS[kind]) for name, build in {**LAYERS, "blocks": Ours}.items()}

    def times(name: str) -> Callable[[], object]:
        def run() -> None:
            with by_blocks(name == "blocks"):
                for _ in range(REPEATS):
                    DIRECTIONS[direction](made[name], x)

        return run

    found = beside(turns({name: lambda name=name: times(name) for name in made}, ROUNDS), "ours")
    found["seconds"] = {name: seconds / REPEATS for name, seconds in found["seconds"].items()}
    return found


@contextmanager
def by_blocks(is_asked: bool) -> Iterator[None]:
    """Let attention under a pattern go block by block in the block, if that is asked."""
    takes = flex.takes
    if is_asked:
        flex.takes = lambda *_: False
    try:
        yield
    finally:
        flex.takes = takes


TUNED = {
    f"fine-tuning, {corpus}, batches of {size}": (corpus, size) for corpus in ("trec", "sentence_polarity") for size in (32, 128)
}
NETS: dict[str, Callable[[], dict[str, Any]]] = {
    **{name: lambda of=of: fine_tuning(*of) for name, of in TUNED.items()},
    "reading": reading,
    "masked": masked,
}
LAYER_OF = {f"layer, {n:,} tokens, {kind}, {way}": (n, kind, way) for kind in KINDS for way in DIRECTIONS for n in LENGTHS}
MEASURED = {**NETS, **{name: lambda of=of: layer(*of) for name, of in LAYER_OF.items()}}


def measured(name: str) -> dict[str, Any]:
    transformers.logging.disable_progress_bar()
    transformers.logging.set_verbosity_error()
    if not HAS_GPU and "--toy" not in sys.argv:
        raise SystemExit("there is no GPU here; --toy tries all of it in small.")
    about = {"name": name, "card": NAME, "torch": torch.__version__, "transformers": transformers.__version__}
    return {**about, **MEASURED[name]()}


def page(known: dict[str, dict[str, Any]]) -> list[str]:
    """Return the part of the page."""
    about = next(iter(known.values()))
    lines = [
        *("## On a GPU", ""),
        f"Written by `benchmarks/on_gpu.py`, whose first lines say what is done; {about['card']}, torch {about['torch']},",
        f"transformers {about['transformers']}. Examples, or tokens that are no padding, a second; the ratio is ours to theirs.",
        *("", "| | ours | theirs | ratio | spread | of peak | busy | GB |", "|---|---|---|---|---|---|---|---|"),
    ]
    lines += [of_net(name, known[name]) for name in NETS if name in known]
    if any(name in known for name in LAYER_OF):
        lines += ["", "A layer of attention, milliseconds, and MB at most:", ""]
        lines += ["| | ours | blocks | transformers | all | ours, MB | blocks | transformers | all |", f"|{'---|' * 9}"]
    ways = ("ours", "blocks", "theirs", "all")
    for name in LAYER_OF:
        if name in known:
            seconds, held = known[name]["seconds"], known[name]["megabytes"]
            cells = [*(f"{1_000 * seconds[way]:.3g}" for way in ways), *(f"{held[way]:,.0f}" for way in ways)]
            lines.append(f"| {name.removeprefix('layer, ')} | {' | '.join(cells)} |")
    return [*lines, *twice_as_long(known)]


def of_net(name: str, row: dict[str, Any]) -> str:
    """Return a row of the table."""
    ours, theirs = (next(row[f"{of}_a_second"] for of in ("examples", "tokens") if f"{of}_a_second" in row)[way] for way in WAYS)
    middle, least, most = row["ratios"]["theirs"]
    pairs = [shares(row["of_peak"]), shares(row["busy"]), " / ".join(f"{row['megabytes'][way] / 1_000:.1f}" for way in WAYS)]
    return f"| {name} | {ours:,.0f} | {theirs:,.0f} | {middle:.2f} | {least:.2f} to {most:.2f} | {' | '.join(pairs)} |"


WAYS = ("ours", "theirs")


def shares(of: dict[str, float | None]) -> str:
    return " / ".join("?" if of[way] is None else f"{of[way]:.0%}" for way in WAYS)


def twice_as_long(known: dict[str, dict[str, Any]]) -> list[str]:
    """Return what a text twice as long takes, where both are known."""
    told = []
    for kind in KINDS:
        for way in DIRECTIONS:
            half, full = (known.get(f"layer, {n:,} tokens, {kind}, {way}") for n in LENGTHS[:2])
            if half and full:
                ratio = full["seconds"]["ours"] / half["seconds"]["ours"]
                told.append(f"{ratio:.2f} ({kind}, {way})")
    return ["", f"{LENGTHS[1]:,} tokens take ours so many times as long as {LENGTHS[0]:,}: {', '.join(told)}."] if told else []


if __name__ == "__main__":
    if "--toy" in sys.argv:
        found = {name: measured(name) for name in MEASURED}
        print("\n".join([*map(json.dumps, found.values()), *page(found)]))
    elif known := asked_for(__doc__, list(MEASURED), RESULTS, measured):
        write_part("on_gpu", page(known))
