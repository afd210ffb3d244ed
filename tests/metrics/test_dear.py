"""Methods that ran on one split: hand-worked figures, exact cases, bias and variance by simulation, the board they are on."""

from dataclasses import replace

import numpy as np
import pytest
from tests.metrics.simulated import board_of, folds_of, guess_for

from tenon.metrics import METRICS, expected_optimism, judge, method_intervals
from tenon.metrics.by_group import PerGroup
from tenon.metrics.dear import beside, control_variates
from tenon.metrics.evidence import as_history, gather
from tenon.metrics.variance import board_variance, spread_of

FIVE = (1.0, 0.9, 0.7, 0.5, 0.8)  # strengths; the last is the dear method's


def on_split(evidence, guesses, y, folds, metric_name, **given):
    """The evidence of all methods on the first fold of the first repeat."""
    return gather(METRICS[metric_name], evidence, y, [guesses], np.where(folds[:1] == 0, 0, -1), **given)


def simulated(metric_name, strengths=FIVE, n_dear=1, n=500, seed=0, n_repeats=2, y=None, **given):
    """Evidence on the cheap methods by all folds, and on all methods by the first split."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=n)
    if y is None:
        y = signal if METRICS[metric_name].reads == "value" else (signal + rng.normal(size=n) > 0).astype(int)
    own = rng.normal(size=(len(strengths), n))
    folds = folds_of(rng, n, n_repeats, 5)
    said = [
        [guess_for(metric_name, s * signal + 0.7 * e + 0.2 * rng.normal(size=n)) for s, e in zip(strengths, own, strict=True)]
        for _ in range(n_repeats)
    ]
    names = [chr(ord("a") + j) for j in range(len(strengths))]
    n_cheap = len(names) - n_dear
    cheap = gather(METRICS[metric_name], names[:n_cheap], y, [of[:n_cheap] for of in said], folds, **given)
    return cheap, on_split(names, said[0], y, folds, metric_name, **given)


def judged(evidence, **changed):
    given = {"rope": 0.01, "cost_ranks": list(range(len(evidence.names))), "data_hash_seed": 7} | changed
    return judge(evidence, **given)


def pair_of(board, *names):
    return next(pair for pair in board.pairs if {pair.method_a, pair.method_b} == set(names))


def test_two_methods_on_one_split_by_hand():
    """Differences of mean 0.03 and variance 0.2 on 200 rows: se = root of 1.25 x 0.2 / 200."""
    d = 0.03 + np.sqrt(0.2 * 199 / 200) * np.tile([1.0, -1.0], 100)
    guesses = [2 - d / 2, 2 + d / 2]  # losses of 2 and a bit, their difference d
    evidence = gather(METRICS["mae"], ["dear", "cheap"], np.zeros(200), [guesses], np.zeros((1, 200), int))
    pair = judged(evidence).pairs[0]
    assert (pair.method_a, pair.test) == ("dear", "max-T, one split")
    assert spread_of(evidence).scale[0, 1] == pytest.approx(0.0353553, abs=5e-8)
    assert pair.effect / spread_of(evidence).scale[0, 1] == pytest.approx(0.8485281, abs=5e-8)
    assert pair.p_value == pytest.approx(0.3971634, abs=5e-8)


def test_a_dear_twin_of_a_cheap_method_gets_its_level():
    rng = np.random.default_rng(0)
    cheap = rng.normal(size=(100, 3))
    adjusted = control_variates(cheap[:, 1], cheap, np.array([0.4, 0.3, 0.2]))
    # the ridge keeps beta a thousandth short of 1
    assert adjusted.beta == pytest.approx([0, 1, 0], abs=2e-3)
    assert adjusted.level == pytest.approx(0.3, abs=2e-3)
    assert np.abs(adjusted.residuals).max() < 0.01


def test_an_unrelated_dear_method_keeps_its_own_mean():
    dear = np.tile([1.0, 0.0], 500)
    cheap = np.repeat(np.tile([1.0, 0.0], 250), 2)[:, None]
    adjusted = control_variates(dear, cheap, np.array([0.9]))
    assert adjusted.beta == pytest.approx([0.0], abs=1e-12)
    assert adjusted.level == pytest.approx(0.5, rel=1e-12)


def test_a_hard_split_is_taken_out():
    """On a split whose rows are hard for all, the dear method's own mean is too low by as much as the cheap ones'."""
    rng = np.random.default_rng(2)
    hardness = rng.normal(1.0, 1.0, 400)
    cheap = -hardness[:, None] + 0.1 * rng.normal(size=(400, 3))
    dear = -hardness + 0.2
    adjusted = control_variates(dear, cheap, np.zeros(3))  # over all rows the cheap methods have level 0
    assert dear.mean() < -0.7
    assert adjusted.level == pytest.approx(0.2, abs=0.03)  # 400 rows of noise 0.1 / sqrt(3) leave 0.003; the ridge 0.01


@pytest.mark.parametrize("name", ["mae", "auc", "macro_f1"])
def test_variance_from_the_formula(name):
    """1.25 f var(residual) / n_k + (beta - 1_k)' S (beta - 1_k), f = (n_k - 1)/(n_k - 1 - c) (n_k - 2)/(n_k - 2 - c)."""
    folds, split = simulated(name)
    evidence = beside(folds, split)
    adjusted = control_variates(split.psi[0, :, 4], split.psi[0, :, :4], folds.level)
    n, c = 100, 4
    own = 1.25 * (n - 1) / (n - 1 - c) * (n - 2) / (n - 2 - c) * adjusted.residuals.var(ddof=1) / n
    S = board_variance(folds)
    for k in range(c):
        direction = adjusted.beta - np.eye(c)[k]
        # on all rows the regression leaves a trace of correlation (ridge), and n / (n - 1) is that of 500 rows
        assert spread_of(evidence).pair[4, k] == pytest.approx(own + direction @ S @ direction, rel=0.02)
    np.testing.assert_allclose(board_variance(evidence)[:4, :4], S, rtol=1e-9)  # nothing changes among the others
    assert spread_of(evidence).nu == (n - 1 - c if name != "macro_f1" else min(n - 1 - c, 0.2 * np.bincount(folds.y).min() - 1))


def test_level_and_variance_by_simulation():
    """Fixed predictors of a normal target, so the only noise is that of rows: mean and spread of the adjusted level."""
    n_boards, errors, said = 400, [], []
    mix = np.random.default_rng(0).normal(size=(6, 6)) / 2 + np.eye(6)
    for seed in range(n_boards):
        rng = np.random.default_rng([1, seed])
        gains = rng.normal(size=(200, 6)) @ mix  # contributions of 5 cheap methods and a dear one; true levels 0
        adjusted = control_variates(gains[:40, 5], gains[:40, :5], gains[:, :5].mean(axis=0))
        factor = 39 / 34 * 38 / 33
        S = np.cov(gains[:, :5].T) / 200
        errors.append(adjusted.level)
        said.append(factor * adjusted.residuals.var(ddof=1) / 40 + adjusted.beta @ S @ adjusted.beta)
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(n_boards)
    # a variance of 400 draws has a relative standard error of 7 %; three of them. Without the factor it falls 25 % short
    assert np.mean(said) == pytest.approx(np.var(errors), rel=0.21)


def test_the_order_of_methods_has_no_influence():
    folds, split = simulated("auc", n_dear=2)
    mixed = [3, 0, 4, 2, 1]
    turned = replace(
        split, names=tuple(split.names[j] for j in mixed), level=split.level[mixed], psi=split.psi[:, :, mixed],
        folds=split.folds[:, mixed],
    )  # fmt: skip
    one, other = judged(beside(folds, split)), judged(beside(folds, turned), cost_ranks=mixed)
    np.testing.assert_allclose(one.level[mixed], other.level, rtol=1e-12)
    np.testing.assert_array_equal(one.p[mixed], other.p)
    assert [one.words[j] for j in mixed] == list(other.words)


@pytest.mark.parametrize("name", METRICS)
def test_a_dear_row_is_wider_and_says_so(name):
    folds, split = simulated(name, (1.0, 0.98, 0.96, 0.94, 0.97, 0.0), n_dear=2)
    evidence = beside(folds, split)
    board = judged(evidence)
    assert evidence.is_dear.tolist() == [False] * 4 + [True] * 2
    width = np.diff(board.intervals, axis=1)[:, 0]
    assert width[4] > 1.2 * width[:4].max()
    assert np.isfinite(board.intervals).all()
    assert board.words[5] == "worse"  # it guesses
    assert board.tied[:5].all()
    for pair in board.pairs:
        is_dear = {pair.method_a, pair.method_b} & {"e", "f"}
        assert pair.test == ("max-T, one split" if is_dear else "max-T")
        assert (pair.p_nadeau_bengio is None) == bool(is_dear)
    assert expected_optimism(evidence, 0) > 0
    np.testing.assert_allclose(board.intervals[:4], method_intervals(folds), rtol=1e-9)


def test_two_dear_methods_are_compared_row_by_row():
    """Twins in all but a few rows of the split: the noise that they share is not counted."""
    folds, split = simulated("log_loss", n_dear=1)
    twice = replace(
        split, names=(*split.names, "f"), level=split.level[[0, 1, 2, 3, 4, 4]], psi=split.psi[:, :, [0, 1, 2, 3, 4, 4]],
        folds=split.folds[:, [0, 1, 2, 3, 4, 4]],
    )  # fmt: skip
    assert pair_of(judged(beside(folds, twice)), "e", "f").verdict == "same predictions"
    nearly = twice.psi.copy()
    nearly[0, :3, 5] -= 0.1
    scale = spread_of(beside(folds, replace(twice, psi=nearly))).scale
    assert scale[4, 5] < 0.1 * scale[4, 0]


def test_few_rows_of_the_split_on_which_they_differ_tell_nothing():
    """Right and wrong as a cheap method in all but four rows of the split."""
    rng = np.random.default_rng(0)
    y, folds = np.ones(500, int), folds_of(rng, 500, 2, 5)
    cheap = [(rng.random(500) < share).astype(int) for share in (0.9, 0.7, 0.5)]
    dear = cheap[0].copy()
    dear[np.flatnonzero((folds[0] == 0) & (dear == 1))[:4]] = 0
    names, accuracy = ["a", "b", "c", "d"], METRICS["accuracy"]
    full = gather(accuracy, names[:3], y, [cheap] * 2, folds)
    evidence = beside(full, gather(accuracy, names, y, [[*cheap, dear]], np.where(folds[:1] == 0, 0, -1)))
    pair = pair_of(judged(evidence), "a", "d")
    assert pair.p_value >= 0.125  # McNemar's exact p of four rows in one direction
    assert pair.verdict == "cannot tell"


def test_where_nothing_can_be_adjusted_the_split_is_all():
    folds, split = simulated("auc", FIVE[:3])  # two cheap methods
    assert beside(folds, split) is split
    folds, split = simulated("auc", n=75)  # 15 rows in the split, 4 weights: 10 degrees of freedom
    assert beside(folds, split) is not split
    folds, split = simulated("auc", n=70)
    assert beside(folds, split) is split
    folds, split = (as_history(one, np.arange(500)) for one in simulated("auc"))
    assert beside(folds, split) is split
    assert judged(split).pairs[0].test == "max-T over time blocks, one split"


def test_groups_are_the_units_of_the_split():
    groups = np.repeat(np.arange(100), 5)
    rng = np.random.default_rng(0)
    signal, own = rng.normal(size=500), rng.normal(size=(5, 100))
    y = (signal + rng.normal(size=500) > 0).astype(int)
    said = [guess_for("accuracy", s * signal + one[groups]) for s, one in zip(FIVE, own, strict=True)]
    folds = np.stack([folds_of(rng, 100, 1, 5)[0][groups] for _ in range(2)])
    accuracy = METRICS["accuracy"]
    full = gather(accuracy, "abcd", y, [said[:4]] * 2, folds, groups=groups)
    split = gather(accuracy, "abcde", y, [said], np.where(folds[:1] == 0, 0, -1), groups=groups)
    evidence = beside(full, split)
    assert split.n_units == 20
    assert spread_of(evidence).nu == 20 - 1 - 4
    residuals = control_variates(split.psi[0, :, 4], split.psi[0, :, :4], full.level).residuals
    sums = np.bincount(split.groups, residuals)
    own_variance = 1.25 * 20 / 15 * 18 / 14 * np.square(sums).sum() / 100**2
    beta = control_variates(split.psi[0, :, 4], split.psi[0, :, :4], full.level).beta
    # rows are regressed, groups are counted: in groups the residuals are not quite unrelated to the others
    assert board_variance(evidence)[4, 4] == pytest.approx(own_variance + beta @ board_variance(full) @ beta, rel=0.25)


def test_a_metric_per_group_and_weights():
    users = np.random.default_rng(3).integers(0, 60, 500)
    folds, split = simulated("auc", per=PerGroup("user", users))
    board = judged(beside(folds, split))
    assert board.intervals[4, 0] < board.score[4] < board.intervals[4, 1]
    weights = np.random.default_rng(4).uniform(0.5, 2, 500)
    weighted = beside(*simulated("accuracy", weights=weights))
    assert weighted.one_split.n_rows < 100
    alike = beside(*simulated("accuracy", weights=np.full(500, 3.0)))
    np.testing.assert_allclose(alike.level, beside(*simulated("accuracy")).level, rtol=1e-12)


def test_an_adjusted_share_stays_one():
    """Right on every row of a split that was hard for the others."""
    rng = np.random.default_rng(0)
    y, folds = np.ones(300, int), folds_of(rng, 300, 2, 5)
    hard = folds[0] == 0
    cheap = [np.where(hard, rng.random(300) < 0.6, rng.random(300) < 0.95).astype(int) for _ in range(3)]
    dear = np.where(hard, rng.random(300) < 0.98, 0).astype(int)
    full = gather(METRICS["accuracy"], "abc", y, [cheap] * 2, folds)
    split = gather(METRICS["accuracy"], "abcd", y, [[*cheap, dear]], np.where(folds[:1] == 0, 0, -1))
    evidence = beside(full, split)
    low, high = method_intervals(evidence)[3]
    assert evidence.level[3] <= 1
    assert 0 < low < evidence.level[3] <= high <= 1


def test_no_note_on_heavy_tails_for_the_adjustment():
    assert not judged(beside(*simulated("rmse", n=1000))).notes
    assert "kurtosis" not in " ".join(judged(beside(*simulated("r2"))).notes)


def test_equal_methods_are_seldom_told_apart():
    """Boards of five alike, one of them dear: at most 5 % of 200 boards, and two standard errors."""
    told = [not judged(beside(*simulated("accuracy", (0.8,) * 5, n=400, seed=seed))).tied.all() for seed in range(200)]
    assert np.mean(told) < 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_a_plain_board_has_no_dear_methods():
    assert not board_of("auc", (1.0, 0.5)).is_dear.any()
