"""The choice: the cheapest that may be chosen; the baseline only when the best cannot be told from it."""

import numpy as np

from tenon.trials.choice import choose, sentence

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
