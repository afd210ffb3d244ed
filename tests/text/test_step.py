"""One step of a window is the gradient of its loss, found by differences; sums of rows are NumPy's."""

import numpy as np
import pytest

from tenon.kernels import compiled, f32
from tenon.text.step import scratch, step

RATE = 0.3


@compiled
def one_step(x, out_vectors, outputs, labels, rate):
    """Return what is added to each input; out_vectors are changed in place."""
    s = scratch(len(x), len(outputs), x.shape[1])
    for j in range(len(x)):
        for d in range(x.shape[1]):
            s.x[j, d] = x[j, d]
    for t in range(len(outputs)):
        s.outputs[t], s.labels[t] = outputs[t], labels[t]
    step(s, len(x), len(outputs), out_vectors, f32(rate))
    return s.change


def loss(x, out_vectors, outputs, labels):
    """The sum of logistic losses, in float64."""
    z = x @ out_vectors[outputs].T
    return (np.logaddexp(0, -z) * labels + np.logaddexp(0, z) * (1 - labels)).sum()


def by_differences(function, at):
    h, gradient = 1e-5, np.zeros_like(at)
    for place in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (function(up) - function(down)) / (2 * h)
    return gradient


@pytest.mark.parametrize(("m", "k", "dim"), [(1, 1, 1), (1, 6, 16), (6, 6, 20), (5, 7, 33), (10, 1, 16), (3, 18, 7)])
def test_a_step_goes_down_the_gradient(m, k, dim):
    random = np.random.default_rng(m * k)
    x, out_vectors = random.normal(size=(m, dim)), random.normal(size=(20, dim))
    outputs = random.integers(0, 20, k)  # the same one twice, now and then: its gradients add up
    labels = (random.random(k) < 0.5).astype(float)
    moved = out_vectors.astype(np.float32)
    change = one_step(x.astype(np.float32), moved, outputs, labels.astype(np.float32), RATE)
    of_x = by_differences(lambda x: loss(x, out_vectors, outputs, labels), x)
    of_out = by_differences(lambda o: loss(x, o, outputs, labels), out_vectors)
    # float32 has 7 digits, sums of some dozens of terms of about 1 keep 5
    np.testing.assert_allclose(change, -RATE * of_x, atol=2e-5)
    np.testing.assert_allclose(moved, out_vectors - RATE * of_out, atol=2e-5)


def test_sure_answers_do_not_overflow():
    x, moved = np.full((1, 16), 30, np.float32), np.array([[30.0] * 16, [-30.0] * 16], np.float32)
    change = one_step(x, moved, np.array([0, 1]), np.array([1, 0], np.float32), RATE)
    np.testing.assert_allclose(change, 0, atol=1e-6)  # both labels are foretold with chance 1
