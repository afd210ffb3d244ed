"""Scores, their intervals, and which differences between methods are real; docs/verdicts.md says how to read them."""

from typing import TYPE_CHECKING

from tenon.lazy import exports

if TYPE_CHECKING:
    from tenon.metrics.board import Board, judge, may_be_chosen
    from tenon.metrics.by_group import PerCount, PerGroup
    from tenon.metrics.detectable import detectable_before, rows_for_difference, rows_for_same
    from tenon.metrics.evidence import Evidence, as_history, gather
    from tenon.metrics.fixed import judge_fixed
    from tenon.metrics.grouped import gauc, gauc_by_group, per_group
    from tenon.metrics.intervals import final_interval, method_intervals
    from tenon.metrics.optimism import expected_optimism, expected_score, observed_gap
    from tenon.metrics.scores import METRICS, Metric, RepeatScore
    from tenon.metrics.verdict import Verdict

_WHERE = {
    "METRICS": "scores",
    "Metric": "scores",
    "RepeatScore": "scores",
    "Evidence": "evidence",
    "gather": "evidence",
    "as_history": "evidence",
    "Board": "board",
    "judge": "board",
    "may_be_chosen": "board",
    "Verdict": "verdict",
    "judge_fixed": "fixed",
    "final_interval": "intervals",
    "method_intervals": "intervals",
    "expected_optimism": "optimism",
    "expected_score": "optimism",
    "observed_gap": "optimism",
    "detectable_before": "detectable",
    "rows_for_same": "detectable",
    "rows_for_difference": "detectable",
    "gauc": "grouped",
    "gauc_by_group": "grouped",
    "per_group": "grouped",
    "PerCount": "by_group",
    "PerGroup": "by_group",
}
__all__ = [
    "METRICS",
    "Board",
    "Evidence",
    "Metric",
    "PerCount",
    "PerGroup",
    "RepeatScore",
    "Verdict",
    "as_history",
    "detectable_before",
    "expected_optimism",
    "expected_score",
    "final_interval",
    "gather",
    "gauc",
    "gauc_by_group",
    "judge",
    "judge_fixed",
    "may_be_chosen",
    "method_intervals",
    "observed_gap",
    "per_group",
    "rows_for_difference",
    "rows_for_same",
]
__getattr__, __dir__ = exports(__name__, _WHERE)
