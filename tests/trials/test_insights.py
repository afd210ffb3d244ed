"""insights.json and rows.json of whole runs: every kind of run gives every section, or says why not."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.datasets import images
from tests.trials.small_run import guesses_of, ready_for, rows, run_here, trials

import tenon
from tenon.data.dataset import Dataset
from tenon.trials.ask import Ask
from tenon.trials.folder import RunFolder
from tenon.trials.insights import seen_of
from tenon.trials.job import Job, rows_of

INSIGHTS = ("cost", "calibration", "pr", "residuals", "slices", "twice")
ROWS = ("most_wrong", "doubtful", "label_next")
SECONDS = ("fit_seconds", "predict_seconds", "held_bytes", "on_front")  # what is measured


def compared(data, out, **asked):
    asked = {"methods": "baseline,logistic", "splits": "3x2", "jobs": 1, **asked}
    return tenon.compare(data, "y" if isinstance(data, pd.DataFrame) else None, out=out, **asked)


def codes(result):
    """What was left out, by section; a section that failed is a bug."""
    sections = {name: result.insights[name] for name in INSIGHTS}
    sections |= {name: json.loads((result.folder / "rows.json").read_text())[name] for name in ROWS}
    return {name: section["code"] for name, section in sections.items() if "code" in section}


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    n = 700
    x = rng.normal(size=n)
    y = np.where(x + 0.5 * rng.normal(size=n) > 0, "yes", "no").astype(object)
    y[::7] = None
    day = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.arange(n), unit="D")
    colour = rng.choice(["red", "蓝"], n)
    weight = rng.uniform(1, 2, n)
    user = rng.integers(0, 60, n).astype(str)
    return pd.DataFrame({"x": x, "colour": colour, "day": day, "user": user, "weight": weight, "y": y})


@pytest.fixture(scope="module")
def binary(frame, tmp_path_factory):
    return compared(frame[["x", "colour", "y"]], tmp_path_factory.mktemp("runs") / "binary", curve=True)


def test_a_binary_run_has_every_section(binary):
    left = codes(binary)
    assert left.pop("twice", "no_rise") in ("no_rise", "too_vague")  # a line through one column is soon learned
    assert left == {"residuals": "classes"}
    assert binary.insights["chosen"] == "logistic"


def test_rows_are_those_of_the_file(binary, frame):
    scored = set(np.flatnonzero(frame["y"].notna()) + 1)
    final = set(pd.read_parquet(binary.folder / "final" / "predictions.parquet").index + 1)
    wrong = binary.rows["most_wrong"]
    assert set(wrong.index) <= scored - final
    for number, row in wrong.iterrows():
        assert row["label"] == frame["y"][number - 1] != row["prediction"]
        assert float(row["x"]) == pytest.approx(frame["x"][number - 1], rel=1e-5)  # six digits are shown
    unlabelled = binary.rows["label_next"]
    assert set(unlabelled.index) <= set(np.flatnonzero(frame["y"].isna()) + 1)
    assert len(unlabelled) == 20
    assert np.abs(unlabelled["x"].astype(float)).median() < np.abs(frame["x"]).median()  # the boundary is at 0


def test_nothing_measured_but_in_cost(binary):
    shown = json.dumps({name: section for name, section in binary.insights.items() if name != "cost"})
    assert "seconds" not in shown
    assert "bytes" not in shown


def test_the_same_run_gives_the_same_files(binary, frame, tmp_path):
    again = compared(frame[["x", "colour", "y"]], tmp_path / "again", curve=True, jobs=2)
    assert (again.folder / "rows.json").read_bytes() == (binary.folder / "rows.json").read_bytes()

    def unmeasured(result):
        cost = [{key: row[key] for key in row if key not in SECONDS} for row in result.insights["cost"]["rows"]]
        return {**result.insights, "cost": cost}

    assert unmeasured(again) == unmeasured(binary)


def test_a_finished_folder_is_left_as_it_is(binary, frame):
    before = {name: (binary.folder / name).stat().st_mtime_ns for name in ("insights.json", "rows.json")}
    compared(frame[["x", "colour", "y"]], binary.folder, curve=True)
    assert before == {name: (binary.folder / name).stat().st_mtime_ns for name in before}


def test_figures_hold_no_cell(binary, frame):
    """Numbers of the rows shown do not stand among the figures."""
    text = (binary.folder / "insights.json").read_text()
    cells = [f"{value:.6g}" for value in frame["x"]]
    edges = [s[end] for s in binary.insights["slices"]["shown"] for end in ("from", "to") if s[end] is not None]
    allowed = {f"{edge:.6g}" for edge in edges}  # quartiles
    assert not [cell for cell in cells if len(cell) > 6 and cell in text and cell not in allowed]


def test_a_run_by_groups_with_weights_and_time(frame, tmp_path):
    labelled = frame.dropna(subset="y")
    grouped = tenon.read(labelled, "y", group="user", weight="weight")
    result = compared(grouped, tmp_path / "groups")
    assert codes(result) == {"residuals": "classes", "twice": "no_curve", "label_next": "no_unlabelled"}
    in_time = compared(tenon.read(labelled.drop(columns=["user", "weight"]), "y", time="day"), tmp_path / "time")
    assert codes(in_time) == {"residuals": "classes", "twice": "no_curve", "label_next": "no_unlabelled"}


def test_numbers_and_more_classes(tmp_path):
    regression = compared(rows("regression", 300), tmp_path / "numbers", methods="baseline,linear")
    assert codes(regression) == {
        "calibration": "no_classes",
        "pr": "no_classes",
        "twice": "no_curve",
        "label_next": "no_unlabelled",
    }
    many = compared(rows("multiclass", 300), tmp_path / "many")
    assert codes(many) == {"residuals": "classes", "twice": "no_curve", "label_next": "no_unlabelled"}
    assert len(many.insights["pr"]["curves"]) == 3


def test_a_model_that_was_brought_leads(frame, tmp_path):
    data = frame.dropna(subset="y")[["x", "y"]].reset_index(drop=True)
    right = (data["y"] == "yes").to_numpy()
    p = np.where(right, 0.9, 0.1)
    old = pd.DataFrame({"prediction": data["y"], "p_no": 1 - p, "p_yes": p})
    result = compared(data, tmp_path / "brought", predictions={"old": old})
    assert result.board["leader"] == "old"
    assert result.insights["chosen"] == "logistic"
    assert result.insights["cost"]["untimed"] == ["old"]
    assert [curve["method"] for curve in result.insights["pr"]["curves"]][0] == "logistic"
    assert "old" not in {curve["method"] for curve in result.insights["pr"]["curves"]}


def test_the_baseline_says_nothing_of_rows(tmp_path):
    result = compared(rows("binary", 200, strength=0.0), tmp_path / "noise", methods="baseline")
    assert set(codes(result).values()) == {"baseline", "classes", "no_curve", "no_unlabelled"}


def test_a_metric_per_group(frame, tmp_path):
    result = compared(frame.dropna(subset="y")[["x", "user", "y"]], tmp_path / "per", per="user", curve=True)
    assert not set(codes(result).values()) & {"failed"}
    assert result.insights["title"] == "GAUC per user"


def test_images(tmp_path):
    data, _ = images(tmp_path / "files", n=70)
    result = compared(replace(data, name="images"), tmp_path / "run", splits="2x2")
    assert "failed" not in codes(result).values()
    kept = json.loads((result.folder / "rows.json").read_text())
    assert all(row["pictures"]["image"].startswith("data:image/png") for row in kept["most_wrong"]["rows"])


def test_one_split_is_all_that_is_looked_at(tmp_path):
    ready = ready_for(rows("binary", 200), Ask(methods="naive-bayes,logistic", splits="4x2"), tmp_path)
    run_here(ready, trials(ready))
    ready = replace(ready, protocol=replace(ready.protocol, one_split=frozenset({"cheap"})), shared_fold=1)
    board = {"chosen": "logistic", "rows": [{"method": "logistic", "tied": True, "brought": False}]}
    seen = seen_of(ready, guesses_of(ready), board)
    assert seen.n_repeats == 1
    assert seen.rows.tolist() == np.flatnonzero(ready.bench.splits.fold[0] == 1).tolist()


def test_rows_without_a_label_reach_no_fit(frame, tmp_path):
    """Poisoned rows without a label change no prediction, and no worker is handed them."""
    plain = frame[["x", "colour", "y"]]
    poisoned = plain.copy()
    poisoned.loc[plain["y"].isna(), "x"] = 1e6
    first, second = (compared(data, tmp_path / name) for name, data in (("plain", plain), ("poisoned", poisoned)))
    for trial in sorted(path.relative_to(first.folder) for path in first.folder.glob("trials/*/*/predictions.parquet")):
        pd.testing.assert_frame_equal(pd.read_parquet(first.folder / trial), pd.read_parquet(second.folder / trial))
    data = tenon.read(plain, "y")
    ready = ready_for(data, Ask(methods="logistic", splits="3x1"), tmp_path / "bench")
    for job in (Job("logistic", 0, 0, {}, 0, "normal"), Job("logistic", -1, 0, {}, 0, "normal")):
        train, held_out = rows_of(job, ready.bench)
        assert train.unlabelled is held_out.unlabelled is None
        assert not set(train.row_ids.tolist()) & set(data.unlabelled.row_ids.tolist())
    data.save(tmp_path / "shared")
    loaded = Dataset.load(tmp_path / "shared")
    assert loaded.unlabelled is None
    assert len(loaded) == len(data) == plain["y"].notna().sum()


def test_what_cannot_be_made_costs_no_run(tmp_path, monkeypatch):
    def broken(seen):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("tenon.insight.gather.slices", broken)
    result = compared(rows("binary", 200), tmp_path / "broken")
    assert result.insights["slices"]["code"] == "failed"
    assert "ZeroDivisionError: a bug" in result.insights["slices"]["reason"]
    assert result.board["chosen"]
    assert isinstance(RunFolder(result.folder).read("rows.json")["most_wrong"]["rows"], list)
