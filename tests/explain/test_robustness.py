"""What disturbed rows cost: by formulas whose loss is known, and the disturbances themselves by what they leave."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter
from tests.explain.held import Formula, held_for

import tenon
from tenon.explain.disturbances import blurred, darkened, grainy, mistyped, noisy, shortened, with_gaps
from tenon.explain.robustness import robustness
from tenon.tasks import infer_task

RNG_SEED = 7


def rng() -> np.random.Generator:
    return np.random.default_rng(RNG_SEED)


def table(n: int = 1500) -> pd.DataFrame:
    x = np.random.default_rng(0).normal(size=(n, 2))
    return pd.DataFrame({"x": 10 * x[:, 0], "other": x[:, 1], "y": 10 * x[:, 0]})


def found(formula, frame=None):
    data = tenon.read(table() if frame is None else frame, "y")
    section = robustness(held_for(Formula(data, infer_task(data.target)[0], formula), data), 0)
    return {row["what"]: row for row in section["rows"]}


@pytest.mark.mission("D15")
def test_noise_costs_a_perfect_model_just_this_noise():
    rows = found(lambda frame: frame["x"].fillna(0.0))
    for share in (0.1, 0.5):
        row = rows[f"noise of {share} standard deviations on numbers"]
        expected = share * table()["x"].std()
        assert row["fall"] == pytest.approx(expected, rel=0.05), "RMSE of x + noise against x"
        assert row["low"] < expected < row["high"]
        assert row["verdict"] == "worse"


def test_a_model_that_reads_nothing_loses_exactly_nothing():
    for row in found(lambda frame: np.zeros(len(frame))).values():
        assert (row["fall"], row["p_value"], row["verdict"]) == (0.0, 1.0, "same")


def test_missing_cells_cost_what_stands_in_for_them():
    """Where 0 stands in for a missing x, the squared error is x² for that share of the rows."""
    rows = found(lambda frame: frame["x"].fillna(0.0))
    assert rows["one cell in four missing"]["fall"] == pytest.approx(np.sqrt(0.25 * (table()["x"] ** 2).mean()), rel=0.1)


def test_nothing_to_disturb():
    data = tenon.read(pd.DataFrame({"x": pd.Categorical(list("ab") * 30), "y": list("uv") * 30}), "y")
    whats = found(lambda frame: np.full(len(frame), 0.5), data.frame)
    assert set(whats) == {"one cell in twenty missing", "one cell in four missing"}, "numbers, texts and images there are none"


def test_noise_leaves_gaps_and_constant_columns_alone():
    cells = pd.Series([1.0, np.nan, 3.0, 5.0])
    assert np.isnan(noisy(0.5, cells, None, rng())).tolist() == [False, True, False, False]
    assert noisy(0.5, pd.Series([4.0, 4.0]), None, rng()).tolist() == [4.0, 4.0]
    assert noisy(0.5, pd.Series([np.nan, np.nan]), None, rng()).tolist() == pytest.approx([np.nan] * 2, nan_ok=True)


def test_gaps():
    assert with_gaps(0.25, pd.Series(np.arange(4000.0)), None, rng()).isna().mean() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("text", ["a plain sentence of words", "一句没有空格的话", ""])
def test_words_left_out_are_a_part_of_the_text_in_its_order(text):
    for draw in range(20):
        (left,) = shortened(0.5, pd.Series([text]), None, np.random.default_rng(draw))
        pieces = iter(text.split(" ") if " " in text else text)
        assert all(piece in pieces for piece in (left.split(" ") if " " in text else left)), "a subsequence"
        assert bool(left) == bool(text)


def test_typos_keep_the_letters():
    text = "the quick brown fox 敏捷的棕色狐狸" * 20
    (typed,) = mistyped(0.1, pd.Series([text]), None, rng())
    assert sorted(typed) == sorted(text)
    assert 0.1 < np.mean([a != b for a, b in zip(typed, text, strict=True)]) < 0.3  # an exchange moves two letters
    assert mistyped(0.1, pd.Series([None, "ab"], dtype=object), None, rng()).isna().tolist() == [True, False]


def picture(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


@pytest.mark.parametrize("shape", [(40, 30), (40, 30, 3)])
def test_images(shape):
    pixels = rng().integers(60, 190, shape).astype(np.uint8)
    data = tenon.read(pd.DataFrame({"image": [picture(pixels)] * 4, "y": list("abab")}), "y")

    def drawn(change, size):
        (cell, *_) = change(size, data.frame["image"], data, rng())
        return np.asarray(Image.open(io.BytesIO(cell))).astype(float)

    assert np.abs(drawn(darkened, 0.5) - pixels / 2).max() <= 0.5 + 1e-6
    assert (drawn(grainy, 0.05) - pixels).std() == pytest.approx(0.05 * 255, rel=0.05)
    sigma = (0.1 * 30, 0.1 * 30, 0)[: len(shape)]
    assert np.abs(drawn(blurred, 0.1) - gaussian_filter(pixels.astype(float), sigma)).max() <= 0.5 + 1e-6
