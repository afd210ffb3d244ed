"""Populations with methods whose order in truth is known, and samples of them.

Two methods are *equal in truth* if their scores have one mean over samples of this size, training included. It holds
here by symmetry: what the methods see (or the random numbers they draw) has one law, and nothing else tells them apart.
A random subset of columns, drawn once per method, would not do: one subset is truly better, and finding that is no error.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

OWN, SHARED = 0.9, 0.8  # distance of the class means in the two columns of a method and in the one that all see
TWIN = 0.97  # correlation of the noise of a near twin
CORRUPTED = 0.3  # share of cells of a real table that a method sees replaced


@dataclass(frozen=True)
class Sample:
    """What m methods see of the rows."""

    x: np.ndarray  # (m, n, p)
    y: np.ndarray  # (n,)
    signal: np.ndarray | None = None  # (m,) how much each method is given, where methods differ
    groups: np.ndarray | None = None  # (n,) int
    n_tokens: int = 1  # rows of x that make one unit: tokens of a sentence


Draw = Callable[[np.random.Generator, int, int, int], tuple[Sample, Sample]]  # rng, n, m, fresh rows -> sample, fresh


def _split(sample: Sample, n: int) -> tuple[Sample, Sample]:
    """The first n rows, and the others."""
    return tuple(Sample(sample.x[:, part], sample.y[part], sample.signal) for part in (slice(n), slice(n, None)))


def gaussian(rng: np.random.Generator, n: int, m: int, n_fresh: int, own: float | tuple = OWN, n_classes: int = 2):
    """Two columns of its own for each method, one that all see; method 1 of 10 is nearly the twin of method 0.

    own : one signal for all; or ("half", s): every other method has s only; or ("spread", low, high): uniform, drawn anew.
    """
    total = n + n_fresh
    y = rng.choice(n_classes, total, p=[0.5, 0.5] if n_classes == 2 else [0.54, 0.4, 0.06])
    signal = np.full(m, OWN if isinstance(own, tuple) else own)
    if isinstance(own, tuple) and own[0] == "half":
        signal[1::2] = own[1]
    elif isinstance(own, tuple):
        signal = rng.uniform(own[1], own[2], m)
    place = np.stack([(y - 0.5), (y - 0.5) if n_classes == 2 else 2.0 * (y == 2)], axis=1)  # (total, 2)
    noise = rng.standard_normal((m, total, 2))
    if not isinstance(own, tuple):
        noise[1::10] = TWIN * noise[::10][: len(noise[1::10])] + np.sqrt(1 - TWIN**2) * noise[1::10]
    shared = SHARED * place[:, :1] + rng.standard_normal((total, 1))
    x = np.concatenate([signal[:, None, None] * place + noise, np.broadcast_to(shared, (m, total, 1))], axis=2)
    return _split(Sample(x, y, signal), n)


def wide(rng: np.random.Generator, n: int, m: int, n_fresh: int, p: int = 12, signal: float = 0.5):
    """One table for all methods: they differ by the random numbers they draw."""
    y = rng.integers(0, 2, n + n_fresh)
    x = signal * (y - 0.5)[:, None] + rng.standard_normal((n + n_fresh, p))
    return _split(Sample(np.broadcast_to(x, (m, *x.shape)), y), n)


def heavy(rng: np.random.Generator, n: int, m: int, n_fresh: int):
    """Regression with t-distributed noise (5 degrees of freedom)."""
    total = n + n_fresh
    shared, noise = rng.standard_normal((total, 2)), rng.standard_normal((m, total, 2))
    y = shared.sum(axis=1) + rng.standard_t(5, total)
    seen = np.broadcast_to(shared, (m, total, 2)) + 0.7 * noise
    return _split(Sample(seen, y), n)


def clusters(rng: np.random.Generator, n: int, m: int, n_fresh: int, icc: float = 0.3):
    """Users of 3 to 29 rows; n counts users. A user's rows share part of their noise and how often class 1 occurs."""
    size = rng.integers(3, 30, n + n_fresh // 16)
    user = np.repeat(np.arange(len(size)), size)
    total, is_sample = len(user), user < n
    y = (rng.random(total) < rng.beta(4, 4, len(size))[user]).astype(int)
    of_user, of_row = rng.standard_normal((m, len(size), 2)), rng.standard_normal((m, total, 2))
    own = OWN * (y - 0.5)[:, None] + np.sqrt(icc) * of_user[:, user] + np.sqrt(1 - icc) * of_row
    shared = (
        SHARED * (y - 0.5) + np.sqrt(icc) * rng.standard_normal(len(size))[user] + np.sqrt(1 - icc) * rng.standard_normal(total)
    )
    x = np.concatenate([own, np.broadcast_to(shared[:, None], (m, total, 1))], axis=2)
    return tuple(Sample(x[:, part], y[part], groups=user[part]) for part in (is_sample, ~is_sample))


def history(rng: np.random.Generator, n: int, m: int, n_fresh: int, memory: float = 0.7):
    """Rows in the order of time; what disturbs a method's columns fades by `memory` a step. The fresh rows are the past."""
    total = n + n_fresh
    y = rng.integers(0, 2, total)
    noise = np.sqrt(1 - memory**2) * rng.standard_normal((total, m, 2))
    for i in range(1, total):
        noise[i] += memory * noise[i - 1]
    shared = SHARED * (y - 0.5)[:, None] + rng.standard_normal((total, 1))
    own = OWN * (y - 0.5)[:, None] + noise.transpose(1, 0, 2)
    x = np.concatenate([own, np.broadcast_to(shared, (m, total, 1))], axis=2)
    past, now = _split(Sample(x, y), n_fresh)
    return now, past


def tokens(rng: np.random.Generator, n: int, m: int, n_fresh: int, n_classes: int = 2, length: int = 10):
    """Sentences of `length` tokens, each of one of n_classes, seen through columns of each method's own; n counts sentences.

    For two classes, 1 = inside an entity, by a Markov chain; sentences differ in how hard they are.
    """
    sentences = n + n_fresh
    y = rng.integers(0, n_classes, (sentences, length))
    for i in range(1, length) if n_classes == 2 else ():
        y[:, i] = np.where(rng.random(sentences) < 0.7, y[:, i - 1], rng.random(sentences) < 0.3)
    centres = np.random.default_rng(n_classes).standard_normal((n_classes, 3)) * (1.2 if n_classes == 2 else 3.0)
    blur = np.repeat(rng.uniform(0.6, 1.4, sentences), length)[:, None]
    x = centres[y.ravel()] + blur * rng.standard_normal((m, sentences * length, 3))
    cut = n * length
    return (
        Sample(x[:, :cut], y.ravel()[:cut], n_tokens=length),
        Sample(x[:, cut:], y.ravel()[cut:], n_tokens=length),
    )


@cache
def table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """A real table as scaled numbers (rows, p) and its target; categories that are not rare become columns of 0 and 1."""
    folder = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[3] / "shared" / "data")
    if name == "adult":
        frame = pd.concat([pd.read_csv(folder / name / f"{part}.csv.gz") for part in ("train", "test")])
        y = (frame.pop("income") == ">50K").to_numpy().astype(int)
        frame = frame.drop(columns=["fnlwgt", "education"])
        frame[["capital_gain", "capital_loss"]] = np.log1p(frame[["capital_gain", "capital_loss"]])
    else:
        frame = pd.read_csv(folder / "bike_sharing" / "hour.csv.gz")
        y = np.log1p(frame.pop("cnt").to_numpy(float))
        frame = frame.drop(columns=["casual", "registered", "instant", "dteday", "yr", "atemp"]).astype({"hr": str})
    dummies = pd.get_dummies(frame, dtype=float)
    dummies = dummies.loc[:, dummies.mean().abs().ge(0.03) | ~dummies.isin([0.0, 1.0]).all()]
    return ((dummies - dummies.mean()) / dummies.std()).to_numpy(), y


def resampled(rng: np.random.Generator, n: int, m: int, n_fresh: int, name: str = "adult", twins: bool = True):
    """n rows of a real table, drawn without replacement; the other rows (some of them) stand for the population.

    twins : each method sees its own copy, in which 30 % of the cells are replaced by those of other rows. False: all see
    the same table and differ by the random numbers they draw.
    """
    x, y = table(name)
    rows = rng.permutation(len(y))[: n + n_fresh]
    if not twins:
        seen = np.broadcast_to(x[rows], (m, len(rows), x.shape[1]))
    else:
        is_other = rng.random((m, len(rows), x.shape[1])) < CORRUPTED
        others = rng.integers(len(y), size=is_other.shape)
        seen = np.where(is_other, x[others, np.arange(x.shape[1])], x[rows])
    return _split(Sample(seen, y[rows]), n)


adult_twins, adult_seeds = partial(resampled, name="adult"), partial(resampled, name="adult", twins=False)
bike_twins = partial(resampled, name="bike")
