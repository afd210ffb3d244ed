"""Fixed models on one set of rows: which test is used, and its p-value."""

import json

import numpy as np
import pytest
from scipy import stats
from tests.metrics.by_hand import cluster_t_p
from tests.metrics.simulated import guess_for

from tenon.metrics import METRICS, judge_fixed, pairs
from tenon.metrics.verdict import LEADER

RNG = np.random.default_rng(0)
SIGNAL = RNG.normal(size=400)
Y = (SIGNAL + RNG.normal(size=400) > 0).astype(int)
SIGNALS = [strength * SIGNAL + 0.5 * RNG.normal(size=400) for strength in (1.0, 0.7, 0.0)]


def board_of(name, y=Y, signals=SIGNALS, **given):
    guesses = [guess_for(name, signal) for signal in signals]
    return judge_fixed(METRICS[name], "abc"[: len(signals)], y, guesses, rope=0.01, **given), guesses


def test_auc_is_delong():
    board, guesses = board_of("auc")
    tested = pairs.delong(Y, guesses[0][:, 1], guesses[1][:, 1])
    pair = board.pairs[0]
    assert (pair.method_a, pair.method_b, pair.test) == ("a", "b", "DeLong")
    assert (pair.effect, pair.p_value) == pytest.approx((tested.difference, tested.p), rel=1e-9)
    assert (pair.low, pair.high) == pytest.approx((pair.effect - 1.959964 * tested.scale, pair.effect + 1.959964 * tested.scale))
    assert board.question == "model"


def test_few_discordant_rows_are_counted_exactly_many_by_t():
    board, guesses = board_of("accuracy")
    right = [(guess == Y).astype(float) for guess in guesses]
    assert {pair.test for pair in board.pairs} == {"paired t"}
    pair = next(pair for pair in board.pairs if (pair.method_a, pair.method_b) == ("a", "c"))
    assert pair.p_value == pytest.approx(stats.ttest_1samp(right[0] - right[2], 0).pvalue, rel=1e-6)
    nearly = guesses[0].copy()
    nearly[:13] = 1 - nearly[:13]
    b, c = int((right[0][:13] == 1).sum()), int((right[0][:13] == 0).sum())
    pair = judge_fixed(METRICS["accuracy"], "ab", Y, [guesses[0], nearly], rope=0.01).pairs[0]
    assert (pair.test, pair.p_value) == ("exact McNemar", pytest.approx(stats.binomtest(b, b + c).pvalue, rel=1e-9))


@pytest.mark.parametrize("name", ["log_loss", "rmse", "mae"])
def test_losses_are_paired_t(name):
    y = SIGNAL if METRICS[name].reads == "value" else Y
    board, guesses = board_of(name, y)
    psi = [METRICS[name].measure(y, guess, np.zeros(400, int)).psi for guess in guesses]
    for pair in board.pairs:
        a, b = "abc".index(pair.method_a), "abc".index(pair.method_b)
        assert pair.p_value == pytest.approx(stats.ttest_rel(psi[a], psi[b]).pvalue, rel=1e-6)


def test_cluster_t_by_hand():
    groups = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3])
    assert cluster_t_p(np.array([1.0, 0, 0, 1, 1, 0, -1, 0, 0, 0]), groups) == pytest.approx(0.5304778, abs=5e-8)  # 7 digits


def test_groups_are_cluster_t():
    groups = np.arange(400) // 8
    board, guesses = board_of("mae", SIGNAL, SIGNALS[:2], groups=groups)
    d = np.abs(guesses[1] - SIGNAL) - np.abs(guesses[0] - SIGNAL)
    p = cluster_t_p(d, groups)
    assert (board.pairs[0].test, board.pairs[0].p_value) == ("paired t over groups", pytest.approx(p, rel=1e-9))


def test_corrected_over_all_pairs_by_holm():
    board, _ = board_of("auc")
    corrected = pairs.holm(np.array([pair.p_value for pair in board.pairs]))
    np.testing.assert_allclose([pair.p_corrected for pair in board.pairs], corrected, rtol=1e-12)
    assert board.words[0] == LEADER
    assert board.tied.tolist() == [True, *(pair.p_corrected >= 0.05 for pair in board.pairs[:2])]


@pytest.mark.parametrize("name", ["auc", "accuracy", "macro_f1", "log_loss"])
def test_edges(name):
    board, _ = board_of(name, signals=[SIGNALS[0], SIGNALS[0]])
    assert (board.words[1], board.pairs[0].p_value) == ("same predictions", 1.0)
    few, _ = board_of(name, Y[:59], [signal[:59] for signal in SIGNALS])
    assert set(few.words) == {LEADER, "no verdict"}
    json.dumps([pair.to_json() for pair in few.pairs + board.pairs], allow_nan=False)
