"""The choice: the cheapest that may be chosen; the baseline only when the best cannot be told from it."""

import numpy as np
import pandas as pd
import pytest
from tests.trials.small_run import guesses_of, ready_for, rows, run_here, trials

import tenon
from tenon.report.language import language
from tenon.trials.ask import Ask
from tenon.trials.board import judge_trials
from tenon.trials.choice import baseline_is_tied, choose, sentence
from tenon.trials.folder import RunFolder

NAMES = ("baseline", "logistic", "knn", "boosting")
COSTS = (0, 10, 20, 30)


def test_the_cheapest_of_those_that_may_be_chosen():
    assert choose(NAMES, COSTS, np.array([False, False, True, True])) == "knn"


def test_cost_decides_and_not_the_order_of_methods():
    back = slice(None, None, -1)
    assert choose(NAMES[back], COSTS[back], np.array([False, True, True, True])[back]) == "logistic"


def test_the_baseline_when_the_best_cannot_be_told_from_it():
    assert choose(NAMES, COSTS, np.ones(4, bool)) == "baseline"
    assert sentence("baseline", "knn", ["knn", "baseline"], "AUC").startswith("No method can be told from the baseline")


def test_a_baseline_among_the_tied_is_told_where_another_is_chosen():
    def board(**tied: bool) -> list[dict]:
        ends = {"low": None, "high": None}
        return [{"method": name, "tied": is_tied, **ends} for name, is_tied in tied.items()]

    (said,) = baseline_is_tied(board(knn=True, baseline=True), "knn")
    assert said.startswith("The baseline, which looks at no column, is tied with the best")
    assert "基线" in language("zh")(said)
    assert baseline_is_tied(board(knn=True, logistic=True, baseline=False), "logistic") == []
    assert baseline_is_tied(board(knn=True, baseline=True), "baseline") == []  # the opening sentence says so
    assert baseline_is_tied(board(knn=True), "knn") == []


@pytest.mark.parametrize(("low", "high", "is_told"), [(0.2, 0.4, False), (0.7, 0.8, True), (0.95, 1.2, True), (1.1, 1.3, False)])
def test_without_a_verdict_a_baseline_far_from_the_best_is_not_tied(low, high, is_told):
    best = {"method": "knn", "tied": True, "low": 0.75, "high": 1.0}
    assert bool(baseline_is_tied([best, {"method": "baseline", "tied": True, "low": low, "high": high}], "knn")) == is_told


@pytest.mark.parametrize(("seed", "chosen"), [(0, "baseline"), (1, "knn")])
def test_a_run_on_noise_says_that_nothing_was_shown_to_be_learnt(tmp_path, seed, chosen):
    noise = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": noise.normal(size=80), "y": noise.permutation(np.repeat(["no", "yes"], 40))})
    board = tenon.compare(frame, "y", out=tmp_path / "noise", methods="baseline,knn", splits="4x1", jobs=1).board
    assert board["chosen"] == chosen
    assert board["sentence"].startswith("No method can be told from the baseline") == (chosen == "baseline")
    assert any(note.startswith("The baseline, which looks at no column") for note in board["notes"]) == (chosen == "knn")


def test_equal_cost_is_broken_by_name():
    assert choose(("b", "a"), (5, 5), np.array([True, True])) == "a"


def test_sentences_name_every_tied_method_once():
    text = sentence("logistic", "boosting", ["boosting", "knn", "logistic"], "AUC", 0.25)
    told = "boosting, knn and logistic cannot be told apart. "
    assert text == told + "Chosen: logistic, the cheapest that is probably as good (P 0.75)."
    assert sentence("knn", "knn", ["knn"], "AUC") == "knn is best by AUC: every other method is worse."


def test_what_got_through_alone_is_not_said_to_be_best(tmp_path):
    ready = ready_for(rows("binary", 60), Ask(methods="baseline", splits="2x1"), tmp_path)
    outcomes = run_here(ready, trials(ready))
    _, found = judge_trials(ready, guesses_of(ready), outcomes, RunFolder(tmp_path), "0" * 64)
    assert found["sentence"] == "Only baseline got through; the leaderboard says why no other method did."
    assert language("zh")(found["sentence"]) == "只有 baseline 跑通；其他方法未跑通的原因见排行榜。"
