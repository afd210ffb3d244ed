"""Scores from short texts to long ones as the report shows them: the table by hand, what is said above it."""

from tests.report.boards import binary_board
from tests.report.insights import lengths

from tenon.report.language import language
from tenon.report.lengths import lengths_view


def view(**changed):
    about = {"metric": "auc", "title": "AUC", "greater_is_better": True}
    return lengths_view(lengths(about, binary_board()) | changed)


def test_the_table_by_hand():
    rows = [
        {"method": "long", "read_share": 1.0, "scores": [{"score": 0.9, "low": 0.88, "high": 0.92}, None]},
        {"method": "head", "read_share": 0.126, "scores": [{"score": 0.8, "low": 0.78, "high": 0.82}] * 2},
    ]
    parts = [{"from": 8.0, "to": 1200.0, "rows": 30}, {"from": 1200.0, "to": 99_000.0, "rows": 30}]
    table = view(rows=rows, parts=parts)["table"]
    assert [column.title for column in table.columns] == ["Method", "Reads", "8–1,200", "1,200–99,000"]
    assert [list(row) for row in table.rows] == [
        ["long", "100 %", ".900 ±.020", ""],
        ["head", "13 %", ".800 ±.020", ".800 ±.020"],
    ]


def test_what_is_said_in_both_languages():
    shown = view(instead_of="macro-F1", title="accuracy", metric="accuracy")
    assert shown["sentence"] == (
        "By accuracy, on the 39,074 rows that all of these methods predicted, in 4 parts of one size by the length of 评论, "
        "counted in characters."
    )
    assert shown["notes"] == ["Scored by accuracy, since macro-F1 cannot be compared between parts of the rows."]
    said = language("zh")(shown["sentence"])
    assert said == "按准确率，在这些方法都预测过的 39,074 行上，按评论的长度（以字符计）等分为 4 份。"
