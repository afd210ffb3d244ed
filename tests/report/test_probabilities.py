"""ROC, precision against recall, calibration: lines where the figures are, words that the section decides."""

import pytest
from tests.report.boards import binary_board
from tests.report.insights import calibration, classes_precision_recall, precision_recall

from tenon.report.chart import SIDE
from tenon.report.probabilities import (
    calibration_chart,
    calibration_sentences,
    calibration_view,
    pr_chart,
    pr_view,
    precision_table,
    roc_chart,
)

BOARD = {
    "chosen": "knn",
    "rows": [{"method": "logistic", "tied": True}, {"method": "knn", "tied": True}, {"method": "baseline", "tied": False}],
}
ROC = {"roc": {"baseline": [0, 0.5, 1], "logistic": [0, 0.8, 1], "knn": [0, 1, 1]}}


def test_roc_shows_the_tied_methods_with_the_chosen_one_first():
    chart = roc_chart(BOARD, ROC)
    assert [line.name for line in chart.lines] == ["knn", "logistic"]
    assert chart.lines[1].points == ((0.0, SIDE), (SIDE / 2, pytest.approx(SIDE * 0.2, abs=0.05)), (SIDE, 0.0))  # one decimal
    assert chart.guide == f"0.0,{SIDE:.1f} {SIDE:.1f},0.0"
    assert roc_chart(BOARD, {}) is None


def test_precision_of_two_classes_is_by_method_against_guessing():
    section = precision_recall(binary_board())
    chart, table = pr_chart(section), precision_table(section)
    assert [line.name for line in chart.lines] == ["logistic-tfidf", "svm-tfidf"]
    assert chart.lines[0].points[0] == (0.0, 0.0)  # precision 1 at recall 0
    assert float(chart.guide.split()[1].split(",")[1]) == pytest.approx(SIDE * (1 - 0.24), abs=0.05)
    assert table.rows == [("logistic-tfidf", ".86", ".24"), ("svm-tfidf", ".85", ".24")]


def test_precision_of_several_classes_is_by_class():
    section = classes_precision_recall([f"类{i}" for i in range(10)], "knn")
    assert [line.name for line in pr_chart(section).lines] == [f"类{i}" for i in range(6)]  # more cannot be kept apart
    assert len(precision_table(section).rows) == 10
    assert pr_view(section)["lead"].startswith("The chosen method, each class")


def test_calibration_has_a_dot_and_an_interval_a_bin():
    section = calibration()
    chart = calibration_chart(section)
    for dot, (x, top, bottom), one in zip(chart.dots, chart.spans, section["bins"], strict=True):
        assert (dot.x, dot.y) == (
            pytest.approx(SIDE * one["proba"], abs=0.05),
            pytest.approx(SIDE * (1 - one["share"]), abs=0.05),
        )
        assert x == dot.x
        assert top <= dot.y <= bottom


def test_the_section_decides_whether_probabilities_are_off():
    off, fine = calibration_sentences(calibration(is_off=True)), calibration_sentences(calibration(is_off=False))
    assert off[1:3] == ["Over all rows they promise .021 too much.", "To mend it: --set all.calibrate=isotonic."]
    assert "would miss by .007 at most" in off[0]
    assert "no more than those of a perfect model would by chance (.070)" in fine[0]
    assert not any("To mend it" in sentence for sentence in fine)
    under = calibration() | {"bias": -0.02}
    assert "promise .020 too little" in calibration_sentences(under)[1]


def test_a_bias_or_an_error_too_small_for_the_digits_is_not_said():
    """An error may lie beyond chance and yet be too small to be seen; the errors of a class may cancel out."""
    cancelled = calibration_sentences(calibration() | {"bias": -0.0004})
    assert not any("promise" in sentence for sentence in cancelled)
    assert "To mend it: --set all.calibrate=isotonic." in cancelled
    small = calibration_sentences(calibration() | {"ece": 0.0068, "ece_by_chance": {"mean": 0.004, "high": 0.0057}, "bias": 1e-5})
    assert small == [
        "Probabilities miss by .007 in the mean: more than by chance (.006), but well calibrated.",
        "Brier score .098.",
    ]


def test_calibration_says_of_what():
    assert "that a row is 差评" in calibration_view(calibration())["lead"]
    assert "of the predicted class" in calibration_view(calibration() | {"of": "predicted", "label": None})["lead"]
