"""Image files against pixels placed by the words of the Exif standard, and what is said of damaged ones."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image

from tenon.data.pictures import in_colour, looked_at, opened, upright_size
from tenon.errors import DataError
from tenon.features.decode import Shape, as_unit, common_shape

# Exif 2.32, table of Orientation: which side of what is seen the stored row 0 and column 0 are
SIDES = {
    1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
    5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
}  # fmt: skip


def turned(orientation) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def written(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def as_seen(stored: np.ndarray, orientation: int) -> np.ndarray:
    height, width = stored.shape[:2]
    row_0, column_0 = SIDES[orientation]
    down = row_0 in ("top", "bottom")
    seen = np.empty_like(stored if down else stored.swapaxes(0, 1))
    for r in range(height):
        for c in range(width):
            r_in = r if row_0 in ("top", "left") else height - 1 - r
            c_in = c if column_0 in ("top", "left") else width - 1 - c
            seen[(r_in, c_in) if down else (c_in, r_in)] = stored[r, c]
    return seen


@pytest.mark.parametrize("orientation", SIDES)
def test_what_a_camera_stored_askew_is_seen_upright(orientation):
    stored = np.random.default_rng(orientation).integers(0, 256, (3, 5, 3), np.uint8)
    cell = written(Image.fromarray(stored), "WEBP", lossless=True, exif=turned(orientation))
    expected = as_seen(stored, orientation)
    shape = common_shape([cell], 64)
    assert (shape.height, shape.width) == expected.shape[:2]
    assert np.rint(255 * as_unit(cell, shape)).tolist() == expected.tolist()
    assert looked_at(cell) == ((shape.width, shape.height), "")
    with opened(cell) as image:
        assert np.asarray(in_colour(image)).tolist() == expected.tolist()


def test_a_tiff_is_turned_once():
    stored = np.random.default_rng(0).integers(0, 256, (3, 5, 3), np.uint8)
    cell = written(Image.fromarray(stored), "TIFF", exif=turned(6))
    assert np.rint(255 * as_unit(cell, Shape(3, 5, 3))).tolist() == as_seen(stored, 6).tolist()


def test_a_large_photograph_askew_is_unpacked_small():
    x = np.linspace(0, 255, 1600)
    photo = np.stack([np.tile(x, (800, 1)), np.tile(255 - x, (800, 1)), np.full((800, 1600), 90.0)], axis=-1).astype(np.uint8)
    cell = written(Image.fromarray(photo), "JPEG", quality=95, exif=turned(6))  # row 0 is the right side, column 0 the top
    ours = as_unit(cell, Shape(8, 16, 3))
    means = photo.reshape(8, 100, 16, 100, 3).mean(axis=(1, 3)) / 255
    assert ours == pytest.approx(np.rot90(means, -1), abs=0.02)  # a JPEG is lossy, and at the edges a blur sees less


def test_a_damaged_note_on_orientation_is_passed_over():
    cell = written(Image.new("RGB", (5, 3)), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff junk")
    with opened(cell) as image:
        assert upright_size(image) == (5, 3)
    assert looked_at(cell) == ((5, 3), "")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_a_file_that_ends_in_the_middle_is_found(kind):
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    cell = written(Image.fromarray(noise), kind)
    assert looked_at(cell) == ((40, 40), "")
    assert looked_at(cell[: len(cell) // 2])[1] in ("is damaged or cut off", "is no image of a known format")
    with pytest.raises(DataError, match=r"a cell of [\d,]+ bytes is .*\. Remove the row, or mend the file\."):
        as_unit(cell[: len(cell) // 2], Shape(40, 40, 3))


def test_what_is_no_file_is_told(tmp_path):
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "folder.png").mkdir()
    for name in ("nowhere.png", "loop.png", "folder.png"):
        assert looked_at(tmp_path / name)[1] == "is not there"


def test_a_large_photograph_warns_of_nothing(monkeypatch):
    cell = written(Image.new("L", (30, 30)), "PNG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert looked_at(cell) == ((30, 30), "")


def test_want_of_memory_is_no_damage(monkeypatch):
    cell = written(Image.new("L", (30, 30)), "PNG")

    def short(*_):
        raise MemoryError

    monkeypatch.setattr(Image, "open", short)
    with pytest.raises(MemoryError):
        looked_at(cell)
    with pytest.raises(MemoryError):
        as_unit(cell, Shape(30, 30, 1))


def test_any_damage_is_told_in_words():
    rng = np.random.default_rng(0)
    for kind in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"):
        whole = np.frombuffer(written(Image.fromarray(rng.integers(0, 256, (9, 9, 3), np.uint8)), kind), np.uint8)
        for _ in range(60):
            broken = whole.copy()
            places = rng.integers(0, min(200, len(whole)), 4)
            broken[places] = rng.integers(0, 256, 4)
            size, fault = looked_at(broken.tobytes())
            assert (size == (0, 0)) == bool(fault)
