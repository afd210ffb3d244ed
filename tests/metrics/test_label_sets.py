"""Micro-F1 and subset accuracy beside scikit-learn; the board's test of micro-F1 beside a bootstrap of rows."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from tenon.data.label_sets import sets_of
from tenon.metrics.evidence import gather
from tenon.metrics.label_sets import label_counts
from tenon.metrics.sequences import SEQUENCE_METRICS
from tenon.metrics.variance import row_variance

LABELS = tuple("abcde")


def drawn(rng, n, wrong=0.15):
    has = rng.random((n, len(LABELS))) < np.array([0.5, 0.3, 0.2, 0.1, 0.05])
    said = has ^ (rng.random(has.shape) < wrong * rng.random((n, 1)) * 2)
    return has, said


def counts_of(has, said):
    return label_counts(sets_of(has, LABELS), sets_of(said, LABELS))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("is_weighted", [False, True])
def test_beside_scikit_learn(seed, is_weighted):
    rng = np.random.default_rng(seed)
    has, said = drawn(rng, 200)
    weights = rng.integers(1, 5, 200).astype(float) if is_weighted else None
    y, counts = sets_of(has, LABELS), counts_of(has, said)
    scored = {name: SEQUENCE_METRICS[name].score(y, counts, weights) for name in ("micro_f1", "subset_accuracy")}
    assert scored["micro_f1"] == pytest.approx(f1_score(has, said, average="micro", sample_weight=weights), rel=1e-12)
    assert scored["subset_accuracy"] == pytest.approx(accuracy_score(has, said, sample_weight=weights), rel=1e-12)


def test_rows_without_labels_by_hand():
    """A row without any label, of which none is said, is right; where no row has or gets one, micro-F1 is 0/0: undefined."""
    nothing = label_counts([(), ()], [(), ()])
    assert np.isnan(SEQUENCE_METRICS["micro_f1"].score(np.empty(2, object), nothing))
    assert SEQUENCE_METRICS["subset_accuracy"].score(np.empty(2, object), nothing) == 1.0
    assert label_counts([("a", "b"), ()], [np.array(["b"], object), ("c",)]).tolist() == [[1, 2, 1], [0, 0, 1]]


def test_the_variance_of_a_difference_is_that_of_a_bootstrap_of_rows():
    """Rows, with all their labels, are drawn together; 3,000 draws know a deviation to 1.3 %, the delta method errs by less."""
    rng = np.random.default_rng(0)
    has, one = drawn(rng, 500)
    other = has ^ (rng.random(has.shape) < 0.12)
    guesses = [counts_of(has, said) for said in (one, other)]
    evidence = gather(SEQUENCE_METRICS["micro_f1"], ["one", "other"], sets_of(has, LABELS), [guesses], np.arange(500)[None] % 5)
    S = row_variance(evidence)
    draws = rng.integers(0, 500, (3000, 500))
    differences = [f1_of(guesses[0][rows]) - f1_of(guesses[1][rows]) for rows in draws]
    assert np.sqrt(S[0, 0] + S[1, 1] - 2 * S[0, 1]) == pytest.approx(np.std(differences), rel=0.05)


def f1_of(counts):
    hits, true, said = counts.sum(axis=0)
    return 2 * hits / (true + said)
