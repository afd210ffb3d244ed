"""The board: its invariants, its words, and what it does at the edges."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.metrics.simulated import board_of, folds_of

from tenon.metrics import METRICS, judge, may_be_chosen
from tenon.metrics.board import why_not
from tenon.metrics.evidence import as_history, gather
from tenon.metrics.verdict import LEADER

FIVE = (1.0, 0.95, 0.5, 0.2, 0.0)


def judged(evidence, **changed):
    given = {"rope": 0.01, "cost_ranks": list(range(len(evidence.names))), "data_hash_seed": 7} | changed
    return judge(evidence, **given)


def right_board(*columns, n_repeats=2):
    """Methods that are right exactly where their column is 1, the same in every repeat."""
    y = np.ones(len(columns[0]), int)
    guesses = [[np.asarray(column, int) for column in columns]] * n_repeats
    names = [chr(ord("a") + j) for j in range(len(columns))]
    return gather(METRICS["accuracy"], names, y, guesses, folds_of(np.random.default_rng(0), len(y), n_repeats, 5))


@pytest.mark.parametrize("name", METRICS)
def test_every_number_can_be_written_as_json(name):
    board = judged(board_of(name, FIVE, n=150))
    text = json.dumps([pair.to_json() for pair in board.pairs], allow_nan=False)
    assert len(json.loads(text)) == 10
    for figures in (board.score, board.level, board.intervals, board.p, board.p_worse):
        assert np.isfinite(figures).all()
    assert 0 < board.mde < np.inf


@pytest.mark.parametrize("name", METRICS)
def test_clear_boards_are_told(name):
    """Two good methods that nobody could tell apart, and one that guesses."""
    board = judged(board_of(name, (1.0, 0.99, 0.0), n=400), rope=0.001)
    assert board.tied.tolist() == [True, True, False]
    assert board.words[2] == "worse"
    assert {board.words[0], board.words[1]} == {LEADER, "cannot tell"}
    against = next(pair for pair in board.pairs if pair.method_b == "c")
    assert against.effect > 0
    assert against.verdict == "better"
    assert against.low <= against.effect <= against.high


def pairs_by_name(board):
    return {(pair.method_a, pair.method_b): pair for pair in board.pairs}


@pytest.mark.parametrize("name", ["auc", "accuracy", "rmse"])
@pytest.mark.parametrize("seed", range(2))
def test_order_of_methods_has_no_influence(name, seed):
    evidence = board_of(name, FIVE, seed=seed)
    mixed = np.random.default_rng(seed).permutation(5)
    turned = replace(
        evidence,
        names=tuple(evidence.names[j] for j in mixed),
        level=evidence.level[mixed],
        psi=evidence.psi[:, :, mixed],
        folds=evidence.folds[:, mixed],
    )
    one, other = judged(evidence), judged(turned, cost_ranks=mixed)
    np.testing.assert_array_equal(one.p[mixed], other.p)
    np.testing.assert_allclose(one.intervals[mixed], other.intervals, rtol=1e-9)
    assert [one.words[j] for j in mixed] == list(other.words)
    assert pairs_by_name(one).keys() == pairs_by_name(other).keys()
    for key, pair in pairs_by_name(one).items():
        for field, value in pair.to_json().items():
            assert pairs_by_name(other)[key].to_json()[field] == (
                value if isinstance(value, str) else pytest.approx(value, rel=1e-9)
            )


@pytest.mark.parametrize("name", ["auc", "macro_f1", "log_loss"])
def test_order_of_rows_and_repeats_has_no_influence(name):
    evidence = board_of(name, FIVE)
    mixed = np.random.default_rng(1).permutation(300)
    turned = replace(evidence, y=evidence.y[mixed], psi=evidence.psi[::-1, mixed], folds=evidence.folds[::-1])
    one, other = judged(evidence), judged(turned)
    # sums in another order shift a statistic by rounding, which moves no draw across it
    np.testing.assert_array_equal(one.p, other.p)
    assert one.words == other.words
    assert [pair.p_value for pair in one.pairs] == pytest.approx([pair.p_value for pair in other.pairs], rel=1e-9)


def test_unit_of_the_target_has_no_influence():
    rng = np.random.default_rng(3)
    y, folds = rng.normal(size=200), folds_of(rng, 200, 2, 5)
    guesses = [[y + s * rng.normal(size=200) for s in (0.5, 0.55, 0.9)] for _ in range(2)]
    one = judged(gather(METRICS["rmse"], "abc", y, guesses, folds), rope=0.01)
    cents = [[100 * guess for guess in row] for row in guesses]
    other = judged(gather(METRICS["rmse"], "abc", 100 * y, cents, folds), rope=1.0)
    assert one.words == other.words
    for here, there in zip(one.pairs, other.pairs, strict=True):
        assert there.effect == pytest.approx(100 * here.effect, rel=1e-9)
        assert (there.low, there.high) == pytest.approx((100 * here.low, 100 * here.high), rel=1e-9)
        assert (there.p_value, there.p_better, there.p_same) == pytest.approx(
            (here.p_value, here.p_better, here.p_same), rel=1e-9
        )


def test_rmse_effect_is_the_difference_of_rmses():
    board = judged(board_of("rmse", (1.0, 0.5)))
    pair = board.pairs[0]
    assert pair.effect == pytest.approx(board.score[board.order[1]] - board.score[board.order[0]], rel=1e-12)


def test_r2_and_rmse_are_one_test():
    rmse, r2 = board_of("rmse", FIVE, n=200), board_of("r2", FIVE, n=200)
    assert [pair.p_value for pair in judged(rmse).pairs] == pytest.approx([pair.p_value for pair in judged(r2).pairs], rel=1e-9)


def test_same_seed_same_board_other_seed_nearly():
    evidence = board_of("auc", FIVE, seed=1)
    np.testing.assert_array_equal(judged(evidence).p, judged(evidence).p)
    # Monte-Carlo error of a share from 10,000 draws is at most 0.005
    np.testing.assert_allclose(judged(evidence).p, judged(evidence, data_hash_seed=2**63).p, atol=0.02)


def test_same_predictions():
    evidence = board_of("auc", (1.0, 0.0))
    twice = replace(
        evidence,
        names=("a", "a again", "b"),
        level=evidence.level[[0, 0, 1]],
        psi=evidence.psi[:, :, [0, 0, 1]],
        folds=evidence.folds[:, [0, 0, 1]],
    )
    board = judged(twice, cost_ranks=[5, 2, 1])
    assert board.leader == 1  # the cheaper of the two
    assert board.words == ("same predictions", LEADER, "worse")
    pair = pairs_by_name(board)[("a again", "a")]
    assert (pair.effect, pair.low, pair.high, pair.p_value, pair.p_corrected, pair.p_same) == (0, 0, 0, 1, 1, 1)


def test_ties_are_broken_by_cost_then_name():
    columns = [1] * 50 + [0] * 30, [0] * 30 + [1] * 50, [1] * 50 + [0] * 30
    assert judged(right_board(*columns), cost_ranks=[3, 1, 2]).order.tolist() == [1, 2, 0]
    assert judged(right_board(*columns), cost_ranks=[1, 1, 1]).order.tolist() == [0, 1, 2]


def test_five_discordant_rows_tell_nothing():
    best = np.array([1] * 80 + [0] * 20)
    for n_lost, expected in ((5, "cannot tell"), (9, "worse")):
        worse = best.copy()
        worse[:n_lost] = 0
        board = judged(right_board(best, worse))
        assert board.words[1] == expected
        if n_lost == 5:
            assert board.pairs[0].p_value == 0.0625  # all five in one direction: McNemar's exact p


def test_a_constant_lead_tells_nothing_and_is_noted():
    y = np.random.default_rng(0).normal(size=100)
    folds = folds_of(np.random.default_rng(1), 100, 2, 5)
    evidence = gather(METRICS["mae"], ["near", "far"], y, [[y + 0.25, y + 0.5]] * 2, folds)
    board = judged(evidence)
    assert board.pairs[0].p_value == 1.0
    assert board.words[1] == "cannot tell"
    assert board.notes == ("near and far differ by the same amount in every row, so nothing can be said about other rows.",)


def test_one_method_has_an_interval_only():
    board = judged(board_of("auc", (1.0,)))
    assert (board.words, board.pairs, board.mde, board.p.tolist()) == ((LEADER,), (), None, [1.0])
    assert board.intervals[0, 0] < board.score[0] < board.intervals[0, 1]
    assert may_be_chosen(board).tolist() == [True]


@pytest.mark.parametrize(
    ("changed", "given", "reason", "word"),
    [
        ({"n": 59}, {}, "59 rows are scored, fewer than 60: scores and intervals only", "no verdict"),
        ({"n_repeats": 1}, {"any_seeded": True}, "one repeat does not show", "no verdict"),
        ({}, {"can_tell": False}, "no verdict was asked for", "no verdict"),
    ],
)
def test_where_no_word_is_justified(changed, given, reason, word):
    board = judged(board_of("accuracy", (1.0, 0.0), **changed), **given)
    assert board.reason.startswith(reason)
    assert board.words[1] == word
    assert board.pairs[0].verdict == word
    assert board.tied.all()


def test_few_groups_and_light_weights():
    evidence = board_of("accuracy", (1.0, 0.0))
    few = judged(replace(evidence, groups=np.arange(300) % 9))
    assert (few.words[1], few.reason) == ("cannot tell", "fewer than 10 groups: scores and intervals only")
    assert judged(replace(evidence, groups=np.arange(300) % 30)).words[1] == "worse"
    weights = np.ones(300)
    weights[:40] = 1000.0
    assert judged(replace(evidence, weights=weights)).reason.startswith(
        "300 rows are scored, which by their weights count as 40, fewer than 60"
    )


def test_few_rows_of_one_split_are_told_as_such():
    """100 rows, of which the one split scores every fifth."""
    y, fold = np.arange(100) % 2, np.where(np.arange(100) < 20, 0, -1)
    evidence = gather(METRICS["accuracy"], ["a", "b"], y, [[y, 1 - y]], fold)
    assert judged(evidence).reason == "20 rows are scored on one split, fewer than 60: scores and intervals only"
    assert why_not(replace(evidence, question="model"))[0].startswith("20 rows are scored, fewer than 60")


def test_history_is_a_t_test_on_ten_blocks_with_eight_degrees_of_freedom():
    evidence = as_history(board_of("rmse", (1.0, 0.7), n=200, n_repeats=1), np.arange(200))
    board = judged(evidence)
    blocks = (evidence.psi[0, :, 0] - evidence.psi[0, :, 1]).reshape(10, 20).mean(axis=1)
    pair = board.pairs[0]
    t = blocks.mean() / np.sqrt(blocks.var(ddof=2) / 10)
    assert pair.p_value == pytest.approx(2 * stats.t.sf(abs(t), 8), rel=1e-9)
    assert (board.question, pair.test, pair.p_nadeau_bengio) == ("history", "max-T over time blocks", None)


def test_cross_check_stands_beside_every_pair():
    evidence = board_of("auc", (1.0, 0.6))
    pair = judged(evidence).pairs[0]
    d = evidence.folds[:, 0] - evidence.folds[:, 1]
    t = d.mean() / np.sqrt((1 / 10 + 1 / 4) * d.var(ddof=1))
    assert pair.p_nadeau_bengio == pytest.approx(2 * stats.t.sf(abs(t), 9), rel=1e-9)


def test_above_ten_thousand_rows_folds_must_agree():
    """A clear difference on rows that the folds do not show is not enough."""
    evidence = board_of("accuracy", (1.0, 0.8), n=10_001)
    assert judged(evidence).words[1] == "worse"
    wild = evidence.folds.copy()
    wild[:, 1] = evidence.folds[:, 0] + np.tile([0.3, -0.3], 5)
    assert judged(replace(evidence, folds=wild, n_folds=10**6)).words[1] == "cannot tell"  # so many folds: no excess


def test_a_lottery_of_fits_is_seen_in_the_folds():
    evidence = board_of("auc", (1.0, 0.5), n=600)
    assert judged(evidence).words[1] == "worse"
    lottery = evidence.folds.copy()
    lottery[:, 1] += np.tile([0.4, -0.4], 5)
    assert judged(replace(evidence, folds=lottery)).words[1] == "cannot tell"


@pytest.mark.parametrize("seed", range(4))
def test_tie_group_words_and_pairs_say_the_same(seed):
    board = judged(board_of("auc", (1.0, 0.95, 0.8, 0.7, 0.6, 0.2), seed=seed))
    assert board.tied[board.leader]
    for pair in board.pairs[:5]:
        j = board.names.index(pair.method_b)
        assert pair.method_a == board.names[board.leader]
        assert (pair.p_corrected, pair.p_better) == (board.p[j], board.p_worse[j])
        assert (pair.p_corrected < 0.05) != board.tied[j]
        assert board.words[j] == {"better": "worse"}.get(pair.verdict, pair.verdict)
    assert board.p_worse.max() > 0.9  # the last is far behind


def test_choice_needs_tie_and_not_likely_worse():
    board = judged(board_of("auc", FIVE))
    assert may_be_chosen(board)[board.leader]
    likely_worse = replace(board, tied=np.ones(5, bool), p_worse=np.array([0.0, 0.5, 0.51, 0.2, 1.0]))
    assert may_be_chosen(likely_worse).tolist() == [True, True, False, True, False]
    assert not may_be_chosen(replace(likely_worse, tied=np.zeros(5, bool))).any()


def test_notes_of_rare_classes_heavy_tails_and_skipped_folds():
    y = np.array([0, 1] * 40 + [2] * 5)
    folds = folds_of(np.random.default_rng(0), 85, 2, 5)
    board = judged(gather(METRICS["macro_f1"], ["a"], y, [[y], [y]], folds))
    assert board.notes == ("the rarest class has 5 rows, fewer than two a fold: macro-F1 hangs on single rows.",)
    errors = np.append(np.full(99, 0.1), 50.0)
    board = judged(gather(METRICS["rmse"], ["a"], np.zeros(100), [[errors]] * 2, folds_of(np.random.default_rng(0), 100, 2, 5)))
    assert board.notes[0].endswith("compare by MAE, too (--metric mae).")
    y = np.array([0, 1] * 9 + [0, 0])
    proba = np.column_stack([1 - y * 0.5, y * 0.5])
    board = judged(gather(METRICS["auc"], ["a"], y, [[proba]], np.arange(20)[None] // 2))
    assert board.notes == ("AUC is undefined in 1 of 10 folds (rows of one class only): left out for all methods.",)
