"""Word vectors beside gensim, by the same fits: words a second, and how well the vectors agree with people.

python benchmarks/words.py [--kinds KIND …] [--corpora CORPUS …] [--threads N …] [--anew]   writes benchmarks/results/words.jsonl,
a line for each pair of fits, and its part of docs/benchmarks.md. A pair that is there is not fitted again but with --anew, so
that it may be stopped and go on. About 20 minutes on two quiet cores.

Corpora, from TENON_DATA or shared/data beside the repository: Wikipedia and novels, English; novels and articles, Chinese, cut by
jieba. Both libraries read the same lists of words in five epochs, with windows of 5, 5 words of noise, 100 numbers, words that
stand 5 times, thinned out at 1e-3, rates from .025 to .0001. They take turns in one process, a turn a seed, after a first fit
that compiles. Timed is a whole fit, the building of the vocabulary included: in seconds of the processor with one thread, which
other programs change little, of the clock with two. What counts is the median over turns of the ratio. Agreement: Spearman's
correlation with WordSim-353 and with 240 Chinese pairs.
"""

import argparse
import json
import os
import platform
import time
from functools import cache
from itertools import chain, groupby, product
from pathlib import Path
from typing import Any

import gensim
import numpy as np
from pages import results, write_part

from tenon.text import Word2Vec, WordVectors, evaluate
from tenon.text.pretrain import cut_texts

RESULTS = Path(__file__).parent / "results" / "words.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
CORPORA = {  # folders, pairs of words
    "English": (("corpus_en_wikitext2", "corpus_en_novels"), "wordsim353.tsv"),
    "Chinese": (("corpus_zh_novels", "corpus_zh_fudan"), "zh_wordsim240.tsv"),
}
KINDS = {
    "skip-gram, noise": {"sg": True, "hs": False},
    "CBOW, noise": {"sg": False, "hs": False},
    "skip-gram, tree": {"sg": True, "hs": True},
    "CBOW, tree": {"sg": False, "hs": True},
}
EPOCHS, SEEDS, MOST_BELOW, LEAST_RATIO = 5, range(5), 0.02, 1.5
Row = dict[str, Any]  # kind, corpus, threads, seed, words, pairs; seconds, clock and agreement of both


@cache
def corpus(language: str) -> list[list[str]]:
    """Return the texts of a language as lists of words, a line each."""
    files = chain.from_iterable(sorted((DATA / folder).glob("*.gz")) for folder in CORPORA[language][0])
    return [words for words in chain.from_iterable(map(cut_texts, files)) if words]


def ours(texts: list[list[str]], seed: int, threads: int, sg: bool, hs: bool) -> WordVectors:
    return Word2Vec(epochs=EPOCHS, random_state=seed, threads=threads, sg=sg, hs=hs).fit(texts).vectors_


def theirs(texts: list[list[str]], seed: int, threads: int, sg: bool, hs: bool) -> WordVectors:
    settings = {"vector_size": 100, "window": 5, "min_count": 5, "negative": 0 if hs else 5, "epochs": EPOCHS}
    model = gensim.models.Word2Vec(texts, seed=seed, workers=threads, sg=int(sg), hs=int(hs), **settings)
    return WordVectors(model.wv.index_to_key, model.wv.vectors)


def beside(kind: str, language: str, threads: int, seed: int) -> Row:
    """Fit both with one seed."""
    texts, pairs = corpus(language), DATA / "word_similarity" / CORPORA[language][1]
    n_words = EPOCHS * sum(map(len, texts))
    row: Row = {"kind": kind, "corpus": language, "threads": threads, "seed": seed, "words": n_words}
    ours(texts[:99], 0, threads, **KINDS[kind])
    for name, learn in (("ours", ours), ("theirs", theirs)):
        clock, processor = time.perf_counter(), time.process_time()
        vectors = learn(texts, seed, threads, **KINDS[kind])
        row |= {f"{name}_seconds": time.process_time() - processor, f"{name}_clock": time.perf_counter() - clock}
        score = evaluate(vectors, pairs)
        row |= {f"{name}_spearman": score.spearman, "pairs": score.n_pairs}
    return row


def page(rows: list[Row]) -> list[str]:
    lines = [
        "## Word vectors",
        "",
        f"Written by `benchmarks/words.py` on {platform.processor() or platform.machine()}, Python {platform.python_version()};",
        f"gensim {gensim.__version__}, same settings; speed and agreement are of the same fits. Thousands of words a second,",
        f"median of turns, and the median ratio (wanted: {LEAST_RATIO} or more): of the processor with one thread, of the clock",
        "with two. Spearman's correlation with what people say, mean over turns ± standard deviation (wanted: at most",
        f"{MOST_BELOW} below). A miss is marked ✗.",
        "",
        "| kind | corpus | threads | turns | ours | gensim | ratio | pairs | ours | gensim | difference | |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for _, turns in groupby(rows, lambda row: _place(row)[:3]):
        lines.append(_line(list(turns)))
    return lines


def _line(turns: list[Row]) -> str:
    first = turns[0]
    time_of = "seconds" if first["threads"] == 1 else "clock"
    took, scores = (
        np.array([[row[f"{who}_{what}"] for row in turns] for who in ("ours", "theirs")]) for what in (time_of, "spearman")
    )
    ratio, difference = np.median(took[1] / took[0]), scores[0].mean() - scores[1].mean()
    speeds = [f"{first['words'] / np.median(seconds) / 1000:.0f} k" for seconds in took]
    agreed = [f"{of.mean():.3f} ± {of.std(ddof=1) if len(of) > 1 else np.nan:.3f}" for of in scores]
    mark = "" if ratio >= LEAST_RATIO and difference >= -MOST_BELOW else "✗"
    cells = [first["kind"], first["corpus"], first["threads"], len(turns), *speeds, f"{ratio:.2f}", first["pairs"], *agreed]
    return f"| {' | '.join(map(str, cells))} | {difference:+.3f} | {mark} |"


def _place(row: Row) -> tuple[int, int, int, int]:
    return row["threads"], list(KINDS).index(row["kind"]), list(CORPORA).index(row["corpus"]), row["seed"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--corpora", nargs="+", choices=CORPORA, default=list(CORPORA))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--anew", action="store_true")
    asked = parser.parse_args()
    kept = results(RESULTS)
    rows = {_place(row): row for row in kept}
    for threads, kind, language, seed in product(asked.threads, asked.kinds, asked.corpora, SEEDS):
        place = _place({"threads": threads, "kind": kind, "corpus": language, "seed": seed})
        if place in rows and not asked.anew:
            continue
        rows[place] = beside(kind, language, threads, seed)
        print(json.dumps(rows[place]), flush=True)
        RESULTS.write_text("".join(json.dumps(rows[place]) + "\n" for place in sorted(rows)), encoding="utf-8")
    write_part("words", page([rows[place] for place in sorted(rows)]))


if __name__ == "__main__":
    main()
