"""Chance as estimators take it: the seeds that scikit-learn's random_state gives, and one sentence for what is none."""

import numpy as np
import pytest

from tenon import ranges
from tenon.errors import SettingsError
from tenon.text.perceptron import PerceptronTagger
from tenon.trees import GradientBoostingClassifier, RandomForestClassifier


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_a_seed_is_the_first_number_of_the_generator(seed):
    first = np.random.RandomState(seed).randint(2**31 - 1)
    assert ranges.seed_of(seed) == ranges.seed_of(np.random.RandomState(seed)) == first


@pytest.mark.parametrize("wrong", ["x", -1, 2**32, 0.5])
def test_what_is_no_random_state_is_refused(wrong):
    with pytest.raises(
        SettingsError,
        match=rf"random_state takes a whole number from 0 to 4294967295, None or a numpy RandomState; got {wrong!r}\.",
    ):
        ranges.seed_of(wrong)


@pytest.mark.parametrize("estimator", [RandomForestClassifier, GradientBoostingClassifier, PerceptronTagger])
def test_estimators_say_so(estimator):
    X, y = ([["a"]] * 4, [["O"]] * 4) if estimator is PerceptronTagger else (np.arange(8.0)[:, None], np.arange(8) % 2)
    with pytest.raises(SettingsError, match="random_state takes"):
        estimator(random_state="x").fit(X, y)
