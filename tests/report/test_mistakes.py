"""Where the chosen method errs: shares of the true class, the most frequent confusions, residuals in bins."""

import pytest
from tests.report.insights import residuals

from tenon.report.mistakes import (
    MOST_CLASSES,
    SHADE,
    confusion_sentences,
    confusion_table,
    confusions_table,
    residual_chart,
    residual_sentences,
)
from tenon.report.tables import Cell

BOARD = {"chosen": "knn"}
SCORES = {
    "labels": ["是", "否"],
    "classes": {
        "knn": {"confusion": [[8.0, 2.0], [0.0, 0.0]], "precision": [1.0, 0.0], "recall": [0.8, None], "f1": [0.889, None]}
    },
}


def test_shades_by_share_of_the_true_class():
    table = confusion_table(BOARD, SCORES)
    assert [column.title for column in table.columns] == ["is", "是", "否", "rows", "precision", "recall", "F1"]
    assert [column.is_name for column in table.columns] == [False, True, True, False, False, False, False]
    assert table.rows[0] == (
        "是",
        Cell("8", "number", shade=pytest.approx(0.8 * SHADE)),  # 8 of 10
        Cell("2", "number", shade=pytest.approx(0.2 * SHADE)),
        *("10", "1.00", ".80", ".89"),
    )
    assert [cell.shade for cell in table.rows[1][1:3]] == [0.0, 0.0]  # a class without rows divides by nothing
    assert table.rows[1][3:] == ("0", ".00", "–", "–")


def test_numbers_have_no_confusion():
    assert confusion_table(BOARD, {"labels": [], "classes": {}}) is None
    assert confusions_table(BOARD, {"labels": [], "classes": {}}) is None


def test_many_classes_have_their_most_frequent_confusions():
    k = MOST_CLASSES + 1
    confusion = [[10.0 if i == j else 0.0 for j in range(k)] for i in range(k)]
    confusion[3][7], confusion[1][0] = 5.0, 8.0
    figures = dict.fromkeys(("precision", "recall", "f1"), [0.5] * k)
    scores = {"labels": list(range(k)), "classes": {"knn": {"confusion": confusion, **figures}}}
    assert confusions_table(BOARD, scores).rows == [("1", "0", "8", "44 %"), ("3", "7", "5", "33 %")]  # 8 of 18, 5 of 15
    assert len(confusion_table(BOARD, scores).rows[0]) == 5  # no square
    assert confusions_table(BOARD, SCORES) is None


def test_residuals_stand_where_they_are():
    section = residuals()
    chart = residual_chart(section)
    zero = float(chart.guide.split()[0].split(",")[1])
    for dot, span, one in zip(chart.dots, chart.spans, section["bins"], strict=True):
        assert (dot.y < zero) == (one["mean"] > 0)  # predicted too low stands above
        assert span[1] <= dot.y <= span[2]
        assert 0 <= span[1] < span[2] <= chart.height
    assert chart.dots[0].x < chart.dots[-1].x


@pytest.mark.parametrize(
    ("low", "high", "side"), [(0.1, 0.3, "too low"), (-0.3, -0.1, "too high"), (-0.1, 0.1, "on neither side more than by chance")]
)
def test_residuals_in_words(low, high, side):
    section = residuals() | {"mean": (low + high) / 2, "low": low, "high": high}
    said = residual_sentences(section)
    assert said[0] == "Half of the rows miss by −5.30 to +5.90, nine in ten by −14.2 to +15.1."
    assert said[1] == "The largest misses are −112 and +623."
    assert said[2].endswith(f": {side}.")


def test_predictions_that_are_right_but_for_rounding_have_no_picture():
    section = residuals() | {"worst_over": 0.0, "worst_under": 0.0}
    assert residual_chart(section) is None
    assert residual_sentences(section) == ["No row is missed by more than rounding."]


def test_wrong_rows_in_words():
    confusion = [[7, 2, 1], [0, 5, 5], [3, 0, 7]]
    scores = {"labels": ["a", "b", "c"], "classes": {"knn": {"confusion": confusion}}}
    assert confusion_sentences(BOARD, scores) == [
        "11 of 30 rows (36.7 %) are called wrongly.",
        "Most often b is taken for c (5 rows).",
    ]
    right = {"labels": ["a", "b", "c"], "classes": {"knn": {"confusion": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}}}
    assert confusion_sentences(BOARD, right) == ["0 of 3 rows (0 %) are called wrongly."]


def test_a_constant_prediction_divides_by_nothing():
    section = residuals()
    for one in section["bins"]:
        one |= {"from": 5.0, "to": 5.0, "prediction": 5.0, "q05": 0.0, "q95": 0.0, "q25": 0.0, "q75": 0.0, "mean": 0.0}
    assert all(0 <= dot.x <= residual_chart(section).width for dot in residual_chart(section).dots)
