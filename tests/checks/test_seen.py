"""What is kept of the rows that a model has learnt from, and how new rows differ: false alarms, shifts, real data."""

import json

import numpy as np
import pytest
from tests.checks.test_drift import world
from tests.datasets import dataset

from tenon.checks.seen import FILE, NewSample, differing, keep_seen, seen_by, warning
from tenon.data.new_rows import open_new
from tenon.data.read import read
from tenon.errors import ModelFileError
from tenon.files import changed


def rows(seed, n, shift=0.0, only=()):
    columns, kinds = world(np.random.default_rng(seed), n, shift)
    return dataset({name: columns[name] for name in kinds if name in only or not only}, kinds)


def kept(train, folder):
    folder.mkdir(exist_ok=True)
    keep_seen(train, folder)
    return seen_by(folder)


def test_what_is_kept_is_sealed_and_holds_no_text(tmp_path):
    train = rows(0, 300)
    seen = kept(train, tmp_path)
    assert set(seen) == {"age", "size", "gaps", "city", "name", "remark"}
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert not any(word in text for word in train.frame["remark"].iloc[0].split() if len(word) > 4)
    assert json.loads(text)["n_rows"] == 300
    assert seen["name"]["value"].counts == {}  # 2,000 different ones: no row stands out
    assert changed(tmp_path) == []
    (tmp_path / FILE).write_text(text + " ")
    assert changed(tmp_path) == [FILE]
    (tmp_path / FILE).unlink()
    assert seen_by(tmp_path) is None


@pytest.mark.mission("B10")
def test_rows_of_one_world_give_no_alarm(tmp_path):
    """300 tries; the promise is one false alarm in a hundred at most, and small gaps are not told at all."""
    only = ("age", "size", "gaps", "city", "name")
    tries = ((rows(2 * i, 200, only=only), rows(2 * i + 1, 60, only=only)) for i in range(300))
    alarms = sum(bool(differing(kept(train, tmp_path), new)) for train, new in tries)
    assert alarms <= 3


@pytest.mark.mission("B10")
@pytest.mark.parametrize("seed", range(3))
def test_columns_that_shift_are_named_the_largest_first(tmp_path, seed):
    found = differing(kept(rows(seed, 600), tmp_path), rows(seed + 50, 200, shift=0.8))
    assert {shift.name for shift in found} == {"age", "gaps", "city"}
    assert found == sorted(found, key=lambda shift: -shift.gap)
    said = warning(found)
    assert said.startswith(f"new rows differ from those learnt from: '{found[0].name}' {found[0].words} (gap .")
    assert "train" not in said


def test_few_rows_tell_nothing(tmp_path):
    assert differing(kept(rows(0, 600), tmp_path), rows(1, 19, shift=0.8)) == []


@pytest.mark.parametrize("n_most", [1_000, 7_000])
def test_the_sample_is_the_same_in_any_chunks(monkeypatch, n_most):
    monkeypatch.setattr("tenon.checks.seen.SAMPLE", n_most)
    whole = dataset({"x": np.arange(3000.0)}, {"x": "number"})
    found = []
    for size in (3000, 700, 999):
        sample = NewSample()
        for start in range(0, 3000, size):
            sample.add(whole.rows(whole.row_ids[start : start + size]))
        found.append(sample.rows.frame["x"].tolist())
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == min(n_most, 3000)
    assert found[0] == sorted(set(found[0]))
    assert n_most > 3000 or 1300 < np.mean(found[0]) < 1700  # 7 standard errors


def warned(tmp_path, train, target, new):
    """Return what is told of the rows in `new` by a model of those in `train`."""
    data = read(train, target)
    sample = NewSample()
    open_new(new, data.schema, sample.add)
    return [shift.words for shift in differing(kept(data, tmp_path), sample.rows)]


@pytest.mark.slow
def test_real_rows(tmp_path, tenon_data):
    """The test rows of adult were drawn with its train rows; questions in English are no reviews of hotels in Chinese."""
    adult, hotel, trec = (tenon_data / name for name in ("adult", "chnsenticorp_hotel", "trec"))
    assert warned(tmp_path, adult / "train.csv.gz", "income", adult / "test.csv.gz") == []
    told = warned(tmp_path, hotel / "train.csv.gz", "label", trec / "test.csv.gz")
    assert "script 'chinese' 99.9 % → 0 %" in told


@pytest.mark.parametrize("text", ["", "[]", '{"columns": {"x": {"number": {"n": "many", "quantiles": []}}}}', '{"columns": [1]}'])
def test_a_damaged_file_is_one_sentence(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ModelFileError, match=r"seen\.json is damaged; remove it, and nothing is told of rows unlike those"):
        seen_by(tmp_path)
