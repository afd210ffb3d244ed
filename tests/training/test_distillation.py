"""Steps towards the mean of a network's last weights, worked by hand."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from tests.training.killing import Killed, kill_at  # noqa: E402
from torch import nn  # noqa: E402

from tenon.training import Recipe, TensorRows, loop, train  # noqa: E402
from tenon.training.distillation import distance  # noqa: E402
from tenon.training.weights import copy_of  # noqa: E402

X = np.random.default_rng(0).normal(size=(6, 1))
Y = 3 * X + 0.5
ROWS = TensorRows(torch.from_numpy(X).float(), targets=torch.from_numpy(Y).float())
PRICE, RATE = 0.7, 0.1


def line() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(1, 1)


@pytest.mark.mission("G9")
@pytest.mark.parametrize("students", [1, 2, 5])
def test_steps_by_hand(students):
    """A line a x + b by full gradients: those of the squared error, and of the distance from the mean of the lines before."""
    net = line()
    at, past, losses = np.array([net.weight.item(), net.bias.item()]), [], []
    design = np.concatenate([X, np.ones_like(X)], axis=1)
    for _ in range(4):
        losses.append(np.mean((design @ at - Y[:, 0]) ** 2))
        slope = 2 / 6 * design.T @ (design @ at - Y[:, 0])
        if past:
            slope += PRICE * 2 / 6 * design.T @ design @ (at - np.mean(past[-students:], axis=0))
        past.append(at)
        at = at - RATE * slope
    recipe = Recipe(4, None, optimiser="sgd", rate=RATE, decay=0.0, distil=PRICE, students=students)
    history = train(net, ROWS, nn.functional.mse_loss, recipe)
    assert [net.weight.item(), net.bias.item()] == pytest.approx(at, rel=1e-5)
    assert history.loss == pytest.approx(losses, rel=1e-5)  # without the distance


def test_the_teacher_leaves_nothing_out_and_learns_nothing():
    net = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 2))
    inputs, teacher = (torch.randn(5, 3),), copy_of(net)
    outputs = net.eval()(*inputs)
    assert distance(net.train(), teacher, inputs, outputs).item() == 0
    assert net.training
    moved = {name: weights + 1 for name, weights in teacher.items()}
    apart = distance(net, moved, inputs, outputs)
    assert apart.item() > 0
    apart.backward()
    assert net[2].weight.grad.abs().sum() > 0
    assert all(weights.grad is None for weights in moved.values())


@pytest.mark.parametrize("step", [1, 5, 7])
def test_a_training_that_was_killed_goes_on_to_the_same_bits(step, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SAVE_EVERY", 0.0)
    recipe = Recipe(4, 2, rate=0.05, distil=PRICE, students=3)
    whole, first, second = line(), line(), line()
    expected = train(whole, ROWS, nn.functional.mse_loss, recipe, seed=1)
    with pytest.raises(Killed):
        train(first, ROWS, nn.functional.mse_loss, recipe, seed=1, watch=kill_at(step), folder=tmp_path)
    assert train(second, ROWS, nn.functional.mse_loss, recipe, seed=1, folder=tmp_path) == expected
    assert torch.equal(second.weight, whole.weight)
    assert torch.equal(second.bias, whole.bias)
