"""What the taggers find of the entities in Weibo posts, tweets and news, with their defaults: entity F1 (CoNLL).

python benchmarks/tagging_quality.py fit perceptron weibo_ner wnut17    train rows, scored on test rows; CPU seconds of the fit
python benchmarks/tagging_quality.py page                               what results/tagging.jsonl holds into docs/benchmarks.md

`bert-tagger` starts from the encoder in the folder ENCODER. Rows of dev choose the epoch of a network, in the place of train rows
held out by chance; nothing else is learnt from them, and the perceptron does not see them. Defaults were chosen on dev. `cluener`
has no test rows with tags: its dev rows are the test, and train rows held out by chance choose the epoch. The data are read from
TENON_DATA, or shared/data beside the repository.

The column "literature" is of others' BiLSTM-CRFs, in round figures and with other settings: on Weibo characters, names and
nominals together, from about 46 without to 53 with vectors from much unlabelled text (Peng & Dredze 2015; Zhang & Yang 2018,
arXiv:1805.02023); on WNUT-17 without such vectors roughly 20 to 30 (the data: Derczynski et al. 2017).
"""

import gzip
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pages import add_result, results, write_part

from tenon.metrics.entities import entity_counts
from tenon.metrics.ratio import f1
from tenon.text import BertTagger, BiLSTMCRF, PerceptronTagger

RESULTS = Path(__file__).parent / "results" / "tagging.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
LITERATURE = {"weibo_ner": (46, 53), "wnut17": (20, 30), "cluener": ()}  # from, to; in per cent
TAGGERS: dict[str, Callable[[int], Any]] = {
    "perceptron": lambda seed: PerceptronTagger(random_state=seed),
    "bilstm-crf": lambda seed: BiLSTMCRF(n_jobs=1, random_state=seed),
    "bert-tagger": lambda seed: BertTagger(os.environ["ENCODER"], n_jobs=1, random_state=seed),
}
Sentences = tuple[list[list[str]], list[list[str]]]  # tokens and tags


def sentences(path: Path) -> Sentences:
    """Return tokens and tags of a file of a token and its tag a line, with an empty line between sentences."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        blocks = [block.split("\n") for block in file.read().strip("\n").split("\n\n")]
    pairs = [[tuple(line.split("\t")) for line in lines] for lines in blocks]
    return [[token for token, _ in block] for block in pairs], [[tag for _, tag in block] for block in pairs]


def run(kind: str, data: str, seed: int) -> None:
    """Fit once and write what came out."""
    X, y = sentences(DATA / data / "train.txt.gz")
    has_test = (DATA / data / "test.txt.gz").exists()
    held_out: dict[str, Any] = {}
    model = TAGGERS[kind](seed)
    if has_test and kind != "perceptron":
        X_dev, y_dev = sentences(DATA / data / "dev.txt.gz")
        held_out = {"held_out": np.arange(len(X) + len(X_dev)) >= len(X)}
        X, y = X + X_dev, y + y_dev
    start = time.process_time()
    model.fit(X, y, **held_out)
    seconds = time.process_time() - start
    X_test, y_test = sentences(DATA / data / ("test.txt.gz" if has_test else "dev.txt.gz"))
    hits, true, said = entity_counts(y_test, model.predict(X_test)).sum(axis=0)
    found = {
        "kind": kind, "data": data, "seed": seed, "f1": f1(np.array([hits, true, said]))[0], "precision": hits / max(said, 1),
        "recall": hits / true, "cpu_seconds": round(seconds, 1), "machine": platform.machine(),
    }  # fmt: skip
    add_result(RESULTS, found)


def page() -> None:
    found = results(RESULTS)
    lines = [
        *("## Taggers with their defaults", ""),
        "Written by `benchmarks/tagging_quality.py`, whose first lines say what is beside our figures.",
        "Entity F1 in percent on test rows; processor seconds of a shared machine say little.",
        *(
            "",
            "| data | tagger | seed | precision | recall | F1 | literature | CPU s | |",
            "|---|---|---|---|---|---|---|---|---|",
        ),
    ]
    for one in sorted(found, key=lambda one: (list(LITERATURE).index(one["data"]), one["kind"], one["seed"])):
        shares = " | ".join(f"{100 * one[name]:.1f}" for name in ("precision", "recall", "f1"))
        others = LITERATURE[one["data"]]
        cells = [one["data"], one["kind"], one["seed"], shares, " to ".join(map(str, others)), f"{one['cpu_seconds']:.0f}"]
        falls_short = one["kind"] == "bilstm-crf" and others and 100 * one["f1"] < others[0]
        lines.append(f"| {' | '.join(map(str, cells))} | {'under-trained at this budget' if falls_short else ''} |")
    write_part("tagging_quality", lines)


def main(what: str, kind: str = "", *data: str) -> None:
    if what == "page":
        page()
    for one in data:
        run(kind, one, seed=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
