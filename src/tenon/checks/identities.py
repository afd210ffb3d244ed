"""Sums and products of columns that are the target: casual + registered = cnt, price × quantity = amount.

A least-squares fit to one half of the rows that leaves nothing over on the other half is an identity. Its columns are found
by taking the one that explains most of what is left, again and again (orthogonal matching pursuit, Pati et al. 1993), and
then taking out those that are not needed. Products are sums of logarithms.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenon.checks.finding import Finding
from tenon.checks.subject import Subject
from tenon.checks.wording import MOST_NAME, quoted
from tenon.data.wording import option

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS = 200  # the most correlated ones
MOST_TERMS = 8
FEWEST_ROWS = 30  # complete ones, beside two for every column
FILLED = 0.95  # least share of cells that a column must have
EXACT = 1e-7  # largest left-over of an exact identity, in standard deviations of the target
ROUNDED = 2e-3  # likewise of one between rounded numbers
NICE = 1e-3  # a coefficient so near to a simple one is meant to be that


@dataclass(frozen=True)
class Identity:
    """constant + sum of coefficient × column, or of the logarithms."""

    columns: tuple[str, ...]
    coefficients: tuple[float, ...]
    constant: float
    is_product: bool
    worst: float  # largest left-over, in units of the target


def identities(subject: Subject) -> Iterator[Finding]:
    """Yield the identity that gives the target away, if there is one."""
    y = _numbers(subject)
    if y is None:
        return
    X = subject.sample.frame[[column.name for column in subject.features if column.kind == "number"]]
    found = find_identity(X, y)
    if found is not None:
        assert subject.task is not None
        yield _finding(found, subject.task.target)


def find_identity(X: "pd.DataFrame", y: np.ndarray) -> Identity | None:
    """Return the sum or product of columns that equals y in every row, or differs by no more than rounding does.

    X : (n, p) float64 with NaN. y : (n,) float64. None where there is none, or too few complete rows to tell.
    """
    found = _find(X.loc[:, X.notna().mean() >= FILLED], y, is_product=False)
    if found is None and (y > 0).mean() >= FILLED:
        positive = X.loc[:, (X > 0).mean() >= FILLED]
        found = _find(_logarithm(positive), np.log(np.where(y > 0, y, np.nan)), is_product=True)
    return found


def _logarithm(X: "pd.DataFrame") -> "pd.DataFrame":
    """Return log X, missing where X is not above 0."""
    return X.where(X > 0).transform(np.log)


def _numbers(subject: Subject) -> np.ndarray | None:
    """Return the target as (n,) float64; None for classes that are no numbers."""
    if subject.task is None or subject.y is None:
        return None
    if subject.task.is_regression:
        return subject.y
    labels = subject.task.labels
    is_number = all(isinstance(label, int | float) for label in labels)
    return np.array(labels, np.float64)[subject.y] if is_number else None


def _find(X: "pd.DataFrame", y: np.ndarray, *, is_product: bool) -> Identity | None:
    is_full = np.isfinite(y) & X.notna().all(axis=1).to_numpy()
    A, b = X.to_numpy(np.float64)[is_full], y[is_full]
    if len(b) < FEWEST_ROWS or not len(X.columns) or b.std() == 0:
        return None
    places = _most_correlated(A, b, min(MOST_COLUMNS, (len(b) - FEWEST_ROWS) // 2))
    if not len(places):
        return None
    left_over = _left_over(A[:, places], b)
    if left_over > ROUNDED**2:
        return None
    needed = _needed(A, b, places, EXACT**2 if left_over <= EXACT**2 else ROUNDED**2)
    if not needed:
        return None
    fitted = _fit(A[:, needed], b)
    simple = np.array([_simple(c) for c in fitted[0]])
    as_simple = simple, _simple(float(np.median(b - A[:, needed] @ simple)))
    worst, worst_simple = (_worst(A[:, needed], b, law) for law in (fitted, as_simple))
    if worst_simple <= max(2 * worst, EXACT * b.std()):
        fitted, worst = as_simple, worst_simple
    coefficients, constant = fitted
    if worst > ROUNDED * b.std() or (is_product and not np.array_equal(coefficients * 2, np.round(coefficients * 2))):
        return None
    names = tuple(X.columns[needed])
    return Identity(names, tuple(coefficients.tolist()), constant, is_product, worst if worst > EXACT * b.std() else 0.0)


def _most_correlated(A: np.ndarray, b: np.ndarray, n_most: int) -> np.ndarray:
    """Return the places of the columns that vary, the n_most that follow b best."""
    centred, spread = A - A.mean(axis=0), A.std(axis=0)
    follows = np.abs(centred.T @ (b - b.mean())) / np.maximum(spread, np.finfo(float).tiny)
    order = np.argsort(-follows, kind="stable")
    return order[spread[order] > 1e-12 * np.abs(A).max(axis=0)[order]][: max(n_most, 0)]


def _needed(A: np.ndarray, b: np.ndarray, places: np.ndarray, most_left: float) -> list[int]:
    """Return columns that leave no more over than that, as few as are found; none where it takes more than MOST_TERMS."""
    chosen: list[int] = []
    while not chosen or _left_over(A[:, chosen], b) > most_left:
        if len(chosen) == min(MOST_TERMS, len(places)):
            return []
        coefficients, constant = _fit(A[:, chosen], b)
        left = b - A[:, chosen] @ coefficients - constant
        rest = np.setdiff1d(places, chosen)
        chosen.append(int(rest[_most_correlated(A[:, rest], left, 1)][0]))
    for place in list(chosen):
        others = [other for other in chosen if other != place]
        if others and _left_over(A[:, others], b) <= most_left:
            chosen = others
    return sorted(chosen)


def _fit(A: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """Return least-squares coefficients (k,) and the constant."""
    if not A.shape[1]:
        return np.empty(0), float(b.mean())
    scale = np.maximum(A.std(axis=0), np.finfo(float).tiny)
    solution = np.linalg.lstsq((A - A.mean(axis=0)) / scale, b - b.mean(), rcond=1e-10)[0] / scale
    return solution, float(b.mean() - A.mean(axis=0) @ solution)


def _worst(A: np.ndarray, b: np.ndarray, law: tuple[np.ndarray, float]) -> float:
    """Return the largest difference between b and what coefficients and constant make of A."""
    return float(np.abs(A @ law[0] + law[1] - b).max())


def _left_over(A: np.ndarray, b: np.ndarray) -> float:
    """Return the share of the variance that a fit to the even rows leaves over on the odd ones."""
    coefficients, constant = _fit(A[::2], b[::2])
    return float(((A[1::2] @ coefficients + constant - b[1::2]) ** 2).mean() / b.var())


def _simple(value: float) -> float:
    """Return the nearest whole or half number where it is very near, else the value."""
    nearest = round(2 * value) / 2
    return nearest if abs(value - nearest) <= NICE * max(1.0, abs(nearest)) else value


def _finding(found: Identity, target: str) -> Finding:
    words = f"{formula(found)} = {_name(target)}"
    options = tuple(option("kind", f"{name}=ignore") for name in found.columns)
    how_exact = "in every row" if found.worst == 0 else "in every row, but for rounding"
    todo = " ".join(options) if len(" ".join(options)) <= 75 else f"--kind NAME=ignore for these {len(options)} columns"
    return Finding(
        check="identity",
        severity="leak",
        sentence=f"{words} {how_exact}: leave {'them' if len(options) > 1 else 'it'} out: {todo}",
        advice=(
            "The target can be computed from these columns, so they are known only when the target is, or nothing needs to be "
            "predicted. Every method that reads them scores far better here than it will in use."
        ),
        columns=found.columns,
        options=options,
        figures={
            "formula": words,
            "coefficients": list(found.coefficients),
            "constant": found.constant,
            "is_product": found.is_product,
            "worst": found.worst,
        },
    )


def formula(found: Identity) -> str:
    """Return "casual + registered", "2 × a − b + 3", "price × quantity" or "a / b"."""
    return _product(found) if found.is_product else _sum(found)


def _sum(found: Identity) -> str:
    words = ""
    for name, coefficient in zip(found.columns, found.coefficients, strict=True):
        size = "" if abs(coefficient) == 1 else f"{abs(coefficient):.4g} × "
        sign = ("−" if coefficient < 0 else "") if not words else (" − " if coefficient < 0 else " + ")
        words += f"{sign}{size}{_name(name)}"
    if found.constant:
        words += f" {'−' if found.constant < 0 else '+'} {abs(found.constant):.6g}"
    return words


def _product(found: Identity) -> str:
    def power(name: str, exponent: float) -> str:
        return _name(name) if exponent == 1 else f"{_name(name)}^{exponent:g}"

    pairs = list(zip(found.columns, found.coefficients, strict=True))
    above = [power(name, e) for name, e in pairs if e > 0]
    below = [power(name, -e) for name, e in pairs if e < 0]
    factor = [f"{np.exp(found.constant):.4g}"] if found.constant else []
    return " / ".join([" × ".join(factor + above) or "1", *below])


def _name(name: str) -> str:
    """Return a name as it stands in a formula: in quotes where it holds blanks or signs."""
    return name if name.isidentifier() and len(name) <= MOST_NAME else quoted(name)
