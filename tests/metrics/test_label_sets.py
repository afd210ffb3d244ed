"""Micro-F1, macro-F1, Hamming loss and subset accuracy beside scikit-learn; the board's test of either F1 beside a bootstrap."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, hamming_loss

from tenon.data.label_sets import sets_of
from tenon.metrics.evidence import gather
from tenon.metrics.label_sets import label_sums, marks
from tenon.metrics.sequences import SEQUENCE_METRICS
from tenon.metrics.variance import row_variance
from tenon.tasks import OTHERS

LABELS = tuple("abcde")


def drawn(rng, n, wrong=0.15):
    has = rng.random((n, len(LABELS))) < np.array([0.5, 0.3, 0.2, 0.1, 0.05])
    said = has ^ (rng.random(has.shape) < wrong * rng.random((n, 1)) * 2)
    return has, said


def scores_of(has, said, weights=None):
    y = sets_of(has, LABELS)
    return {name: SEQUENCE_METRICS[name].score(y, marks(has, said), weights) for name in OTHERS["multilabel"] + ("micro_f1",)}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("is_weighted", [False, True])
def test_beside_scikit_learn(seed, is_weighted):
    rng = np.random.default_rng(seed)
    has, said = drawn(rng, 200)
    has[:, 3] = False  # a label that is said, and that no row has
    weights = rng.integers(1, 5, 200).astype(float) if is_weighted else None
    assert scores_of(has, said, weights) == pytest.approx(
        {
            "micro_f1": f1_score(has, said, average="micro", sample_weight=weights),
            "macro_f1_of_labels": f1_score(has, said, average="macro", sample_weight=weights, labels=[0, 1, 2, 4]),
            "hamming_loss": hamming_loss(has, said, sample_weight=weights),
            "subset_accuracy": accuracy_score(has, said, sample_weight=weights),
        },
        rel=1e-12,
    )


def test_rows_without_labels_by_hand():
    """A row without any label, of which none is said, is right; where no row has or gets one, F1 is 0/0: undefined."""
    nothing = np.zeros((2, 5), bool)
    scored = scores_of(nothing, nothing)
    assert np.isnan([scored["micro_f1"], scored["macro_f1_of_labels"]]).all()
    assert (scored["subset_accuracy"], scored["hamming_loss"]) == (1.0, 0.0)
    assert label_sums(np.array([[3, 1, 0], [0, 0, 2]], np.int8)).tolist() == [[1, 2, 1], [0, 0, 1]]


@pytest.mark.parametrize("name", ["micro_f1", "macro_f1_of_labels"])
def test_the_variance_of_a_difference_is_that_of_a_bootstrap_of_rows(name):
    """Rows, with all their labels, are drawn together; 3,000 draws know a deviation to 1.3 %, the delta method errs by less."""
    rng = np.random.default_rng(0)
    has, one = drawn(rng, 500)
    guesses = [marks(has, said) for said in (one, has ^ (rng.random(has.shape) < 0.12))]
    metric, y = SEQUENCE_METRICS[name], sets_of(has, LABELS)
    evidence = gather(metric, ["one", "other"], y, [guesses], np.arange(500)[None] % 5)
    assert evidence.fewest == has.sum(axis=0).min()
    S = row_variance(evidence)
    draws = rng.integers(0, 500, (3000, 500))
    differences = [metric.score(y[rows], guesses[0][rows]) - metric.score(y[rows], guesses[1][rows]) for rows in draws]
    assert np.sqrt(S[0, 0] + S[1, 1] - 2 * S[0, 1]) == pytest.approx(np.std(differences), rel=0.05)
