"""Checks inside a run: findings stand in its folder and in its plan, and copies are known wherever rows are split."""

import json

import numpy as np
import pandas as pd
import pytest
from tests.data.test_duplicates import reviews

import tenon
from tenon.data.dataset import Dataset
from tenon.inner.folds import inner_splits
from tenon.trials.ask import Ask
from tenon.trials.prepare import prepare


@pytest.fixture
def data(tmp_path):
    texts, original = reviews(60, 3)
    y = np.array(["bad", "good"])[original % 2]
    path = tmp_path / "评论.csv"
    pd.DataFrame({"text": texts, "seen by": np.arange(len(texts)) % 7, "y": y}).to_csv(path, index=False)
    return tenon.read(path, "y"), original


def test_a_run_writes_what_it_found(data, tmp_path):
    rows, _ = data
    tenon.compare(rows, out=tmp_path / "run", methods="baseline", splits="2x1", jobs=1)
    raw = json.loads((tmp_path / "run" / "checks.json").read_text(encoding="utf-8"))
    assert [finding["check"] for finding in raw] == ["repeated"]
    assert raw == json.loads(json.dumps(tenon.check(rows).to_json()))


def test_the_plan_brings_the_findings(data, tmp_path):
    rows, original = data
    ready = prepare(rows, Ask(methods="baseline"), tmp_path)
    assert [finding.check for finding in ready.plan.findings] == ["repeated"]
    assert ready.plan.check_line == f"tenon check '{rows.source}' --target y"
    splits = ready.bench.splits
    for fold in splits.fold:
        assert all(len(set(fold[original == k])) == 1 for k in set(original))


def test_splits_inside_a_trial_know_the_copies(data, tmp_path, monkeypatch):
    """A worker loads the data set with the copies that were found once, for the whole run."""
    rows, original = data
    ready = prepare(rows, Ask(methods="baseline"), tmp_path)
    ready.bench.dataset.save(tmp_path / "shared")
    monkeypatch.setattr("tenon.data.near.near_texts", lambda cells: 1 / 0)
    train = Dataset.load(tmp_path / "shared").rows(ready.bench.splits.train(0, 1))
    inner = inner_splits(train, ready.bench.task, n_folds=4, seed=0)
    of_row = original[train.row_ids]
    assert all(len(set(inner.fold[0][of_row == k])) == 1 for k in set(of_row))
    assert inner.n_folds == 4
