"""The step that harms most, where its direction is known by hand, and of the networks of the board."""

import numpy as np
import pandas as pd
import pytest
import torch

from tenon.image.estimators import ImageClassifier
from tenon.tabular.mlp import MLPClassifier, MLPRegressor
from tenon.training.adversary import uphill


def test_of_a_line_it_is_the_sign_of_its_slope_times_that_of_the_error():
    weight, inputs = torch.tensor([2.0, -3.0, 0.0]), torch.randn(5, 3)
    targets = torch.tensor([10.0, -10.0, 10.0, -10.0, 10.0])
    signs = uphill(lambda x: x @ weight, lambda said, wanted: ((said - wanted) ** 2).mean(), inputs, targets)
    error = torch.sign(inputs @ weight - targets)
    assert torch.equal(signs, error[:, None] * torch.sign(weight))


def rows(n: int = 300) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=n), "kind": pd.Categorical(rng.choice(["u", "v"], n)), "b": rng.normal(size=n)})
    frame.loc[::7, "b"] = np.nan
    return frame, (frame["a"] + rng.normal(size=n) > 0).astype(int).to_numpy()


@pytest.mark.mission("D15")
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_a_step_of_a_perceptron_raises_the_loss_of_each_row(kind):
    X, y = rows()
    model = kind(epochs=5, random_state=0).fit(X, y)
    signs = model.uphill(X, y)
    assert signs.shape == (300, 2), "numbers only, no marks of gaps"

    def losses(frame):
        if kind is MLPRegressor:
            return (model.predict(frame) - y) ** 2
        return -np.log(model.predict_proba(frame)[np.arange(300), y])

    step = 1e-4
    moved = X.assign(a=X["a"] + step * signs[:, 0], b=X["b"] + step * signs[:, 1])
    back = X.assign(a=X["a"] - step * signs[:, 0], b=X["b"] - step * signs[:, 1])
    assert (losses(moved) >= losses(X)).all()
    assert (losses(back) <= losses(X)).all()
    assert (losses(moved) > losses(X)).mean() > 0.99


def test_a_step_of_pixels_raises_the_loss_more_than_steps_by_chance():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 40)
    X = rng.integers(60, 120, (80, 12, 12, 1)).astype(np.uint8)
    X[y == 1, 3:9, 3:9] += 60
    model = ImageClassifier("lenet", epochs=4, random_state=0, n_jobs=1).fit(X, y)

    def loss(signs):
        moved = np.clip(X.astype(int) + 5 * signs, 0, 255).astype(np.uint8)
        return -np.log(model.predict_proba(moved)[np.arange(80), y]).mean()

    signs = model.uphill(X, y)
    assert signs.shape == X.shape
    by_chance = [loss(rng.choice([-1, 1], X.shape)) for _ in range(5)]
    assert loss(signs.astype(int)) > max(by_chance)
    assert loss(-signs.astype(int)) < min(by_chance)
