"""Verdicts on files of predictions that do not go with the truth, or not with what was asked."""

from collections.abc import Callable
from pathlib import Path

from tests.bad_input.case import Case


def verdict(*words: str, truth: str = "id,label\n1,yes\n2,no\n") -> Callable[[Path], list[str]]:
    """Judge two prediction files against a truth."""

    def make(folder: Path) -> list[str]:
        (folder / "truth.csv").write_text(truth, encoding="utf-8")
        (folder / "old.csv").write_text("id,prediction\n1,yes\n2,no\n", encoding="utf-8")
        (folder / "new.csv").write_text("id,prediction\n1,yes\n2,yes\n", encoding="utf-8")
        return ["verdict", *words]

    return make


def huge_prediction(folder: Path) -> list[str]:
    """Numbers predicted, one of them beyond all measure."""
    (folder / "truth.csv").write_text("id,y\n1,2.5\n2,3.5\n3,0.5\n", encoding="utf-8")
    (folder / "old.csv").write_text("id,prediction\n1,2.5\n2,3.5\n3,1e200\n", encoding="utf-8")
    (folder / "new.csv").write_text("id,prediction\n1,2.5\n2,3.5\n3,1\n", encoding="utf-8")
    return ["verdict", "old.csv", "new.csv", "--truth", "truth.csv", "--task", "regression"]


CASES = [
    Case("one-file", verdict("old.csv", "--truth", "truth.csv"), r"tenon: a verdict needs at least two files of predictions\."),
    Case("one-file-twice", verdict("old.csv", "old.csv", "--truth", "truth.csv"), r"tenon: old\.csv was given twice\."),
    Case(
        "truth-of-many-columns",
        verdict("old.csv", "new.csv", "--truth", "truth.csv", truth="id,a,b\n1,yes,x\n2,no,y\n"),
        r"tenon: truth\.csv has 2 columns that could be the truth: 'a', 'b'; name it with --target\.",
    ),
    Case(
        "truth-with-a-gap",
        verdict("old.csv", "new.csv", "--truth", "truth.csv", truth="id,label\n1,yes\n2,\n"),
        r"tenon: truth\.csv, row 2, column 'label' is empty; every row needs its true value\.",
    ),
    Case(
        "predictions-of-other-rows",
        verdict("old.csv", "new.csv", "--truth", "truth.csv", truth="id,label\n1,yes\n3,no\n"),
        r"tenon: old\.csv lacks 1 of the 2 ids of truth\.csv: '3'; every row needs a prediction\.",
    ),
    Case(
        "predictions-of-more-rows",
        verdict("old.csv", "new.csv", "--truth", "truth.csv", truth="id,label\n2,yes\n1,no\n0,no\n"),
        r"tenon: old\.csv lacks 1 of the 3 ids of truth\.csv: '0'; every row needs a prediction\.",
    ),
    Case(
        "rows-without-a-truth",
        verdict("old.csv", "new.csv", "--truth", "truth.csv", truth="id,label\n1,yes\n"),
        r"tenon: old\.csv has 1 id that truth\.csv does not have: '2'; take those rows out\.",
    ),
    Case(
        "metric-that-needs-probabilities",
        verdict("old.csv", "new.csv", "--truth", "truth.csv", "--metric", "auc"),
        r"tenon: AUC needs probabilities \(columns 'p_no', 'p_yes'\), and 'old\.csv', 'new\.csv' have none; "
        r"--metric accuracy needs none\.",
    ),
    Case(
        "huge-prediction",
        huge_prediction,
        r"tenon: old\.csv, row 3 \(id '3'\), column 'prediction': '1e200' is beyond 1e\+36, too large to calculate with; "
        r"divide all numbers first\.",
    ),
    Case(
        "huge-truth",
        verdict("old.csv", "new.csv", "--truth", "truth.csv", "--task", "regression", truth="id,y\n1,2.5\n2,1e200\n"),
        r"tenon: .*column 'y', the target, holds 1e\+200: too large to calculate with; divide it first\.",
    ),
]
