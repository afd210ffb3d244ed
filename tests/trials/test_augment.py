"""Changed copies of texts in whole runs: as a variant, under tuning, costs and calibration, by several processes, and again."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

import tenon
from tenon.errors import SettingsError
from tenon.trials.ask import Ask
from tenon.trials.job import place_of
from tenon.trials.prepare import prepare

ROW = "naive-bayes augment=eda-synonyms"


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    stock, good, bad = ["the", "film", "plot", "actor", "and"], ["warm", "witty", "moving"], ["dull", "slow", "lifeless"]
    y = rng.choice(["no", "yes"], 90)
    texts = [" ".join([*rng.choice(stock, 6), *rng.choice(good if one == "yes" else bad, 2)]) for one in y]
    return pd.DataFrame({"text": texts, "person": [f"p{i // 2}" for i in range(90)], "y": y})


def compared(frame, out, **more):
    wishes = {"methods": "naive-bayes", "also": "naive-bayes.augment=eda-synonyms", "splits": "2x1", "jobs": 1, "group": "person"}
    wishes |= {"tune": 2, "cost": "fn=5,fp=1", "settings": {"all": {"calibrate": "sigmoid"}}} | more
    group = wishes.pop("group")
    return tenon.compare(tenon.read(frame, target="y", group=group), out=out, **wishes)


@pytest.fixture(scope="module")
def done(frame, tmp_path_factory):
    return compared(frame, tmp_path_factory.mktemp("runs") / "one")


@pytest.mark.mission("B6")
def test_a_variant_says_what_copies_do(done):
    (entry,) = done.board["also"]
    assert (entry["method"], entry["of"]) == (ROW, "naive-bayes")
    told = {row: json.loads((done.folder / place_of(row, 0, 1) / "result.json").read_text()) for row in (ROW, "naive-bayes")}
    assert told[ROW]["inner"]["augment"] == "eda-synonyms"
    assert "augment" not in told["naive-bayes"]["inner"]
    assert told[ROW]["n_train"] == told["naive-bayes"]["n_train"]
    assert all({"tries", "calibrate", "threshold"} <= set(one["inner"]) for one in told.values())
    said = [pd.read_parquet(done.folder / place_of(row, 0, 1) / "predictions.parquet") for row in (ROW, "naive-bayes")]
    assert not said[0].equals(said[1])


def test_two_processes_and_a_second_start_give_the_same_bytes(frame, done, tmp_path):
    two = shutil.copytree(done.folder, tmp_path / "two")
    (two / "leaderboard.json").unlink()
    for fold in (0, 1):
        shutil.rmtree(two / place_of(ROW, 0, fold))
    compared(frame, two, jobs=2)
    for name in ("leaderboard.json", "verdicts.json"):
        assert (two / name).read_bytes() == (done.folder / name).read_bytes()


@pytest.mark.parametrize("given", [{"settings": {"all": {"augment": "eda"}}}, {"also": ["knn.augment=eda"]}])
def test_without_texts_it_is_refused_before_any_fit(given, tmp_path):
    table = tenon.read(pd.DataFrame({"x": np.random.default_rng(0).normal(size=90), "y": ["a", "b", "b"] * 30}), target="y")
    with pytest.raises(SettingsError, match="augment=eda changes columns of text; there is none"):
        prepare(table, Ask(methods="knn", **given), tmp_path)
