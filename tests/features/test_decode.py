"""Images of unusual kinds against pixels that are known, and files that are none."""

import io

import numpy as np
import pytest
from PIL import Image

from tenon.errors import DataError
from tenon.features.decode import Shape, as_unit, common_shape

COLOURED, GREY = Shape(2, 1, 3), Shape(2, 1, 1)


def written(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def levels(cell: bytes, shape: Shape) -> list:
    """What is read, in levels of 255."""
    return np.rint(255 * as_unit(cell, shape)).astype(int).tolist()


def test_what_is_transparent_is_grey_and_what_is_half_so_is_mixed():
    image = Image.fromarray(np.array([[[255, 0, 0, 0], [255, 0, 0, 255]]], np.uint8))
    assert levels(written(image), COLOURED) == [[[128, 128, 128], [255, 0, 0]]]
    half = Image.fromarray(np.array([[[255, 0, 0, 51], [0, 0, 0, 255]]], np.uint8))  # a fifth of red on four fifths of 128
    assert levels(written(half), COLOURED) == [[[153, 102, 102], [0, 0, 0]]]
    grey = Image.new("LA", (2, 1), (200, 255))
    grey.putpixel((0, 0), (255, 0))
    assert common_shape([written(grey)], 9).n_channels == 1
    assert levels(written(grey), GREY) == [[[128], [200]]]


def test_a_palette_is_its_colours_and_may_be_transparent():
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    assert levels(written(image), COLOURED) == [[[255, 0, 0], [0, 0, 255]]]
    assert levels(written(image, transparency=0), COLOURED) == [[[128, 128, 128], [0, 0, 255]]]
    assert levels(written(image, transparency=bytes([0, 255])), COLOURED) == [[[128, 128, 128], [0, 0, 255]]]


def test_printers_colours_become_those_of_a_screen():
    image = Image.new("CMYK", (2, 1), (0, 0, 0, 0))
    image.putpixel((0, 0), (0, 255, 255, 0))
    assert levels(written(image, "TIFF"), COLOURED) == [[[255, 0, 0], [255, 255, 255]]]


def test_the_first_frame_is_read():
    frames = [Image.new("L", (2, 1), level) for level in (255, 0, 90)]
    moving = written(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert levels(moving, GREY) == [[[255], [255]]]


@pytest.mark.parametrize("order", ["<", ">"])
def test_sixteen_bits_in_either_order_of_bytes(order):
    image = Image.fromarray(np.array([[13107, 65535]], f"{order}u2"))
    assert common_shape([written(image, "TIFF")], 9) == GREY
    assert levels(written(image, "TIFF"), GREY) == [[[51], [255]]]
    assert levels(written(image, "TIFF"), COLOURED) == [[[51] * 3, [255] * 3]]


def test_a_large_photograph_is_unpacked_small_and_looks_the_same():
    x = np.linspace(0, 255, 1600)
    photo = np.stack([np.tile(x, (800, 1)), np.tile(255 - x, (800, 1)), np.full((800, 1600), 90.0)], axis=-1).astype(np.uint8)
    ours = as_unit(written(Image.fromarray(photo), "JPEG", quality=95), Shape(16, 8, 3))
    means = photo.reshape(8, 100, 16, 100, 3).mean(axis=(1, 3)) / 255
    assert ours == pytest.approx(means, abs=0.02)  # a JPEG is lossy, and at the edges a blur sees less


def test_more_pixels_than_are_plausible_are_refused(monkeypatch):
    cell = written(Image.new("L", (30, 30)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)  # twice that is refused; more than that is only warned of
    assert as_unit(cell, GREY).shape == (1, 2, 1)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 400)
    with pytest.raises(DataError, match=r"bytes has more pixels than are unpacked in good faith \(800\)\."):
        as_unit(cell, GREY)


def test_floating_point_numbers_are_refused():
    cell = written(Image.new("F", (2, 1), 0.5), "TIFF")
    with pytest.raises(DataError, match="holds floating point numbers, of which nobody says what is white; save it"):
        as_unit(cell, GREY)


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        (b"", "is empty"),
        (b"GIF89a", "is no image of a known format"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is (damaged|no image)"),
        (b"II*\0" + bytes(9), "is (damaged|no image)"),
    ],
)
def test_what_is_no_image_is_told_in_one_sentence(cell, what):
    with pytest.raises(DataError, match=f"a cell of {len(cell)} bytes {what}.*. Remove the row, or mend the file"):
        as_unit(cell, GREY)
