"""The whole of it: the same for the same seed, final rows left alone, copies told, and a reason where there is nothing to see."""

import json

import numpy as np
import pandas as pd
import pytest

import tenon
from tenon.overview.gather import look_at
from tenon.tasks import infer_task


def seen(frame, target=None, seed=0, **settings):
    data = tenon.read(frame, target, **settings)
    content = look_at(data, None if target is None else infer_task(data.target)[0], seed)
    return json.loads(json.dumps(content, allow_nan=False))


def mixed(n: int = 80, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return pd.DataFrame(
        {
            "x": x,
            "z": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
            "kind": rng.choice(["red", "green", "blue"], n),
            "y": np.where(x > 0, "high", "low"),
        }
    )


def test_same_seed_same_content_and_the_target_beside_it():
    found = seen(mixed(), "y")
    assert found == seen(mixed(), "y")
    assert found["target"] == {"name": "y", "task": "binary"}
    assert set(found["clusters"]["agreement"]) == {"kmeans", "dense"}
    assert [found["map"]["target"]["labels"][code] for code in found["map"]["target"]["codes"]] == mixed()["y"].tolist()
    assert len(found["map"]["points"]) == len(found["map"]["groups"]) == 80
    assert not any("y" == one["column"] for axis in found["map"]["axes"] for one in axis)  # the target is no feature
    assert found["next"] == "tenon compare data --target y"


def test_copies_are_told_and_final_rows_left_alone():
    frame = mixed()
    written_twice = pd.concat([frame, frame.iloc[:20]], ignore_index=True)
    found = seen(written_twice, "y", final=mixed(seed=1).assign(x=1e6))
    assert (found["rows"], found["final_rows"]) == (100, 80)
    assert any(one["check"] == "repeated" and one["figures"]["n"] == 40 for one in found["findings"])
    assert next(one for one in found["columns"] if one["name"] == "x")["high"] < 100


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (pd.DataFrame({"x": ["1"], "y": ["2"]}), "there is no column of features."),
        (pd.DataFrame({"x": ["1"] * 50, "y": ["k"] * 50}), "there is no column of features."),
        (pd.DataFrame({"x": [""] * 30, "y": [None] * 30}), "there is no column of features."),
        (pd.DataFrame({"x": np.arange(10.0) ** 2}), "at least 20 rows are needed; there are 10."),
        (pd.DataFrame({"x": np.arange(40) % 2}), "more than 10 different rows are needed; there are 2."),
    ],
)
def test_what_there_is_nothing_to_see_of_has_a_reason(frame, reason):
    found = seen(frame)
    assert found["clusters"] == {"reason": reason}
    assert "reason" in found["density"]
    assert "reason" in found["together"]
    assert found["gaps"] is None
    assert found["next"] == "tenon compare data --target COLUMN"


def test_a_number_target_is_parted_at_its_quartiles():
    frame = mixed().assign(y=np.arange(80) + 0.5)
    codes = seen(frame, "y")["map"]["target"]["codes"]
    assert codes == np.repeat([0, 1, 2, 3], 20).tolist()
