"""Synonyms from vectors: neighbours as counted by hand, and words that stand in each other's place in made texts."""

import numpy as np

from tenon.text import WordVectors
from tenon.text.synonyms import LEAST, NEAREST, learnt_synonyms, synonyms_of


def slow(vectors: WordVectors, but: set[str]) -> dict[str, list[str]]:
    """The same word by word, from what `WordVectors` says."""
    found = {}
    for word in vectors.words:
        near = [(other, cosine) for other, cosine in vectors.nearest(word, len(vectors)) if other not in but]
        near = [other for other, cosine in near[:NEAREST] if cosine >= LEAST]
        if word not in but and near:
            found[word] = near
    return found


def test_neighbours_are_those_of_the_vectors():
    rng = np.random.default_rng(0)
    vectors = WordVectors([f"w{i}" for i in range(1200)], rng.normal(size=(1200, 4)))
    but = {"w0", "w7"}
    found = synonyms_of(vectors, but)
    assert found == slow(vectors, but)
    assert len(found) > 1000  # more than a block
    assert synonyms_of(WordVectors(["a", "b"], np.eye(2)), set()) == {}


def test_words_in_the_same_places_are_synonyms():
    """Of twelve pairs of animals each does what no other does; "the" stands everywhere and is nobody's synonym."""
    rng = np.random.default_rng(0)
    texts = []
    for _ in range(600):
        pair = rng.integers(12)
        texts.append(["the", f"{rng.choice(['cat', 'dog'])}{pair}", *[f"does{pair}-{what}" for what in rng.integers(3, size=2)]])
    found = learnt_synonyms(texts, 0)
    assert [found[f"cat{pair}"][0] for pair in range(12)] == [f"dog{pair}" for pair in range(12)]
    assert "the" not in found
    assert not any("the" in near for near in found.values())


def test_too_few_texts_have_none():
    assert learnt_synonyms([["one", "two"], ["three"]], 0) == {}
    assert learnt_synonyms([], 0) == {}
