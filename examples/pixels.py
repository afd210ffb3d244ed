"""The real images that the examples learn from: scikit-learn's digits, and Fashion-MNIST from the folder TENON_DATA."""

import gzip
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn import functional


class Images(NamedTuple):
    """Images (n, 1, side, side) float, of mean 0 and deviation 1 over the train rows, and classes (n,) 0 to 9."""

    train_x: Tensor
    train_y: Tensor
    test_x: Tensor
    test_y: Tensor


def digits(n_train: int = 1200) -> Images:
    """Handwritten digits of 8x8 pixels, shuffled; 500 test rows."""
    pixels, classes = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(classes))
    x, y = torch.from_numpy(pixels[order]).float().reshape(-1, 1, 8, 8), torch.from_numpy(classes[order]).long()
    return _scaled(x[500 : 500 + n_train], y[500 : 500 + n_train], x[:500], y[:500])


def clothes(n_train: int, n_test: int) -> Images:
    """Fashion-MNIST, averaged down to 14x14 pixels: the first rows of its train and test files."""
    folder = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data") / "fashion_mnist"
    parts = []
    for name, n in (("train", n_train), ("t10k", n_test)):
        pixels, classes = _idx(folder / f"{name}-images-idx3-ubyte.gz", 16), _idx(folder / f"{name}-labels-idx1-ubyte.gz", 8)
        images = torch.from_numpy(pixels.reshape(-1, 1, 28, 28)[:n].astype(np.float32))
        parts += [functional.avg_pool2d(images, 2), torch.from_numpy(classes[:n].astype(np.int64))]
    return _scaled(*parts)


def _idx(path: Path, header: int) -> np.ndarray:
    if not path.exists():
        raise SystemExit(f"{path} is missing; name the folder that holds fashion_mnist/ in TENON_DATA.")
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def _scaled(train_x: Tensor, train_y: Tensor, test_x: Tensor, test_y: Tensor) -> Images:
    mean, deviation = train_x.mean(), train_x.std()
    return Images((train_x - mean) / deviation, train_y, (test_x - mean) / deviation, test_y)
