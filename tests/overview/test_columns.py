"""What is said of columns: by hand, and beside SciPy and NumPy."""

import base64
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import stats
from tests.datasets import dataset

import tenon
from tenon.overview.columns import columns
from tenon.overview.gaps import gaps
from tenon.overview.images import images
from tenon.overview.texts import histogram, script, texts
from tenon.overview.together import correlation_ratio, cramers_v, together
from tenon.tasks import Task


def seen(frame, **settings):
    return {one["name"]: one for one in columns(tenon.read(frame, **settings))}


def test_numbers():
    x = [*range(1, 21), 1000.5, np.nan]
    one = seen(pd.DataFrame({"x": x}))["x"]
    assert (one["kind"], one["missing"], one["different"]) == ("number", 1, 21)
    assert (one["low"], one["median"], one["high"]) == (1.0, 11.0, 1000.5)
    assert (one["q25"], one["q75"]) == (6.0, 16.0)
    assert one["far"] == 1  # beyond 16 + 1.5 · 10
    assert one["mean"] == pytest.approx(np.nanmean(x))
    assert one["sd"] == pytest.approx(np.nanstd(x, ddof=1))
    assert one["bins"] == [20, *[0] * 18, 1]


def test_categories_dates_texts_and_what_is_ignored():
    n = 60
    frame = pd.DataFrame(
        {
            "kind": ["b"] * 30 + ["a"] * 20 + ["c"] * 10,
            "when": pd.date_range("2024-01-01", periods=n).astype(str),
            "text": [f"a review of some length, number {i} of them all" for i in range(n)],
            "same": ["x"] * n,
        }
    )
    found = seen(frame)
    assert found["kind"]["top"] == [["b", 30], ["a", 20], ["c", 10]]
    assert (found["when"]["first"], found["when"]["last"]) == ("2024-01-01T00:00:00", "2024-02-29T00:00:00")
    assert sum(found["when"]["bins"]) == n
    assert found["text"]["length"]["high"] == len(frame["text"][10])
    assert found["same"]["kind"] == "ignore"


def test_targets_of_every_type_have_their_values_told():
    for values in (["no", "yes"], [0, 1], [True, False]):
        frame = pd.DataFrame({"x": np.random.default_rng(0).normal(size=40), "y": np.resize(values, 40)})
        assert seen(frame, target="y")["y"]["top"] == sorted([[str(value), 20] for value in values])


def test_gaps_by_hand():
    frame = pd.DataFrame({"a": [None, None, None, "4", "5", "6"], "b": [None, None, "3", None, "5", "6"], "c": list("123456")})
    found = gaps(tenon.read(frame))
    assert (found["rows"], found["whole_rows"]) == (6, 2)
    assert found["together"][0] == {"columns": ["a", "b"], "n_columns": 2, "rows": 2}
    assert [(one["columns"], one["rows"]) for one in found["together"][1:]] in (
        [(["b"], 1), (["a"], 1)],
        [(["a"], 1), (["b"], 1)],
    )
    assert gaps(tenon.read(frame[["c"]])) is None


def test_measures_of_pairs():
    a, b = pd.Series(list("aabb") * 10), pd.Series(list("xxyy") * 10)
    assert cramers_v(a, b) == pytest.approx(1.0)
    table = pd.crosstab(a, pd.Series(list("xyxx") * 10)).to_numpy()
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    assert cramers_v(a, pd.Series(list("xyxx") * 10)) == pytest.approx(np.sqrt(chi2 / 40))  # the lesser side has two values
    x = pd.Series(np.resize([1.0, 3.0, 5.0, 9.0], 40))
    # means 2 and 7 around 4.5: between 40 · 2.5², within 20 · 1² + 20 · 2²
    assert correlation_ratio(a, x) == pytest.approx(np.sqrt(250 / (250 + 100)))
    assert np.isnan(correlation_ratio(a, pd.Series(np.ones(40))))
    assert np.isnan(cramers_v(pd.Series(["k"] * 40), b))


def test_pairs_of_every_kind_are_ordered_by_strength():
    rng = np.random.default_rng(0)
    n = 200
    a = rng.normal(size=n)
    frame = pd.DataFrame({"a": a, "b": -np.exp(a), "c": rng.normal(size=n), "side": np.where(a > 0, "up", "down")})
    frame.loc[::7, "c"] = np.nan
    found = together(tenon.read(frame))
    first, second = found["pairs"][:2]
    assert (set(first["columns"]), first["value"], first["measure"]) == ({"a", "b"}, pytest.approx(-1.0), "Spearman")
    assert set(second["columns"]) == {"a", "side"}
    assert found["n_pairs"] == 6
    square, there = found["square"], frame.dropna()
    at = square["columns"].index("a"), square["columns"].index("c")
    assert square["values"][at[0]][at[1]] == pytest.approx(stats.spearmanr(there["a"], there["c"]).statistic)
    assert "reason" in together(tenon.read(frame[["a"]]))


def test_lengths_and_scripts_of_texts():
    data = dataset({"t": ["one two", "one", None, "one two three", "四五六"]}, {"t": "text"})
    [one] = texts(data)
    assert (one["rows"], one["unit"], one["different_units"], one["units"], one["once"]) == (4, "words", 4, 7, 2)
    assert one["scripts"] == [["Latin", 0.75], ["Chinese or Japanese", 0.25]]
    assert (one["length"]["low"], one["length"]["high"]) == (1.0, 3.0)
    assert [script(text) for text in ("Привет", "123 !?", "")] == ["Cyrillic", "no letters", "no letters"]


def test_histogram_of_lengths_keeps_every_text():
    lengths = np.array([3, 3, 4, 99, 50])
    bins = histogram(lengths)
    assert sum(bins["counts"]) == 5
    assert bins["start"] == 3
    assert bins["start"] + bins["width"] * len(bins["counts"]) > 99
    assert histogram(np.array([7, 7])) == {"start": 7, "width": 1, "counts": [2]}


def test_images_by_hand(tmp_path):
    Image.new("RGB", (8, 4), (255, 255, 255)).save(tmp_path / "a.png")
    Image.new("L", (8, 4), 0).save(tmp_path / "b.png")
    Image.new("RGB", (6, 6), (255, 255, 255)).save(tmp_path / "c.jpg")
    [one] = images(dataset({"image": ["a.png", "b.png", "c.jpg"]}, {"image": "image"}, root=tmp_path))
    assert one["sizes"] == [[8, 4, 2], [6, 6, 1]]
    assert dict(map(tuple, one["formats"])) == {"PNG": 2, "JPEG": 1}
    assert dict(map(tuple, one["colours"])) == {"colour": 2, "grey": 1}
    assert one["brightness"]["median"] == pytest.approx(1.0)
    [sample] = one["samples"]
    assert (sample["label"], len(sample["pictures"])) == (None, 3)


def test_of_every_class_some_images_are_shown_the_most_frequent_first(tmp_path):
    labels = ["dark"] * 3 + ["light"] * 8
    for i, label in enumerate(labels):
        Image.new("L", (2, 2), 250 if label == "light" else i).save(tmp_path / f"{i}.png")
    data = dataset({"image": [f"{i}.png" for i in range(11)], "y": labels}, {"image": "image"}, root=tmp_path)
    [one] = images(data, Task("binary", "y", ("dark", "light")))
    assert [(sample["label"], len(sample["pictures"])) for sample in one["samples"]] == [("light", 5), ("dark", 3)]
    darks = [Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) for uri in one["samples"][1]["pictures"]]
    assert [image.convert("L").getpixel((0, 0)) for image in darks] == [0, 1, 2]
    [several] = images(data, Task("regression", "y"))
    assert [sample["label"] for sample in several["samples"]] == [None]
