"""Score against cost: the Pareto front from its definition, and figures per 1,000 rows."""

import numpy as np
import pytest

from tenon.insight.cost import cost, pareto


def front_slow(gains, costs):
    """Nobody is as good and as cheap, and better in one of the two."""
    return [
        not any(g >= gains[i] and c <= costs[i] and (g > gains[i] or c < costs[i]) for g, c in zip(gains, costs, strict=True))
        for i in range(len(gains))
    ]


@pytest.mark.mission("A12")
@pytest.mark.parametrize("seed", range(20))
def test_the_front_is_its_definition(seed):
    rng = np.random.default_rng(seed)
    gains, costs = rng.integers(0, 4, 8) / 4, rng.integers(1, 5, 8).astype(float)  # few values, so that there are ties
    assert pareto(gains, costs).tolist() == front_slow(gains, costs)


def row(method, score, **more):
    return {"method": method, "score": score, "low": None, "high": None, "tied": True, "read_share": 1.0, **more}


def test_figures_of_the_board():
    board = {"chosen": "b", "greater_is_better": False, "rows": [row("b", 1.0), row("a", 2.0), row("old", 0.5), row("no", None)]}
    timings = {
        "a": {"fit_seconds": 3.0, "predict_seconds": 0.5, "held_bytes": 10.0},
        "b": {"fit_seconds": 1.0, "predict_seconds": 1.0, "held_bytes": 20.0},
    }
    section = cost(board, timings, rows_per_fold=250)
    assert section["untimed"] == ["old"]
    assert [one["method"] for one in section["rows"]] == ["b", "a"]
    b, a = section["rows"]
    assert (b["predict_seconds"], a["predict_seconds"]) == (4.0, 2.0)  # seconds for four times 250 rows
    assert b["is_chosen"]
    assert not a["is_chosen"]
    assert b["on_front"] == {"fit_seconds": True, "predict_seconds": True, "held_bytes": True}  # a smaller loss is better
    assert a["on_front"] == {"fit_seconds": False, "predict_seconds": True, "held_bytes": True}
