"""Cells and pictures as people see them."""

import base64
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.datasets import dataset, images

from tenon.insight.shown import cell_text, feature_cells, picture_of, shown_columns


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (39.0, "39"),
        (0.1 + 0.2, "0.3"),
        (1_234_567.0, "1234567"),
        (float("nan"), None),
        (None, None),
        (pd.NA, None),
        (pd.NaT, None),
        ("很好", "很好"),
        ("x" * 161, "x" * 160 + "…"),
        (pd.Timestamp("2024-02-03"), "2024-02-03"),
        (pd.Timestamp("2024-02-03 04:05"), "2024-02-03 04:05:00"),
        (["a", "b"], "a b"),
        (True, "True"),
        (b"bytes", None),
    ],
)
def test_a_cell_as_text(cell, text):
    assert cell_text(cell) == text


def test_texts_come_first_and_what_no_method_reads_last():
    columns = {"id": [1, 2], "n": [1.0, 2.0], "remark": ["u", "v"], "y": ["a", "b"], "user": ["p", "q"]}
    kinds = {"id": "ignore", "n": "number", "remark": "text"}
    data = dataset(columns, kinds, roles={"user": "group"})
    assert shown_columns(data) == ["remark", "n", "id", "user"]
    assert feature_cells(data, 1)["cells"] == {"remark": "v", "n": "2", "id": "2", "user": "q"}


def test_a_table_of_many_columns_is_cut():
    data = dataset({**{f"c{i}": ["u"] for i in range(50)}, "y": ["a"]}, {})
    assert shown_columns(data) == [f"c{i}" for i in range(12)]


def test_pictures_are_small_and_complete(tmp_path):
    Image.fromarray(np.full((300, 200, 3), 90, np.uint8)).save(tmp_path / "large.jpg")
    uri = picture_of("large.jpg", tmp_path)
    assert uri.startswith("data:image/png;base64,")
    with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as picture:
        assert picture.size == (64, 96)
    (tmp_path / "broken.png").write_bytes(b"no image")
    assert picture_of("broken.png", tmp_path) is None
    assert picture_of("absent.png", tmp_path) is None
    assert picture_of(None, tmp_path) is None


def test_a_row_of_images_has_its_picture(tmp_path):
    data, _ = images(tmp_path)
    shown = feature_cells(data, 3)
    assert shown["cells"] == {"image": "3.png"}
    assert set(shown["pictures"]) == {"image"}
