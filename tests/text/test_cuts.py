"""Files of tokens and where rows are cut from them: against a plain loop, nothing lost, and pairs as they are drawn."""

import math
from collections import Counter

import numpy as np
import pytest

pytest.importorskip("tokenizers")

from tenon.text.cuts import ELSEWHERE, NEXT, packed, pairs  # noqa: E402
from tenon.text.marked import MarkedTokens  # noqa: E402
from tenon.text.token_file import TokenFile, jieba_starts, token_file  # noqa: E402

LINES = ["the cat sat. the dogs ran!  a cat", "", "", "dogs", "", "the end", "\u0301", "good cats"]


@pytest.fixture(scope="module")
def tokens():
    return MarkedTokens.learnt([line for line in LINES for _ in range(5)], 60)


def made(*documents):
    """A file of numbered tokens; documents : how many tokens each of its sentences has."""
    lengths = [n for document in documents for n in document]
    n = sum(lengths)
    bounds = np.cumsum([0, *lengths])
    return TokenFile(np.arange(n), np.ones(n, bool), bounds, np.cumsum([0, *map(len, documents)]))


def by_chance(seed, n=60):
    rng = np.random.default_rng(seed)
    return [rng.integers(1, 30, rng.integers(1, 12)).tolist() for _ in range(n)]


def test_tokens_sentences_and_documents(tokens):
    with token_file(LINES, tokens.tokens) as file:
        words = [tokens.tokens.words[i] for i in file.tokens]
        sentences = [words[a:b] for a, b in zip(file.texts, file.texts[1:], strict=False)]
        expected = ["the cat sat.", "the dogs ran!", "a cat", "dogs", "the end", "good cats"]
        assert sentences == [[tokens.tokens.words[i] for i in tokens.tokens.encode(one).ids] for one in expected]
        assert file.documents.tolist() == [0, 3, 4, 6]
        assert file.document_bounds.tolist() == [0, file.texts[3], file.texts[4], len(words)]
        assert file.is_start.tolist() == [not word.startswith("##") for word in words]


def test_a_file_without_tokens(tokens):
    with token_file(["", "\u0301", ""], tokens.tokens) as file:
        assert (len(file.tokens), file.texts.tolist(), file.documents.tolist()) == (0, [0], [0])
        assert packed(file, 8).shape == (0, 2)
        assert pairs(file, 8, 0)[0].shape == (0, 4)


def test_chinese_words_are_those_of_jieba():
    pytest.importorskip("jieba")
    text = "\u6211\u4eec\u5728\u5317\u4eac\u5927\u5b66\u5b66\u4e60\u3002\u597d\uff01"  # we | at | Peking University | learn | .
    tokens = MarkedTokens.learnt([text] * 3, 40)
    with token_file([text], tokens.tokens, jieba_starts) as file:
        assert len(file.texts) == 3  # two sentences
        assert np.flatnonzero(file.is_start).tolist() == [0, 2, 3, 7, 9, 10, 11]


def packed_slow(documents, room):
    """Sentence by sentence: one that does not fit begins a row; one longer than a row is cut."""
    rows, place = [], 0
    for document in documents:
        row = 0
        for n in document:
            if row and row + n > room:
                rows.append((place - row, place))
                row = 0
            while row + n > room:
                rows.append((place, place + room))
                place, n = place + room, n - room
            row, place = row + n, place + n
        if row:
            rows.append((place - row, place))
    return rows


@pytest.mark.parametrize("room", [1, 5, 13, 40, 10_000])
@pytest.mark.parametrize("seed", range(3))
def test_packing_beside_a_plain_loop(room, seed):
    documents = by_chance(seed)
    found = packed(made(*documents), room)
    assert [tuple(row) for row in found.tolist()] == packed_slow(documents, room)
    assert np.concatenate([np.arange(a, b) for a, b in found]).tolist() == list(range(sum(map(sum, documents))))


@pytest.mark.parametrize("room", [2, 9, 40])
def test_pairs_follow_or_are_of_another_document(room):
    documents = by_chance(1, 300)
    file = made(*documents)
    found, kinds = pairs(file, room, 3)
    document_of = np.repeat(np.arange(300), [sum(document) for document in documents])
    a, b, c, d = found.T
    assert (a < b).all()
    assert (c < d).all()
    assert (b - a + d - c <= room).all()
    assert (document_of[a] == document_of[b - 1]).all()
    assert (document_of[c] == document_of[d - 1]).all()
    follows = kinds == NEXT
    assert (document_of[a] == document_of[c])[follows].all()
    assert (b <= c)[follows].all()
    assert (document_of[a] != document_of[c])[kinds == ELSEWHERE].all()
    n = len(kinds)
    assert abs(follows.sum() - n / 2) < 5 * math.sqrt(n / 4)
    again = pairs(file, room, 3)
    assert (again[0] == found).all()
    assert (pairs(file, room, 4)[1][:n] != kinds[: len(pairs(file, room, 4)[1])]).any()


def test_what_is_not_cut_follows_at_once():
    """Room for all: parts are whole sentences, and all of a document is used in NEXT pairs but what stands alone at its end."""
    file = made(*([[3, 4, 2]] * 400))
    found, kinds = pairs(file, 10_000, 0)
    bounds = set(file.texts.tolist())
    assert set(found.ravel().tolist()) <= bounds
    assert (found[:, 1] == found[:, 2])[kinds == NEXT].all()
    begins = Counter(found[:, 0] % 9)
    assert set(begins) <= {0, 3}  # the last sentence alone begins no pair
    assert begins[0] == 400


def test_other_parts_come_from_all_documents_alike_and_in_a_single_one_from_elsewhere():
    found, kinds = pairs(made(*([[1] * 400] * 5)), 4, 0)
    first, second = found[kinds == ELSEWHERE, 0] // 400, found[kinds == ELSEWHERE, 2] // 400
    for place in range(5):
        counts, n = np.bincount(second[first == place], minlength=5), np.count_nonzero(first == place)
        assert n > 30
        assert counts[place] == 0
        assert (abs(np.delete(counts, place) - n / 4) < 5 * math.sqrt(n * 3 / 16)).all()
    found, kinds = pairs(made([2] * 1000), 20, 0)
    elsewhere = found[kinds == ELSEWHERE]
    assert (elsewhere[:, 1] != elsewhere[:, 2]).all()
    assert len(elsewhere) > 20


def test_sentences_alone_make_no_pairs_but_long_ones_are_cut_in_two():
    assert len(pairs(made([3], [2], [4]), 20, 0)[0]) == 0
    assert len(pairs(made([30], [30]), 20, 0)[0]) >= 2
