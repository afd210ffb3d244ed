"""The recipes against what the same columns give by hand, and against scikit-learn's parts one by one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.datasets import dataset, images, table

from tenon.data.dataset import Dataset
from tenon.errors import DataError, SettingsError
from tenon.features import counted, nothing, scaled
from tenon.features.columns import plain


def dense(matrix) -> np.ndarray:
    return matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)


def of_number(*cells: float) -> Dataset:
    return dataset({"x": cells, "y": [0.0] * len(cells)}, {"x": "number"})


def of_category(*cells: str | None) -> Dataset:
    return dataset({"c": list(cells), "y": [0.0] * len(cells)}, {"c": "category"})


@pytest.mark.mission("B3")
@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        # mean 3, deviation sqrt(8/3); the missing cell takes the median 3, that is 0 once scaled, and is marked
        ("standard", [[-2 / np.sqrt(8 / 3), 0], [0, 0], [2 / np.sqrt(8 / 3), 0], [0, 1]]),
        ("minmax", [[0, 0], [0.5, 0], [1, 0], [0.5, 1]]),
        ("unit", [[-1, 0], [0, 0], [1, 0], [0, 1]]),
    ],
)
def test_numbers_by_hand(scaling, expected):
    data = of_number(1, 3, 5, np.nan)
    ours = scaled(data.schema, {"scaling": scaling}).fit_transform(plain(data))
    np.testing.assert_allclose(ours, expected, atol=1e-15)  # a handful of float64 operations on numbers near 1


@pytest.mark.mission("B3")
def test_new_rows_are_scaled_as_the_train_rows():
    train, new = of_number(1, 3, 5), of_number(7, np.nan)
    transformer = scaled(train.schema, {}).fit(plain(train))
    np.testing.assert_allclose(transformer.transform(plain(new)), [[4 / np.sqrt(8 / 3)], [0]], atol=1e-15)  # as above


@pytest.mark.mission("B4")
def test_categories_rare_missing_and_unseen():
    train = of_category("a", "a", "a", "b", "b", "b", "c", "c", "d", None, None, None)
    transformer = scaled(train.schema, {}).fit(plain(train))
    ours = dense(transformer.transform(plain(of_category("a", "b", None, "c", "d", "never"))))
    assert (ours == np.eye(4)[[0, 1, 2, 3, 3, 3]]).all()  # c, d and what was never seen share the last column


def test_unseen_category_is_all_zeros_where_none_is_rare():
    train = of_category("a", "a", "a", "b", "b", "b")
    ours = dense(scaled(train.schema, {}).fit(plain(train)).transform(plain(of_category("never"))))
    assert (ours == 0).all()


def test_all_kinds_stand_side_by_side():
    data, _ = table()
    ours = scaled(data.schema, {}).fit(plain(data))
    slices = ours.output_indices_
    widths = {name: part.stop - part.start for name, part in slices.items() if part.stop > part.start}
    # numbers: size, age, and the mark of missing sizes; dates: 6 and a mark; categories: 3 and missing
    assert {name: widths[name] for name in ("numbers", "dates", "categories")} == {"numbers": 3, "dates": 7, "categories": 4}
    assert widths["text 0"] > 10
    assert set(widths) == {"numbers", "dates", "categories", "text 0"}
    assert dense(ours.transform(plain(data))).shape == (len(data), sum(widths.values()))


def test_unknown_scaling_is_refused():
    with pytest.raises(SettingsError, match="no scaling 'standart'; did you mean 'standard'"):
        scaled(of_number(1, 2).schema, {"scaling": "standart"})


def test_counted_gives_three_blocks():
    data, _ = table()
    blocks = counted(data.schema, {}).fit_transform(plain(data))
    assert blocks["numbers"].shape == (len(data), 2 + 6)
    assert np.isnan(blocks["numbers"][:, 0]).sum() == data.frame["size"].isna().sum()
    codes = blocks["categories"][:, 0]
    assert set(codes[~np.isnan(codes)]) == {0, 1, 2}
    assert (np.isnan(codes) == data.frame["colour"].isna()).all()
    assert blocks["counts"].min() >= 0


def test_counted_codes_what_was_never_seen():
    train = of_category("a", "b")
    new = counted(train.schema, {}).fit(plain(train)).transform(plain(of_category("b", "z")))
    assert new["categories"].tolist() == [[1], [-1]]
    assert new["numbers"].shape == new["counts"].shape == (2, 0)


def test_nothing_has_no_columns():
    data, _ = table()
    assert nothing(data.schema, {}).fit_transform(plain(data)).shape == (len(data), 0)


def test_plain_columns(tmp_path):
    data, _ = table()
    frame = plain(data)
    assert list(frame) == ["size", "age", "colour", "when", "remark"]
    assert frame["remark"].isna().sum() == 0
    assert (frame["remark"] == "").sum() == data.frame["remark"].isna().sum() > 0
    assert frame["colour"].isna().sum() == data.frame["colour"].isna().sum() > 0
    pictures, _ = images(tmp_path)
    assert plain(pictures)["image"].tolist() == [str(tmp_path / name) for name in pictures.frame["image"]]
    elsewhere = replace(pictures, root=None, frame=pictures.frame.assign(image=[b"x"] * len(pictures)))
    assert set(plain(elsewhere)["image"]) == {b"x"}


def test_infinite_numbers_and_missing_images_are_refused(tmp_path):
    with pytest.raises(DataError, match="data, row 2, column 'x' holds an infinite number"):
        plain(of_number(1, np.inf))
    pictures, _ = images(tmp_path)
    lacking = replace(pictures, frame=pictures.frame.assign(image=pd.Series([None] * len(pictures), dtype="str")))
    with pytest.raises(DataError, match="row 1, column 'image' holds no image"):
        plain(lacking)
