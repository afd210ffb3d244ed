"""First relevance of blocks: given places, Fisher's test beside SciPy's, best blocks by hand; and how interventions move it."""

import numpy as np
import pytest
from scipy.stats import fisher_exact

pytest.importorskip("torch")

from tenon.errors import DataError  # noqa: E402
from tenon.long.cogltx_relevance import LEVEL, by_words, given, moved, telling  # noqa: E402
from tenon.long.cogltx_rows import Document  # noqa: E402
from tenon.text.tokens import Encoded  # noqa: E402


def document(*blocks):
    """Return a document whose blocks have these ids; each token takes two letters and a blank."""
    ids = np.array([i for block in blocks for i in block], np.int64)
    starts = 3 * np.arange(len(ids))
    spans, ends = np.stack([starts, starts + 2], axis=1), np.cumsum([len(block) for block in blocks], dtype=np.int64)
    return Document.cut(Encoded(ids, spans), ends)


def test_given_places():
    """Blocks of two tokens at letters 0-5, 6-11, 12-17: a place that ends where a block begins does not touch it."""
    three = document([1, 2], [3, 4], [5, 6])
    found = given([three, three, document()], [[(6, 7)], [(0, 2), (10, 14)], []])
    assert found.tolist() == [0, 1, 0, 1, 1, 1]
    assert given([three], [[(0, 6)]]).tolist() == [1, 0, 0]
    assert given([three], [[]]).tolist() == [0, 0, 0]
    with pytest.raises(DataError, match=r"relevance holds places for each row; got 2 for 1 rows\."):
        given([three], [[], []])


@pytest.mark.parametrize("is_one_of", [True, False])
def test_words_that_tell_beside_scipy(is_one_of):
    """Of classes, and of labels of which a document has any number."""
    chance = np.random.default_rng(0)
    has_label = np.eye(3, dtype=bool)[chance.integers(3, size=60)] if is_one_of else chance.random((60, 3)) < 0.4
    documents = [
        document(
            [
                *(int(i) for i in chance.choice(30, 12)),
                *(100 + k for k in np.flatnonzero(of_document).tolist() if chance.random() < 0.8),
            ]
        )
        for of_document in has_label
    ]
    sets = [set(one.ids.tolist()) for one in documents]
    seen = sorted(set.union(*sets))
    for k, found in enumerate(telling(documents, has_label)):
        expected = []
        for i in seen:
            has, is_own = np.array([i in one for one in sets]), has_label[:, k]
            table = [[(has & is_own).sum(), (has & ~is_own).sum()], [(~has & is_own).sum(), (~has & ~is_own).sum()]]
            if fisher_exact(table, alternative="greater")[1] < LEVEL / (3 * len(seen)):
                expected.append(i)
        assert found.tolist() == expected == [100 + k]


def test_best_blocks_by_hand():
    """Token 7 is a class's name: one block twice as long as another is near the best, one with 7 once beside 7 twice is not."""
    documents = [
        document([1, 2, 3], [7, 1, 2], [4, 5, 6]),
        document([7, 1, 2, 3, 4, 5], [7, 7, 1], [1, 2, 3]),
        document([1, 2], [3, 4]),
        document(),
        document([7, 8, 1], [1, 2, 3]),
        document([7, 1, 2], [7, 1, 2, 3, 4, 5], [1, 2, 3]),
    ]
    names = [np.array([7]), np.array([9])]
    of_one = np.eye(2, dtype=bool)[[0, 0, 0, 0, 1, 0]]
    assert by_words(documents, of_one, names).tolist() == [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0]


def test_blocks_of_several_labels_and_of_none_by_hand():
    """What is asked is the names of all labels of a document; one without a label has nothing that matters."""
    documents = [document([7, 1, 2], [9, 1, 2], [1, 2, 3]), document([7, 1, 2], [9, 1, 2], [1, 2, 3])]
    names = [np.array([7]), np.array([9])]
    assert by_words(documents, np.array([[1, 1], [0, 0]], bool), names).tolist() == [1, 1, 0, 0, 0, 0]
    assert by_words(documents, np.array([[0, 1], [1, 0]], bool), names).tolist() == [0, 1, 0, 1, 0, 0]


def test_what_all_names_share_by_hand():
    """Token 5 is in both names: a block that holds it twice, and nothing else of a name, is none; of a single name it counts."""
    documents = [document([7, 5, 1], [5, 5, 2], [1, 2, 3])]
    both = [np.array([7, 5]), np.array([5, 9])]
    assert by_words(documents, np.array([[1, 0]], bool), both).tolist() == [1, 0, 0]
    assert by_words(documents, np.array([[0, 1]], bool), both).tolist() == [0, 0, 0]
    assert by_words(documents, np.array([[1]], bool), [np.array([5])]).tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("relevance", "cost", "after"),
    [
        (0, 0.2, 1),
        (0, 0.19, 0),
        (0, -0.04, 0),
        (0, -0.05, -1),
        (1, 0.5, 2),
        (2, 9.0, 2),
        (-1, -9.0, -1),
        (2, -1.0, 1),
        (1, 0.0, 1),
    ],
)
def test_interventions_move_by_one_between_their_bounds(relevance, cost, after):
    found = moved(np.array([relevance], np.int8), np.array([cost]))
    assert (found.tolist(), found.dtype) == ([after], np.int8)
