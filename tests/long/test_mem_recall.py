"""MemRecall with judges whose scores are known: steps worked by hand, evidence in two hops, and many documents beside one."""

import numpy as np
import pytest

from tenon.errors import SettingsError
from tenon.long.mem_recall import Recalled, recall_all


class Scripted:
    """Scores blocks by a rule of document, block and row, and remembers what it was asked."""

    def __init__(self, rule):
        self.rule, self.asked = rule, []

    def __call__(self, rows):
        self.asked.append(rows)
        return [np.array([self.rule(document, block, row) for block in row]) for document, row in rows]


def by_table(scores):
    return Scripted(lambda document, block, row: scores[block])


def assert_recalled(found: Recalled, blocks, scores):
    assert found.blocks == blocks
    np.testing.assert_array_equal(found.scores, scores)


def test_a_document_without_blocks_asks_nobody():
    [found] = recall_all([np.zeros(0, np.int64)], [12], judge := by_table([]))
    assert_recalled(found, (), [])
    assert judge.asked == []


def test_a_document_that_fits_is_read_whole_and_judged_once():
    judge = by_table([0.1, 0.9, 0.5])
    [found] = recall_all([np.array([4, 4, 4])], [12], judge)
    assert_recalled(found, (0, 1, 2), [0.1, 0.9, 0.5])
    assert judge.asked == [[(0, (0, 1, 2))]]


@pytest.mark.mission("H4")
def test_two_steps_by_hand():
    """Six blocks of 4 in a room of 12, one kept: 0-2 and 3-5 compete, 4, 1, 3 fill the row, 4 stays; then beside it pairs."""
    scores = [0.1, 0.8, 0.2, 0.7, 0.9, 0.3]
    judge = by_table(scores)
    [found] = recall_all([np.full(6, 4)], [12], judge, kept=(1,))
    assert judge.asked == [
        [(0, (0, 1, 2)), (0, (3, 4, 5))],
        [(0, (1, 3, 4))],
        [(0, (4, 0, 1)), (0, (4, 2, 3)), (0, (4, 5))],
        [(0, (1, 3, 4))],
    ]
    assert_recalled(found, (1, 3, 4), [0.8, 0.7, 0.9])


def test_filling_ends_at_the_first_block_that_does_not_fit():
    """Blocks of 5, 6 and 2 tokens in a room of 8, the dearer ones better: 6 does not fit beside 5, and 2 is not tried."""
    [found] = recall_all([np.array([5, 6, 2])], [8], by_table([0.9, 0.8, 0.7]), kept=())
    assert_recalled(found, (0,), [0.9])


def test_of_equal_scores_the_earlier_block_is_taken():
    [found] = recall_all([np.full(5, 4)], [8], by_table([0.5] * 5), kept=())
    assert_recalled(found, (0, 1), [0.5, 0.5])


def test_few_blocks_that_fill_a_row_end_it():
    """Three of four blocks fit, and three may be kept: the second step is not taken."""
    judge = by_table([0.4, 0.3, 0.2, 0.1])
    [found] = recall_all([np.full(4, 4)], [12], judge, kept=(3,))
    assert_recalled(found, (0, 1, 2), [0.4, 0.3, 0.2])
    assert len(judge.asked) == 2


def test_evidence_in_two_hops_is_found_beside_the_first():
    """Block 30 matters only to who has read block 7 in the same row; one step does not find it, two do."""

    def rule(document, block, row):
        return {7: 0.9, 30: 0.8 if 7 in row else 0.0}.get(block, 0.1)

    once, twice = (recall_all([np.full(40, 4)], [20], Scripted(rule), kept)[0] for kept in ((), (1,)))
    assert 7 in once.blocks
    assert 30 not in once.blocks
    assert {7, 30} <= set(twice.blocks)


def test_what_is_kept_may_be_forgotten():
    """Block 0 is the best at first; beside it block 5 is found in the second step, and beside that block 0 is worth nothing."""

    def rule(document, block, row):
        if block == 0:
            return 0.0 if 5 in row else 0.9
        return {5: 0.8 if 0 in row else 0.1}.get(block, 0.2 + block / 100)

    [found] = recall_all([np.full(9, 4)], [12], judge := Scripted(rule), kept=(1, 1))
    assert [rows[0][1] for rows in judge.asked[::2]] == [(0, 1, 2), (0, 1, 2), (5, 8, 0)]
    assert [row for rows in judge.asked[1::2] for _, row in rows][:2] == [(0, 7, 8), (0, 5, 8)]
    assert 0 not in found.blocks


def test_many_documents_say_what_each_says_alone():
    chance = np.random.default_rng(0)
    documents = [chance.integers(1, 9, n) for n in (1, 3, 17, 50, 50, 200)]
    rooms = [40, 31, 40, 36, 33, 40]  # questions differ

    def rule(document, block, row):
        return (7919 * document + 104_729 * block + 31 * sum(row)) % 1_000 / 1_000

    together = recall_all(documents, rooms, judge := Scripted(rule))
    for i, sizes in enumerate(documents):
        [alone] = recall_all([sizes], [rooms[i]], Scripted(lambda _, block, row, i=i: rule(i, block, row)))
        assert_recalled(together[i], alone.blocks, alone.scores)
        assert sizes[list(alone.blocks)].sum() <= rooms[i]
    assert all(documents[i][list(row)].sum() <= rooms[i] for rows in judge.asked for i, row in rows)
    assert len(judge.asked) == 4  # all compete at once, rehearse at once, twice


def test_every_block_competes_once_in_a_step():
    judge = Scripted(lambda document, block, row: block / 100)
    recall_all([np.full(60, 7)], [50], judge, kept=(3,))
    for rows, n_kept in ((judge.asked[0], 0), (judge.asked[2], 3)):
        fresh = [block for _, row in rows for block in row[n_kept:]]
        assert len(fresh) == len(set(fresh)) == 60 - n_kept


@pytest.mark.parametrize(
    ("room", "kept", "said"),
    [
        (7, (1,), "a block of 8 tokens does not fit into 7; take shorter blocks, or keep fewer."),
        (12, (1,), "a block of 6 tokens does not fit into 4;"),
        (12, (0,), "kept .* 0"),
    ],
)
def test_what_does_not_fit_is_refused(room, kept, said):
    """In a room of 12 the first block is the best and stays; beside its 8 tokens there is no room for 6."""
    with pytest.raises(SettingsError, match=said):
        recall_all([np.array([8, 1, 6, 6])], [room], by_table([0.9, 0.8, 0.1, 0.2]), kept)
