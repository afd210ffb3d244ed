"""Pixels against images whose values are known."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tenon.errors import DataError
from tenon.features.pixels import IMAGE_LENGTH, Centred, Pictures, Pixels


def png(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "PNG")
    return stream.getvalue()


GREY = np.array([[0, 51], [102, 255]], np.uint8)
COLOUR = np.stack([GREY, GREY // 3, 255 - GREY], axis=-1)


def test_values_are_those_of_the_image(tmp_path):
    (tmp_path / "图.png").write_bytes(png(COLOUR))
    cells = [png(COLOUR), str(tmp_path / "图.png")]
    ours = Pixels().fit_transform(cells)
    assert ours.dtype == np.float32
    np.testing.assert_array_equal(ours, np.stack([(COLOUR / np.float32(255)).ravel()] * 2))


def test_grey_images_have_one_channel_and_colour_is_turned_grey():
    pixels = Pixels().fit([png(GREY)])
    assert pixels.n_channels_ == 1
    np.testing.assert_allclose(pixels.transform([png(GREY)]), [[0, 0.2, 0.4, 1]], rtol=1e-6)  # float32
    np.testing.assert_allclose(pixels.transform([png(np.stack([GREY] * 3, -1))]), [[0, 0.2, 0.4, 1]], rtol=1e-6)


def test_one_colour_image_makes_three_channels():
    assert Pixels().fit_transform([png(GREY), png(COLOUR), png(GREY)]).shape == (3, 12)


def test_sixteen_bits_keep_their_range():
    deep = np.array([[0, 13107], [26214, 65535]], np.uint16)
    np.testing.assert_allclose(Pixels().fit_transform([png(deep)]), [[0, 0.2, 0.4, 1]], rtol=1e-6)  # float32


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(4, 6), (4, 6), (9, 9)], (4, 6)),
        ([(9, 9), (4, 6)], (4, 6)),  # equally common: the smaller
        ([(64, 128)], (16, 32)),
        ([(1000, 1)], (32, 1)),
    ],
)
def test_size_is_the_most_common_one_within_32(sizes, expected):
    cells = [png(np.full((height, width), 255, np.uint8)) for width, height in sizes]
    pixels = Pixels().fit(cells)
    assert pixels.size_ == expected
    ours = pixels.transform(cells)
    assert ours.shape == (len(sizes), expected[0] * expected[1])
    assert (ours == 1).all()  # white stays white whatever the size


def test_no_rows_give_no_rows():
    assert Pixels().fit([png(GREY)]).transform([]).shape == (0, 4)


def test_unreadable_images_are_named(tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(png(np.random.default_rng(0).integers(0, 256, (40, 40), np.uint8))[:900])
    pixels = Pixels().fit([png(GREY)])
    with pytest.raises(DataError, match=r"broken.png is damaged or cut off\. Remove the row, or mend the file\."):
        pixels.transform([str(broken)])
    with pytest.raises(DataError, match="a cell of 9 bytes is no image of a known format"):
        pixels.transform([b"no image!"])
    with pytest.raises(DataError, match="missing.png is not there"):
        Pixels().fit([str(tmp_path / "missing.png")])


def test_pictures_are_the_same_pixels_unpacked_once():
    rng = np.random.default_rng(0)
    colour, grey = rng.integers(0, 256, (9, 12, 3), np.uint8), rng.integers(0, 256, (9, 12), np.uint8)
    cells = [png(colour), png(np.repeat(np.repeat(colour, 3, 0), 3, 1)), png(grey), png(colour)]
    ours = Pictures("x").fit_transform(pd.DataFrame({"x": cells}))
    assert (ours.shape, ours.dtype) == ((4, 9, 12, 3), np.uint8)
    np.testing.assert_array_equal(ours[0], colour)
    np.testing.assert_array_equal(ours[2], np.stack([grey] * 3, axis=-1))
    np.testing.assert_array_equal(ours.reshape(4, -1) / np.float32(255), Pixels().fit_transform(cells))


@pytest.mark.parametrize(
    ("size", "longest", "expected"),
    [
        ((100, 50), 64, (32, 64)),
        ((100, 50), 20, (10, 20)),
        ((12, 9), 64, (9, 12)),
        ((5, 6), 64, (8, 8)),
        ((800, 10), 64, (8, 64)),
    ],
)
def test_pictures_have_at_most_64_and_at_least_8_pixels_a_side(size, longest, expected):
    frame = pd.DataFrame({"x": [png(np.full(size[::-1], 255, np.uint8))]})
    pictures = Pictures("x", longest).fit(frame)
    assert pictures.transform(frame).shape == (1, *expected, 1)
    assert (pictures.transform(frame) == 255).all()
    assert pictures.transform(frame[:0]).shape == (0, *expected, 1)


def test_pictures_of_sixteen_bits_keep_their_upper_ones():
    deep = np.repeat(np.array([[0, 13107], [26214, 65535]], np.uint16), 8, axis=0).repeat(8, axis=1)
    ours = Pictures("x").fit_transform(pd.DataFrame({"x": [png(deep)]}))
    assert ours[0, ::8, ::8, 0].tolist() == [[0, 51], [102, 255]]


def test_centred_rows_have_mean_zero_and_the_stated_length():
    rows = np.random.default_rng(0).uniform(size=(50, 12)).astype(np.float32)
    ours = Centred().fit_transform(rows)
    assert ours.dtype == np.float64
    np.testing.assert_allclose(ours.mean(axis=0), 0, atol=1e-15)  # float64 sums of 50 numbers below 1
    assert np.sqrt((ours**2).sum(axis=1).mean()) == pytest.approx(IMAGE_LENGTH, rel=1e-12)
    assert (Centred().fit_transform(rows[:1]) == 0).all()
