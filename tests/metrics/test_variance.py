"""Row variance, training noise and fold excess against hand-worked figures and the definition."""

from dataclasses import replace

import numpy as np
import pytest
from tests.metrics.simulated import board_of

from tenon.metrics import judge, variance
from tenon.metrics.evidence import gather
from tenon.metrics.scores import METRICS

SEVEN_DIGITS = 5e-8  # to which the figures were worked out by hand


def bits(text):
    return np.array([int(bit) for bit in text])


def hand_board():
    """10 rows, 2 repeats; the truth is 1 everywhere, so a guess of 1 is right. All rows in one fold."""
    guesses = [[bits("1111111010"), bits("1011010010")], [bits("1111101110"), bits("1011110000")]]
    return gather(METRICS["accuracy"], ["A", "B"], np.ones(10, int), guesses, np.zeros((2, 10), int))


def of_pair(covariance):
    return covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]


def test_board_pair_by_hand():
    evidence = hand_board()
    assert evidence.level[0] - evidence.level[1] == pytest.approx(0.3, rel=1e-12)
    assert of_pair(variance.row_variance(evidence)) == pytest.approx(0.0344444, abs=SEVEN_DIGITS)
    assert of_pair(variance.averaged_variance(evidence)) == pytest.approx(0.0233333, abs=SEVEN_DIGITS)
    assert of_pair(variance.training_noise(evidence)) == pytest.approx(0.0222222, abs=SEVEN_DIGITS)
    as_worked = replace(evidence, metric=replace(evidence.metric, kappa=1.5))  # S1 + W is SR + 1.5 W with two repeats
    spread = variance.spread_of(as_worked)
    assert spread.pair[0, 1] == pytest.approx(0.0666667, abs=SEVEN_DIGITS)
    assert spread.nu == 9
    pair = judge(as_worked, rope=0.01, cost_ranks=[0, 1], data_hash_seed=0).pairs[0]
    assert 0.3 / spread.scale[0, 1] == pytest.approx(1.1618950, abs=SEVEN_DIGITS)
    assert pair.p_value == pytest.approx(0.2751633, abs=SEVEN_DIGITS)  # integral of the density beyond T, twice


def test_rows_on_which_one_is_right():
    d = variance.discordant_rows(hand_board())
    assert d.tolist() == [[0, 4], [4, 0]]  # repeats: 3 and 5 rows


def test_rows_on_which_one_is_right_with_weights():
    evidence = hand_board()
    guesses = [[bits("1111111010"), bits("1011010010")], [bits("1111101110"), bits("1011110000")]]
    weights = np.random.default_rng(0).uniform(0.1, 5, 10)
    weighted = gather(METRICS["accuracy"], ["A", "B"], np.ones(10, int), guesses, np.zeros((2, 10), int), weights=weights)
    np.testing.assert_allclose(variance.discordant_rows(weighted), variance.discordant_rows(evidence))


@pytest.mark.parametrize("name", ["auc", "rmse"])
def test_row_variance_is_the_covariance_over_rows(name):
    evidence = board_of(name, (1.0, 0.6, 0.2), n=50, n_repeats=3)
    expected = np.mean([np.cov(of_repeat, rowvar=False) / 50 for of_repeat in evidence.psi], axis=0)
    np.testing.assert_allclose(variance.row_variance(evidence), expected, rtol=1e-10)
    averaged = np.cov(evidence.psi.mean(axis=0), rowvar=False) / 50
    np.testing.assert_allclose(variance.averaged_variance(evidence), averaged, rtol=1e-10)


def test_groups_are_summed_first():
    """The hand-worked differences 1, 0, 0 | 1, 1 | 0, -1, 0, 0 | 0 as contributions of two methods."""
    evidence = board_of("rmse", (1.0, 0.5), n=10, n_repeats=1, n_folds=2)
    psi = np.zeros((1, 10, 2))
    psi[0, :, 0] = [1, 0, 0, 1, 1, 0, -1, 0, 0, 0]
    evidence = replace(evidence, psi=psi, groups=np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3]))
    np.testing.assert_allclose(variance.unit_sums(evidence)[0, :, 0], [0.4, 1.6, -1.8, -0.2], rtol=1e-12)
    assert of_pair(variance.row_variance(evidence)) == pytest.approx(0.08, rel=1e-12)


@pytest.mark.parametrize("name", ["accuracy", "macro_f1", "rmse"])
def test_groups_of_one_row_change_nothing(name):
    evidence = board_of(name, (1.0, 0.5), n=40)
    grouped = replace(evidence, groups=np.random.default_rng(0).permutation(40))
    np.testing.assert_allclose(variance.row_variance(grouped), variance.row_variance(evidence), rtol=1e-12)
    assert variance.spread_of(grouped).nu == variance.spread_of(evidence).nu


def test_auc_over_groups_loses_a_degree_of_freedom_for_each_fold():
    """Its contributions sum to 0 inside every fold, so five blocks that are the folds have no variance left to see."""
    evidence = board_of("auc", (1.0, 0.5), n=40, n_repeats=1)
    grouped = replace(evidence, groups=np.arange(40) // 4)
    assert variance.spread_of(grouped).nu == 10 - 5
    plain = replace(grouped, n_folds=1)
    np.testing.assert_allclose(variance.row_variance(grouped), variance.row_variance(plain) * 9 / 5, rtol=1e-12)


def test_rare_class_limits_the_degrees_of_freedom_of_macro_f1():
    evidence = board_of("macro_f1", (1.0, 0.5), n=40)
    y = np.repeat([0, 1], [33, 7])
    assert variance.spread_of(replace(evidence, y=y)).nu == 6
    assert variance.spread_of(replace(evidence, y=np.repeat([0, 1], [38, 2]))).nu == 3


@pytest.mark.parametrize("name", ["accuracy", "auc", "macro_f1"])
def test_training_noise_is_never_negative(name):
    evidence = board_of(name, (1.0, 0.9, 0.3, 0.0), n=80, n_repeats=4)
    values = np.linalg.eigvalsh(variance.training_noise(evidence))
    assert values.min() > -1e-12 * values.max()


def test_equal_repeats_hold_no_training_noise():
    evidence = board_of("rmse", (1.0, 0.3), n_repeats=1)
    twice = replace(evidence, psi=np.repeat(evidence.psi, 2, axis=0))
    S1 = variance.row_variance(evidence)
    np.testing.assert_allclose(variance.board_variance(twice), S1, rtol=1e-10)


def test_one_repeat_one_split_one_history():
    evidence = board_of("auc", (1.0, 0.3), n_repeats=1, n_folds=5)
    S1 = variance.row_variance(evidence)
    np.testing.assert_allclose(variance.board_variance(evidence), S1 * 2.25, rtol=1e-12)
    np.testing.assert_allclose(variance.board_variance(replace(evidence, n_folds=1)), S1 * 1.25, rtol=1e-12)
    np.testing.assert_allclose(variance.board_variance(replace(evidence, question="history")), S1, rtol=1e-12)


@pytest.mark.parametrize(("name", "kappa"), [("accuracy", 3), ("log_loss", 3), ("auc", 4), ("macro_f1", 4)])
def test_share_of_noise_by_metric(name, kappa):
    evidence = board_of(name, (1.0, 0.3))
    expected = variance.averaged_variance(evidence) + kappa * variance.training_noise(evidence)
    np.testing.assert_allclose(variance.board_variance(evidence), expected, rtol=1e-12)


def test_floor_is_one_row_for_right_or_wrong_only():
    for name, floor in (("accuracy", 300.0**-2), ("auc", 0.0)):
        evidence = board_of(name, (1.0, 0.3), n=300)
        S = variance.board_variance(evidence)
        assert variance.spread_of(evidence).pair[0, 1] == pytest.approx(of_pair(S) + floor, rel=1e-12)


def test_fold_excess_from_the_definition():
    evidence = board_of("auc", (1.0, 0.9, 0.2))
    lottery = evidence.folds + np.random.default_rng(0).normal(0, 0.2, evidence.folds.shape)
    evidence = replace(evidence, folds=lottery)
    S1, J = variance.row_variance(evidence), 10
    slow = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            of_folds = np.var(lottery[:, i] - lottery[:, j], ddof=1)
            slow[i, j] = max(0, of_folds - 5 * (S1[i, i] + S1[j, j] - 2 * S1[i, j])) / J
    assert (slow[np.triu_indices(3, 1)] > 0).all()  # the case is worth testing
    np.testing.assert_allclose(variance.fold_excess(evidence), slow, rtol=1e-9)


def test_constant_shift_has_no_pair_variance():
    evidence = board_of("rmse", (1.0, 0.5))
    shifted = evidence.psi.copy()
    shifted[:, :, 1] = shifted[:, :, 0] - 0.125
    spread = variance.spread_of(replace(evidence, psi=shifted, folds=np.ones_like(evidence.folds)))
    assert spread.pair[0, 1] == 0
    assert not spread.is_same[0, 1]
