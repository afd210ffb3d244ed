"""Neighbours, analogies and means, by hand and by brute force."""

import numpy as np
import pytest

from tenon.errors import DataError, SettingsError
from tenon.text import WordVectors

PLANE = WordVectors(["east", "north", "far north", "west", "origin"], [[1, 0], [0, 1], [0.1, 5], [-2, 0], [0, 0]])


def some(n=40, dim=6, seed=0) -> WordVectors:
    return WordVectors([f"w{i}" for i in range(n)], np.random.default_rng(seed).normal(size=(n, dim)))


def test_near_by_hand():
    assert PLANE.similarity("east", "west") == -1
    assert PLANE.similarity("east", "origin") == 0
    assert [word for word, _ in PLANE.nearest("north", 3)] == ["far north", "east", "west"]
    assert PLANE.nearest("north", 1)[0][1] == pytest.approx(5 / np.hypot(0.1, 5))
    assert [word for word, _ in PLANE.nearest(np.array([-3.0, 0]), 99)] == ["west", "north", "origin", "far north", "east"]
    assert "east" in PLANE
    assert "south" not in PLANE
    assert PLANE["west"].tolist() == [-2, 0]


def test_equals_stand_in_the_order_of_the_vocabulary():
    vectors = WordVectors("abcd", [[1, 0], [0, 1], [0, 1], [0, 1]])
    assert vectors.nearest("a", 3) == [("b", 0), ("c", 0), ("d", 0)]


def test_an_analogy_by_hand():
    """man is to woman as king to queen, when sex is one direction and rank another."""
    vectors = WordVectors(
        ["man", "woman", "king", "queen", "prince"], [[1, 1, 0], [1, -1, 0], [1, 1, 2], [1, -1, 2], [1, 1, 1.5]]
    )
    assert vectors.analogy("man", "woman", "king")[0][0] == "queen"
    assert {word for word, _ in vectors.analogy("man", "woman", "king", n=9)} == {"queen", "prince"}


def test_analogies_in_batches_are_those_one_by_one_and_by_brute_force(monkeypatch):
    monkeypatch.setattr("tenon.text.vectors.BATCH", 200)  # several batches
    vectors = some()
    random = np.random.default_rng(1)
    questions = [tuple(vectors.words[i] for i in random.choice(40, 3, replace=False)) for _ in range(50)]
    unit = vectors.matrix.astype(float)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    for (a, b, c), answer in zip(questions, vectors.analogies(questions), strict=True):
        rows = [vectors.ids[word] for word in (a, b, c)]
        wanted = unit[rows[1]] - unit[rows[0]] + unit[rows[2]]
        others = [i for i in range(40) if i not in rows]
        assert answer == vectors.words[max(others, key=lambda i: unit[i] @ wanted)] == vectors.analogy(a, b, c)[0][0]
    assert vectors.analogies([]) == []


def test_the_mean_of_a_text():
    np.testing.assert_allclose(PLANE.mean(["east", "unknown", "west", "east"]), [0, 0], atol=1e-7)
    np.testing.assert_allclose(PLANE.mean(["north", "east"]), [0.5, 0.5])
    assert PLANE.mean(["unknown"]).tolist() == [0, 0]


def test_what_cannot_be_asked():
    with pytest.raises(DataError, match="'south' has no vector: it stood never, or too rarely, in the corpus"):
        PLANE.nearest("south")
    with pytest.raises(SettingsError, match="n takes a whole number from 1"):
        PLANE.nearest("east", 0)
    with pytest.raises(SettingsError, match="the word 'a' has two vectors; give each word one"):
        WordVectors(["b", "a", "a"], np.zeros((3, 2)))
    with pytest.raises(SettingsError, match=r"2 words need a matrix of as many rows; its shape is \(3, 2\)"):
        WordVectors(["b", "a"], np.zeros((3, 2)))
