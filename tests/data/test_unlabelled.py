"""Rows without a target: kept beside the others, known by their number, part of the fingerprint, and of nothing else."""

import numpy as np
import pandas as pd
import pytest

import tenon
from tenon.data.dataset import Dataset

TEXT = "n,word,when,y\n1,u,2020-01-01,yes\n2,v,,\n,u,2020-01-03,no\n4,,2020-01-04,\n5,w,2020-01-05,yes\n6,w,2020-01-06,no\n"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "t.csv").write_text(TEXT)
    return tmp_path / "t.csv"


def test_they_stand_beside_the_others(path):
    data = tenon.read(path, "y", kinds={"word": "category"})
    assert data.row_ids.tolist() == [0, 2, 4, 5]
    left = data.unlabelled
    assert left.row_ids.tolist() == [1, 3]
    assert left.frame["n"].tolist() == [2.0, 4.0]
    assert left.frame["word"].fillna("none").tolist() == ["v", "none"]
    assert pd.isna(left.frame["when"].iloc[0])
    assert list(left.schema.features()) == list(data.schema.features())
    assert left.target is None
    assert left.schema.n_rows == 2


def test_there_are_none_where_every_row_has_one(tmp_path):
    (tmp_path / "t.csv").write_text("n,y\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(9)))
    assert tenon.read(tmp_path / "t.csv", "y").unlabelled is None
    assert tenon.read(tmp_path / "t.csv").unlabelled is None  # without a target nothing lacks one


def test_the_fingerprint_tells_them_apart(path):
    data = tenon.read(path, "y")
    path.write_text(TEXT.replace("2,v,,", "3,v,,"))
    assert tenon.read(path, "y").fingerprint() != data.fingerprint()
    path.write_text("\n".join(line for line in TEXT.split("\n") if not line.endswith(",")))
    without = tenon.read(path, "y")
    assert without.unlabelled is None
    assert without.fingerprint() != data.fingerprint()


def test_parts_and_files_for_workers_lack_them(path, tmp_path):
    data = tenon.read(path, "y")
    assert data.rows(data.row_ids[:2]).unlabelled is None
    assert data.without_target().unlabelled is None
    data.save(tmp_path / "shared")
    assert Dataset.load(tmp_path / "shared").unlabelled is None


def test_roles_are_not_among_their_columns(tmp_path):
    frame = pd.DataFrame({"x": np.arange(6.0), "user": list("aabbcc"), "w": [1.0] * 6, "y": ["p", None, "q", "p", None, "q"]})
    data = tenon.read(frame, "y", group="user", weight="w")
    assert list(data.unlabelled.frame.columns) == ["x"]


def test_final_rows_without_a_target_stay_left_out(path, tmp_path):
    (tmp_path / "f.csv").write_text("n,word,when,y\n7,u,2020-01-01,yes\n8,u,2020-01-01,\n9,u,2020-02-01,no\n")
    data = tenon.read(path, "y", final=tmp_path / "f.csv")
    assert data.unlabelled.row_ids.tolist() == [1, 3]
