"""The leaderboard as text: aligned, complete, inside the width, true to the figures."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from tests.report.boards import binary_board, rmse_board, row

from tenon.report.text import closing, fitted, lines, wrapped

BAR = set("├─┤●◂▸")


def bars(text: list[str]) -> list[str]:
    return ["".join(c if c in BAR else " " for c in line) for line in text]


def column_of_dot(line: str) -> int:
    """Cells before the score's mark that belongs to the bar (verdicts begin with the same sign)."""
    return cell_len(line[: line.index("●")])


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("board", [binary_board(), rmse_board()])
def test_no_line_is_too_wide_and_none_ends_in_blanks(board, width):
    for line in lines(board, width) + closing(board, width):
        assert cell_len(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_method_stands_once_best_first_with_its_figures(width):
    board = binary_board()
    text = lines(board, width)
    starts = [next(k for k, line in enumerate(text) if line.startswith(f"  {r['method']} ")) for r in board["rows"]]
    assert starts == sorted(starts)
    assert all(sum(line.startswith(f"  {r['method']} ") for line in text) == 1 for r in board["rows"])
    assert ".951 ±.004" in text[1]
    assert "◂" in text[5]  # the baseline is far off


def test_columns_are_aligned_whatever_the_script():
    text = lines(binary_board(), 120)[1:6]
    assert len({cell_len(line[: line.index(".")]) for line in text}) == 1  # the decimal points of the scores
    verdicts = ["● tied with", "● tied ←", "slightly worse", "worse by .054", "worse by .451"]
    assert len({cell_len(line[: line.index(words)]) for line, words in zip(text, verdicts, strict=True)}) == 1


@pytest.mark.parametrize("width", [80, 120])
def test_bars_are_true_to_scale(width):
    """Distances between the marks are those between the scores, to half a cell at either end."""
    scored = [row("a", 0.95, 0.001), row("b", 0.94, 0.03), {**row("c", 0.93), "low": 0.87, "high": 0.931}, row("d", 0.9, 0.002)]
    text = lines({"metric": "auc", "rows": scored}, width)[1:5]
    columns = [column_of_dot(line) for line in text]
    cells_per_unit = (columns[0] - columns[3]) / (scored[0]["score"] - scored[3]["score"])
    for r, column in zip(scored, columns, strict=True):
        # each mark is off by half a cell at most, and so is the scale's every end: 1.5 in all, rounded up
        assert abs(columns[0] - column - cells_per_unit * (scored[0]["score"] - r["score"])) <= 2


@settings(max_examples=60)
@given(
    scores=st.lists(st.floats(-100, 100), min_size=1, max_size=6),
    halves=st.lists(st.floats(0, 30), min_size=6, max_size=6),
    width=st.integers(50, 160),
)
def test_any_board_keeps_its_bars_inside_the_axis(scores, halves, width):
    rows = [row(f"方法-{k}", s, h) for k, (s, h) in enumerate(zip(sorted(scores, reverse=True), halves, strict=False))]
    text = lines({"metric": "accuracy", "rows": rows}, width)
    assert len(text) == len(rows) + 1
    drawn = [line for line in bars(text[1:]) if line.strip()]
    assert len(drawn) == len(rows)
    for line in drawn:
        mark = line.strip()
        assert mark in "◂▸" or (mark.count("●") == 1 and " " not in mark)
    assert max(cell_len(line) for line in text[1:]) <= width


def test_lower_is_better_is_said_and_the_rows_keep_their_order():
    text = lines(rmse_board(), 100)
    assert "RMSE, lower is better" in text[0]
    assert [line.split()[0] for line in text[1:]] == ["ridge", "knn", "baseline", "linear"]
    assert column_of_dot(text[1]) < column_of_dot(text[2]) < column_of_dot(text[3])
    assert "▸" in text[4]


def test_rows_without_a_score_have_their_reason():
    text = "\n".join(lines(binary_board(), 120))
    assert "declined: grows with the square of the rows" in text
    assert "needs tenon[deep]: pip install" in text
    assert "needs: needs" not in text
    assert "failed in 2 of 20 trials: ValueError" in text


def test_a_board_that_is_still_growing():
    rows = [{"method": "logistic", "score": 0.9, "low": 0.88, "high": 0.92}, {"method": "knn", "status": "waiting"}]
    text = lines({"metric": "AUC", "rows": rows}, 80)
    assert text[0].split()[0] == "AUC"
    assert text[1].startswith("  logistic  .900 ±.020")
    assert text[2] == "  knn       waiting"
    assert lines({"metric": "AUC", "rows": []}, 80) == []


def test_a_narrow_terminal_says_less_but_the_verdict():
    assert "p .02" in lines(binary_board(), 80)[3]
    assert "(.006–.014)" in lines(binary_board(), 120)[3]
    assert lines(binary_board(), 60)[3].endswith("worse")
    assert lines(binary_board(), 40)[2].endswith("● tied ← chosen")


def test_closing_names_final_score_and_optimism():
    text = closing(binary_board(), 200)
    assert text[0].startswith("svm-tfidf and logistic-tfidf cannot be told apart")
    assert text[1] == "On the 1,553 final rows, seen by no method before, logistic-tfidf scores .947 (.936–.957)."
    assert text[2] == "Choosing among 5 flatters logistic-tfidf's .949 by about .004: expect about .945 on new rows."
    assert closing(rmse_board(), 200)[-1] == "Choosing among 4 flatters ridge's 2.21 by less than 0.01."


def test_what_choosing_flatters_is_not_told_where_both_scores_read_alike():
    board = binary_board()
    board["rows"] = [row | {"score": 0.773, "low": 0.73, "high": 0.82} if row["method"] == board["chosen"] else row
                     for row in board["rows"]]  # fmt: skip
    said = closing(board | {"optimism": 0.0065, "expected": 0.7665}, 200)
    assert any(line.endswith("flatters logistic-tfidf's .77 by less than .01.") for line in said), "not .77 by .01: expect .77"


@given(text=st.text(alphabet="ab 中文", max_size=60), width=st.integers(6, 30))
def test_wrapping_loses_nothing(text, width):
    broken = wrapped(text, width, "  ")
    assert all(cell_len(line) <= width for line in broken)
    assert "".join("".join(broken).split()) == "".join(text.split())


@given(name=st.text(alphabet="ab中文", max_size=20), width=st.integers(4, 16))
def test_fitted_is_exactly_as_wide(name, width):
    text = fitted(name, width)
    assert cell_len(text) == width
    assert text.rstrip() == name if cell_len(name) <= width else "…" in text
