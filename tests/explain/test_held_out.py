"""The rows of a finished run are found again, and each is explained by a model that did not see it."""

import shutil

import numpy as np
import pandas as pd
import pytest

import tenon
from tenon.errors import DataError, RunFolderError
from tenon.explain.gather import explain_run
from tenon.explain.held_out import held_out
from tenon.trials.again import data_of
from tenon.trials.lock import locked


def write_rows(path, n, seed=0):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"x": rng.normal(size=n).round(3), "zip": rng.integers(1, 4, n), "colour": rng.choice(["red", "蓝"], n)})
    rows["y"] = np.where(rows["x"] + 0.3 * rng.normal(size=n) > 0, "是", "否")
    rows.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A run of 80 rows, none of them final, with a kind that was given."""
    folder = tmp_path_factory.mktemp("run")
    data = tenon.read(write_rows(folder / "行.csv", 80), "y", kinds={"zip": "category"})
    return tenon.compare(data, out=folder / "run", methods="logistic,knn", splits="3x2", jobs=1).folder


def test_models_of_the_folds_are_those_of_the_trials(small):
    """What they say of their held-out rows is what the trials saved."""
    held = held_out(small, None, (), seed=0)
    assert not held.is_final
    assert sorted(np.concatenate([part.rows.row_ids for part in held.parts])) == list(range(80))
    method = held.model.method_name
    for fold, part in enumerate(held.parts):
        saved = pd.read_parquet(small / "trials" / method / f"0-{fold}" / "predictions.parquet")
        said = part.model.predict(part.rows)
        assert saved.index.tolist() == part.rows.row_ids.tolist()
        np.testing.assert_array_equal(saved[["p_否", "p_是"]].to_numpy(), said.proba)


def test_the_same_run_is_explained_in_the_same_bytes(small):
    explain_run(small)
    first = (small / "explain.json").read_bytes()
    explain_run(small)
    assert (small / "explain.json").read_bytes() == first


@pytest.mark.parametrize("verb", [tenon.Result.explain, tenon.Result.compress])
def test_a_run_that_another_process_is_at_work_in_is_left_alone(small, verb):
    with locked(small), pytest.raises(RunFolderError, match=r"is in use by another process .* Wait for its end\.$"):
        verb(tenon.Result(small))


def test_as_frames(small):
    said = tenon.Result(small).explain(row=3)
    assert said.importance.loc["x", "low"] > 0
    assert set(said.importance.index) == {"x", "zip", "colour"}
    assert said.drivers["column"].tolist()[0] == "x"
    assert "page" in repr(said)
    assert (small / "explain.html").exists()


def test_data_that_moved_are_named_and_others_refused(small, tmp_path):
    source = small.parent / "行.csv"
    moved = shutil.copy(source, tmp_path / "moved.csv")
    assert len(held_out(small, moved, (), seed=0).data) == 80
    hidden = source.rename(tmp_path / "hidden.csv")
    try:
        with pytest.raises(
            DataError,
            match=rf"^the data of {small} cannot be read again: no file .*行\.csv.* --data DATA says where they are now ",
        ):
            held_out(small, None, (), seed=0)
    finally:
        hidden.rename(source)
    other = write_rows(tmp_path / "other.csv", 80, seed=1)
    with pytest.raises(
        DataError, match="holds other rows, or is read otherwise, than when .* was made; run the comparison again"
    ):
        held_out(small, other, (), seed=0)


def test_final_rows_that_moved(small, tmp_path):
    run = {
        "data": {"source": str(tmp_path / "rows.csv"), "final_source": "final.csv"},
        "asked": {"task": "binary", "target": "y"},
    }
    with pytest.raises(
        DataError, match=r"no file .*rows\.csv'\. .* Final rows of a file of their own are looked for where they were"
    ):
        data_of(tmp_path, run, tenon.load(small), None)


def test_a_run_of_a_frame_needs_the_frame_again(tmp_path):
    frame = pd.read_csv(write_rows(tmp_path / "rows.csv", 80))
    result = tenon.compare(frame, "y", out=tmp_path / "run", methods="logistic", splits="2x1", jobs=1)
    with pytest.raises(DataError, match="was made from a frame; hand it over again"):
        result.explain()
    assert result.explain(data=frame).content["method"] == "logistic"


def test_no_run(tmp_path):
    with pytest.raises(RunFolderError, match="is no finished run"):
        explain_run(tmp_path)
