"""What the model's score is worth on rows that are worse than those it was tested on: a table with verdicts.

Each disturbance changes all columns of its kind, in the same rows, so that the two scores are compared row by row; p-values are
corrected over all disturbances (Holm 1979). What Hendrycks & Dietterich 2019 do for images, here for every kind of column.
"""

from typing import Any

import numpy as np

from tenon.data.dataset import Dataset
from tenon.explain.disturbances import AGAINST, DISTURBANCES, Disturbance
from tenon.explain.falls import Disturb, Fall, Scorer
from tenon.explain.held_out import HeldOut
from tenon.metrics.bayes import posterior, word
from tenon.metrics.pairs import holm
from tenon.metrics.student import two_sided_p
from tenon.watch import SILENT, Watch, in_turn

N_DRAWS = 3
TOLD_APART = 0.05


def robustness(held: HeldOut, seed: int, watch: Watch = SILENT) -> dict[str, Any] | None:
    """Return {score, n_draws, rows}, a row for each disturbance of a kind of column that there is; None where there is none.

    Of each the score, by how much it is worse with its interval, and the verdict. Raises DataError as `importance` does.
    """
    scorer = Scorer.of(held, N_DRAWS)
    ways = [*_by_chance(held, seed), *_against(held, scorer.y)]
    if not ways:
        return None
    falls = [scorer.fall(disturb) for _, disturb in in_turn(ways, "disturbances", watch)]
    p = holm(np.array([_p_value(fall) for fall in falls]))
    rope = float(held.run["asked"]["rope"])
    rows = [_row(what, fall, float(q), rope) for (what, _), fall, q in zip(ways, falls, p, strict=True)]
    return {"score": scorer.score(), "n_draws": N_DRAWS, "rows": rows}


def _by_chance(held: HeldOut, seed: int) -> list[tuple[str, Disturb]]:
    """Return what is said of each disturbance of a kind of column that there is, and how it is made."""

    def made(disturbance: Disturbance, key: list[int]) -> Disturb:
        return lambda rows, draw, part: disturbance.apply(rows, np.random.default_rng([*key, draw, part]))

    fitting = [one for one in DISTURBANCES if one.names(held.model.schema)]
    return [(one.what, made(one, [seed, 6, i])) for i, one in enumerate(fitting)]


def _against(held: HeldOut, y: np.ndarray) -> list[tuple[str, Disturb]]:
    """Return the same of the steps that harm a network most; none for models that know of no such step."""

    def made(size: float) -> Disturb:
        def disturb(rows: Dataset, draw: int, part: int) -> Dataset:
            moved = held.parts[part].model.moved_against(rows, y[held.fold == part], size)
            assert moved is not None, "asked before"
            return moved

        return disturb

    first, kinds = held.parts[0], held.model.schema.features
    if first.model.moved_against(first.rows, y[held.fold == 0], 0.0) is None:
        return []
    return [(what, made(size)) for what, kind, size in AGAINST if kinds(kind)]


def _p_value(fall: Fall) -> float:
    if not fall.error > 0:
        return float(fall.fall == 0)
    return float(two_sided_p(fall.fall / fall.error, fall.df))


def _row(what: str, fall: Fall, p_value: float, rope: float) -> dict[str, Any]:
    beliefs = posterior(-fall.fall, fall.error, fall.df, rope)
    verdict = word(-fall.fall, p_value < TOLD_APART, beliefs)
    return {"what": what, "score": fall.score, "fall": fall.fall, "low": fall.low, "high": fall.high,
            "p_value": p_value, "verdict": verdict}  # fmt: skip
