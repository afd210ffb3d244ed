"""The loop against loops written out by hand: the same losses and weights to the last bit, killed or not."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from tests.training.killing import Killed, kill_at  # noqa: E402
from torch import nn  # noqa: E402

from tenon.errors import RunFolderError, SettingsError  # noqa: E402
from tenon.training import Recipe, TensorRows, train  # noqa: E402
from tenon.training.loop import mean_loss  # noqa: E402
from tenon.training.rows import epoch_batches  # noqa: E402
from tenon.watch import Watch  # noqa: E402

N = 50
X = torch.from_numpy(np.random.default_rng(0).normal(size=(N, 4)).astype(np.float32))
Y = (X[:, 0] * X[:, 1] > 0).long()
ROWS, OTHERS = TensorRows(X, targets=Y), TensorRows(X[:20] + 0.5, targets=Y[:20])
LOSS = nn.functional.cross_entropy


def net(dropout: float = 0.0) -> nn.Sequential:
    torch.manual_seed(5)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(dropout), nn.Linear(8, 2))


def bits(model: nn.Module) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in model.state_dict().items()}


def bare_loop(model: nn.Module, optimiser: torch.optim.Optimizer, epochs: int, size: int, seed: int) -> list[float]:
    losses = []
    torch.manual_seed(seed)
    model.train()
    for epoch in range(epochs):
        for rows in epoch_batches(N, size, seed, epoch):
            optimiser.zero_grad()
            loss = LOSS(model(X[rows]), Y[rows])
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    model.eval()
    return losses


def groups(model: nn.Module, decay: float) -> list[dict]:
    weights, others = [p for p in model.parameters() if p.ndim > 1], [p for p in model.parameters() if p.ndim < 2]
    return [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


BARE = {
    "sgd": lambda model: torch.optim.SGD(groups(model, 0.01), lr=0.05),
    "momentum": lambda model: torch.optim.SGD(groups(model, 0.01), lr=0.05, momentum=0.9),
    "adagrad": lambda model: torch.optim.Adagrad(groups(model, 0.01), lr=0.05),
    "rmsprop": lambda model: torch.optim.RMSprop(groups(model, 0.01), lr=0.05),
    "adam": lambda model: torch.optim.Adam(groups(model, 0.01), lr=0.05),
    "adamw": lambda model: torch.optim.AdamW(groups(model, 0.01), lr=0.05),
}


@pytest.mark.mission("D7")
@pytest.mark.parametrize("name", BARE)
def test_losses_and_weights_are_those_of_a_bare_loop(name):
    mine, bare = net(dropout=0.3), net(dropout=0.3)
    history = train(mine, ROWS, LOSS, Recipe(epochs=3, batch_size=16, optimiser=name, rate=0.05), seed=7)
    assert history.loss == bare_loop(bare, BARE[name](bare), 3, 16, 7)
    assert bits(mine) == bits(bare)


@pytest.mark.mission("D7")
def test_all_rows_in_one_batch_is_gradient_descent():
    mine, bare = net(), net()
    history = train(mine, ROWS, LOSS, Recipe(epochs=4, batch_size=None, optimiser="sgd", rate=0.1, decay=0.0), seed=1)
    assert len(history.loss) == 4
    assert history.loss == bare_loop(bare, torch.optim.SGD(bare.parameters(), lr=0.1), 4, N, 1)


def test_a_long_training_tells_its_progress_now_and_then():
    heard = []
    history = train(net(), ROWS, LOSS, Recipe(epochs=205, batch_size=25), held_out=OTHERS, watch=Watch(heard.append))
    steps, epochs = ([event for event in heard if name in event] for name in ("loss", "held_out"))
    assert [event["done"] for event in steps] == list(range(2, 411, 2))  # 410 steps, every other one
    assert [event["loss"] for event in steps] == history.loss[1::2]
    assert [(event["done"], event["held_out"]) for event in epochs] == list(zip(range(2, 411, 2), history.held_out, strict=True))


@pytest.mark.mission("D14")
def test_every_row_is_used_once_an_epoch_and_none_alone():
    for n, size, expected in ((50, 16, [16, 16, 16, 2]), (49, 16, [16, 16, 17]), (1, 16, [1]), (50, None, [50])):
        batches = epoch_batches(n, size, seed=4, epoch=2)
        assert [len(batch) for batch in batches] == expected
        assert sorted(torch.cat(batches).tolist()) == list(range(n))
    first, second = (torch.cat(epoch_batches(50, 16, 4, epoch)).tolist() for epoch in (0, 1))
    assert first != second


FULL = Recipe(
    epochs=5, batch_size=8, accumulate=2, optimiser="momentum", schedule="cosine", warmup=0.2, clip=0.5, l1=1e-3, input_noise=0.1,
    weight_noise=0.01, average=0.9, patience=4,
)  # fmt: skip


@pytest.mark.parametrize("step", [1, 4, 5, 9, 20])
@pytest.mark.parametrize("optimiser", ["adam", "momentum", "adagrad"])
def test_a_killed_training_goes_on_to_the_same_bits(step, optimiser, tmp_path, monkeypatch):
    monkeypatch.setattr("tenon.training.loop.SAVE_EVERY", 0.0)
    recipe = Recipe(**FULL.__dict__ | {"optimiser": optimiser})
    whole, killed = net(dropout=0.3), net(dropout=0.3)
    expected = train(whole, ROWS, LOSS, recipe, seed=3, held_out=OTHERS)
    with pytest.raises(Killed):
        train(killed, ROWS, LOSS, recipe, seed=3, held_out=OTHERS, folder=tmp_path, watch=kill_at(step))
    again = net(dropout=0.3)
    torch.manual_seed(99)  # chance of the world outside is no part of it
    history = train(again, ROWS, LOSS, recipe, seed=3, held_out=OTHERS, folder=tmp_path)
    assert history == expected
    assert bits(again) == bits(whole)


def test_the_callers_chance_is_left_alone():
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    model = net()
    torch.manual_seed(11)
    train(model, ROWS, LOSS, Recipe(epochs=1, input_noise=0.1), seed=3)
    assert torch.equal(torch.rand(3), expected)


def test_accumulated_batches_are_one_large_batch():
    """Without normalisation by batches; the last step has fewer rows, in batches of unequal size."""
    small, large = nn.Linear(4, 2), nn.Linear(4, 2)
    large.load_state_dict(small.state_dict())
    shared = {"epochs": 2, "optimiser": "sgd", "rate": 0.1}
    a = train(small, ROWS, LOSS, Recipe(batch_size=7, accumulate=3, **shared), seed=2)
    b = train(large, ROWS, LOSS, Recipe(batch_size=21, **shared), seed=2)
    assert len(a.loss) == len(b.loss) == 2 * math.ceil(N / 21)
    assert a.loss == pytest.approx(b.loss, abs=1e-6)
    torch.testing.assert_close(small.weight, large.weight)


@pytest.mark.mission("D8")
def test_gradients_are_clipped_to_their_length_and_watched():
    model = nn.Linear(4, 2)
    start = model.weight.detach().clone(), model.bias.detach().clone()
    grads = torch.autograd.grad(LOSS(model(X), Y), list(model.parameters()))
    norm = math.sqrt(sum(float((g**2).sum()) for g in grads))
    history = train(model, ROWS, LOSS, Recipe(epochs=1, batch_size=None, optimiser="sgd", rate=1.0, decay=0.0, clip=norm / 4))
    assert history.norm == pytest.approx([norm])
    torch.testing.assert_close(model.weight, start[0] - grads[0] / 4, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(model.bias, start[1] - grads[1] / 4, rtol=1e-4, atol=1e-6)


def test_l1_draws_weights_by_their_sign():
    plain, drawn = nn.Linear(4, 2), nn.Linear(4, 2)
    drawn.load_state_dict(plain.state_dict())
    signs = plain.weight.detach().sign()
    shared = {"epochs": 1, "batch_size": None, "optimiser": "sgd", "rate": 0.1, "decay": 0.0}
    one, other = train(plain, ROWS, LOSS, Recipe(**shared)), train(drawn, ROWS, LOSS, Recipe(l1=0.2, **shared))
    assert one.loss == other.loss  # the curve is of the loss alone
    torch.testing.assert_close(drawn.weight, plain.weight - 0.1 * 0.2 * signs)
    torch.testing.assert_close(drawn.bias, plain.bias)


@pytest.mark.mission("D13")
def test_the_average_is_the_result():
    seen = []
    model = nn.Linear(4, 2)
    average = model.weight.detach().clone()
    watch = Watch(lambda event: seen.append(model.weight.detach().clone()))
    train(model, ROWS, LOSS, Recipe(epochs=2, batch_size=16, average=0.8), watch=watch)
    for t, weight in enumerate(seen):
        stays = min(0.8, (1 + t) / (10 + t))
        average = stays * average + (1 - stays) * weight
    torch.testing.assert_close(model.weight, average)


@pytest.mark.mission("D6")
def test_the_best_epoch_is_kept_and_patience_ends():
    """A rate so high that the held-out loss soon rises."""
    model = net()
    history = train(model, ROWS, LOSS, Recipe(epochs=60, batch_size=8, rate=0.1, patience=3), held_out=OTHERS, seed=1)
    best = int(np.argmin(history.held_out))
    assert history.best_epoch == best
    assert len(history.held_out) == best + 4 < 60
    assert history.stopped == "no better loss of the held-out rows in 3 epochs"
    assert mean_loss(model, OTHERS, LOSS, 7, torch.device("cpu")) == pytest.approx(min(history.held_out), rel=1e-6)


def test_held_out_rows_are_judged_by_something_else_where_that_is_asked_for():
    model, recipe = net(), Recipe(epochs=12, batch_size=8, rate=0.1)
    losses: list[float] = []

    @torch.no_grad()
    def wrong(loss: float | None) -> float:
        losses.append(loss)
        return (model(OTHERS.inputs[0]).argmax(dim=1) != OTHERS.targets).double().mean().item()

    history = train(model, ROWS, LOSS, recipe, held_out=OTHERS, judge=wrong, seed=1)
    by_loss = train(net(), ROWS, LOSS, recipe, held_out=OTHERS, seed=1)
    assert (history.loss, history.held_out, losses) == (by_loss.loss, by_loss.held_out, by_loss.held_out)
    assert history.best_epoch == int(np.argmin(history.judged)) != by_loss.best_epoch
    assert by_loss.judged == []
    assert wrong(None) == min(history.judged)
    impatient = Recipe(epochs=12, batch_size=8, rate=0.1, patience=1)
    stopped = train(net(), ROWS, LOSS, impatient, held_out=OTHERS, judge=lambda loss: 1.0, seed=1)
    assert (stopped.best_epoch, stopped.stopped) == (0, "no better score of the held-out rows in 1 epoch")


def test_rates_by_name_and_frozen_parts():
    model = net()
    first = model[0].weight.detach().clone()
    recipe = Recipe(
        epochs=1, batch_size=None, optimiser="sgd", rate=0.1, decay=0.0, rate_of=(("0.", 0.0), ("4.", 0.5), ("4.bias", 0.0))
    )
    torch.manual_seed(0)
    grads = torch.autograd.grad(LOSS(model.train()(X), Y), [model[4].weight])
    weight, bias = model[4].weight.detach().clone(), model[4].bias.detach().clone()
    train(model, ROWS, LOSS, recipe)
    assert torch.equal(model[0].weight, first)
    assert torch.equal(model[4].bias, bias)
    torch.testing.assert_close(model[4].weight, weight - 0.05 * grads[0])


def explode_at(step: int):
    """A loss that is no number from one step on."""
    calls = []

    def loss(output, targets):
        calls.append(None)
        return LOSS(output, targets) * (math.nan if len(calls) > step else 1.0)

    return loss


@pytest.mark.parametrize("average", [0.0, 0.8])
def test_a_loss_that_is_no_number_ends_with_the_last_good_weights(average):
    model, good = nn.Linear(4, 2), nn.Linear(4, 2)
    good.load_state_dict(model.state_dict())
    notes = []
    history = train(
        model,
        ROWS,
        explode_at(9),
        Recipe(epochs=5, batch_size=16, average=average),
        watch=Watch(lambda e: notes.append(e.get("text"))),
    )
    said = "the loss was nan in step 2 of epoch 3, or its gradient infinite: weights before it are kept; a lower rate than 0.001"
    assert history.stopped.startswith(said)
    assert notes[-1] == history.stopped
    assert len(history.loss) == 9
    train(good, ROWS, LOSS, Recipe(epochs=2, batch_size=16, average=average))
    assert bits(model) == bits(good)
    with pytest.raises(
        SettingsError, match="the loss was nan in step 3 of epoch 1, or its gradient infinite; a lower rate than 10"
    ):
        train(nn.Linear(4, 2), ROWS, explode_at(2), Recipe(epochs=5, batch_size=16, rate=10.0))


class Greedy(nn.Module):
    """Takes more memory than there is for more than so many rows."""

    def __init__(self, most: int):
        super().__init__()
        self.linear, self.most = nn.Linear(4, 2), most

    def forward(self, x):
        if len(x) > self.most:
            torch.empty(1 << 60)
        return self.linear(x)


def test_memory_that_is_short_says_what_would_fit():
    said = (
        "a batch of 32 rows does not fit into memory, one of 8 does: set batch_size to 8, and accumulate to 4 for the same steps."
    )
    with pytest.raises(SettingsError, match=said):
        train(Greedy(10), ROWS, LOSS, Recipe(batch_size=32))
    with pytest.raises(SettingsError, match="not one row at a time fits into memory; take a smaller network"):
        train(Greedy(0), ROWS, LOSS, Recipe(batch_size=32))
    with pytest.raises(RuntimeError, match="mat1 and mat2"):  # other errors are what they are
        train(nn.Linear(3, 2), ROWS, LOSS, Recipe())


def test_bfloat16_trains_and_leaves_weights_float32():
    model = net()
    history = train(model, ROWS, LOSS, Recipe(epochs=15, batch_size=16, rate=0.02, precision="bfloat16"))
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())
    assert np.mean(history.loss[-4:]) < np.mean(history.loss[:4])


def test_a_short_training_leaves_no_checkpoint(tmp_path):
    train(net(), ROWS, LOSS, Recipe(epochs=3), folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_of_another_training_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tenon.training.loop.SAVE_EVERY", 0.0)
    recipe = Recipe(epochs=1)
    train(net(), ROWS, LOSS, recipe, folder=tmp_path)
    for other in (
        lambda: train(net(), ROWS, LOSS, Recipe(epochs=2), folder=tmp_path),
        lambda: train(net(), ROWS, LOSS, recipe, seed=1, folder=tmp_path),
        lambda: train(net(), OTHERS, LOSS, recipe, folder=tmp_path),
        lambda: train(nn.Linear(4, 2), ROWS, LOSS, recipe, folder=tmp_path),
    ):
        with pytest.raises(
            RunFolderError, match=r"checkpoint.safetensors is of another training: other settings, rows or network; d"
        ):
            other()
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(RunFolderError, match=r"checkpoint.safetensors is damaged; delete it, and the training starts anew"):
        train(net(), ROWS, LOSS, recipe, folder=tmp_path)


class Changing(TensorRows):
    """Rows that move from epoch to epoch."""

    def of_epoch(self, epoch):
        return TensorRows(X + epoch, targets=Y)


def test_rows_that_change_from_epoch_to_epoch_are_asked_for_each():
    found = train(net(), Changing(X, targets=Y), LOSS, Recipe(epochs=3, batch_size=N, rate=1e-9, decay=0.0))
    expected = [LOSS(net().train()(X + epoch), Y).item() for epoch in range(3)]  # the rate is next to none: weights stay
    assert found.loss == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs takes a whole number from 1 on; got 0"),
        ({"batch_size": 0}, "batch_size takes a whole number from 1 on, or None; got 0"),
        ({"rate": 0.0}, "rate takes a number above 0; got 0.0"),
        ({"rate": math.inf}, "rate takes a number above 0; got inf"),
        ({"optimiser": "adan"}, "optimiser takes one of 'sgd', 'momentum', .* got 'adan'; did you mean 'adam'"),
        ({"schedule": "cosinus"}, "schedule takes one of .* did you mean 'cosine'"),
        ({"average": 1.0}, "average takes a number from 0 to 1; got 1.0"),
        ({"rate_of": (("layer", -1.0),)}, "the rate of 'layer' takes a number from 0 on; got -1.0"),
    ],
)
def test_settings_out_of_range_are_named(settings, message):
    with pytest.raises(SettingsError, match=message):
        Recipe(**settings)
