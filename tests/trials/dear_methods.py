"""Estimators that say of themselves that they are dear; workers find them as `tests.trials.dear_methods:NAME`."""

import os

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier


class Dear(LogisticRegression):
    tenon_cost = "dear"


class DearNumbers(LinearRegression):
    tenon_cost = "dear"


class Network(MLPClassifier):
    """Small, and its fit draws random numbers."""

    tenon_cost = "dear"

    def __init__(self, hidden_layer_sizes=(4,), max_iter=20, solver="lbfgs", random_state=None):
        super().__init__(hidden_layer_sizes, max_iter=max_iter, solver=solver, random_state=random_state)


class Threads(LogisticRegression):
    """Notes how many threads it was given, and when it was at work."""

    tenon_cost = "dear"

    def fit(self, X, y):
        """Write "threads start end how-they-wait" on a line of the file that the test named."""
        import time

        start = time.monotonic()
        super().fit(X, y)
        with open(os.environ["TENON_TEST_NOTES"], "a", encoding="utf-8") as file:  # noqa: PTH123
            file.write(f"{os.environ['OMP_NUM_THREADS']} {start} {time.monotonic()} {os.environ['OMP_WAIT_POLICY']}\n")
        return self

    def predict_proba(self, X):
        return np.asarray(super().predict_proba(X))
