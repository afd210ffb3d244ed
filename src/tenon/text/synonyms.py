"""Words that may stand for one another: those with near vectors, which may be learnt from the train rows alone."""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from tenon.errors import DataError
from tenon.text.ppmi import PPMI
from tenon.text.vectors import WordVectors

NEAREST = 5  # synonyms of a word, at most
LEAST = 0.6  # cosine of a word and its synonym, at least
COMMON = 0.1  # of the texts: words that stand in more of them are grammar; they have no synonyms, and are none
DIM, WINDOW, FEWEST = 50, 5, 3  # of vectors learnt here
BLOCK = 1000  # words whose neighbours are looked for at a time


def learnt_synonyms(texts: Sequence[Sequence[str]], seed: int) -> dict[str, list[str]]:
    """Return synonyms of the words in texts, lists of words in lower case; none where these are too few to learn from."""
    try:
        vectors = PPMI(DIM, WINDOW, min_count=FEWEST, random_state=seed).fit(texts).vectors_
    except DataError:
        return {}
    n_texts = Counter(word for text in texts for word in set(text))
    return synonyms_of(vectors, {word for word, n in n_texts.items() if n > COMMON * len(texts)})


def synonyms_of(vectors: WordVectors, but: Collection[str]) -> dict[str, list[str]]:
    """Return word -> the NEAREST words, as far as their cosine is LEAST or more, best first; words without any are not there."""
    rows = np.array([row for row, word in enumerate(vectors.words) if word not in but], np.int64)
    unit, found = vectors.unit[rows], {}
    for start in range(0, len(rows), BLOCK):
        cosine = unit[start : start + BLOCK] @ unit.T
        cosine[np.arange(len(cosine)), np.arange(start, start + len(cosine))] = -1  # a word is no synonym of itself
        best = np.argsort(-cosine, axis=1, kind="stable")[:, :NEAREST]
        for i, nearest in enumerate(best):
            if near := [vectors.words[rows[k]] for k in nearest if cosine[i, k] >= LEAST]:
                found[vectors.words[rows[start + i]]] = near
    return found
