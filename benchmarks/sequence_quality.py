"""What translations and language models reach with their defaults: BLEU on Tatoeba, English to Chinese; perplexity on WikiText-2.

python benchmarks/sequence_quality.py fit word-by-word seq2seq-attention ngram    all train rows, scored on test rows
python benchmarks/sequence_quality.py page                                        results/sequences.jsonl into docs/benchmarks.md

`by-hand` is a Transformer of the same size as one writes it on torch.nn.Transformer, with the same tokens, rates and steps, which
says the likeliest token each time; `transformer beam=1` is ours without a beam, to compare with it.
WikiText-2 is learnt from its validation file, since its train file is not at hand. Each fit is a line of results/sequences.jsonl;
seconds are the processor's, of the fit. The data are read from TENON_DATA, or shared/data beside the repository.
"""

import csv
import gzip
import os
import platform
import sys
import time
from pathlib import Path

import numpy as np
from by_hand_translation import ByHandTransformer
from pages import add_result, results, write_part

from tenon.data.lengths import n_units
from tenon.metrics.ratio import bleu
from tenon.metrics.sequences import minus_perplexity, n_gram_counts, surprise
from tenon.text import LSTMLanguage, NGramLanguage, Seq2Seq
from tenon.text.word_by_word import WordByWord
from tenon.training.device import gpu

RESULTS = Path(__file__).parent / "results" / "sequences.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
TRANSLATING = {
    "word-by-word": lambda: WordByWord(),
    "seq2seq": lambda: Seq2Seq(None, n_jobs=1, random_state=0),
    "seq2seq-attention": lambda: Seq2Seq(n_jobs=1, random_state=0),
    "transformer": lambda: Seq2Seq(kind="transformer", n_jobs=1, random_state=0),
    "transformer beam=1": lambda: Seq2Seq(kind="transformer", beam=1, n_jobs=1, random_state=0),
    "by-hand": ByHandTransformer,
}
FORETELLING = {"ngram": lambda: NGramLanguage(), "lstm-language": lambda: LSTMLanguage(n_jobs=1, random_state=0)}


def pairs(name: str) -> tuple[list[str], list[str]]:
    with gzip.open(DATA / "tatoeba_en_zh" / name, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row["en"] for row in rows], [row["zh"] for row in rows]


def lines(name: str) -> list[str]:
    with gzip.open(DATA / "corpus_en_wikitext2" / name, "rt", encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip()]


def run(method: str) -> None:
    """Fit once and write what came out."""
    is_translating = method in TRANSLATING
    model = (TRANSLATING | FORETELLING)[method]()
    train = pairs("train.tsv.gz") if is_translating else (lines("valid.txt.gz"),)
    start = time.process_time()
    model.fit(*train)
    seconds = time.process_time() - start
    if is_translating:
        X, y = pairs("test.tsv.gz")
        score = bleu(n_gram_counts(y, model.predict(X)).sum(axis=0))[0]
    else:
        X = lines("test.txt.gz")
        lengths = np.array([n_units(text, "other") for text in X], float)
        score = -minus_perplexity(surprise(lengths, model.predict(X)).sum(axis=0))[0]
    found = {
        "method": method, "metric": "BLEU" if is_translating else "perplexity", "score": float(score),
        "train_rows": len(train[0]), "test_rows": len(X), "cpu_seconds": round(seconds, 1),
        "machine": platform.machine(), **gpu(),
    }  # fmt: skip
    add_result(RESULTS, found)


def page() -> None:
    table = ["| method | train rows | test rows | metric | score | CPU s | GPU |", "|---|---|---|---|---|---|---|"]
    for one in results(RESULTS):
        score = f"{one['score']:.3f}" if one["metric"] == "BLEU" else f"{one['score']:.0f}"
        counts = f"{one['train_rows']:,} | {one['test_rows']:,}"
        table.append(
            f"| {one['method']} | {counts} | {one['metric']} | {score} | {one['cpu_seconds']:.0f} | {one.get('gpu', '')} |"
        )
    about = [
        "Written by `benchmarks/sequence_quality.py`: BLEU on Tatoeba, English to Chinese, and perplexity a word on WikiText-2,",
        "learnt from its validation file, unknown words spelled out; with defaults. `by-hand` is of torch.nn.Transformer.",
    ]
    write_part("sequence_quality", ["## Translations and language models", "", *about, "", *table])


if __name__ == "__main__":
    if sys.argv[1] == "page":
        page()
    for name in sys.argv[2:]:
        run(name)
