"""Verdicts against other libraries: baycomp, SciPy; and DeLong's variance against its definition by pairs of rows."""

import numpy as np
import pytest
from scipy import stats

from tenon.metrics import pairs
from tenon.metrics.bayes import posterior
from tenon.metrics.curves import placements
from tenon.metrics.intervals import wilson

SAME_FORMULA = 1e-9  # float64, another order of summation


@pytest.mark.mission("A2")
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n_folds", "n_repeats"), [(5, 4), (10, 10)])
def test_correlated_t_test_is_that_of_baycomp(seed, n_folds, n_repeats):
    """Ours takes any variance; with that of Nadeau and Bengio it is the correlated Bayesian t-test (Corani & Benavoli 2015)."""
    import baycomp

    rng = np.random.default_rng(seed)
    a = 0.8 + 0.02 * rng.standard_normal(n_folds * n_repeats)
    b = a + 0.01 + 0.02 * rng.standard_normal(len(a))
    tested = pairs.nadeau_bengio(b - a, n_folds)
    ours = posterior(tested.difference, tested.scale, tested.df, 0.01)
    theirs = baycomp.CorrelatedTTest.probs(a, b, rope=0.01, runs=n_repeats)
    # baycomp's first probability is that of a; its correlation 1 / K and factor 1/J + rho / (1 - rho) give the same variance
    assert (ours.worse, ours.same, ours.better) == pytest.approx(theirs, abs=1e-6)  # it rounds nothing, but integrates by cdf


@pytest.mark.parametrize(("share", "n"), [(0.85, 100), (1.0, 20), (0.0, 7), (0.5, 2)])
def test_wilson_is_that_of_scipy(share, n):
    theirs = stats.binomtest(round(share * n), n).proportion_ci(0.95, method="wilson")
    assert wilson(share, n) == pytest.approx((theirs.low, theirs.high), abs=SAME_FORMULA)


@pytest.mark.parametrize(("b", "c"), [(121, 59), (10, 3), (0, 9), (40, 44)])
def test_mcnemar_is_the_sign_test_of_scipy(b, c):
    assert pairs.mcnemar(b, c) == pytest.approx(stats.binomtest(b, b + c).pvalue, rel=SAME_FORMULA)


@pytest.mark.mission("A4")
@pytest.mark.parametrize("seed", range(3))
def test_auc_is_the_mann_whitney_statistic(seed):
    rng = np.random.default_rng(seed)
    y, score = rng.integers(0, 2, 80), rng.integers(0, 12, 80).astype(float)  # with ties
    theirs = stats.mannwhitneyu(score[y == 1], score[y == 0]).statistic / (y.sum() * (80 - y.sum()))
    assert placements(y, score)[0] == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_delong_from_the_structural_components(seed):
    """The covariance of DeLong, DeLong and Clarke-Pearson (1988), equations 4 to 6, by all pairs of rows."""
    rng = np.random.default_rng(seed)
    y = np.repeat([1, 0], [25, 40])
    scores = np.round(y + rng.standard_normal((2, 65)), 1)
    won = [(s[y == 1][:, None] > s[y == 0]) + 0.5 * (s[y == 1][:, None] == s[y == 0]) for s in scores]
    S10, S01 = np.cov([w.mean(axis=1) for w in won]), np.cov([w.mean(axis=0) for w in won])
    S = S10 / 25 + S01 / 40
    tested = pairs.delong(y, *scores)
    z = (won[0].mean() - won[1].mean()) / np.sqrt(S[0, 0] + S[1, 1] - 2 * S[0, 1])
    assert tested.statistic == pytest.approx(z, rel=SAME_FORMULA)
    assert tested.p == pytest.approx(2 * stats.norm.sf(abs(z)), rel=SAME_FORMULA)


@pytest.mark.parametrize("seed", range(3))
def test_nadeau_bengio_is_a_t_test_with_a_wider_scale(seed):
    differences = np.random.default_rng(seed).normal(0.01, 0.02, 20)
    plain = stats.ttest_1samp(differences, 0)
    tested = pairs.nadeau_bengio(differences, 5)
    # 1/J becomes 1/J + n_test / n_train, the correction of their section 5
    assert tested.statistic == pytest.approx(plain.statistic * np.sqrt((1 / 20) / (1 / 20 + 1 / 4)), rel=SAME_FORMULA)
    assert tested.p == pytest.approx(2 * stats.t.sf(abs(tested.statistic), 19), rel=SAME_FORMULA)


def test_delong_of_the_published_ratings():
    """109 images rated 1 to 5 (Hanley & McNeil 1982, table I); Stata's manual, [R] roctab, has DeLong's error and interval."""
    y = np.repeat([0, 1], [58, 51])
    rating = np.concatenate([np.repeat(np.arange(5.0), counts) for counts in ([33, 6, 6, 11, 2], [3, 2, 2, 11, 33])])
    auc, placed = placements(y, rating)
    error = np.sqrt(pairs.delong_variance(y, placed))
    assert (auc, error) == pytest.approx((0.8932, 0.0307), abs=5e-5)  # printed with four digits
    assert (auc - 1.959964 * error, auc + 1.959964 * error) == pytest.approx((0.83295, 0.95339), abs=5e-6)  # with five


def test_nadeau_bengio_of_the_published_folds():
    """scikit-learn's user guide, "Statistical comparison of models using grid search": t 0.750, one-sided p 0.227."""
    from sklearn.datasets import make_moons
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
    from sklearn.svm import SVC

    X, y = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    rbf, linear = (cross_val_score(SVC(kernel=k, random_state=0), X, y, scoring="roc_auc", cv=folds) for k in ("rbf", "linear"))
    tested = pairs.nadeau_bengio(rbf - linear, n_folds=10)
    assert (tested.statistic, tested.p / 2) == pytest.approx((0.750, 0.227), abs=5e-4)  # printed with three digits
    assert tested.df == 99


def test_holm_by_closed_testing():
    """Holm rejects a hypothesis at p just if every set of hypotheses that holds it has a p-value below p / its size."""
    raw = np.random.default_rng(0).uniform(0, 0.3, 5)
    subsets = [[j for j in range(5) if bits >> j & 1] for bits in range(1, 32)]
    closed = [max(min(1.0, len(s) * raw[s].min()) for s in subsets if j in s) for j in range(5)]
    np.testing.assert_allclose(pairs.holm(raw), closed, rtol=1e-12)
