import gzip
import io
import struct

import numpy as np
import pytest
from PIL import Image
from tests.data.wholly import read_new

from tenon.data.read import read
from tenon.errors import DataError


def write_idx(path, array):
    """The format from its definition: two zero bytes, the type (8: unsigned byte), the dimensions, big-endian sizes, the data."""
    content = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def mnist(folder, n_train=6, n_test=4, ending="", n_classes=3):
    rng = np.random.default_rng(0)
    pictures = {}
    for name, n in (("train", n_train), ("t10k", n_test)):
        pictures[name] = rng.integers(0, 256, (n, 4, 5))
        write_idx(folder / f"{name}-images-idx3-ubyte{ending}", pictures[name])
        write_idx(folder / f"{name}-labels-idx1-ubyte{ending}", np.arange(n) % n_classes)
    return pictures


def pixels(cell):
    return np.asarray(Image.open(io.BytesIO(cell)))


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_folder_in_the_layout_of_mnist(tmp_path, ending):
    pictures = mnist(tmp_path, ending=ending)
    data = read(tmp_path)
    assert data.target.tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
    assert data.final_ids.tolist() == [6, 7, 8, 9]
    assert data.schema["image"].reason == "10 images, 5 × 4 pixels"
    for row, picture in enumerate([*pictures["train"], *pictures["t10k"]]):
        np.testing.assert_array_equal(pixels(data.frame["image"][row]), picture)


def test_without_a_test_set_no_row_is_final(tmp_path):
    mnist(tmp_path)
    for path in tmp_path.glob("t10k-*"):
        path.unlink()
    assert len(read(tmp_path).final_ids) == 0


def test_many_numbered_classes_are_classes(tmp_path):
    mnist(tmp_path, n_train=120, n_test=50, n_classes=40)
    data = read(tmp_path)
    assert data.schema["label"].kind == "category"
    assert data.target.tolist()[:3] == ["0", "1", "2"]


def test_new_images_in_one_file(tmp_path):
    pictures = mnist(tmp_path)
    schema = read(tmp_path).schema
    new, original = read_new(tmp_path / "t10k-images-idx3-ubyte", schema)
    np.testing.assert_array_equal(pixels(new.frame["image"][3]), pictures["t10k"][3])
    assert original["image"].tolist()[:2] == ["t10k-images-idx3-ubyte#1", "t10k-images-idx3-ubyte#2"]
    with pytest.raises(DataError, match=r"is a folder of idx files; name the one with the images to predict"):
        read_new(tmp_path, schema)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("train-labels-idx1-ubyte", None, r"holds idx files, but no train-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte", lambda c: c[:-1], r"train-images-idx3-ubyte promises 6 × 4 × 5 bytes and holds 119"),
        ("train-images-idx3-ubyte", lambda c: b"\0\0\x0d" + c[3:], r"train-images-idx3-ubyte is no idx file of bytes in 3 dim"),
        (
            "t10k-labels-idx1-ubyte",
            lambda c: c[:4] + struct.pack(">I", 3) + c[8:11],
            r"holds 4 images, but t10k-labels-.* 3 labels",
        ),
        ("train-images.idx3-ubyte", lambda c: c, r"holds 'train-images-idx3-ubyte', 'train-images\.idx3-ubyte'; leave one"),
    ],
)
def test_what_cannot_be_read(tmp_path, name, change, message):
    mnist(tmp_path)
    path = tmp_path / name
    content = path.read_bytes() if path.exists() else b""
    path.unlink(missing_ok=True)
    if change is not None:
        path.write_bytes(change(content))
    with pytest.raises(DataError, match=message):
        read(tmp_path)


def test_real_data(tenon_data):
    data = read(tenon_data / "fashion_mnist")
    assert (len(data), len(data.final_ids)) == (20_000, 10_000)
    assert np.bincount(data.target[data.final_ids]).tolist() == [1000] * 10  # as the source says
    assert pixels(data.frame["image"][0]).shape == (28, 28)
