"""Trees in files: the same answers and the same bytes again, and one sentence for files that were damaged or made up."""

import json
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from sklearn.base import clone

from tenon.errors import ModelFileError, SettingsError
from tenon.files import CHECKSUMS
from tenon.trees import (
    AdaBoostClassifier,
    C45Classifier,
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    ID3Classifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from tenon.trees.stored import NUMBERS, WORDS

MANY = settings(
    max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame({
    "größe\n": np.where(RNG.random(120) < 0.1, np.nan, RNG.normal(size=120)),
    "颜色 🎨": RNG.choice(["rot", "蓝", "🟢", None], 120),
    "sort": pd.Categorical(RNG.integers(0, 4, 120)),
    "": RNG.random(120) < 0.5,
    "when": pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 3, 120), "D")),
})  # fmt: skip
FRAME.columns = pd.Index([*FRAME.columns[:-1], "half \ud83d"], dtype=object)  # half of a pair of UTF-16, as broken files have it
SCORE = np.nan_to_num(FRAME["größe\n"]) + (FRAME["颜色 🎨"] == "蓝") + 0.3 * RNG.normal(size=120)
Y = np.digitize(SCORE, [-0.5, 0.5])
NAMES = np.array(["kalt", "lau", "热"])[Y]

ESTIMATORS = [
    ID3Classifier(bins=4, alpha="cv", random_state=0),
    C45Classifier(alpha=1.0),
    DecisionTreeClassifier(ccp_alpha="cv", random_state=0),
    DecisionTreeRegressor(max_depth=4),
    AdaBoostClassifier(5, max_depth=2),
    RandomForestClassifier(5, oob_score=True, random_state=0),
    RandomForestRegressor(5, oob_score=True, random_state=0),
    GradientBoostingClassifier(5, growth="leaf", goss=(0.2, 0.3), random_state=0),
    GradientBoostingRegressor("huber", n_estimators=5, n_iter_no_change=2, random_state=0),
    GradientBoostingRegressor("poisson", n_estimators=5, order=1),
]
every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: f"{type(e).__name__}-{getattr(e, 'loss', '')}")


def fitted(estimator):
    target = NAMES if hasattr(estimator, "predict_proba") else np.exp(SCORE)
    return clone(estimator).fit(FRAME, target)


def answers(model) -> np.ndarray:
    new = FRAME.assign(**{"颜色 🎨": np.where(FRAME.index % 7 == 0, "never seen", FRAME["颜色 🎨"])})
    return model.predict_proba(new) if hasattr(model, "predict_proba") else model.predict(new)


@every_estimator
def test_a_loaded_estimator_is_the_saved_one(estimator, tmp_path):
    model = fitted(estimator)
    model.save(tmp_path / "模型")
    again = type(model).load(tmp_path / "模型")
    assert answers(again).tobytes() == answers(model).tobytes()
    assert again.feature_names_in_.tolist() == list(FRAME.columns)
    assert {k: str(v).replace("(", "[").replace(")", "]") for k, v in again.get_params().items()} == {
        k: str(v).replace("(", "[").replace(")", "]") for k, v in model.get_params().items()
    }
    assert {name for name in vars(model) if name.endswith("_")} == {name for name in vars(again) if name.endswith("_")}
    if hasattr(model, "classes_"):
        assert again.predict(FRAME).tolist() == model.predict(FRAME).tolist()


@every_estimator
def test_equal_fits_are_equal_bytes(estimator, tmp_path):
    first = fitted(estimator)
    first.save(tmp_path / "a")
    fitted(estimator).save(tmp_path / "b")
    type(first).load(tmp_path / "a").save(tmp_path / "c")
    for name in (WORDS, NUMBERS, CHECKSUMS):
        contents = {(tmp_path / folder / name).read_bytes() for folder in "abc"}
        assert len(contents) == 1, name


def test_nothing_but_two_plain_files_is_written(tmp_path):
    fitted(ESTIMATORS[5]).save(tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [CHECKSUMS, WORDS, NUMBERS]
    json.loads((tmp_path / "model" / WORDS).read_text(encoding="utf-8", errors="surrogatepass"))
    load_file(tmp_path / "model" / NUMBERS)


def test_classes_of_other_types_come_back(tmp_path):
    X = [[0.0], [1.0], [2.0], [3.0]]
    for labels in ([False, True, False, True], [3, -1, 3, -1], [0.5, 1.5, 0.5, 1.5], np.array(["a", "b", "a", "b"], object)):
        try:
            model = DecisionTreeClassifier().fit(X, labels)
        except ValueError:  # floats that are no whole numbers are no classes for scikit-learn
            continue
        model.save(tmp_path / "model")
        again = DecisionTreeClassifier.load(tmp_path / "model")
        assert again.predict(X).tolist() == list(labels)
        assert again.classes_.dtype == model.classes_.dtype


def test_a_loss_of_ones_own_predicts_and_says_that_it_cannot_be_fitted(tmp_path):
    model = GradientBoostingRegressor(lambda y, score: (score - y, np.ones_like(y)), n_estimators=3).fit(FRAME, SCORE)
    model.save(tmp_path / "model")
    again = GradientBoostingRegressor.load(tmp_path / "model")
    assert again.predict(FRAME).tobytes() == model.predict(FRAME).tobytes()
    with pytest.raises(SettingsError, match="loss takes one of .* got 'a function, which no file holds'"):
        again.fit(FRAME, SCORE)


def test_a_setting_that_no_file_can_hold_is_named(tmp_path):
    model = DecisionTreeClassifier(ccp_alpha=Fraction(1, 10)).fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(SettingsError, match=r"ccp_alpha is a Fraction, which no file of trees can hold; got Fraction\(1, 10\)"):
        model.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_what_is_no_model_of_this_class_is_told(tmp_path):
    fitted(ESTIMATORS[2]).save(tmp_path / "tree")
    with pytest.raises(ModelFileError, match=r"holds a DecisionTreeClassifier, no RandomForestClassifier; load it with Decis"):
        RandomForestClassifier.load(tmp_path / "tree")
    with pytest.raises(ModelFileError, match=r"holds no trees that can be read \(FileNotFoundError"):
        RandomForestClassifier.load(tmp_path / "nothing")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.doc").write_text("all of it")
    with pytest.raises(ModelFileError, match="exists already and holds no trees; name another folder"):
        fitted(ESTIMATORS[2]).save(tmp_path / "other")
    assert (tmp_path / "other" / "thesis.doc").read_text() == "all of it"


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> list[Path]:
    """A saved model of each layout: binary with categories, multiway, rounds of several, weights without trees, votes, cuts."""
    place = tmp_path_factory.mktemp("made")
    for i in (2, 1, 7, 4, 0):
        fitted(ESTIMATORS[i]).save(place / str(i))
    linear = GradientBoostingRegressor(booster="linear", n_estimators=2)
    linear.fit(FRAME[["größe\n"]].fillna(0.0), SCORE).save(place / "linear")
    return [place / name for name in ("2", "1", "7", "linear", "4", "0")]


@pytest.mark.parametrize("which", range(3))
@pytest.mark.parametrize("name", [WORDS, NUMBERS])
@MANY
@given(data=st.data())
def test_a_damaged_file_is_never_loaded(folders, which, name, data, tmp_path):
    folder = tmp_path / "damaged"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(folders[which], folder)
    content = (folder / name).read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    other = content[:place] if data.draw(st.booleans()) else content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    (folder / name).write_bytes(other)
    with pytest.raises(ModelFileError, match="is damaged or was changed; nothing of it is loaded. Save the model again"):
        DecisionTreeClassifier.load(folder)


@pytest.mark.parametrize("which", range(3))
@MANY
@given(data=st.data())
def test_numbers_that_make_no_tree_are_refused_or_harmless(folders, which, data, tmp_path):
    """Somebody who takes the checksums away and writes other node numbers gets a sentence, never a read outside of the arrays."""
    kind = [DecisionTreeClassifier, C45Classifier, GradientBoostingClassifier][which]
    folder = tmp_path / "forged"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(folders[which], folder)
    (folder / CHECKSUMS).unlink()
    arrays = load_file(folder / NUMBERS)
    of_trees = sorted(name for name, values in arrays.items() if "." in name and values.size and values.dtype.kind == "i")
    name = data.draw(st.sampled_from(of_trees))
    values = arrays[name].copy()
    how = data.draw(st.sampled_from(["value", "shorter", "type", "gone"]))
    if how == "value":
        values.flat[data.draw(st.integers(0, values.size - 1))] = data.draw(st.sampled_from([-2, -1, 0, 1, 2, 1000, 2**31 - 1]))
    arrays[name] = values[:-1] if how == "shorter" else values.astype(np.float32) if how == "type" else values
    if how == "gone":
        del arrays[name]
    save_file(arrays, folder / NUMBERS)
    try:
        model = kind.load(folder)
    except ModelFileError as error:
        assert str(error).endswith("Save the model again, or take its folder from a copy.")  # noqa: PT017
        return
    assert how == "value"
    assert answers(model).shape == (120, 3)


@pytest.mark.parametrize(
    ("forge", "reason"),
    [
        (lambda c: c["fitted"].update(__class__=1), "no fitted estimator has '__class__'"),
        (lambda c: c.update(estimator="os.system"), "no estimator of trees is called 'os.system'"),
        (lambda c: c.update(estimator="METHODS"), "no estimator of trees is called 'METHODS'"),
        (lambda c: c["settings"].update(shell="rm"), "unexpected keyword argument 'shell'"),
        (lambda c: c["fitted"].update(n_features_in_="5"), "its columns are not counted"),
        (lambda c: c["fitted"].update(n_features_in_=1), "its columns are not counted"),
        (lambda c: c["fitted"].pop("tree_"), "it has no trees at all"),
        (lambda c: c["fitted"].update(classes_=[1, 2, 3]), "its classes are no list"),
        (lambda c: c["fitted"].update(classes_={"words": ["a"], "dtype": "str"}), "do not answer with one number a class"),
        (lambda c: c["fitted"].update(n_features_in_=10**9), "what it says of its columns is not one a column"),
        (lambda c: c["fitted"].update(feature_names_in_="abcde"), "what it says of its columns is not one a column"),
        (lambda c: c.update(format=2), "was written by a later Tenon"),
    ],
)
def test_words_that_make_no_model_are_refused(forge, reason, folders, tmp_path):
    shutil.copytree(folders[0], tmp_path / "forged")
    (tmp_path / "forged" / CHECKSUMS).unlink()
    content = json.loads((tmp_path / "forged" / WORDS).read_bytes().decode("utf-8", "surrogatepass"))
    forge(content)
    (tmp_path / "forged" / WORDS).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelFileError, match=reason):
        DecisionTreeClassifier.load(tmp_path / "forged")


def edited(name, value, at=0):
    """Write another value into an array of a model."""

    def edit(arrays):
        values = arrays[name].copy()
        values[at] = value
        arrays[name] = values

    return edit


def replaced(name, make):
    """Put another array in the place of one of a model."""
    return lambda arrays: arrays.update({name: make(arrays.get(name))})


def cut_of_categories(arrays):
    """Let a node that has a child for each of three colours cut a number."""
    node = np.flatnonzero(arrays["tree_.n_children"] > 2)[0]
    edited("tree_.threshold", 0.5, at=node)(arrays)


BINARY, MULTIWAY, ROUNDS, LINEAR, VOTES, CUTS = range(6)


@pytest.mark.parametrize(
    ("which", "edit", "reason"),
    [
        (BINARY, edited("tree_.n_nodes", 2), "its trees are not as long as it says"),
        (ROUNDS, edited("trees_.n_nodes", 0), "its trees are not as long as it says"),
        (BINARY, edited("tree_.split", -1, at=(0, 2)), "its categories are not counted"),
        (BINARY, edited("tree_.split", -1, at=(0, 0)), "its categories are not counted"),
        (BINARY, replaced("tree_.codes", lambda codes: codes[:-1]), "its categories are not as many as it says"),
        (BINARY, edited("tree_.codes", -1), "a node of a tree parts no categories"),
        (BINARY, edited("tree_.codes", 1 << 24), "a node of a tree parts no categories"),
        (BINARY, edited("tree_.split", 10_000, at=(0, 1)), "a node of a tree parts no categories"),
        (BINARY, edited("tree_.left", 0), "its nodes make no tree"),
        (ROUNDS, edited("trees_.right", 1), "its nodes make no tree"),
        (BINARY, edited("tree_.feature", 5), "a node of a tree asks for no column"),
        (BINARY, edited("tree_.feature", 0, at=-1), "a node of a tree asks for no column"),
        (BINARY, replaced("tree_.value", lambda value: value[:, 0]), "its trees do not answer with one number a class"),
        (ROUNDS, replaced("trees_.value", lambda value: value[:, 0]), "its trees do not all answer with as many numbers"),
        (BINARY, replaced("tree_.feature", lambda feature: feature.astype(np.int64)), "its feature is of type int64"),
        (BINARY, replaced("tree_.colour", lambda _: np.zeros(1)), "no tree has 'colour'"),
        (MULTIWAY, replaced("tree_.code", lambda code: code[:-1]), "the parts of its tree are not of one length"),
        (MULTIWAY, edited("tree_.n_children", 0), "the children of its nodes are not counted"),
        (MULTIWAY, edited("tree_.n_children", 1000), "the children of its nodes are not counted"),
        (MULTIWAY, edited("tree_.first_child", 0), "its nodes make no tree"),
        (MULTIWAY, edited("tree_.feature", -2), "a node of a tree asks for no column"),
        (MULTIWAY, edited("tree_.feature", 0, at=-1), "a node of a tree asks for no column"),
        (MULTIWAY, cut_of_categories, "a node of a tree cuts numbers into other than two sides"),
        (MULTIWAY, edited("tree_.counts", 0.0), "its classes are not counted"),
        (MULTIWAY, replaced("tree_.counts", lambda counts: counts[:, :2].copy()), "its classes are not counted"),
        (BINARY, edited("categories_2", 3), "the categories of a column are not all different"),
        (LINEAR, replaced("coef_", lambda coef: coef[:, :0]), "its weights are not one a column"),
        (LINEAR, replaced("intercept_", lambda _: np.zeros(2)), "its weights are not one a column"),
        (LINEAR, replaced("start_", lambda _: np.zeros(2)), "its first scores are not one a class"),
        (ROUNDS, replaced("start_", lambda start: start[:1]), "its first scores are not one a class"),
        (ROUNDS, replaced("start_", lambda start: start.astype(np.int64)), "its first scores are not one a class"),
        (ROUNDS, replaced("start_", lambda start: start.astype(np.float16)), "its first scores are not one a class"),
        (LINEAR, replaced("coef_", lambda coef: coef.astype(np.float16)), "its weights are not one a column"),
        (LINEAR, replaced("intercept_", lambda one: one.astype(np.int64)), "its weights are not one a column"),
        (VOTES, replaced("estimator_weights_", lambda weights: weights[:-1]), "its votes are not one a tree"),
        (VOTES, replaced("estimator_weights_", lambda weights: weights.astype(np.float16)), "its votes are not one a tree"),
        (VOTES, replaced("estimator_weights_", lambda weights: 0.0 * weights), "its votes are not shares of a whole"),
        (VOTES, edited("estimator_weights_", -1.0), "its votes are not shares of a whole"),
        (VOTES, edited("estimator_weights_", np.nan), "its votes are not shares of a whole"),
        (CUTS, replaced("cuts_0", lambda cuts: cuts[None]), "the cuts of a column do not rise"),
        (CUTS, replaced("cuts_0", lambda cuts: cuts[::-1]), "the cuts of a column do not rise"),
        (BINARY, replaced("has_missing_", lambda missing: missing[1:]), "what it says of its columns is not one a column"),
        (BINARY, replaced("tree_.cover", lambda cover: cover[:, None]), "an array of its trees has too many dimensions"),
        (MULTIWAY, replaced("tree_.gain", lambda gain: gain[:, None]), "the parts of its tree are not of one length"),
    ],
)
def test_numbers_that_make_no_model_are_refused(which, edit, reason, folders, tmp_path):
    kind = [
        DecisionTreeClassifier, C45Classifier, GradientBoostingClassifier, GradientBoostingRegressor, AdaBoostClassifier,
        ID3Classifier,
    ][which]  # fmt: skip
    shutil.copytree(folders[which], tmp_path / "forged")
    (tmp_path / "forged" / CHECKSUMS).unlink()
    arrays = load_file(tmp_path / "forged" / NUMBERS)
    edit(arrays)
    save_file({name: np.ascontiguousarray(values) for name, values in arrays.items()}, tmp_path / "forged" / NUMBERS)
    with pytest.raises(ModelFileError, match=rf"holds no trees that can be read \(ValueError: {reason} \(\w+\.py, line \d+\)\)"):
        kind.load(tmp_path / "forged")


@pytest.mark.parametrize(
    ("which", "forge", "reason"),
    [
        (2, lambda c: c["settings"].update(booster="linear"), "its booster is another than it was fitted with"),
        (2, lambda c: c["fitted"]["trees_"].update(rounds=1), "its rounds do not hold one tree a score"),
        (2, lambda c: c["fitted"].update(n_iter_="5"), "its rounds do not hold one tree a score"),
        (5, lambda c: c["fitted"]["cuts_"]["columns"].pop("0"), "a column has neither categories nor cuts"),
    ],
)
def test_words_that_do_not_go_with_the_numbers_are_refused(which, forge, reason, folders, tmp_path):
    shutil.copytree(folders[which], tmp_path / "forged")
    (tmp_path / "forged" / CHECKSUMS).unlink()
    content = json.loads((tmp_path / "forged" / WORDS).read_bytes().decode("utf-8", "surrogatepass"))
    forge(content)
    (tmp_path / "forged" / WORDS).write_bytes(json.dumps(content).encode("utf-8", "surrogatepass"))
    with pytest.raises(ModelFileError, match=reason):
        (GradientBoostingClassifier if which == 2 else ID3Classifier).load(tmp_path / "forged")


def test_trees_beside_the_one_that_is_asked_are_checked_too(folders, tmp_path):
    """A forest reads trees_; a tree_ that somebody adds must not keep them from being checked."""
    fitted(ESTIMATORS[5]).save(tmp_path / "forest")
    (tmp_path / "forest" / CHECKSUMS).unlink()
    content = json.loads((tmp_path / "forest" / WORDS).read_bytes().decode("utf-8", "surrogatepass"))
    tree = json.loads((folders[MULTIWAY] / WORDS).read_bytes().decode("utf-8", "surrogatepass"))["fitted"]["tree_"]
    content["fitted"]["tree_"] = tree
    (tmp_path / "forest" / WORDS).write_text(json.dumps(content), encoding="utf-8")
    arrays = load_file(tmp_path / "forest" / NUMBERS)
    arrays |= {name: values for name, values in load_file(folders[MULTIWAY] / NUMBERS).items() if name.startswith("tree_.")}
    edited("trees_.left", 10_000)(arrays)
    save_file(arrays, tmp_path / "forest" / NUMBERS)
    with pytest.raises(ModelFileError, match="its nodes make no tree"):
        RandomForestClassifier.load(tmp_path / "forest")
