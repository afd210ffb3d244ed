"""A metric per group on a board: scores, variances and intervals against the definition, written out row by row."""

import numpy as np
import pytest
from tests.metrics.simulated import guess_for

from tenon.errors import DataError
from tenon.metrics import METRICS, PerGroup, as_history, final_interval, gather, gauc_by_group, judge, judge_fixed, per_group
from tenon.metrics.grouped import weighted_mean
from tenon.metrics.intervals import method_intervals
from tenon.metrics.variance import row_variance

RNG = np.random.default_rng(0)
N, N_GROUPS, N_FOLDS = 300, 40, 3
SIGNAL = RNG.normal(size=N)
Y = (SIGNAL + RNG.normal(size=N) > 0).astype(int)
GROUPS = RNG.integers(0, N_GROUPS, N)
FOLDS = np.stack([RNG.integers(0, N_FOLDS, N) for _ in range(2)])
SIGNALS = [[SIGNAL + RNG.normal(size=N) for _ in range(2)] for _ in range(2)]  # repeat, method
WEIGHTS = RNG.integers(1, 4, N).astype(float)


def guesses_for(name):
    return [[guess_for(name, signal) for signal in of_repeat] for of_repeat in SIGNALS]


def truth_for(name):
    return SIGNAL if METRICS[name].reads == "value" else Y


def slow_auc(y, score, weights):
    pairs = [(weights[i] * weights[j], score[i], score[j]) for i in range(len(y)) for j in range(len(y)) if y[i] > y[j]]
    if not pairs:
        return None
    return sum(w * (1.0 if a > b else 0.5 if a == b else 0.0) for w, a, b in pairs) / sum(w for w, _, _ in pairs)


def slow_figure(name, y, guess, weights):
    if name == "auc":
        return slow_auc(y, guess[:, 1], weights)
    if name == "accuracy":
        return float(np.average(y == guess, weights=weights))
    if name == "rmse":
        return float(np.sqrt(np.average((y - guess) ** 2, weights=weights)))
    return METRICS["macro_f1"].score(y, guess, weights)


def slow_score(name, y, guess, folds, weights, is_alike):
    """From the definition: every cell on its own, then the mean over cells; also each group's figure and weight."""
    figures, masses = {}, {}
    for group in range(N_GROUPS):
        for fold in range(N_FOLDS):
            rows = np.flatnonzero((GROUPS == group) & (folds == fold))
            figure = slow_figure(name, y[rows], guess[rows], weights[rows]) if len(rows) else None
            if figure is not None:
                mass = weights[rows].sum()
                figures[group] = figures.get(group, 0.0) + mass * figure
                masses[group] = masses.get(group, 0.0) + mass
    of_group = np.array([figures[g] / masses[g] for g in figures])
    w = np.array([1.0 if is_alike else masses[g] for g in figures])
    return float(w @ of_group / w.sum()), of_group, w


@pytest.mark.parametrize("is_alike", [False, True])
@pytest.mark.parametrize("name", ["auc", "accuracy", "rmse", "macro_f1"])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_the_score_is_that_of_the_definition(name, is_alike, weights):
    y, guesses = truth_for(name), guesses_for(name)
    per = PerGroup("user", GROUPS, is_alike)
    evidence = gather(METRICS[name], "ab", y, guesses, FOLDS, weights=weights, per=per)
    w = np.ones(N) if weights is None else weights
    for j in range(2):
        slow = [slow_score(name, y, guesses[r][j], FOLDS[r], w, is_alike)[0] for r in range(2)]
        score = evidence.metric.from_level(evidence.level[j])
        assert score == pytest.approx(np.mean(slow), rel=1e-12)
        assert evidence.psi[:, :, j].mean() == pytest.approx(evidence.level[j], rel=1e-12)


@pytest.mark.parametrize("is_alike", [False, True])
@pytest.mark.parametrize("name", ["auc", "accuracy"])
def test_the_variance_is_that_of_a_weighted_mean_over_groups(name, is_alike):
    """In one fold: V = U/(U-1) sum (w (g - G))^2 / (sum w)^2, the formula of the interval over groups."""
    y, guess = truth_for(name), guesses_for(name)[0][0]
    fold = np.zeros((1, N), int)
    evidence = gather(METRICS[name], "a", y, [[guess]], fold, per=PerGroup("user", GROUPS, is_alike))
    alone = per_group(METRICS[name], y, guess, GROUPS, "groups" if is_alike else "rows")
    _, scale, low, high = weighted_mean(alone.of_group, alone.weights)
    assert evidence.level[0] == pytest.approx(alone.score, rel=1e-12)
    assert row_variance(evidence)[0, 0] == pytest.approx(scale**2, rel=1e-12)
    score, *ends = final_interval(METRICS[name], y, guess, per=PerGroup("user", GROUPS, is_alike))
    assert (score, *ends) == pytest.approx((alone.score, low, high), rel=1e-12)
    assert evidence.n_units == len(alone.groups)


def test_groups_of_one_class_are_left_out_and_counted():
    y = np.concatenate([np.tile([0, 1], 40), np.ones(20, int)])
    groups = np.concatenate([np.arange(80) // 4, np.repeat([20, 21], 10)])
    guess = guess_for("auc", np.random.default_rng(1).normal(size=100))
    board = judge_fixed(METRICS["auc"], "a", y, [guess], rope=0.01, per=PerGroup("user", groups))
    reference = gauc_by_group(y, guess[:, 1], groups)
    assert board.score[0] == pytest.approx(reference.score, rel=1e-12)
    assert board.intervals[0].tolist() == pytest.approx([reference.low, reference.high], rel=1e-12)
    assert board.metric.title == "GAUC per user"
    assert "GAUC per user leaves out 2 of 22 groups, with 20 rows (rows of one class only in every fold)" in board.notes[0]


def test_the_board_judges_over_groups():
    evidence = gather(METRICS["auc"], "ab", Y, guesses_for("auc"), FOLDS, per=PerGroup("user", GROUPS))
    board = judge(evidence, rope=0.01, cost_ranks=[1, 2], data_hash_seed=0)
    assert board.pairs[0].test == "max-T over groups"
    assert board.pairs[0].metric == "auc per user"
    left = len(np.unique(GROUPS)) - evidence.per.n_left_out
    assert evidence.n_units == left
    # t over users: half the width is the t quantile of U - 1 times the root of S1 + 2 W
    from scipy import stats

    from tenon.metrics.variance import board_variance

    half = stats.t.ppf(0.975, left - 1) * np.sqrt(board_variance(evidence)[0, 0])
    low, high = method_intervals(evidence)[0]
    assert (high - low) / 2 == pytest.approx(half, rel=1e-9)


def test_fixed_models_are_tested_over_groups():
    first, second = guesses_for("auc")[0]
    pair = judge_fixed(METRICS["auc"], "ab", Y, [first, second], rope=0.01, per=PerGroup("user", GROUPS)).pairs[0]
    a, b = (gauc_by_group(Y, guess[:, 1], GROUPS) for guess in (first, second))
    difference, scale, low, high = weighted_mean(a.of_group - b.of_group, a.weights)
    sign = 1 if pair.method_a == "a" else -1
    assert (pair.effect, pair.low, pair.high) == pytest.approx((sign * difference, *sorted((sign * low, sign * high))), rel=1e-9)
    assert pair.test == "paired t over groups"


def test_few_groups_have_no_interval_and_fewer_no_verdict():
    few = GROUPS % 14
    evidence = gather(METRICS["auc"], "ab", Y, guesses_for("auc"), FOLDS, per=PerGroup("user", few))
    assert np.isnan(method_intervals(evidence)).all()
    nine = gather(METRICS["auc"], "ab", Y, guesses_for("auc"), FOLDS, per=PerGroup("user", GROUPS % 9))
    assert judge(nine, rope=0.01, cost_ranks=[1, 2], data_hash_seed=0).words[1] in ("cannot tell", "leader")


def test_time_keeps_the_groups_as_units():
    evidence = gather(METRICS["auc"], "ab", Y, guesses_for("auc")[:1], FOLDS[:1], per=PerGroup("user", GROUPS))
    history = as_history(evidence, np.arange(N))
    assert (history.question, history.n_units) == ("history", evidence.n_units)
    pair = judge(history, rope=0.01, cost_ranks=[1, 2], data_hash_seed=0).pairs[0]
    assert pair.test == "max-T over groups"


def test_units_are_wider_groups_that_hold_each_whole():
    household = GROUPS // 2
    one, per = [guesses_for("auc")[0][:1]], PerGroup("user", GROUPS)
    wide = gather(METRICS["auc"], "a", Y, one, FOLDS[:1], groups=household, per=per)
    assert wide.n_units == len(np.unique(household[wide.rows]))
    crossed = gather(METRICS["auc"], "a", Y, one, FOLDS[:1], groups=np.arange(N) % 7, per=per)
    assert crossed.n_units == len(np.unique(GROUPS[crossed.rows]))


def test_no_group_with_both_classes():
    with pytest.raises(DataError, match="AUC is undefined in each of the 300 groups by 'user'"):
        gather(METRICS["auc"], "a", Y, [guesses_for("auc")[0][:1]], FOLDS[:1], per=PerGroup("user", np.arange(N)))


def test_a_missing_number_is_refused_before_any_group_is_left_out():
    values = SIGNAL.copy()
    values[3] = np.nan
    with pytest.raises(DataError, match="method 'a' predicts a missing or infinite number"):
        gather(METRICS["rmse"], "a", SIGNAL, [[values]], FOLDS[:1], per=PerGroup("user", GROUPS))
