"""Ranks of blocks: figures worked by hand, the definition as linear equations, and documents that say little."""

import math

import numpy as np
import pytest

from tenon.errors import SettingsError
from tenon.text import ranking
from tenon.text.ranking import bm25, telling_terms, textrank


def ids(*blocks):
    return [np.array(block, np.int64) for block in blocks]


@pytest.mark.mission("H3")
def test_bm25_by_hand():
    """Question 7 8; blocks of 2, 4 and 3 tokens, 3 on average; 7 stands in two of three blocks, once and twice, 8 in one."""
    found = bm25(np.array([7, 8, 8]), ids([7, 1], [7, 7, 8, 2], [1, 2, 3]), k1=1.2, b=0.75)
    seven, eight = math.log(1 + 1.5 / 2.5), math.log(1 + 2.5 / 1.5)
    short, long = 1.2 * (0.25 + 0.75 * 2 / 3), 1.2 * (0.25 + 0.75 * 4 / 3)
    assert found.tolist() == pytest.approx([
        seven * 1 * 2.2 / (1 + short),
        seven * 2 * 2.2 / (2 + long) + eight * 1 * 2.2 / (1 + long),
        0.0,
    ])  # fmt: skip


def test_bm25_without_saturation_or_lengths_counts_weights():
    """k1 = 0: what stands there counts once."""
    found = bm25(np.array([7]), ids([7, 7, 7, 1], [7], [2]), k1=0)
    assert found.tolist() == pytest.approx([math.log(1 + 1.5 / 2.5)] * 2 + [0.0])


def dense(blocks) -> np.ndarray:
    """Standings as the solution of s = 1 - d + d W s, W written out pair by pair."""
    n, d = len(blocks), 0.85
    alike = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            logs = math.log(max(1, len(blocks[i]))) + math.log(max(1, len(blocks[j])))
            if i != j and logs > 0:
                alike[i, j] = len({*blocks[i].tolist()} & {*blocks[j].tolist()}) / logs
    votes = np.array([row / row.sum() if row.sum() else row for row in alike])
    return np.linalg.solve(np.eye(n) - d * votes.T, np.full(n, 1 - d))


@pytest.mark.mission("H3")
@pytest.mark.parametrize("seed", range(5))
def test_textrank_solves_its_equations(seed):
    chance = np.random.default_rng(seed)
    blocks = [chance.integers(0, 30, n) for n in chance.integers(0, 12, 25)]
    np.testing.assert_allclose(textrank(blocks), dense(blocks), atol=1e-4)  # rounds end where a standing moves by 1e-6


def test_a_block_that_says_what_all_say_stands_first():
    blocks = ids([1, 2, 3, 4, 5, 6], [1, 2, 9, 10], [3, 4, 11, 12], [5, 6, 13, 14], [20, 21, 22])
    assert textrank(blocks).argmax() == 0
    assert textrank(blocks).argmin() == 4


def test_parts_of_very_long_documents_are_ranked_by_themselves(monkeypatch):
    chance = np.random.default_rng(0)
    blocks = [chance.integers(0, 9, 5) for _ in range(10)]
    apart = np.concatenate([textrank(blocks[:4]), textrank(blocks[4:8]), textrank(blocks[8:])])
    monkeypatch.setattr(ranking, "AT_ONCE", 4)
    np.testing.assert_array_equal(textrank(blocks), apart)


def test_documents_that_say_little():
    assert textrank([]).tolist() == bm25(np.array([1]), []).tolist() == []
    assert textrank(ids([])).tolist() == pytest.approx([0.15])
    assert textrank(ids([1], [1])).tolist() == pytest.approx([0.15, 0.15])  # log 1 = 0: nothing to divide by
    assert bm25(np.zeros(0, np.int64), ids([1, 2])).tolist() == [0.0]
    assert bm25(np.array([1]), ids([], [])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: bm25(np.array([1]), ids([1]), k1=-1), "k1 .* -1"),
        (lambda: bm25(np.array([1]), ids([1]), b=2), "b .* 2"),
    ],
)
def test_what_is_out_of_range_is_refused(make, said):
    with pytest.raises(SettingsError, match=said):
        make()


@pytest.mark.parametrize("seed", range(3))
def test_bm25_is_its_formula_term_by_term(seed):
    chance = np.random.default_rng(seed)
    blocks, question = [chance.integers(0, 12, n) for n in chance.integers(0, 9, 20)], chance.integers(0, 15, 6)
    mean = np.mean([len(block) for block in blocks])
    expected = []
    for block in blocks:
        score = 0.0
        for term in set(question.tolist()):
            n_with, count = sum(term in other for other in blocks), (block == term).sum()
            idf = math.log(1 + (len(blocks) - n_with + 0.5) / (n_with + 0.5))
            score += idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * len(block) / mean))
        expected.append(score)
    assert bm25(question, blocks).tolist() == pytest.approx(expected)


def test_a_question_without_terms_and_blocks_without_tokens_score_nothing():
    assert bm25(np.zeros(0, np.int64), ids([1, 2], [3])).tolist() == [0, 0]
    assert bm25(np.array([1]), ids([], [])).tolist() == [0, 0]
    assert bm25(np.array([1]), []).tolist() == []


@pytest.mark.parametrize("n_columns", [1, 3])
def test_terms_that_tell_have_the_largest_correlations(n_columns):
    chance = np.random.default_rng(n_columns)
    documents = [chance.integers(0, 40, n) for n in chance.integers(1, 30, 50)]
    targets = chance.normal(size=(50, n_columns))
    found = set()
    for column in targets.T:
        squares = {}
        for term in range(40):
            has = np.array([term in document for document in documents], float)
            if 1 < has.sum() < 50:
                squares[term] = np.corrcoef(has, column)[0, 1] ** 2
        found |= set(sorted(squares, key=squares.get)[-4:])
    assert telling_terms(documents, targets, 4).tolist() == sorted(found)


def test_terms_of_one_document_or_of_all_tell_nothing():
    assert telling_terms(ids([1, 2], [1, 3], [1, 4]), np.array([[1.0], [0.0], [0.0]])).tolist() == []
    assert telling_terms(ids([], []), np.ones((2, 1))).tolist() == []
    assert telling_terms(ids([1, 2], [2, 1], [3]), np.ones((3, 1))).tolist() == [1, 2]  # targets all alike
