"""The choice: the cheapest that may be chosen; the baseline only when the best cannot be told from it."""

import numpy as np
from tests.trials.small_run import guesses_of, ready_for, rows, run_here, trials

from tenon.report.language import language
from tenon.trials.ask import Ask
from tenon.trials.board import judge_trials
from tenon.trials.choice import choose, sentence
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
