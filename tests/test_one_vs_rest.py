"""One classifier a label beside scikit-learn's, labels that all train rows have or none, weights of rows, files."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier

import tenon
from tenon.catalogue import find, load_model
from tenon.errors import ModelFileError
from tenon.features.columns import plain
from tenon.features.recipes import scaled
from tenon.one_vs_rest import OneVsRest
from tenon.tabular.constant import ConstantLabels
from tenon.tasks import infer_task
from tests.datasets import table

X = np.random.default_rng(0).normal(size=(120, 4))
Y = X[:, :3] + np.random.default_rng(1).normal(size=(120, 3)) > [0, 0.5, -1]


def test_beside_scikit_learn():
    ours = OneVsRest([LogisticRegression() for _ in range(3)]).fit(X, Y)
    theirs = OneVsRestClassifier(LogisticRegression()).fit(X, Y.astype(int))
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-12)
    assert (ours.predict(X) == theirs.predict(X)).all()


def test_the_method_logistic_is_scikit_learns_on_the_same_features():
    data, task = table("multilabel")
    train, new = data.rows(data.row_ids[:60]), data.rows(data.row_ids[60:])
    method = find("logistic")
    params = method.with_defaults({})
    said = method.fit(train, task, params=params, seed=0).predict(new.without_target())
    features = scaled(train.schema, params)
    theirs = OneVsRestClassifier(LogisticRegression(C=1.0, max_iter=1000))
    weights = train.frame["importance"].to_numpy()
    inputs = features.fit_transform(plain(train))
    probas = [
        LogisticRegression(C=1.0, max_iter=1000)
        .fit(inputs, has, sample_weight=weights)
        .predict_proba(features.transform(plain(new)))
        for has in task.indicator(task.encode(train.target)).T
    ]
    np.testing.assert_allclose(said.proba, np.column_stack([proba[:, 1] for proba in probas]), rtol=1e-9)
    theirs.fit(inputs, task.indicator(task.encode(train.target)))  # without weights: another answer
    assert np.abs(theirs.predict_proba(features.transform(plain(new))) - said.proba).max() > 1e-3


def test_a_label_that_all_rows_have_or_none_is_sure():
    has = np.column_stack([Y[:, 0], np.ones(120, bool), np.zeros(120, bool)])
    proba = OneVsRest([LogisticRegression() for _ in range(3)]).fit(X, has).predict_proba(X)
    assert proba[:, 1:].tolist() == [[1.0, 0.0]] * 120
    assert len(np.unique(proba[:, 0])) > 100


def test_train_rows_of_one_label_set_say_it_of_every_row():
    data, task = table("multilabel")
    same = data.rows(data.row_ids[[cell == ("art", "law") for cell in data.target]])
    for name in ("logistic", "forest", "baseline"):
        method = find(name)
        said = method.fit(same, task, params=method.with_defaults({}), seed=0, budget="quick").predict(data.without_target())
        assert set(said.value) == {("art", "law")}
        assert (said.proba == [1.0, 1.0, 0.0]).all()


def test_classifiers_with_files_of_their_own_are_not_read_once_they_were_changed(tmp_path):
    data, task = table("multilabel")
    method = find("cart")
    model = method.fit(data, task, params=method.with_defaults({}), seed=0)
    model.save(tmp_path / "model")
    again = load_model(tmp_path / "model").predict(data.without_target())
    assert again.proba.tobytes() == model.predict(data.without_target()).proba.tobytes()
    changed = next(path for path in (tmp_path / "model" / "label-1").iterdir() if path.suffix == ".safetensors")
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelFileError, match=r"label-1.* is damaged or was changed"):
        load_model(tmp_path / "model")


def test_the_baseline_says_the_set_of_the_best_micro_f1():
    """All sets are tried."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        has = rng.random((40, 4)) < rng.random(4)
        if not has.any():
            continue
        best = max(f1_score(has, np.tile(one, (40, 1)), average="micro") for one in product([0, 1], repeat=4) if any(one))
        found = ConstantLabels().fit(None, has).predict(X[:40])
        assert f1_score(has, found, average="micro") == pytest.approx(best)


def test_any_classifier_of_scikit_learns_is_compared(tmp_path):
    frame = pd.DataFrame(X, columns=list("abcd")).assign(y=[[str(k) for k in np.flatnonzero(row)] for row in Y])
    result = tenon.compare(frame, "y", methods=[KNeighborsClassifier, "baseline"], splits="3x2", jobs=1, out=tmp_path / "run")
    score = result.leaderboard["score"]
    assert score.max() > score["baseline"]


def test_a_thousand_labels_are_held_as_they_are():
    """Predictions are (n, K) numbers, and nothing is of the square of K: 200 rows of 1,000 labels."""
    rng = np.random.default_rng(0)
    labels = [f"l{k}" for k in range(1000)]
    cells = [rng.choice(labels, 12, replace=False).tolist() for _ in range(200)]
    data = tenon.read(pd.DataFrame({"a": rng.normal(size=200), "y": cells}), "y")
    task, method = infer_task(data.target)[0], find("naive-bayes")
    said = method.fit(data, task, params=method.with_defaults({}), seed=0).predict(data.without_target())
    assert said.checked(task, data.row_ids).proba.shape == (200, len(task.labels))
