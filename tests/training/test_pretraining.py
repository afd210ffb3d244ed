"""Pretraining layer by layer: what a linear layer finds is PCA's subspace, every layer learns, and nothing else moves."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from tenon.training import History, Recipe  # noqa: E402
from tenon.training.pretraining import pretrain  # noqa: E402
from tenon.watch import Watch  # noqa: E402

RNG = np.random.default_rng(0)
MIXED = RNG.normal(size=(400, 6)) * [4.0, 3.0, 0.7, 0.5, 0.3, 0.2] @ np.linalg.qr(RNG.normal(size=(6, 6)))[0] + 1.0
INPUTS = torch.from_numpy(MIXED.astype(np.float32))


def layer(n_in: int, n_out: int) -> nn.Module:
    return nn.Sequential(nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.ReLU())


@pytest.mark.mission("D10")
def test_a_linear_layer_finds_the_subspace_of_principal_components():
    torch.manual_seed(0)
    encoder = nn.Linear(6, 2)
    [history] = pretrain([encoder], INPUTS, Recipe(epochs=400, batch_size=100, rate=0.02, decay=0.0, schedule="cosine")).values()
    _, singular, components = np.linalg.svd(MIXED - MIXED.mean(axis=0), full_matrices=False)
    found = np.linalg.qr(encoder.weight.detach().numpy().T.astype(float))[0]
    cosines = np.linalg.svd(components[:2] @ found, compute_uv=False)  # of the angles between the two planes
    assert cosines == pytest.approx([1.0, 1.0], abs=1e-3)
    least = (singular[2:] ** 2).sum() / MIXED.size  # Eckart & Young: no plane leaves less
    assert least <= np.mean(history.loss[-4:]) == pytest.approx(least, rel=0.02)


def test_every_layer_learns_to_give_back_what_it_reads():
    torch.manual_seed(0)
    layers = [layer(6, 12), layer(12, 8), layer(8, 4)]
    histories = pretrain(layers, INPUTS, Recipe(epochs=60, batch_size=50, rate=0.01))
    assert list(histories) == ["layer 1", "layer 2", "layer 3"]
    for history in histories.values():
        assert np.mean(history.loss[-8:]) < 0.5 * np.mean(history.loss[:4])


def test_a_layer_reads_what_those_before_it_make_and_leaves_them_alone():
    torch.manual_seed(0)
    first, second = layer(6, 12), layer(12, 4)
    pretrain([first], INPUTS, Recipe(epochs=3))
    alone = {name: tensor.clone() for name, tensor in first.state_dict().items()}
    torch.manual_seed(0)
    again, behind = layer(6, 12), second
    before = behind[0].weight.detach().clone()
    heard = []
    pretrain([again, behind], INPUTS, Recipe(epochs=3), watch=Watch(heard.append))
    assert all(torch.equal(tensor, alone[name]) for name, tensor in again.state_dict().items())
    assert not torch.equal(behind[0].weight, before)
    assert {tuple(set(event) - {"event", "done", "total"}) for event in heard} == {("layer 1 loss",), ("layer 2 loss",)}


def test_brief_curves_of_what_came_before():
    before = {"layer 1": History(loss=[0.12345678], norm=[1.0])}
    brief = History(loss=[1.23456789], best_epoch=0, before=before).brief()
    assert (brief["loss"], brief["best_epoch"], brief["stopped"]) == ([1.23457], 0, "")
    assert (brief["before"]["layer 1"]["loss"], brief["before"]["layer 1"]["before"]) == ([0.123457], {})
    assert json.loads(json.dumps(brief)) == brief


def test_equal_seeds_are_equal_bits_and_a_killed_one_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("tenon.training.loop.SAVE_EVERY", 0.0)

    class Killed(Exception):
        pass

    def kill(event):
        if "layer 2 loss" in event and event["done"] == 9:
            raise Killed

    def made() -> list[nn.Module]:
        torch.manual_seed(0)
        return [layer(6, 5), layer(5, 4)]

    whole, again, killed = made(), made(), made()
    recipe = Recipe(epochs=2)
    expected = pretrain(whole, INPUTS, recipe, seed=3)
    torch.manual_seed(77)
    assert pretrain(again, INPUTS, recipe, seed=3) == expected
    with pytest.raises(Killed):
        pretrain(killed, INPUTS, recipe, seed=3, folder=tmp_path, watch=Watch(kill))
    resumed = made()
    assert pretrain(resumed, INPUTS, recipe, seed=3, folder=tmp_path) == expected
    for ours in (again, resumed):
        for one, other in zip(whole, ours, strict=True):
            assert all(torch.equal(tensor, other.state_dict()[name]) for name, tensor in one.state_dict().items())
