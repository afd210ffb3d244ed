"""The matrix of pairs: what is said of methods whose rows all count the same."""

import pytest
from tests.report.boards import binary_board

from tenon.report.asked import question
from tenon.report.language import language
from tenon.report.leaderboard import scored_rows
from tenon.report.pairs import matrix_table, pairs_sentence
from tenon.report.thesis import sentences

ZH = language("zh")


@pytest.mark.parametrize("n", [3, 8])
def test_rows_that_count_the_same_need_not_be_predicted_the_same(n):
    """BLEU of 0 is one of many bad translations: a word in a small matrix, a sign in a large one."""
    board = binary_board()
    first = scored_rows(board)[0]
    names = [f"m{k}" for k in range(n)]
    board["rows"] = [first | {"method": name} for name in names]
    verdict = {"method_a": names[0], "method_b": names[1], "effect": 0.0, "low": 0.0, "high": 0.0, "verdict": "same predictions"}
    cell = matrix_table(board, [verdict]).rows[0][2]
    assert cell.text == ("same on every row" if n == 3 else "≡")
    assert ZH("same on every row") == "逐行相同"


def test_without_verdicts_nothing_is_said_to_be_told_apart():
    """Whatever the words in the place of verdicts: those of few groups are as if the rows could not tell."""
    pairs, board = [{"verdict": "cannot tell"}, {"verdict": "same"}], binary_board()
    run = {"asked": {"target": "y", "versions": {"tenon": "0.1.0"}, "inner": {}}}
    assert pairs_sentence(board, pairs) == "0 of 2 pairs can be told apart; 1 is the same in practice."
    assert any("told apart by a max-T test" in one for one in sentences(board, run, {}))
    board["no_verdict"] = "fewer than 10 groups: scores and intervals only"
    said = "This run gives no verdicts."
    assert (pairs_sentence(board, pairs), ZH(said)) == (said, "本次运行不作判断。")
    assert said in sentences(board, run, {})
    assert not any("max-T" in one for one in sentences(board, run, {}))


def test_a_language_model_is_asked_about_words_and_not_about_lengths():
    board, run = binary_board(), {"asked": {"target": "length", "task": "language"}, "data": {"name": "l.txt"}}
    board["metric"] = "perplexity"
    asked = question(board, run, {"n_rows": 40})
    n = len(scored_rows(board))
    assert asked == f"Which of {n} methods best foretells the words of 40 rows of l.txt, by perplexity?"
    assert ZH(asked) == f"{n} 种方法中，哪一种对文本中的词预测得最好？数据：l.txt，共 40 行；指标：困惑度。"
    board["rows"] = [row for row in board["rows"] if row["score"] is not None][:1]
    name = board["rows"][0]["method"]
    assert question(board, run, {"n_rows": 40}) == f"How well does {name} foretell the words of 40 rows of l.txt, by perplexity?"
