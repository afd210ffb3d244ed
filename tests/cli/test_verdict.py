"""`tenon verdict` as one types it: what stands on the screen, and what a program reads."""

import json

import numpy as np
import pandas as pd
import pytest
from tests.cli.fakes import run

import tenon


@pytest.fixture
def files(tmp_path):
    """Truth and three files of labels, 400 rows; `same` says what `old` says."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    frames = {"y": pd.DataFrame({"id": range(400), "label": truth})}
    for name, share in (("old", 0.90), ("new", 0.91), ("bad", 0.6)):
        right = rng.permutation(np.arange(400) < share * 400)
        frames[name] = pd.DataFrame({"id": range(400), "prediction": np.where(right, truth, 1 - truth)})
    frames["same"] = frames["old"]
    for name, frame in frames.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    return {name: tmp_path / f"{name}.csv" for name in frames}


def test_two_models_in_words(files):
    done = run("verdict", files["old"], files["new"], "--truth", files["y"], width=200)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    pair = tenon.verdict([files["old"], files["new"]], files["y"]).to_json()[0]
    assert lines[0].startswith("accuracy  old .900  new .910  ·  +.010 (−")
    assert f"{pair['test']}, 400 rows)" in lines[0]
    assert lines[1].startswith("Cannot be told apart. P(new better by more than .01) ")
    assert lines[2].startswith("About ")
    assert "rows would be needed to confirm a difference of this size" in lines[2]
    assert lines[3] == "About these models as they are, and other rows like these: nothing was trained."
    assert "! scored by accuracy" in done.stderr


def test_the_other_way_round_and_the_same(files):
    turned = run("verdict", files["old"], files["bad"], "--truth", files["y"], width=200).stdout
    assert "·  −.300 (−" in turned
    assert "bad is worse than old. P(bad better by more than .01) < .01, P(same within .01) < .01, P(worse) > .99." in turned
    same = run("verdict", files["old"], files["same"], "--truth", files["y"], width=200).stdout
    assert "The two contribute the same on every row." in same


def test_lines_break_where_the_terminal_ends(files):
    sentences = run("verdict", files["old"], files["new"], "--truth", files["y"], width=60).stdout.splitlines()[1:]
    assert max(map(len, sentences)) <= 60


def test_many_models_in_a_table(files):
    lines = run("verdict", files["old"], files["new"], files["bad"], "--truth", files["y"], width=200).stdout.splitlines()
    assert lines[0] == "accuracy, 400 rows"
    assert sum(" against " in line for line in lines) == 3
    assert "p is corrected over all 3 pairs (Holm)" in "\n".join(lines)


def test_json_is_the_list_of_verdicts_and_nothing_else(files):
    done = run("verdict", files["old"], files["new"], "--truth", files["y"], "--rope", "0.02", "--json")
    expected = tenon.verdict([files["old"], files["new"]], files["y"], rope=0.02).to_json()
    assert json.loads(done.stdout) == expected


def test_lower_is_better_is_said(tmp_path):
    rng = np.random.default_rng(0)
    y = rng.normal(size=200)
    pd.DataFrame({"y": y}).to_csv(tmp_path / "y.csv", index=False)
    for name, noise in (("old", 1.0), ("new", 0.2)):
        pd.DataFrame({"prediction": y + noise * rng.normal(size=200)}).to_csv(tmp_path / f"{name}.csv", index=False)
    line = run("verdict", tmp_path / "old.csv", tmp_path / "new.csv", "--truth", tmp_path / "y.csv").stdout.splitlines()[0]
    assert line.startswith("RMSE ↓  old ")
    assert "·  better by +" in line


def test_a_wrong_file_ends_in_one_sentence(files, tmp_path):
    done = run("verdict", files["old"], tmp_path / "nwe.csv", "--truth", files["y"])
    assert done.exit_code == 2
    assert "did you mean" in done.stderr
