"""What is said about rows that stand more than once: the figures by hand, the rows as a user counts them."""

from dataclasses import replace

import numpy as np
import pytest
from tests.checks.subjects import subject
from tests.data.test_duplicates import LONG, reviews
from tests.data.test_near_images import picture, stored

from tenon.checks.alike import alike
from tenon.checks.copies import copies
from tenon.checks.look import findings_of
from tenon.checks.sets import Copies
from tenon.data.duplicates import with_copies


def found(*args, **settings):
    return said_of(subject(*args, **settings))


def said_of(one):
    same = Copies(one)
    return {finding.check: finding for finding in [*copies(same), *alike(same)]}


def texts_and_labels():
    texts = reviews(100, 1)[0].tolist()
    texts[40], texts[70] = texts[3], texts[9]
    texts[71] = texts[9] + "!"
    return texts, np.arange(100) % 2  # rows 4 and 41 differ in their label, 10 and 71 too, 10 and 72 do not


def test_texts():
    texts, y = texts_and_labels()
    said = found({"t": texts, "y": y}, {"t": "text"})
    assert (
        said["repeated"].sentence
        == "5 rows have the same or nearly the same text, rows 4/41, 10/71/72: kept on one side of every split"
    )
    assert said["repeated"].severity == "warning"
    assert said["repeated"].figures["n"] == 5
    assert said["repeated"].figures["n_same"] == 4
    assert said["repeated"].rows == ("4 and 41", "10 and 71 and 72")
    assert said["contradiction"].sentence == "4 rows with the same features differ in 'y': rows 4/41, 10/71"
    assert said["contradiction"].figures["n_wrong"] == 2
    assert set(said) == {"repeated", "contradiction"}


def test_rows_are_counted_in_the_file():
    """Rows without a target are left out, but still counted; final rows are counted in their own file."""
    texts, y = texts_and_labels()
    one = subject({"t": texts, "y": y}, {"t": "text"}, final=30)
    frame = one.data.frame.set_index(np.concatenate([np.arange(70) + 100, np.arange(30) + 1000]))
    data = type(one.data)(frame, one.data.schema, final_ids=frame.index[70:].to_numpy(), final_start=990)
    said = said_of(type(one)(data, one.task))
    assert said["repeated"].rows == ("104 and 141",)
    assert said["seen"].sentence == (
        "2 of 30 final rows have the same or nearly the same text as others, rows 110/final 11, 110/final 12: "
        "the final score flatters"
    )


def test_nothing_is_said_where_all_rows_differ():
    assert found({"t": reviews(100, 1)[0], "y": np.arange(100) % 2}, {"t": "text"}, final=20) == {}


def test_copies_in_order_of_time_and_in_forms_are_not_kept_together():
    texts, y = texts_and_labels()
    in_time = found({"t": texts, "when": np.arange(100.0), "y": y}, {"t": "text", "when": "number"}, when="time")
    assert in_time["repeated"].sentence.endswith("5 of them cannot be kept on one side of every split")
    forms = [
        f"Dear customer, your parcel number {1000 + k} has arrived today and waits for you at the office" for k in range(100)
    ]
    said = found({"t": forms, "y": y}, {"t": "text"})["repeated"]
    assert said.sentence.startswith("100 rows have nearly the same text")
    assert said.figures["n_apart"] == 100


def test_copies_known_before_are_not_sought_again(monkeypatch):
    texts, y = texts_and_labels()
    one = subject({"t": texts, "y": y}, {"t": "text"})
    ready = type(one)(with_copies(one.data), one.task)
    monkeypatch.setattr("tenon.data.near.near_texts", lambda cells: 1 / 0)
    assert said_of(ready)["repeated"].figures["n"] == 5


@pytest.mark.parametrize("kind", ["text", "tokens"])
def test_empty_texts_are_no_copies(kind):
    texts, y = texts_and_labels()
    cells = texts if kind == "text" else [text.split() for text in texts]
    nothing = None if kind == "text" else []
    for row in (*range(80, 96), 98, 99):  # so many that they cannot be kept on one side
        cells[row] = nothing
    said = found({"t": cells, "y": y}, {"t": kind}, final=2)
    assert said["repeated"].figures["n"] == 5
    assert said["repeated"].figures["n_apart"] == 0
    assert said["repeated"].rows == ("4 and 41", "10 and 71 and 72")
    assert "seen" not in said
    assert said["contradiction"].figures["n"] == 4  # not the empty ones, of either label


def table(n=200, seed=0):
    rng = np.random.default_rng(seed)
    columns = {
        "a": rng.normal(size=n),
        "b": rng.lognormal(sigma=3, size=n),
        "c": rng.choice(list("xyz"), n),
        "y": np.arange(n) % 2,
    }
    return columns, {"a": "number", "b": "number", "c": "category"}


def test_tables():
    columns, kinds = table()
    for name in ("a", "b", "c"):
        columns[name][150:157] = columns[name][7:14]
    said = found(columns, kinds)
    assert said["repeated"].sentence == "14 of 200 rows are the same as others in all features: rows 8/151, 9/152, 10/153, …"
    assert said["repeated"].severity == "warning"
    assert said["contradiction"].figures["n"] == 14  # 7 and 150, and so on: the one is odd, the other even
    assert said["contradiction"].figures["n_wrong"] == 7
    assert set(said) == {"repeated", "contradiction"}


@pytest.mark.parametrize(("n_values", "severity"), [(60, "note"), (100_000, "warning")])
def test_how_telling_the_columns_are(n_values, severity):
    """Of 400 rows, 20 repeat others; where a value in three comes again anyway, that is nothing to wonder at."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, n_values, 400).astype(float), rng.integers(0, 8, 400).astype(float)
    a[380:], b[380:] = a[:20], b[:20]
    said = found({"a": a, "b": b, "y": np.arange(400) % 2}, {"a": "number", "b": "number"})
    assert said["repeated"].severity == severity


def test_copies_of_a_large_part_are_told():
    """Where a number tells rows apart, a third of them may be copies and still be nothing natural; so may all, written twice."""
    columns, kinds = table()
    third = {name: np.concatenate([cells, cells[:40]]) for name, cells in columns.items()}
    assert found(third, kinds)["repeated"].severity == "warning"
    twice = {name: np.concatenate([cells, cells]) for name, cells in columns.items()}
    assert found(twice, kinds)["repeated"].severity == "warning"
    assert {finding.check for finding in findings_of(subject(twice, kinds).data, subject(twice, kinds).task)} == {"repeated"}
    small = np.arange(60.0) % 12  # one number of few values: every row comes again by itself
    assert found({"a": np.append(small, 3.0), "y": np.arange(61) % 2}, {"a": "number"})["repeated"].severity == "note"


def test_final_rows_that_are_the_file_itself():
    rng = np.random.default_rng(0)
    columns = {name: np.tile(rng.choice(list("xy"), 100), 2) for name in "abc"} | {"y": np.tile(rng.integers(0, 2, 100), 2)}
    assert found(columns, dict.fromkeys("abc", "category"), final=100)["seen"].severity == "warning"


@pytest.mark.parametrize(("n_rows", "severity"), [(150, "warning"), (300, "note")])
def test_a_few_copies_of_texts_need_nothing_done(n_rows, severity):
    texts = reviews(n_rows, 1)[0].tolist()
    texts[40] = texts[3]
    assert (
        found({"t": texts, "y": np.zeros(n_rows, int) + (np.arange(n_rows) > 60)}, {"t": "text"})["repeated"].severity == severity
    )


def test_equal_rows_of_a_few_categories_are_natural():
    rng = np.random.default_rng(0)
    columns = {name: rng.choice(list("xy"), 200) for name in "abc"} | {"y": rng.integers(0, 2, 200)}
    said = found(columns, dict.fromkeys("abc", "category"), final=50)
    assert {finding.severity for finding in said.values()} == {"note"}
    assert set(said) == {"repeated", "contradiction", "seen"}


def test_rows_that_are_nearly_equal():
    columns, kinds = table()
    for name in ("a", "b", "c"):
        columns[name][100:110] = columns[name][:10]
    columns["a"][100:110] *= 1 + 1e-6
    columns["when"] = np.datetime64("2024-01-01") + np.arange(200)
    said = found(columns, kinds | {"when": "date"})
    # of ten pairs, hardly one has a figure so near to the middle of two rounded ones that 1e-6 parts them
    assert 18 <= said["alike"].figures["n"] <= 20
    assert "nearly the same as others (numbers to 3 figures): rows 1/101, 2/102, 3/103" in said["alike"].sentence
    assert found(*table()) == {}


def test_one_number_is_enough_to_see_resemblance():
    """200 rows of three figures each and a category of three: some 1,000 ways or more, so hardly a pair by chance."""
    columns, kinds = table()
    columns = {name: np.concatenate([columns[name], columns[name][:30]]) for name in ("b", "c", "y")}
    columns["b"][200:] *= 1 + 1e-6
    columns["k"] = np.concatenate([np.arange(200) % 40, np.arange(30) % 40]).astype(float)
    said = found(columns, {"b": "number", "c": "category", "k": "number"})
    assert 56 <= said["alike"].figures["n"] <= 60


@pytest.mark.parametrize("kind", ["text", "category"])
def test_numbers_do_not_contradict(kind):
    rng = np.random.default_rng(0)
    columns = {"t": [LONG] * 5 + reviews(95, 1)[0].tolist(), "y": rng.normal(size=100)}
    assert set(found(columns, {"t": kind, "y": "number"})) == {"repeated"}


def test_images_are_called_by_their_files(tmp_path):
    names = [f"{label}/{k}.png" for k in range(30) for label in ("cat", "dog")]
    for place, name in enumerate(names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(stored(picture(5 if name in ("cat/5.png", "dog/9.png") else 100 + place)))
    one = subject({"image": names, "y": [name[:3] for name in names]}, {"image": "image"})
    said = said_of(type(one)(replace(one.data, root=tmp_path), one.task))
    assert said["repeated"].sentence == (
        "2 rows have the same image, rows cat/5.png = dog/9.png: kept on one side of every split"
    )
    assert said["contradiction"].sentence == "2 rows with the same features differ in 'y': rows cat/5.png = dog/9.png"
