"""Maximum likelihood and maximum a posteriori: what the cards say of penalties, losses and smoothing, as properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import log_softmax
from scipy.stats import dirichlet, norm
from sklearn.naive_bayes import MultinomialNB
from tests.datasets import dataset

from tenon.catalogue import find
from tenon.metrics import METRICS
from tenon.tabular.naive_bayes import JointNaiveBayes
from tenon.tasks import Task

seeds = st.integers(0, 2**31)


def numbers(X: np.ndarray, y: np.ndarray):
    names = [f"x{j}" for j in range(X.shape[1])]
    return dataset({**dict(zip(names, X.T, strict=True)), "y": y}, dict.fromkeys(names, "number"))


def standardised(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    X = rng.normal(size=(n, p))
    return (X - X.mean(axis=0)) / X.std(axis=0)


@pytest.mark.mission("A11")
@settings(max_examples=15, deadline=None)
@given(seed=seeds, alpha=st.floats(0.1, 50), noise=st.floats(0.2, 3))
def test_ridge_is_the_maximum_a_posteriori_under_a_gaussian_prior(seed, alpha, noise):
    rng = np.random.default_rng(seed)
    X = standardised(rng, 30, 3)
    y = X @ rng.normal(size=3) + 2 + noise * rng.normal(size=30)
    method = find("ridge")
    model = method.fit(numbers(X, y), Task("regression", "y"), params=method.with_defaults({"alpha": alpha}), seed=0)

    def minus_log_posterior(weights: np.ndarray) -> float:
        prior = norm.logpdf(weights[:-1], scale=noise / np.sqrt(alpha)).sum()  # the intercept's prior is flat
        return -prior - norm.logpdf(y, X @ weights[:-1] + weights[-1], noise).sum()

    best = minimize(minus_log_posterior, np.zeros(4), method="BFGS", options={"gtol": 1e-7}).x
    ours = np.append(model.estimator.coef_, model.estimator.intercept_)
    # BFGS with numerical gradients stops within about 1e-5 of the minimum of this function, whose curvature is above 1
    np.testing.assert_allclose(ours, best, atol=1e-4)


@pytest.mark.mission("A11")
@settings(max_examples=25, deadline=None)
@given(seed=seeds, smoothing=st.floats(0.05, 5))
def test_smoothing_is_a_dirichlet_prior(seed, smoothing):
    """The table of a category holds, per class, the mean of the Dirichlet posterior; so does that of counts."""
    rng = np.random.default_rng(seed)
    codes, y = np.append([0, 1, 2, 3], rng.integers(0, 4, 26)), np.append([0, 0, 1, 1], rng.integers(0, 2, 26))
    none = np.empty((30, 0))
    blocks = {"numbers": none, "categories": codes[:, None].astype(float), "counts": none}
    model = JointNaiveBayes(smoothing).fit(blocks, y)
    counted = MultinomialNB(alpha=smoothing).fit(np.eye(4)[codes], y)
    for k in (0, 1):
        posterior = dirichlet.mean(smoothing + np.bincount(codes[y == k], minlength=4))
        np.testing.assert_allclose(np.exp(model.value_log_proba_[0][k]), posterior, rtol=1e-12)  # float64
        np.testing.assert_allclose(np.exp(counted.feature_log_prob_[k]), posterior, rtol=1e-12)


@pytest.mark.mission("C2")
@settings(max_examples=10, deadline=None)
@given(seed=seeds, C=st.floats(0.05, 5), K=st.sampled_from([2, 3]))
def test_logistic_minimises_the_negative_log_likelihood_and_a_gaussian_prior(seed, C, K):
    """Its probabilities are those of the minimum of the card's formula, found by another optimiser."""
    rng = np.random.default_rng(seed)
    X = standardised(rng, 40, 2)
    y = np.append(np.arange(K), rng.integers(0, K, 40 - K))
    method = find("logistic")
    task = Task("binary" if K == 2 else "multiclass", "y", tuple(range(K)))
    model = method.fit(numbers(X, y), task, params=method.with_defaults({"C": C}), seed=0)
    n_sums = 1 if K == 2 else K

    def log_proba(theta: np.ndarray) -> np.ndarray:
        W, b = theta[: 2 * n_sums].reshape(2, n_sums), theta[2 * n_sums :]
        sums = X @ W + b
        return log_softmax(np.column_stack([np.zeros(len(X)), sums]) if K == 2 else sums, axis=1)

    def card(theta: np.ndarray) -> float:
        return -log_proba(theta)[np.arange(40), y].sum() + (theta[: 2 * n_sums] ** 2).sum() / (2 * C)

    best = minimize(card, np.zeros(3 * n_sums), method="BFGS", options={"gtol": 1e-6}).x
    proba = model.predict_rows(numbers(X, y).without_target()).proba
    # L-BFGS stops at a gradient of 1e-4 per row: probabilities are then within 1e-3 of the minimum's
    np.testing.assert_allclose(proba, np.exp(log_proba(best)), atol=2e-3)


@pytest.mark.mission("A11")
@given(seed=seeds)
def test_cross_entropy_is_the_negative_log_likelihood(seed):
    """Per row: entropy between labels and probabilities = minus the log of the likelihood of independent rows = log loss."""
    rng = np.random.default_rng(seed)
    proba = rng.dirichlet(np.full(3, 2.0), 12)
    y = rng.integers(0, 3, 12)
    cross_entropy = -(np.eye(3)[y] * np.log(proba)).sum(axis=1).mean()
    likelihood = np.prod(proba[np.arange(12), y])
    assert cross_entropy == pytest.approx(-np.log(likelihood) / 12, rel=1e-12)  # 12 factors of float64
    assert METRICS["log_loss"].score(y, proba) == pytest.approx(cross_entropy, rel=1e-12)
