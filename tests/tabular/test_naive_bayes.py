"""Naive Bayes against scikit-learn's three, part by part, and against a table worked by hand."""

import numpy as np
import pytest
from scipy.special import log_softmax
from scipy.stats import norm
from sklearn.naive_bayes import CategoricalNB, GaussianNB, MultinomialNB
from sklearn.preprocessing import StandardScaler

from tenon.tabular.naive_bayes import JointNaiveBayes

EXACT = {"rtol": 1e-9, "atol": 1e-9}  # log-likelihoods of order 10 to 100, summed in another order: 1e-13 of them at most


def blocks(numbers=None, categories=None, counts=None) -> dict[str, np.ndarray]:
    n = next(len(block) for block in (numbers, categories, counts) if block is not None)
    none = np.empty((n, 0))
    return {
        "numbers": none if numbers is None else np.asarray(numbers, float),
        "categories": none if categories is None else np.asarray(categories, float),
        "counts": none if counts is None else np.asarray(counts, float),
    }


@pytest.fixture(params=range(3))
def drawn(request):
    """Numbers of unit variance, categories, counts, and a target of 3 classes that all depend on."""
    rng = np.random.default_rng(request.param)
    y = rng.integers(0, 3, 80)
    numbers = StandardScaler().fit_transform(rng.normal(y[:, None], 1 + y[:, None], (80, 4)))
    categories = (rng.integers(0, 4, (80, 2)) + y[:, None]) % 4
    counts = rng.poisson(1 + np.eye(5)[y], (80, 5))
    return numbers, categories, counts, y


@pytest.mark.mission("C17")
@pytest.mark.parametrize("var_smoothing", [1e-9, 0.1])
def test_numbers_as_gaussian_nb(drawn, var_smoothing):
    numbers, _, _, y = drawn
    theirs = GaussianNB(var_smoothing=var_smoothing).fit(numbers, y)
    ours = JointNaiveBayes(var_smoothing=var_smoothing).fit(blocks(numbers), y)
    np.testing.assert_allclose(ours.predict_log_proba(blocks(numbers)), theirs.predict_log_proba(numbers), **EXACT)


@pytest.mark.parametrize("smoothing", [0.1, 1.0, 3.0])
def test_categories_as_categorical_nb(drawn, smoothing):
    _, categories, _, y = drawn
    theirs = CategoricalNB(alpha=smoothing).fit(categories, y)
    ours = JointNaiveBayes(smoothing).fit(blocks(None, categories), y)
    np.testing.assert_allclose(ours.predict_log_proba(blocks(None, categories)), theirs.predict_log_proba(categories), **EXACT)


def test_all_parts_add_up_less_the_repeated_priors(drawn):
    numbers, categories, counts, y = drawn
    weights = np.random.default_rng(5).uniform(0.1, 2, len(y))
    pairs = [
        (GaussianNB(var_smoothing=0), numbers), (CategoricalNB(), categories), (MultinomialNB(), counts)
    ]  # fmt: skip
    fitted = [(model.fit(X, y, sample_weight=weights), X) for model, X in pairs]
    joint = sum(model.predict_joint_log_proba(X) for model, X in fitted) - 2 * fitted[2][0].class_log_prior_
    ours = JointNaiveBayes(var_smoothing=0).fit(blocks(numbers, categories, counts), y, sample_weight=weights)
    np.testing.assert_allclose(ours.predict_log_proba(blocks(numbers, categories, counts)), log_softmax(joint, axis=1), **EXACT)
    assert (ours.predict(blocks(numbers, categories, counts)) == joint.argmax(axis=1)).all()


def test_a_weight_counts_as_so_many_rows(drawn):
    numbers, categories, counts, y = drawn
    times = np.random.default_rng(1).integers(1, 4, len(y))
    weighted = JointNaiveBayes().fit(blocks(numbers, categories, counts), y, sample_weight=times)
    more = blocks(*(np.repeat(block, times, axis=0) for block in (numbers, categories, counts)))
    repeated = JointNaiveBayes().fit(more, np.repeat(y, times))
    new = blocks(numbers, categories, counts)
    np.testing.assert_allclose(weighted.predict_log_proba(new), repeated.predict_log_proba(new), **EXACT)


def test_a_missing_number_adds_nothing(drawn):
    numbers, _, _, y = drawn
    model = JointNaiveBayes().fit(blocks(numbers), y)
    holed = numbers.copy()
    holed[:, 1] = np.nan
    fewer = JointNaiveBayes().fit(blocks(np.delete(numbers, 1, axis=1)), y)
    expected = fewer.predict_log_proba(blocks(np.delete(numbers, 1, axis=1)))
    np.testing.assert_allclose(model.predict_log_proba(blocks(holed)), expected, **EXACT)


def test_missing_cells_do_not_shift_means_or_variances():
    """Class 0 has the numbers 1, 3 and a missing one; class 1 has only missing ones, so the moments of all rows: 2 and 1."""
    model = JointNaiveBayes(var_smoothing=1e-12).fit(blocks([[1], [3], [np.nan], [np.nan]]), np.array([0, 0, 0, 1]))
    np.testing.assert_allclose(model.mean_, [[2], [2]])
    np.testing.assert_allclose(model.variance_, [[1], [1]])
    expected = [np.log(0.75) + norm.logpdf(5, 2), np.log(0.25) + norm.logpdf(5, 2)]
    np.testing.assert_allclose(model.predict_log_proba(blocks([[5]]))[0], log_softmax(expected), **EXACT)


def test_categories_by_hand():
    """5 rows: class 0 has red, red, missing; class 1 has blue, blue. Values: blue, red, missing; smoothing 1."""
    model = JointNaiveBayes().fit(blocks(None, [[1], [1], [np.nan], [0], [0]]), np.array([0, 0, 0, 1, 1]))
    ours = np.exp(model.predict_log_proba(blocks(None, [[0], [1], [np.nan], [-1]])))
    joint = np.array([[0.6 * 1 / 6, 0.4 * 3 / 5], [0.6 * 3 / 6, 0.4 * 1 / 5], [0.6 * 2 / 6, 0.4 * 1 / 5], [0.6, 0.4]])
    np.testing.assert_allclose(ours, joint / joint.sum(axis=1, keepdims=True), **EXACT)


def test_the_unit_of_a_number_does_not_matter(drawn):
    numbers, _, _, y = drawn
    other = numbers * [1, 1e3, 1e-3, 7] + 5
    ours = JointNaiveBayes(var_smoothing=0.1).fit(blocks(numbers), y).predict_log_proba(blocks(numbers))
    theirs = JointNaiveBayes(var_smoothing=0.1).fit(blocks(other), y).predict_log_proba(blocks(other))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)  # 5 + 1e-3 x loses four digits of x, and squares two more


def test_a_constant_number_says_nothing():
    model = JointNaiveBayes().fit(blocks([[4], [4], [4]]), np.array([0, 0, 1]))
    np.testing.assert_allclose(model.predict_proba(blocks([[4], [9]])), [[2 / 3, 1 / 3]] * 2, **EXACT)


def test_far_from_all_classes_it_still_gives_probabilities():
    rng = np.random.default_rng(0)
    model = JointNaiveBayes(var_smoothing=1e-9).fit(blocks(rng.normal(size=(20, 300))), np.arange(20) % 2)
    proba = model.predict_proba(blocks(np.full((2, 300), [[1e6], [-1e6]])))
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-12)  # a rounding or two of float64
