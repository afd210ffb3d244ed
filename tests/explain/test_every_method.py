"""Every method of the catalogue is explained on tables, texts and images of every task it accepts."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.explain.held import held_for
from tests.test_contract import CASES, fitted, made

from tenon.explain.gather import about, overall
from tenon.explain.known import by_column
from tenon.explain.single import single_row
from tenon.report.explained import headline
from tenon.report.explained_text import explained_lines


def run_of(method, data, kind):
    """Return what is explained when the rows that the model did not see are the final ones."""
    train, new, _ = made(data, kind)
    whole = replace(train, frame=pd.concat([train.frame, new.frame]))
    return held_for(fitted(method.name, data, kind), whole, new.row_ids)


@pytest.mark.parametrize(("method", "data", "kind"), [case.values for case in CASES if case.values[1] != "sequences"])
def test_every_method_is_explained_the_same_way_twice(method, data, kind):
    held = run_of(method, data, kind)
    number = int(held.splits.final()[0]) + 1
    first, again = ({**about(held), **overall(held), "row": single_row(held, number, seed=0)} for _ in range(2))
    assert json.dumps(first, allow_nan=False) == json.dumps(again, allow_nan=False)
    assert {one["columns"][0] for one in first["importance"]["columns"]} == set(held.model.schema.features())
    assert headline(first)
    assert all(len(line) <= 80 for line in explained_lines(first, 80))
    assert explained_lines(first, 40)
    knows = method.name in ("naive-bayes", "linear", "ridge", "lasso", "logistic", "svm-linear")
    has_words = data.startswith("texts") or data == "table"
    if knows or not has_words:
        assert bool(first["words"]) == (knows and has_words)
    assert all(("ends" in side) != knows for side in first["words"])  # networks are told by rows, some of them alone
    if first["row"]["words"]:
        assert (first["row"]["word_scale"]["unit"] == "number") == (kind == "regression")
    weighs = (
        knows and method.name != "naive-bayes"
    ) or method.name == "word2vec-logistic"  # the numbers of whose vectors say nothing
    assert (first["coefficients"] is not None) == (weighs and data in ("table", "plain"))


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_coefficients_are_those_of_the_encoded_columns(kind):
    """A step of one deviation moves the score by the coefficient, and 1 by the coefficient per unit."""
    name = "ridge" if kind == "regression" else "logistic"
    held = run_of(next(case.values[0] for case in CASES if case.values[0].name == name), "table", kind)
    model = held.model
    table = model.explain(held.data)["coefficients"]
    rows = held.data.rows(held.splits.final())
    more = replace(rows, frame=rows.frame.assign(age=rows.frame["age"] + 1))

    def scores(dataset):
        said = model.predict(dataset)
        return said.value[:, None] if kind == "regression" else np.log(said.proba)

    change = (scores(more) - scores(rows)).mean(axis=0)
    per_unit = table[(table["column"] == "age") & (table["part"] == "")]["per_unit"].to_numpy()
    if kind == "multiclass":  # logits are known up to a constant
        change, per_unit = change - change.mean(), per_unit - per_unit.mean()
        np.testing.assert_allclose(change, per_unit, rtol=0.05, atol=5e-4)  # the softmax of each row shifts a little
    else:
        change = change[0] if kind == "regression" else change[1] - change[0]
        assert change == pytest.approx(per_unit[0], rel=1e-6)


def test_contributions_of_trees_add_up_for_each_column_of_the_data():
    from tenon.trees.methods import METHODS

    train, new, task = made("table", "multiclass")
    for method in METHODS:
        if method.accepts(train.schema, task) is not None:
            continue
        model = method.fit(train, task, params=method.with_defaults({}), seed=0, budget="quick")
        said = model.explain(new)
        table = by_column(said["contributions"])
        assert set(table.columns) <= set(model.schema.features())
        if said["unit"] == "share":
            total = table.sum(axis=1).unstack("answer") + said["base"]
            np.testing.assert_allclose(total[list(task.labels)], model.predict(new).proba, atol=1e-9)
        held = held_for(model, replace(train, frame=pd.concat([train.frame, new.frame])), new.row_ids)
        content = {**about(held), **overall(held), "row": single_row(held, int(new.row_ids[0]) + 1, seed=0)}
        assert content["tree"]["root"]["question"].split()[0] in model.schema.features()
        assert not content["is_calibrated"]
        assert content["contributions"]["columns"]
        assert content["row"]["how"] == "contributions"
        effects = sum(one["effect"] for one in content["row"]["drivers"])
        assert content["row"]["base"] + effects == pytest.approx(content["row"]["answer"])


def test_a_calibrated_model_says_that_it_is():
    from tenon.inner.adjusted import AdjustedModel, Adjustment
    from tenon.inner.calibrate import fit_calibration
    from tenon.tabular.methods import METHODS

    train, new, task = made("table", "binary")
    method = next(one for one in METHODS if one.name == "naive-bayes")
    model = method.fit(train, task, params=method.with_defaults({}), seed=0, budget="quick")
    data = replace(train, frame=pd.concat([train.frame, new.frame]))
    calibration = fit_calibration("sigmoid", model.predict_rows(train).proba, task.encode(train.target))
    for adjustment, is_calibrated in ((Adjustment(calibration), True), (Adjustment(), False)):
        held = held_for(AdjustedModel(model, adjustment), data, new.row_ids)
        assert about(held)["is_calibrated"] is is_calibrated


def test_a_linear_booster_has_coefficients_and_no_trees():
    from tenon.adapter import estimator_method
    from tenon.trees import GradientBoostingClassifier

    train, new, task = made("plain", "binary")
    method = estimator_method(GradientBoostingClassifier(n_estimators=5, booster="linear"), "linear-booster")
    model = method.fit(train, task, params=method.with_defaults({}), seed=0)
    assert set(model.explain(new)) == {"coefficients", "scale"}
    held = held_for(model, replace(train, frame=pd.concat([train.frame, new.frame])), new.row_ids)
    content = overall(held)
    assert content["tree"] is None
    assert content["coefficients"]["rows"]
