"""The picture of words: well-formed, near words near, names that do not cover one another."""

from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from tenon.errors import DataError, SettingsError
from tenon.text import WordVectors, word_map

SVG = "{http://www.w3.org/2000/svg}"


def two_groups(n=20) -> WordVectors:
    random = np.random.default_rng(0)
    centre = np.repeat([[3.0] + [0] * 7, [0] * 7 + [3.0]], n, axis=0)
    words = [f"a{i}" for i in range(n)] + [f"\u4e2d<{i}>" for i in range(n)]
    return WordVectors(words, centre + 0.3 * random.normal(size=centre.shape))


def places(svg: str) -> dict[str, np.ndarray]:
    root = ElementTree.fromstring(svg)
    return {c.find(f"{SVG}title").text: np.array([float(c.get("cx")), float(c.get("cy"))]) for c in root.iter(f"{SVG}circle")}


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_near_words_are_near(method):
    vectors = two_groups()
    found = places(word_map(vectors, method=method))
    assert list(found) == list(vectors.words)
    a, b = (np.array([found[word] for word in group]) for group in (vectors.words[:20], vectors.words[20:]))
    within = max(np.linalg.norm(group - group.mean(axis=0), axis=1).max() for group in (a, b))
    assert np.linalg.norm(a.mean(axis=0) - b.mean(axis=0)) > within
    assert all(0 <= x <= 760 and 0 <= y <= 560 for x, y in found.values())


def test_names_do_not_cover_one_another():
    root = ElementTree.fromstring(word_map(two_groups(60), n=120, method="pca"))
    boxes = [(float(t.get("x")), float(t.get("y")), 6.4 * len(t.text)) for t in root.iter(f"{SVG}text")]  # Latin ones at least
    assert 10 < len(boxes) < 120
    for (x, y, wide), (x2, y2, wide2) in combinations(boxes, 2):
        assert x + wide <= x2 + 1e-6 or x2 + wide2 <= x + 1e-6 or abs(y - y2) >= 14 - 0.11  # places are rounded to .1


def test_vectors_of_one_number_and_equal_ones():
    assert len(places(word_map(WordVectors("abc", [[1.0], [2], [-3]]), method="pca"))) == 3
    assert len(places(word_map(WordVectors("abc", np.ones((3, 4))), method="pca"))) == 3


def test_what_cannot_be_drawn():
    with pytest.raises(DataError, match="'x' has no vector; of the words asked for, 2 have none"):
        word_map(two_groups(), ["x", "a1", "y"])
    with pytest.raises(SettingsError, match="a map takes 3 words or more; got 2"):
        word_map(two_groups(), ["a1", "a2", "a1"])
    with pytest.raises(SettingsError, match="method takes one of 'tsne', 'pca'; got 'umap'"):
        word_map(two_groups(), method="umap")
