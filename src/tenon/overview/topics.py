"""Topics of texts: words that stand together, by non-negative factors of the TF-IDF matrix (Lee & Seung 1999; scikit-learn).

The number of topics is the one with the best quality: the mean coherence of a topic, times the diversity of all (Dieng, Ruiz &
Blei 2020, arXiv:1907.04907, section 5), times the share of texts that hold one of their first words, without which a few topics
that say nothing of most texts would do. Coherence: the mean normalised pointwise mutual information of pairs of a topic's N_WORDS
first words, over the texts that are looked at (Bouma 2009), brought to 0 … 1 first: times a diversity below 1 a negative one
would grow. Diversity: the share of different words among the first words of all topics. Words: of texts with blanks those that
are no stop words, of Chinese jieba's of two characters or more, or pairs of characters without jieba; in both those that stand in
a few texts at least and in half of them at most.
"""

from importlib.util import find_spec
from itertools import combinations
from typing import Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.data.language import script_of
from tenon.overview.clusters import unworried
from tenon.overview.space import as_texts

N_TOPICS = tuple(range(2, 13))
N_WORDS = 10  # of a topic
FEWEST_TEXTS, FEWEST_WORDS = 50, 30
MOST_WORDS = 3_000  # that the matrix counts, the most frequent
RARE, COMMON = 3, 0.5  # texts that a word stands in at least, and share of them at most
Content = dict[str, Any]


def topics(data: Dataset, seed: int) -> list[Content]:
    """Return the topics of each column of texts or sentences; data : the rows that are looked at."""
    readable = as_texts(data)
    return [
        {"name": name, **topics_of(readable.frame[name].dropna().tolist(), seed)} for name in readable.schema.features("text")
    ]


def topics_of(texts: list[str], seed: int) -> Content:
    """Return the number of topics with its quality, and the words and share of each topic; {"reason": …} where there are none."""
    if len(texts) < FEWEST_TEXTS:
        return {"reason": f"at least {FEWEST_TEXTS} texts are needed; there are {len(texts)}."}
    weights, words = counted(texts)
    if len(words) < FEWEST_WORDS:
        return {"reason": f"fewer than {FEWEST_WORDS} words stand in {RARE} texts or more, and in half of them at most."}
    is_there = (weights > 0).astype(np.float64)  # sparse (n_texts, n_words)
    together = (is_there.T @ is_there).toarray() / len(texts)
    tried = [_factors(weights, n, seed) for n in N_TOPICS]
    figures = [quality([first_words(topic) for topic in factors], together, is_there) for _, factors in tried]
    best = int(np.argmax(figures))
    of_texts, factors = tried[best]
    main = of_texts.argmax(axis=1)[of_texts.sum(axis=1) > 0]
    found: list[dict[str, Any]] = [
        {"words": [str(words[j]) for j in first_words(topic)], "texts": int((main == i).sum()),
         "coherence": coherence(first_words(topic), together)}
        for i, topic in enumerate(factors)
    ]  # fmt: skip
    found.sort(key=lambda topic: -topic["texts"])
    return {"rows": len(texts), "ns": list(N_TOPICS), "quality": figures, "n": N_TOPICS[best], "topics": found}


def counted(texts: list[str]) -> tuple[Any, np.ndarray]:
    """Return the TF-IDF weights of the texts, sparse (n, n_words), and the words; none where no word is frequent enough."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    settings: dict[str, Any] = {"stop_words": "english", "token_pattern": r"(?u)\b[^\W\d_]{2,}\b"}
    if script_of(texts) == "chinese":
        settings = {"analyzer": chinese_words if find_spec("jieba") else pairs_of_characters}
    vectorizer = TfidfVectorizer(min_df=RARE, max_df=COMMON, max_features=MOST_WORDS, sublinear_tf=True, **settings)
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # no word is left
        return csr_matrix((len(texts), 0)), np.empty(0, object)
    return weights, vectorizer.get_feature_names_out()


def chinese_words(text: str) -> list[str]:
    """Return jieba's words of two characters or more, letters only; single characters are mostly particles."""
    from tenon.features.chinese import words

    return [word for word in words(text.lower()) if len(word) > 1 and word.isalpha()]


def pairs_of_characters(text: str) -> list[str]:
    """Return the pairs of neighbouring letters."""
    return [pair for i in range(len(text) - 1) if (pair := text[i : i + 2].lower()).isalpha()]


def _factors(weights: Any, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how much each text has of each topic (n_texts, n), and each topic of each word (n, n_words)."""
    from sklearn.decomposition import NMF

    with unworried():
        nmf = NMF(n, init="nndsvda", random_state=seed)
        return nmf.fit_transform(weights), nmf.components_


def first_words(topic: np.ndarray) -> list[int]:
    """Return the places of the words with the largest weights in a topic (n_words,), N_WORDS or less, none without weight."""
    order = np.argsort(-topic, kind="stable")[:N_WORDS]
    return [int(j) for j in order if topic[j] > 0]


def quality(topics_words: list[list[int]], together: np.ndarray, is_there: Any) -> float:
    """Return mean coherence, brought to 0 … 1, times diversity, times share of texts with one of the words.

    topics_words : the places of each topic's first words; together : see `coherence`; is_there : (n_texts, n_words), 1 or 0.
    """
    every = [word for words in topics_words for word in words]
    different = sorted(set(every))
    coherent = float(np.mean([coherence(words, together) for words in topics_words]))
    covered = float((np.asarray(is_there[:, different].sum(axis=1)) > 0).mean())
    return (1 + coherent) / 2 * len(different) / max(1, len(every)) * covered


def coherence(words: list[int], together: np.ndarray) -> float:
    """Return the mean NPMI of the pairs of words; together : (n_words, n_words) share of texts that hold both, or the one.

    NPMI(a, b) = ln(p(a, b) / (p(a) p(b))) / -ln p(a, b): 1 if they always stand together, 0 by chance, -1 if never.
    """
    return float(np.mean([_npmi(together[a, b], together[a, a], together[b, b]) for a, b in combinations(words, 2)] or [0.0]))


def _npmi(both: float, a: float, b: float) -> float:
    if both <= 0:
        return -1.0
    return 1.0 if both >= 1 else float(np.log(both / (a * b)) / -np.log(both))
