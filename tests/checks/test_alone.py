"""Columns that know the target alone: against leave-one-out done row by row, and on data made for the purpose."""

from collections import Counter

import numpy as np
import pytest
from tests.checks.subjects import subject

from tenon.checks.alone import _nearest, _ranks, _same_value, _variance_taken, alone
from tenon.data.dataset import Dataset


def same_value_slow(codes, y):
    """Each row's most common class among the others with its code; a tie is wrong; a code that stands once: the commonest."""
    result = []
    for i in range(len(y)):
        others = Counter(y[j] for j in range(len(y)) if j != i and codes[j] == codes[i])
        if not others:
            result.append(y[i] == np.bincount(y).argmax())
            continue
        top = max(others.values())
        result.append([label for label, count in others.items() if count == top] == [y[i]])
    return result


@pytest.mark.parametrize("seed", range(20))
def test_same_value_from_the_definition(seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, rng.integers(2, 5), 40)
    codes = np.unique(rng.integers(0, rng.integers(2, 30), 40), return_inverse=True)[1]
    assert _same_value(codes, y).tolist() == same_value_slow(codes, y)


@pytest.mark.parametrize("seed", range(10))
def test_nearest_from_the_definition(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=30), rng.integers(0, 3, 30)
    distance = np.abs(x[:, None] - x[None]) + np.diag(np.full(30, np.inf))
    assert _nearest(np.argsort(x), x, y).tolist() == (y[distance.argmin(axis=1)] == y).tolist()


def test_variance_taken_from_the_definition():
    rng = np.random.default_rng(0)
    codes, y = rng.integers(0, 5, 60), rng.normal(size=60)
    ranks = np.array([1 + (y < one).sum() for one in y], float)
    guess = np.array([np.mean([ranks[j] for j in range(60) if j != i and codes[j] == codes[i]]) for i in range(60)])
    wanted = 1 - ((ranks - guess) ** 2).sum() / ((ranks - ranks.mean()) ** 2).sum()
    assert _variance_taken(codes, None, codes, y) == pytest.approx(wanted, rel=1e-12)
    x = np.sort(rng.normal(size=60))
    between = [np.interp(x[i], x[[i - 1, i + 1]], ranks[[i - 1, i + 1]]) for i in range(1, 59)]
    inner = ranks[1:-1]
    wanted = 1 - ((inner - between) ** 2).sum() / ((inner - inner.mean()) ** 2).sum()
    assert _variance_taken(np.arange(60), np.arange(60), x, y) == pytest.approx(wanted, rel=1e-12)


def test_ranks():
    assert _ranks(np.array([3.0, 1.0, 3.0, 7.0])).tolist() == [2.5, 1.0, 2.5, 4.0]


def found(columns, kinds, **settings):
    return list(alone(subject(columns, kinds, **settings), set()))


N = 400
RNG = np.random.default_rng(0)
Y = RNG.permutation(np.repeat(["no", "yes"], [300, 100]))
TELLING = {
    "number": np.where(Y == "yes", 10.0, 0.0) + RNG.normal(size=N),
    "date": np.where(Y == "yes", np.datetime64("2024-03-01"), np.datetime64("2023-01-01")) + RNG.integers(0, 300, N),
    "category": np.where(Y == "yes", RNG.choice(["p", "q"], N), RNG.choice(["r", "s"], N)),
    "text": [f"{'many words ' * (20 if y == 'yes' else 2)}{k}" for k, y in enumerate(Y)],
    "tokens": [["w"] * (20 if y == "yes" else 3) for y in Y],
}


@pytest.mark.parametrize("kind", TELLING)
def test_every_kind_of_column(kind):
    [finding] = found({"x": TELLING[kind], "other": RNG.normal(size=N), "y": Y}, {"x": kind, "other": "number"})
    assert finding.severity == "leak"
    assert finding.columns == ("x",)
    assert "'x' alone is right in 100 % of the rows (the commonest class: 75 %)" in finding.sentence
    assert finding.options == (() if kind in ("text", "tokens") else ("--kind x=ignore",))
    assert ("length of" in finding.sentence or "number of words" in finding.sentence) == (kind in ("text", "tokens"))


def test_cells_that_are_missing_for_a_reason():
    x = np.where(Y == "yes", RNG.normal(size=N), np.nan)
    [finding] = found({"x": x, "y": Y}, {"x": "number"})
    assert finding.severity == "leak"


@pytest.mark.parametrize(("share_wrong", "severity"), [(0.0, "leak"), (0.03, "warning"), (0.10, None)])
def test_how_much_is_too_much(share_wrong, severity):
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 2000)
    x = np.where(rng.random(2000) < share_wrong / 2, 1 - y, y).astype(str)
    findings = found({"x": x, "y": y}, {"x": "category"})
    assert [finding.severity for finding in findings] == ([severity] if severity else [])


def test_numbers_that_give_numbers_away():
    rng = np.random.default_rng(0)
    y = rng.normal(size=500)
    columns = {"log": np.exp(3 * y), "noisy": y + rng.normal(size=500), "far": rng.normal(size=500), "y": y}
    [finding] = found(columns, dict.fromkeys(columns, "number"))
    assert finding.columns == ("log",)
    assert "orders the rows almost as 'y' does (rank R² 1.000)" in finding.sentence


def test_names_of_things_with_one_target_each():
    user = np.repeat(np.arange(100), 4)
    y = np.random.default_rng(0).integers(0, 2, 100)[user]
    [finding] = found({"user": user.astype(str), "y": y}, {"user": "category"})
    assert finding.options == ("--group user",)
    assert "rows of one 'user' belong together? --group user" in finding.sentence


@pytest.mark.parametrize("seed", range(5))
def test_names_that_stand_once_know_nothing(seed):
    rng = np.random.default_rng(seed)
    columns = {"name": [f"n{k}" for k in range(200)], "x": rng.normal(size=200), "y": rng.integers(0, 3, 200)}
    assert found(columns, {"name": "category", "x": "number"}) == []


def test_too_few_rows_of_the_other_classes_prove_nothing():
    y = np.repeat(["a", "b"], [200, 9])
    assert found({"x": (y == "b").astype(float), "y": y}, {"x": "number"}) == []


def test_image_files_of_another_size(tmp_path):
    from PIL import Image

    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    for k in range(60):
        side = 8 + 4 * y[k]
        Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(tmp_path / f"{k}.png")
    columns = {"image": [f"{k}.png" for k in range(60)], "y": y}
    data = subject(columns, {"image": "image"}).data
    rooted = Dataset(data.frame, data.schema, root=tmp_path)
    [finding] = alone(type(subject(columns, {"image": "image"}))(rooted, subject(columns, {"image": "image"}).task), set())
    assert finding.severity == "leak"
    assert finding.sentence.startswith(("the size in pixels of 'image' alone", "the number of bytes of 'image' alone"))
