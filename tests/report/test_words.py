"""What is said of a score: only the board test's own words, each with the figures that bear it out."""

import re

import pytest
from tests.report.boards import binary_board, rmse_board, row

from tenon.report.language import language
from tenon.report.words import (
    MEDIUM,
    SHORT,
    also_sentences,
    final_sentence,
    is_lower_better,
    metric_title,
    metric_titles,
    optimism_sentence,
    reason_of,
    rows_sentence,
    swing_sentence,
    verdict_of,
)


def said(word: str, detail: int = 0, **more) -> str:
    board = {"rows": [row("best", 0.9, tied=True), row("it", 0.8, 0.01, word=word, **more)], "leader": "best", "chosen": "best"}
    return verdict_of(board["rows"][1], board, detail)


@pytest.mark.parametrize(
    ("word", "tied", "expected"),
    [
        ("worse", False, "worse by .100 (.097–.105), p .004"),
        ("small difference", False, "slightly worse by .100 (.097–.105), p .004"),
        ("same", True, "● tied, the same in practice"),
        ("same predictions", True, "● tied, the same on every row"),
        ("cannot tell", True, "● tied"),
        ("no verdict", True, ""),
        ("no verdict", False, ""),
        ("", False, ""),  # trials are still running
    ],
)
def test_each_word(word, tied, expected):
    assert said(word, tied=tied, p_value=0.004, effect=-0.1) == expected


def test_less_is_said_where_there_is_less_room():
    assert said("worse", MEDIUM, p_value=0.004, effect=-0.1) == "worse by .100, p .004"
    assert said("worse", SHORT, p_value=0.004, effect=-0.1) == "worse"
    assert said("worse") == "worse"  # without figures none are said


@pytest.mark.parametrize(
    ("word", "effect", "expected"),
    [
        ("better", 0.1, "it x=1 is better than it, by .100 (.097–.105), p .004 over all pairs."),
        ("worse", -0.1, "it x=1 is worse than it, by .100 (.095–.103), p .004 over all pairs."),
        ("small difference", 0.1, "it x=1 is slightly better than it, by .100 (.097–.105), p .004 over all pairs."),
        ("small difference", -0.1, "it x=1 is slightly worse than it, by .100 (.095–.103), p .004 over all pairs."),
        ("same", 0.001, "it x=1 and it are the same in practice: better by .001 (−.002–.006), p .004 over all pairs."),
        ("cannot tell", -0.001, "it x=1 cannot be told from it: worse by .001 (−.004–.004), p .004 over all pairs."),
        ("same predictions", 0.0, "it x=1 and it are the same on every row."),
    ],
)
def test_each_word_for_a_variant(word, effect, expected):
    """In English, and in Chinese nothing but the names and p stays as it was."""
    ends = {"low": effect - 0.003, "high": effect + 0.005}
    pair = {"method": "it x=1", "of": "it", "effect": effect, **ends, "p_value": 0.004, "verdict": word}
    (sentence,) = also_sentences({"also": [pair]})
    assert sentence == expected
    assert set(re.findall("[a-z]+", language("zh")(sentence))) <= {"it", "x", "p"}


@pytest.mark.parametrize(
    ("word", "effect", "expected"),
    [
        ("better", 0.1, "The texts of the domain earned .100 (.097–.105), p .004 over all pairs, against it x=1."),
        ("worse", -0.1, "The texts of the domain cost .100 (.095–.103), p .004 over all pairs, against it x=1."),
        ("small difference", 0.1, "The texts of the domain earned only .100 (.097–.105), p .004 over all pairs, against it x=1."),
        ("small difference", -0.1, "The texts of the domain cost only .100 (.095–.103), p .004 over all pairs, against it x=1."),
        (
            "same",
            0.001,
            "The texts of the domain earned nothing in practice: better than it x=1 by .001 (−.002–.006), p .004 over all pairs.",
        ),
        (
            "cannot tell",
            -0.001,
            "What the texts of the domain earned cannot be told: worse than it x=1 by .001 (−.004–.004), p .004 over all pairs.",
        ),
        ("same predictions", 0.0, "The texts of the domain change no prediction of it."),
    ],
)
def test_each_word_for_what_a_stage_earned(word, effect, expected):
    """In English, and in Chinese nothing but the names and p stays as it was."""
    ends = {"low": effect - 0.003, "high": effect + 0.005}
    pair = {"method": "it", "of": "it x=1", "stage": "domain", "effect": effect, **ends, "p_value": 0.004, "verdict": word}
    (sentence,) = also_sentences({"also": [pair]})
    assert sentence == expected
    assert set(re.findall("[a-z]+", language("zh")(sentence))) <= {"it", "x", "p"}


def test_without_verdicts_it_is_said_that_what_a_variant_earned_cannot_be_told():
    pair = {"method": "it x=1", "of": "it", "effect": 0.1, "low": 0.0, "high": 0.2, "p_value": 1.0, "verdict": "no verdict"}
    (sentence,) = also_sentences({"also": [pair]})
    assert sentence == "Whether it x=1 is better than it cannot be told: this run gives no verdicts."
    (of_stage,) = also_sentences({"also": [pair | {"stage": "domain"}]})
    assert of_stage == "What the texts of the domain earned, it x=1 against it, cannot be told: this run gives no verdicts."
    assert set(re.findall("[a-z]+", language("zh")(sentence) + language("zh")(of_stage))) <= {"it", "x"}
    assert also_sentences({}) == []  # a run of an earlier Tenon


def test_without_verdicts_the_best_score_is_called_nothing():
    rows = [{"method": name, "score": 0.5, "word": word, "tied": True} for name, word in (("a", "leader"), ("b", "no verdict"))]
    board = {"rows": rows, "leader": "a", "chosen": "a"}
    assert [verdict_of(row, board) for row in rows] == ["← chosen", ""]


def test_best_and_chosen():
    board = binary_board()
    assert verdict_of(board["rows"][0], board) == "● tied with the best"
    assert verdict_of(board["rows"][1], board) == "● tied ← chosen"
    alone = rmse_board()
    assert verdict_of(alone["rows"][0], alone) == "● best ← chosen"


def test_metric_titles_say_the_direction_only_where_it_is_down():
    assert metric_titles({"metric": "auc"}) == ("AUC",)
    assert metric_titles({"metric": "rmse"})[0] == "RMSE, lower is better"
    assert metric_titles({"metric": "RMSE"})[0] == "RMSE, lower is better"  # a title, as plans have it
    assert metric_titles({"metric": "my_score"}) == ("my_score",)


def test_final_score_without_interval_or_final_rows():
    board = binary_board()
    board["final"] |= {"low": None, "high": None}
    assert final_sentence(board).endswith("logistic-tfidf scores .947.")
    assert final_sentence(rmse_board()) == ""


def test_no_optimism_is_said_before_a_choice():
    assert optimism_sentence({"rows": [row("a", 0.9)], "metric": "auc"}) == ""
    assert optimism_sentence({**binary_board(), "optimism": None}) == ""


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        ("declined", "grows", "declined: grows"),
        ("needs", "needs tenon[deep]", "needs tenon[deep]"),
        ("waiting", "", "waiting"),
    ],
)
def test_reasons_say_the_status_once(status, reason, expected):
    assert reason_of({"status": status, "reason": reason}) == expected


def test_rows_that_would_settle_it():
    board = binary_board()
    board["rows"][1] |= {"rows_to_confirm": 81_234, "rows_to_call_same": 2_345}
    assert rows_sentence(board) == (
        "To call svm-tfidf and logistic-tfidf the same would take about 2,400 rows, if they are; to confirm a difference as "
        "small as theirs here, about 82,000."
    )
    board["rows"][1]["rows_to_confirm"] = None
    assert rows_sentence(board).endswith("about 2,400 rows, if they are.")
    board["rows"][1]["rows_to_confirm"] = 51_000_000  # nobody has them
    assert rows_sentence(board).endswith("about 2,400 rows, if they are.")
    board["rows"][1]["rows_to_call_same"] = 51_000_000
    assert rows_sentence(board) == ""
    assert rows_sentence(binary_board()) == ""  # a board of an earlier day does not know


def test_a_tie_below_a_method_that_is_worse_is_explained():
    rows = [
        {"method": "logistic", "tied": True},
        {"method": "id3", "tied": False, "word": "worse"},
        {"method": "cart", "tied": True, "word": "cannot tell"},
    ]
    said = "cart is tied although id3 scores better: its score swings more from split to split."
    assert swing_sentence({"rows": rows}) == said
    assert swing_sentence({"rows": rows[:2]}) == swing_sentence({"rows": [rows[0], rows[2], rows[1]]}) == ""


def test_metrics_per_group_and_costs_have_titles():
    assert metric_title("auc per user_id") == "GAUC per user_id"
    assert metric_title("rmse per user_id:groups") == "RMSE per user_id (groups alike)"
    assert metric_title("cost") == "mean cost"
    assert is_lower_better("rmse per user_id")
    assert not is_lower_better("auc per user_id")
