"""Word vectors from counts (PPMI), beside a plain program of the same, and word2vec: how well they agree with people.

python benchmarks/counted_vectors.py [--only NAME …] [--anew]   writes benchmarks/results/counted_vectors.jsonl, a line a corpus,
and its part of docs/benchmarks.md; a few minutes. A line that is there is not made again but with --anew.

Corpora and pairs of words of `benchmarks/words.py`, five words on each side, words that stand 5 times, 100 numbers. By hand:
counts in a dictionary, positive PMI of them with neighbours' counts to the power of .75, SciPy's svds, the root of its singular
values. Word2vec: skip-gram with 5 words of noise and by a tree, five epochs, one seed.
"""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from pages import asked_for, write_part
from scipy.sparse import coo_array
from scipy.sparse.linalg import svds
from words import CORPORA, DATA, KINDS, corpus, ours

from tenon.text import PPMI, WordVectors, evaluate

RESULTS = Path(__file__).parent / "results" / "counted_vectors.jsonl"
WINDOW, LEAST, DIM, POWER, SEED = 5, 5, 100, 0.75, 0
BY_NOISE, BY_TREE = "skip-gram, noise", "skip-gram, tree"


def by_hand(texts: list[list[str]]) -> WordVectors:
    counts = Counter(word for text in texts for word in text)
    place = {word: i for i, (word, n) in enumerate(counts.most_common()) if n >= LEAST}
    near: Counter[tuple[int, int]] = Counter()
    for text in texts:
        codes = [place[word] for word in text if word in place]
        for i, word in enumerate(codes):
            for distance, other in enumerate(codes[i + 1 : i + 1 + WINDOW]):
                near[word, other] += WINDOW - distance
                near[other, word] += WINDOW - distance
    sums = np.zeros(len(place))
    for (word, _), n in near.items():
        sums[word] += n
    shares, smoothed = sums / sums.sum(), sums**POWER / (sums**POWER).sum()
    cells = {pair: math.log(n / sums.sum() / (shares[pair[0]] * smoothed[pair[1]])) for pair, n in near.items()}
    kept = {pair: value for pair, value in cells.items() if value > 0}
    matrix = coo_array((list(kept.values()), tuple(zip(*kept, strict=True))), shape=(len(place), len(place))).tocsr()
    left, strength, _ = svds(matrix, DIM, random_state=SEED)
    return WordVectors(list(place), (left * strength**0.5).astype(np.float32))


def measured(language: str) -> dict[str, Any]:
    texts, pairs = corpus(language), DATA / "word_similarity" / CORPORA[language][1]
    ways = {
        "PPMI": PPMI(dim=DIM, window=WINDOW, min_count=LEAST, smoothing=POWER, random_state=SEED).fit(texts).vectors_,
        "by hand": by_hand(texts),
        **{kind: ours(texts, SEED, 1, **KINDS[kind]) for kind in (BY_NOISE, BY_TREE)},
    }
    scores = {way: evaluate(vectors, pairs) for way, vectors in ways.items()}
    return {"name": language, "pairs": scores["PPMI"].n_pairs, "spearman": {way: one.spearman for way, one in scores.items()}}


def page(found: dict[str, dict[str, Any]]) -> list[str]:
    """Return the part of the page."""
    lines = [
        *("## Word vectors from counts", ""),
        "Written by `benchmarks/counted_vectors.py`, whose first lines say what is done. Spearman's correlation with what people",
        "say of pairs of words; its standard error is about one through the root of their number.",
        *("", f"| corpus | pairs | PPMI | PPMI by hand | {BY_NOISE} | {BY_TREE} |", "|---|---|---|---|---|---|"),
    ]
    for name, row in found.items():
        figures = [f"{row['spearman'][way]:.3f}" for way in ("PPMI", "by hand", BY_NOISE, BY_TREE)]
        lines.append(f"| {name} | {row['pairs']} | {' | '.join(figures)} |")
    return lines


if __name__ == "__main__":
    write_part("counted_vectors", page(asked_for(__doc__, list(CORPORA), RESULTS, measured)))
