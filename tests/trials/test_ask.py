"""What a comparison was asked for: budgets, settings for all and for one, and what is refused."""

import pytest

from tenon.catalogue import METHODS
from tenon.errors import RunFolderError, SettingsError
from tenon.trials.ask import Ask, work_and_seconds
from tenon.trials.weights import check_weights, weights_of


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        ("quick", ("quick", None)),
        ("thorough", ("thorough", None)),
        ("90s", ("normal", 90.0)),
        ("10m", ("normal", 600.0)),
        ("2h", ("normal", 7200.0)),
    ],
)
def test_budgets_are_amounts_of_work_or_durations(budget, expected):
    assert work_and_seconds(budget) == expected


@pytest.mark.parametrize("budget", ["", "fast", "10", "0m", "-5m", "1.5h", "m"])
def test_other_budgets_are_refused(budget):
    with pytest.raises(SettingsError, match="--budget takes quick, normal, thorough or a duration"):
        Ask(budget=budget)


def test_a_methods_own_setting_goes_before_that_of_all():
    ask = Ask(settings={"all": {"balance": "weights", "calibrate": "sigmoid"}, "knn": {"balance": "", "k": 3}})
    assert ask.settings_of("knn") == {"balance": "", "calibrate": "sigmoid", "k": 3}
    assert ask.settings_of("ridge") == {"balance": "weights", "calibrate": "sigmoid"}


def test_what_was_given_as_it_would_be_typed():
    assert Ask(jobs=2, curve=True, predictions={"a": "a.csv"}).given() == {}
    assert Ask(metric="mae", rope=0.5, seed=3).given() == {"metric": "mae", "rope": 0.5, "seed": 3}
    assert Ask(methods=["knn", METHODS[0]]).given() == {"methods": "knn,baseline"}


@pytest.mark.parametrize(
    ("wish", "message"),
    [({"jobs": 0}, "--jobs takes 1 to 1024 worker processes, best one per core; got 0"), ({"seed": -1}, "--seed takes a")],
)
def test_numbers_out_of_range(wish, message):
    with pytest.raises(SettingsError, match=message):
        Ask(**wish)


def test_one_worker_a_core_by_default(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 6)
    assert Ask().n_jobs == 6
    assert Ask(jobs=2).n_jobs == 2


def test_an_unknown_method_is_told_before_data_are_read():
    with pytest.raises(SettingsError, match="no method 'knm'; did you mean 'knn'"):
        Ask(methods="knm")


def test_a_file_of_weights_counts_by_what_it_holds(tmp_path):
    """Else a run whose file was written anew would go on with trials of the old weights."""
    path = tmp_path / "net.pth"
    path.write_bytes(b"abc")
    ask = Ask(methods="lenet,transfer", checkpoint=str(path))
    assert weights_of(ask) == {str(path): "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}  # FIPS 180-4, B.1
    path.write_bytes(b"abd")
    assert weights_of(ask)[str(path)] != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert weights_of(Ask()) == {}


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "vocab.txt"])
def test_a_folder_counts_by_all_that_is_read_of_it(name, tmp_path):
    """Other words with the same weights make another encoder."""
    folder = tmp_path / "encoder"
    folder.mkdir()
    ask = Ask(methods="bert", checkpoint=str(folder))
    assert weights_of(ask) == {}  # nothing lies in it
    for one in ("config.json", "model.safetensors", "vocab.txt"):
        (folder / one).write_text("a", encoding="utf-8")
    then, settings = weights_of(ask), {"checkpoint": str(folder), "rate": None}
    (folder / "LICENSE.txt").write_text("b", encoding="utf-8")
    check_weights(tmp_path / "run", settings, then)
    (folder / name).write_text("b", encoding="utf-8")
    with pytest.raises(
        RunFolderError, match=r"encoder was changed since .*run was made, and the chosen method begins with it\. Put"
    ):
        check_weights(tmp_path / "run", settings, then)
    (folder / name).rename(tmp_path / name)
    with pytest.raises(RunFolderError, match=r"encoder was changed"):
        check_weights(tmp_path / "run", settings, then)
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(
        RunFolderError, match=r"encoder is not found from here, and the chosen method begins with it\. Put it back, go to"
    ):
        check_weights(tmp_path / "run", settings, then)
    check_weights(tmp_path / "run", {"k": 3}, then)  # of a method that begins with nothing
