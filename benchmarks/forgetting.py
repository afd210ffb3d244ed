"""What an encoder forgets of the texts it was pretrained on while it learns others: nats of masked tokens, before and after.

python benchmarks/forgetting.py [--seeds 5] [--anew]   writes benchmarks/results/forgetting.jsonl, a line a seed, and its part of
docs/benchmarks.md. A line that is there is not made again but with --anew. Some two minutes of a core a seed.

A tiny encoder learns masked tokens of a quarter of the test file of WikiText-2, from TENON_DATA or shared/data beside the
repository. Then it goes on with film reviews (sentence_polarity, no labels), or is fine-tuned on 500 of them and gets its
old head for masked tokens back. What learns is as for the method `bert`: all at one rate, each layer at half the rate of the one
above, all but the lowest layer and the vectors of tokens, or gradually, from the head down. Costs are nats a masked token of rows
that were held out of either corpus, always under the same masks.
"""

import argparse
import csv
import gzip
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

import numpy as np
import torch
from pages import add_result, results, write_part
from scipy.stats import t as student

from tenon.data.lines import read_all_lines
from tenon.text.bert_heads import BertForMasked, BertForTexts
from tenon.text.fine_tuning import recipe_for, trainings
from tenon.text.marked import MarkedTokens
from tenon.text.marked_reader import MarkedReader
from tenon.text.masked_rows import FileRows
from tenon.text.pretrain_nets import NetSettings, new_network, rows_of, split, train_on_tokens
from tenon.text.token_file import token_file
from tenon.text.token_loss import TokenLoss, judged
from tenon.training.in_turn import train_in_turn
from tenon.training.noise import own_chance
from tenon.training.targets import Classes
from tenon.training.threads import threads
from tenon.watch import SILENT

RESULTS = Path(__file__).parent / "results" / "forgetting.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
GENERAL, REVIEWS = "corpus_en_wikitext2/test.txt.gz", "sentence_polarity/train.csv.gz"
SETTINGS = NetSettings(epochs=4)
SHARE, N_REVIEWS, N_LABELLED = 0.25, 1_500, 500  # of the lines of WikiText-2; texts
WAYS: dict[str, dict[str, Any]] = {  # share, n_frozen, learns of `trainings`
    "all": {"share": 1.0, "n_frozen": 0, "learns": "all"},
    "rates layer by layer": {"share": 0.5, "n_frozen": 0, "learns": "all"},
    "lowest layer frozen": {"share": 1.0, "n_frozen": 1, "learns": "all"},
    "gradual": {"share": 1.0, "n_frozen": 0, "learns": "gradual"},
}
STARTS = ("masked tokens of reviews", "fine-tuning on reviews")


class Corpora(NamedTuple):
    """Rows of masked tokens, learnt from and held out, of either corpus, and reviews with their labels."""

    general: tuple[FileRows, FileRows]
    reviews: tuple[FileRows, FileRows]
    texts: list[str]
    labels: np.ndarray


def reviews() -> tuple[list[str], np.ndarray]:
    with gzip.open(DATA / REVIEWS, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))[:N_REVIEWS]]
    return [row["text"] for row in rows], np.unique([row["label"] for row in rows], return_inverse=True)[1]


@contextmanager
def corpora(tokens: MarkedTokens, general: Sequence[str], seed: int) -> Iterator[Corpora]:
    texts, labels = reviews()
    with (
        token_file(general, tokens.tokens) as one,
        token_file((line for text in texts for line in (text, "")), tokens.tokens) as two,
    ):
        parts = [split(rows_of("mlm", "the corpus", SETTINGS, seed, file, tokens), seed) for file in (one, two)]
        yield Corpora(parts[0], parts[1], texts, labels)


def measured(seed: int) -> dict[str, Any]:
    """Return nats of either corpus before, and after each way of learning reviews."""
    began, lines = time.process_time(), list(read_all_lines(DATA / GENERAL))
    general = lines[: round(SHARE * len(lines))]
    with own_chance(seed):
        tokens, net = new_network("mlm", general, SETTINGS)
        with corpora(tokens, general, seed) as found:
            train_on_tokens(net, *found.general, SETTINGS.recipe(net.bert.config.d_model), seed, SILENT)
            costs = {"before": nats(net, found)}
            for name, way in WAYS.items():
                costs[f"{STARTS[0]}, {name}"] = nats(adapted(net, found, way, seed), found)
                tuned, accuracy = fine_tuned(net, tokens, found, way, seed)
                costs[f"{STARTS[1]}, {name}"] = nats(tuned, found) | {"accuracy": accuracy}
    return {"seed": seed, "cpu_seconds": time.process_time() - began, "costs": costs}


def nats(net: BertForMasked, found: Corpora) -> dict[str, float]:
    return {name: judged(net, rows[1], 32).nats for name, rows in (("general", found.general), ("reviews", found.reviews))}


def adapted(net: BertForMasked, found: Corpora, way: dict[str, Any], seed: int) -> BertForMasked:
    """Return a copy that has gone on with masked tokens of reviews."""
    net = deepcopy(net)
    recipe = SETTINGS.recipe(net.bert.config.d_model, is_new=False)
    train_in_turn(
        net, found.reviews[0], TokenLoss(), trainings(net.bert.config, recipe, **way), seed=seed, held_out=found.reviews[1]
    )
    return net


def fine_tuned(
    net: BertForMasked, tokens: MarkedTokens, found: Corpora, way: dict[str, Any], seed: int
) -> tuple[BertForMasked, float]:
    """Return a copy whose encoder was fine-tuned on labelled reviews, and the share of the other reviews that it tells."""
    net, target = deepcopy(net), Classes.of(found.labels)
    tuned, reader = BertForTexts(net.bert, target.n_out), MarkedReader(tokens, SETTINGS.longest, 1)
    rows = [reader.read(reader.encoded(text)) for text in reader.texts(np.array(found.texts, object))]
    coded = torch.from_numpy(np.stack([target.coded(found.labels), np.ones(len(rows))], axis=1))  # each row weighs 1
    learnt, others = (reader.rows(rows[part], coded[part]) for part in (slice(N_LABELLED), slice(N_LABELLED, None)))
    recipe = recipe_for(net.bert.config, 13, 32, None, 0.01)  # 13 passes of 16 steps are more than the 200 of `bert`
    train_in_turn(tuned, learnt, target.loss(), trainings(net.bert.config, recipe, **way), seed=seed)
    tuned.eval()
    with torch.no_grad():
        said = torch.cat(
            [tuned(*others.inputs(ids, torch.device("cpu"))) for ids in torch.arange(len(rows) - N_LABELLED).split(64)]
        )
    return net, float((said.argmax(dim=1) == coded[N_LABELLED:, 0]).double().mean())


def interval(values: Sequence[float]) -> str:
    """Return "+0.12 (0.10 to 0.14)": the mean and its 95 % interval by Student's t."""
    half = student.ppf(0.975, len(values) - 1) * stdev(values) / len(values) ** 0.5
    return f"{fmean(values):+.3f} ({fmean(values) - half:+.3f} to {fmean(values) + half:+.3f})"


def page(rows: list[dict[str, Any]]) -> list[str]:
    """Return the part of the page."""
    costs = [row["costs"] for row in rows]
    before = {name: fmean(one["before"][name] for one in costs) for name in ("general", "reviews")}
    lines = [
        "## What an encoder forgets",
        "",
        "Written by `benchmarks/forgetting.py`, whose first lines say what is done: a tiny encoder learns WikiText-2",
        f"({before['general']:.2f} nats a masked token of held-out rows; reviews cost it {before['reviews']:.2f}), then reviews.",
        f"By how much the costs change, less is better; means and 95 % intervals over {len(rows)} seeds, "
        f"{sum(row['cpu_seconds'] for row in rows) / 60:.0f} min of a core.",
        "",
        "| then it learns | what learns | WikiText-2, nats | reviews, nats | reviews told |",
        "|---|---|---|---|---|",
    ]  # fmt: skip
    for start in STARTS:
        for way in WAYS:
            ends = [(one["before"], one[f"{start}, {way}"]) for one in costs]
            changes = [interval([after[name] - first[name] for first, after in ends]) for name in ("general", "reviews")]
            told = f"{fmean(after['accuracy'] for _, after in ends):.3f}" if start == STARTS[1] else ""
            lines.append(f"| {start} | {way} | {' | '.join(changes)} | {told} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--anew", action="store_true")
    asked = parser.parse_args()
    known = {row["seed"]: row for row in results(RESULTS)}
    for seed in range(asked.seeds):
        if asked.anew or seed not in known:
            with threads(1):
                known[seed] = measured(seed)
            add_result(RESULTS, known[seed])
    write_part("forgetting", page([known[seed] for seed in sorted(known)]))


if __name__ == "__main__":
    main()
