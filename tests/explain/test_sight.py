"""Where a network looks, drawn over its image; and rows moved against it."""

import base64
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.explain.held import held_for

import tenon
from tenon.catalogue import METHODS
from tenon.explain.robustness import robustness
from tenon.explain.sight import COLOUR, MAP, drawn_map, drawn_sight
from tenon.features.decode import as_png
from tenon.features.native import NativeColumns
from tenon.features.pixels import Pictures
from tenon.tasks import infer_task


def drawn(picture: np.ndarray, where: np.ndarray) -> np.ndarray:
    head, _, content = drawn_sight(picture, where).partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


@pytest.mark.parametrize("n_channels", [1, 3])
def test_colour_stands_where_the_network_looks(n_channels):
    where = np.zeros((10, 20))
    where[:, 10:] = 1.0
    seen = drawn(np.full((10, 20, n_channels), 55, np.uint8), where)
    assert seen.shape == (48, 96, 3)
    assert (seen[:, :40] == 155).all(), "half of the way from 55 to white"
    assert (seen[:, 56:] == COLOUR).all()


def pictures(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    X = rng.integers(60, 120, (n, 12, 12, 1)).astype(np.uint8)
    X[y == 1, 3:9, 3:9] += 60
    return pd.DataFrame({"image": pd.Series([as_png(x) for x in X], dtype=object), "y": np.where(y, "dot", "none")})


def fitted(frame: pd.DataFrame, name: str, **params):
    data = tenon.read(frame, "y")
    method = next(method for method in METHODS if method.name == name)
    settings = {key: param.default for key, param in method.params.items()} | params
    return data, method.fit(data, infer_task(data.target)[0], params=settings, seed=0, budget="quick")


def test_steps_against_a_network_stand_in_the_table():
    data, model = fitted(pictures(), "lenet")
    section = robustness(held_for(model, data), 0)
    falls = {row["what"]: row["fall"] for row in section["rows"]}
    small, large = (falls[f"pixels {n} % of the range off, as harms most"] for n in (1, 3))
    assert large >= small >= 0
    said = model.explain_rows(data.rows(data.row_ids[:4]))["sights"]
    assert said["where"].shape == (4, 12, 12)
    assert said["where"].min() >= 0
    assert said["where"].max() <= 1
    assert said["answers"] == model.predict_rows(data.rows(data.row_ids[:4])).value.tolist()


def test_a_model_without_gradients_is_not_moved_against():
    rng = np.random.default_rng(0)
    data, model = fitted(pd.DataFrame({"x": rng.normal(size=80), "y": np.arange(80) % 2}), "logistic")
    assert model.moved_against(data, np.arange(80) % 2, 0.1) is None
    assert not any("harms" in row["what"] for row in robustness(held_for(model, data), 0)["rows"])


def test_numbers_move_by_their_deviation_and_gaps_stay():
    frame = pd.DataFrame({"x": [1.0, 3.0, np.nan], "z": [0.0, 0.0, 0.0]})
    signs = np.array([[1, 1], [-1, 0], [1, -1]])
    moved = NativeColumns(["x", "z"], [], [], []).fit(frame).moved(frame, signs, 0.5)
    np.testing.assert_array_equal(moved["x"], [1.5, 2.5, np.nan])  # the deviation of 1 and 3 is 1
    np.testing.assert_array_equal(moved["z"], [0.0, 0.0, 0.0])


def test_pixels_move_by_whole_levels_within_their_range():
    frame = pictures(4)
    made = Pictures("image").fit(frame)
    before, signs = made.transform(frame).astype(int), np.random.default_rng(1).integers(-1, 2, (4, 12, 12, 1))
    after = made.transform(frame.assign(**made.moved(frame, signs, 0.4)))
    np.testing.assert_array_equal(after, np.clip(before + 102 * signs, 0, 255))


def test_a_map_is_dark_where_it_is_greatest_and_white_where_it_is_nothing():
    _, _, content = drawn_map(np.array([[0.0, 2.0], [1.0, 0.0]])).partition(",")
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))
    assert picture.shape == (MAP, MAP)
    assert [picture[0, 0], picture[0, -1], picture[-1, 0]] == [255, 0, 128]


def test_a_map_of_nothing_is_white():
    _, _, content = drawn_map(np.zeros((3, 5))).partition(",")
    assert (np.asarray(Image.open(io.BytesIO(base64.b64decode(content)))) == 255).all()
