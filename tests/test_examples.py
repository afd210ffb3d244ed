"""The examples on next to nothing: they run, draw and tell, and find what the mathematics says."""

import copy
import math
import re
from importlib import import_module
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from examples import batch_norm, deep_or_fat, forgetting, initialisation, optimisers, plain_or_residual, regularisation, vanishing  # noqa: E402
from examples.pixels import clothes  # noqa: E402
from examples.show import picture  # noqa: E402

FOLDER = Path(__file__).parents[1] / "examples"
NAMES = [
    "initialisation",
    "optimisers",
    "deep_or_fat",
    "plain_or_residual",
    "batch_norm",
    "regularisation",
    "forgetting",
    "vanishing",
]


def shown(example, tmp_path):
    """What the example finds in a hurry, after it was drawn and told."""
    found = example.find(True)
    picture(tmp_path / "picture.png", found, example.draw)
    assert (tmp_path / "picture.png").stat().st_size > 5_000
    assert all(isinstance(line, str) for line in example.tell(found))
    return found


def test_the_page_shows_every_example_with_its_picture():
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"<!-- (\w+) -->", page) == NAMES
    for name in NAMES:
        assert hasattr(import_module(f"examples.{name}"), "find")
        assert f"]({name}.png)" in page
        assert (FOLDER / f"{name}.png").stat().st_size < 60_000


@pytest.mark.mission("D4")
def test_he_keeps_the_signal_xavier_halves_it_and_zeros_learn_nothing(tmp_path):
    """A finite width lets the logarithm of the ratio vary with a variance of 5 · 49 / 128, so 10 is 1.7 deviations."""
    found = shown(initialisation, tmp_path)
    ratio = {rule: found[rule]["signal"][-1] / found[rule]["signal"][0] for rule in ("normal", "xavier", "he")}
    assert 0.1 < ratio["he"] < 10
    assert 0.1 < ratio["xavier"] * 2.0**49 < 10
    assert 0.1 < ratio["normal"] / (128 * 0.01**2 / 2) ** 49 < 10
    assert set(found["zero"]["gradient"]) == {0.0}
    assert min(found["he"]["gradient"]) > 1e-3


def test_every_optimiser_learns_and_more_steps_learn_more(tmp_path):
    found = shown(optimisers, tmp_path)
    assert all(found[name]["losses"][-1] < found[name]["losses"][0] for name in optimisers.WAYS)
    assert found["full batch"]["steps"] == 3  # one in each epoch
    assert found["one row"]["steps"] == 3 * 150
    assert found["one row"]["losses"][-1] < found["full batch"]["losses"][-1]


@pytest.mark.mission("D1")
def test_deep_and_fat_are_of_one_size(tmp_path, tenon_data, monkeypatch):
    monkeypatch.setenv("TENON_DATA", str(tenon_data))
    found = shown(deep_or_fat, tmp_path)
    assert [found[depth]["size"] for depth in deep_or_fat.DEPTHS] == pytest.approx([60_000] * 5, rel=0.02)
    assert found[1]["width"] > found[16]["width"]


@pytest.mark.mission("E6")
def test_plain_and_residual_have_the_same_weights_to_learn(tmp_path, tenon_data, monkeypatch):
    monkeypatch.setenv("TENON_DATA", str(tenon_data))
    found = shown(plain_or_residual, tmp_path)
    for depth in plain_or_residual.DEPTHS:
        plain, residual = found[f"plain {depth}"], found[f"residual {depth}"]
        assert plain["size"] == residual["size"]
        assert plain["losses"] != residual["losses"]
        assert math.isfinite(plain["losses"][-1] + residual["losses"][-1])


@pytest.mark.mission("D5")
def test_batch_norm_bears_a_rate_that_nothing_else_bears(tmp_path):
    found = shown(batch_norm, tmp_path)
    assert found["rates"][-1] == 1.0
    assert found["without"][-1] is None
    assert found["with"][-1] > 0.3


@pytest.mark.mission("D6")
def test_l1_makes_weights_sparse_l2_short_and_dropout_fits_less(tmp_path):
    found = shown(regularisation, tmp_path)
    nothing, dropout, l2, l1 = (found[name] for name in regularisation.WAYS)
    assert l1["near_zero"] > 2 * nothing["near_zero"]
    assert l2["length"] < nothing["length"]
    assert dropout["train"] > nothing["train"]


@pytest.mark.mission("D11")
def test_what_is_frozen_is_not_forgotten_but_for_batch_norm(tmp_path, tenon_data, monkeypatch):
    monkeypatch.setenv("TENON_DATA", str(tenon_data))
    found = shown(forgetting, tmp_path)
    assert all(0 <= share <= 1 for way in forgetting.WAYS for part in found[way].values() for share in part)
    images = clothes(60, 10)
    few, old = forgetting.of_classes(images, 5), forgetting.network(0)
    before = copy.deepcopy(old.state_dict())
    for way in forgetting.WAYS:
        after = forgetting.taught(old, few, way, 0).state_dict()
        same = {name for name, values in before.items() if torch.equal(values, after[name])}
        frozen = {name for name, _ in old.named_parameters() if not name.startswith("fc.")}
        assert (frozen <= same) == (way == "head")
        assert not {name for name in same if "running" in name}  # batch norm follows the new images
    assert all(torch.equal(values, before[name]) for name, values in old.state_dict().items())


@pytest.mark.mission("D8")
def test_gates_hand_gradients_on_that_a_plain_network_loses(tmp_path):
    found = shown(vanishing, tmp_path)
    felt = {kind: found[kind]["gradient"] for kind in vanishing.KINDS}
    assert all(len(of) == vanishing.FAR and of[0] == 1.0 for of in felt.values())
    assert felt["rnn"][50] < 1e-8  # weights uniform up to 1 / 8 shrink a state to 1 / sqrt(3) of its length at most, step by step
    assert felt["lstm"][50] > 1e3 * felt["rnn"][50]  # an open forget gate of sigmoid(1) keeps 0.73
