"""What the model's score is worth on rows that are worse than those it was tested on: a table with verdicts.

Each disturbance changes all columns of its kind, in the same rows, so that the two scores are compared row by row; p-values are
corrected over all disturbances (Holm 1979). What Hendrycks & Dietterich 2019 do for images, here for every kind of column.
"""

from typing import Any

import numpy as np

from tenon.explain.disturbances import DISTURBANCES, Disturbance
from tenon.explain.falls import Fall, Scorer
from tenon.explain.held_out import HeldOut
from tenon.metrics.bayes import posterior, word
from tenon.metrics.pairs import holm
from tenon.metrics.student import two_sided_p
from tenon.watch import SILENT, Watch

N_DRAWS = 3
TOLD_APART = 0.05


def robustness(held: HeldOut, seed: int, watch: Watch = SILENT) -> dict[str, Any] | None:
    """Return {score, n_draws, rows}, a row for each disturbance of a kind of column that there is; None where there is none.

    Of each the score, by how much it is worse with its interval, and the verdict. Raises DataError as `importance` does.
    """
    fitting = [one for one in DISTURBANCES if one.names(held.model.schema)]
    if not fitting:
        return None
    scorer, falls = Scorer.of(held, N_DRAWS), []
    for i, disturbance in enumerate(fitting):
        watch.tell({"event": "explain", "doing": "disturbances", "done": i, "total": len(fitting)})
        falls.append(_fall(scorer, disturbance, [seed, 6, i]))
    p = holm(np.array([_p_value(fall) for fall in falls]))
    rope = float(held.run["asked"]["rope"])
    rows = [_row(disturbance, fall, float(q), rope) for disturbance, fall, q in zip(fitting, falls, p, strict=True)]
    return {"score": scorer.score(), "n_draws": N_DRAWS, "rows": rows}


def _fall(scorer: Scorer, disturbance: Disturbance, seed: list[int]) -> Fall:
    return scorer.fall(lambda rows, draw, part: disturbance.apply(rows, np.random.default_rng([*seed, draw, part])))


def _p_value(fall: Fall) -> float:
    if not fall.error > 0:
        return float(fall.fall == 0)
    return float(two_sided_p(fall.fall / fall.error, fall.df))


def _row(disturbance: Disturbance, fall: Fall, p_value: float, rope: float) -> dict[str, Any]:
    beliefs = posterior(-fall.fall, fall.error, fall.df, rope)
    verdict = word(-fall.fall, p_value < TOLD_APART, beliefs)
    return {"what": disturbance.what, "score": fall.score, "fall": fall.fall, "low": fall.low, "high": fall.high,
            "p_value": p_value, "verdict": verdict}  # fmt: skip
