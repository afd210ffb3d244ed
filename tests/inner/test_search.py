"""What is proposed: inside the ranges, evenly over them, never twice, and the same for the same seed."""

import logging
import random

import numpy as np
import pytest

from tenon.catalogue import find
from tenon.inner.search import GridSearch, RandomSearch, is_ranged, is_whole
from tenon.inner.tpe import OptunaSearch
from tenon.method import Param

SPACE = {
    "C": Param(1.0, 1e-3, 1e3, log=True),
    "k": Param(15, 1, 100, log=True),
    "depth": Param(6, 3, 10),
    "share": Param(0.5, 0, 1),
    "weights": Param("distance", choices=("uniform", "distance", None)),
}
DEFAULTS = {name: param.default for name, param in SPACE.items()}
SEARCHES = {"random": RandomSearch, "grid": lambda space, seed: GridSearch(space, 60), "optuna": OptunaSearch}


def proposals(search, n, level=lambda settings: 0.0):
    """The defaults, then what is proposed, each told its level."""
    space, found = search.space, []
    settings = {name: param.default for name, param in space.items()}
    while settings is not None and len(found) < n:
        search.tell(settings, level(settings))
        found.append(settings)
        settings = search.next()
    return found


@pytest.mark.parametrize("name", SEARCHES)
def test_stays_inside_the_ranges(name):
    found = proposals(SEARCHES[name](SPACE, 0), 60)
    assert len(found) > 40
    assert found[0] == DEFAULTS
    assert len({tuple(settings.values()) for settings in found}) == len(found)
    for settings in found:
        assert list(settings) == list(SPACE)
        assert 1e-3 <= settings["C"] <= 1e3
        assert 1 <= settings["k"] <= 100
        assert 3 <= settings["depth"] <= 10
        assert 0 <= settings["share"] <= 1
        assert settings["weights"] in ("uniform", "distance", None)
        assert [type(settings[key]) for key in ("C", "k", "depth", "share")] == [float, int, int, float]


@pytest.mark.parametrize("name", ["random", "optuna"])
def test_the_seed_decides(name):
    first, again, other = (proposals(SEARCHES[name](SPACE, seed), 12) for seed in (0, 0, 1))
    assert first == again
    assert first[1:] != other[1:]


def test_random_is_even_on_each_scale():
    found = proposals(RandomSearch(SPACE, 0), 2000)[1:]
    assert np.mean([np.log10(s["C"]) for s in found]) == pytest.approx(0, abs=0.12)  # 3 standard errors of U(-3, 3)
    depths = np.bincount([s["depth"] for s in found], minlength=11)[3:]
    assert depths.min() > 200  # 250 expected of each, the ends among them; standard deviation 15
    halves = np.mean([s["k"] <= 10 for s in found])
    assert halves == pytest.approx(np.log(10.5 / 0.5) / np.log(100.5 / 0.5), abs=0.034)  # 3 standard errors


def test_grid_has_both_ends_and_even_steps():
    space = {"C": SPACE["C"], "weights": SPACE["weights"], "depth": SPACE["depth"]}
    found = proposals(GridSearch(space, 27), 100)
    assert len(found) == 27  # the defaults are one of its points, and come first
    assert sorted({s["C"] for s in found}) == [1e-3, 1.0, 1e3]
    assert sorted({s["depth"] for s in found}) == [3, 6, 10]
    assert {s["weights"] for s in found} == {"uniform", "distance", None}


@pytest.mark.parametrize("n", [1, 2, 5, 11, 40])
def test_grid_has_no_more_points_than_asked_for(n):
    found = proposals(GridSearch(SPACE, n), 1000)[1:]
    assert n / 3 < len(found) <= n


def test_a_grid_of_one_stands_in_the_middle():
    assert proposals(GridSearch({"C": Param(7.0, 1e-2, 1e2, log=True)}, 1), 5)[1]["C"] == pytest.approx(1.0)
    assert proposals(GridSearch({"depth": Param(6, 5, 5)}, 3), 5)[1:] == [{"depth": 5}]


@pytest.mark.parametrize("name", SEARCHES)
def test_ends_when_there_is_nothing_new(name):
    space = {"a": Param(1, 1, 3), "b": Param(False, choices=(False, True))}
    found = proposals(SEARCHES[name](space, 0), 60)
    assert {tuple(settings.values()) for settings in found} == {(a, b) for a in (1, 2, 3) for b in (False, True)}
    assert len(found) == 6


def test_optuna_learns_from_what_it_is_told():
    """On a bowl later proposals lie nearer to its bottom than random ones; a failed or strange one does no harm."""
    space = {"x": Param(50.0, -10.0, 10.0), "y": Param(0.0, -10.0, 10.0)}  # a default outside its range

    def level(settings):
        return None if settings["y"] < -9 else -((settings["x"] - 3) ** 2) - (settings["y"] - 4) ** 2

    learnt, drawn = (
        [np.hypot(s["x"] - 3, s["y"] - 4) for s in proposals(kind(space, 0), 60, level)] for kind in (OptunaSearch, RandomSearch)
    )
    assert np.median(learnt[30:]) < np.median(drawn[30:]) / 2
    assert min(learnt) < 1


def test_optuna_is_silent_and_leaves_no_trace(caplog, capfd):
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.DEBUG)
    state, numbers = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    with caplog.at_level(logging.DEBUG):
        proposals(OptunaSearch(SPACE, 0), 15)
    assert "".join(capfd.readouterr()) == ""
    assert caplog.text == ""
    assert optuna.logging.get_verbosity() == optuna.logging.DEBUG
    optuna.logging.set_verbosity(before)
    assert random.getstate() == state
    assert np.random.get_state()[1].tolist() == numbers  # noqa: NPY002


def test_what_can_be_tuned():
    assert not is_ranged(Param(3))
    assert is_ranged(Param(None, choices=(None, 1)))
    assert not is_ranged(Param(None, choices=(None, 1), is_tuned=False))
    assert not is_ranged(find("transfer").params["net"]), "the file of weights is of one network"
    assert is_ranged(Param(0.0, 0, 1))
    assert not is_whole(Param(0.0, 0, 1))
    assert not is_whole(Param(1, 0.5, 3))
    assert is_whole(Param(None, 1, 3))
