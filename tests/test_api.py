"""The Python functions take what people pass, and leave the caller's process as they found it."""

import random
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB

import tenon
from tenon.errors import DataError, ModelFileError, SettingsError
from tests.datasets import table


def frame(n: int = 60) -> pd.DataFrame:
    """Columns named by numbers, as a frame made of an array has them."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    return pd.DataFrame({0: x, 1: rng.choice(["a", "b"], n), 2: np.where(x + rng.normal(size=n) > 0, "yes", "no")})


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """A run whose every argument is NumPy's, with a class of scikit-learn's and columns that are numbers."""
    return tenon.compare(
        frame(),
        2,
        out=str(tmp_path_factory.mktemp("runs") / "one"),
        methods=GaussianNB,
        seed=np.int64(3),
        jobs=np.int32(1),
        rope=np.float32(0.25),
        splits=np.str_("2x1"),
        settings={"all": {"balance": np.str_("weights")}, "sklearn.naive_bayes:GaussianNB": {"var_smoothing": np.float64(1e-3)}},
    )


def test_plain_values_stand_in_the_run(result):
    from tenon.trials.folder import RunFolder

    asked = RunFolder(result.folder).read("run.json")["asked"]
    assert (asked["seed"], asked["rope"], asked["target"]) == (3, 0.25, "2")
    assert asked["settings"]["sklearn.naive_bayes:GaussianNB"] == {"var_smoothing": 1e-3}


def test_the_model_of_ones_own_class_comes_back_however_it_is_named(result):
    new = frame().head(5)
    expected = result.model.predict(new).proba
    for own in (GaussianNB, [GaussianNB], "sklearn.naive_bayes:GaussianNB"):
        assert (tenon.load(result.folder, methods=own).predict(new).proba == expected).all()
    assert (tenon.Result(str(result.folder)).board == result.board) is True


def test_the_callers_process_is_as_it_was(tmp_path):
    np.random.seed(3)  # noqa: NPY002
    random.seed(4)
    before = list(warnings.filters), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    tenon.compare(frame(), "2", out=tmp_path / "run", methods="svm-linear", splits="2x1", jobs=1)
    tenon.load(tmp_path / "run").predict(frame())
    after = list(warnings.filters), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    assert after == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"seed": 1.5}, r"seed takes a whole number; got 1\.5\."),
        ({"jobs": "2"}, r"jobs takes a whole number; got '2'\."),
        ({"budget": 10}, r"budget takes a text; got 10\."),
        ({"splits": (5, 4)}, r"splits takes a text; got \(5, 4\)\."),
        ({"cost": {"fn": 5}}, r"cost takes a text; got \{'fn': 5\}\."),
        ({"rope": "small"}, r"rope takes a number; got 'small'\."),
        ({"settings": {"knn": 7}}, r"settings takes \{method: \{setting: value\}\}"),
        ({"methods": 7}, r"int is no scikit-learn estimator"),
        ({"methods": None}, r"NoneType is no scikit-learn estimator"),
        ({"predictions": ["old.csv"]}, r"predictions takes \{name: file or frame\}; got list\."),
        ({"data": 7}, r"data must be .*; got int\."),
        ({"target": frame().iloc[:, 0]}, r"target takes the name of a column; got a Series\."),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_written(tmp_path, wrong, said):
    with pytest.raises((SettingsError, DataError), match=said):
        tenon.compare(**{"data": frame(), "target": "2", "out": tmp_path / "run", **wrong})
    assert not (tmp_path / "run").exists()


def test_a_name_that_is_none_of_ours_is_told():
    with pytest.raises(AttributeError, match="module 'tenon' has no attribute 'train'"):
        tenon.train  # noqa: B018 - reading it is the test


def test_a_data_set_has_one_target(tmp_path):
    data, _ = table()
    with pytest.raises(
        SettingsError, match=r"the data set was read with the target 'y'; read it again: tenon\.read\(…, target='size'\)"
    ):
        tenon.compare(data, "size", out=tmp_path / "run")


def test_folders_without_a_model_are_told_apart(tmp_path):
    with pytest.raises(ModelFileError, match="is no folder; name that of a finished run"):
        tenon.load(tmp_path / "nowhere")
    with pytest.raises(ModelFileError, match=r"holds no model: it has no model\.json"):
        tenon.load(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(ModelFileError, match="is not finished, so it has no model yet"):
        tenon.load(tmp_path)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ([[1, "a"]], "predict takes a pandas DataFrame or a Dataset; got list"),
        (np.zeros((2, 2)), "predict takes a pandas DataFrame or a Dataset; got ndarray"),
        (frame().head(0), "there are no rows to predict"),
    ],
)
def test_rows_that_are_none_are_refused(result, new, said):
    with pytest.raises(DataError, match=said):
        result.model.predict(new)


def test_a_folder_of_other_things_is_never_replaced_by_a_model(result, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ModelFileError, match="exists already and holds no model"):
        result.model.save(tmp_path)
    assert (tmp_path / "thesis.txt").exists()
    for _ in range(2):  # a model gives way to another one
        result.model.save(str(tmp_path / "model"))
    assert tenon.load(tmp_path / "model", methods=GaussianNB).method_name == "sklearn.naive_bayes:GaussianNB"


def test_what_matters_stands_first_in_the_frames(result):
    assert list(result.leaderboard.columns[:3]) == ["score", "low", "high"]
    assert result.leaderboard.columns[-1] == "word"
    assert set(result.leaderboard.columns) == set(result.board["rows"][0]) - {"method"}
    assert list(result.verdicts.columns[:5]) == ["method_a", "method_b", "effect", "low", "high"]
    assert result.verdicts.columns[-1] == "verdict"
