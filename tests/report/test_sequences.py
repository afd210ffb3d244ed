"""Rows of sequences on a page and in the terminal: what is marked, what is said, Chinese, and no cell where none shall be."""

import math
import xml.etree.ElementTree as ET

import pytest
from rich.cells import cell_len
from tests.report.boards import binary_board
from tests.report.folders import write_run
from tests.report.parsed import Page
from tests.report.test_chinese_page import english_in

from tenon.report.explained import headline, notes, write_explained
from tenon.report.explained_text import explained_lines
from tenon.report.language import language
from tenon.report.readings import UNMARKED, Mark
from tenon.report.sequences import lead_of, sequence_lines
from tenon.report.sequences import sequence_view as view_in

TAGGING = {"row": 17, "text": "王明去北京。", "label": [["人", 0, 2], ["地", 3, 5]], "prediction": [["人", 0, 2], ["地", 3, 4]]}
TRANSLATION = {
    "row": 3, "text": "红猫", "label": "赤猫", "prediction": "赤犬",
    "alignment": {"source": ["红", "猫"], "target": ["赤", "犬"], "weights": [[0.9, 0.1], [0.25, 0.75], [0.5, 0.5]]},
}  # fmt: skip
UNITS = [[0, 1, 0.0], [1, 2, math.log(100)], [2, 3, math.log(10_000)], [3, 4, 50.0], [4, 4, math.log(4)]]
LANGUAGE = {"row": 1, "text": "甲乙丙丁", "label": 5, "prediction": 5 * math.log(20), "units": UNITS}
ANSWER = {
    "row": 4, "text": "王明一九八八年去北京。", "label": [[0, 2], [2, 7]], "prediction": [[4, 8]], "question": "王明何时去京？",
    "answer": "八八年去", "f1": 0.6667, "is_match": False, "candidates": [["八八年去", 0.7], ["", 0.2]],
}  # fmt: skip
EFFECTS = [{"entity": ["人", 0, 2], "tokens": [[0, 1, 2.0], [1, 2, -1.0], [2, 3, 0.1], [3, 5, 0.0], [5, 6, 0.0]], "run": 1}]
IN_RUNS = [{"entity": ["人", 0, 2], "tokens": [[0, 3, 2.0], [3, 6, -1.0]], "run": 3}]
ON_ANSWER = {"question": [[2, 4, 1.5], [4, 5, -0.1]], "context": [[2, 7, 0.5], [4, 8, 3.0]]}
ROWS = {
    "tagging": TAGGING | {"effects": EFFECTS},
    "translation": TRANSLATION,
    "language": LANGUAGE,
    "answer": ANSWER | {"effects": ON_ANSWER},
}


def content(task, **more):
    return {
        "method": "logistic", "target": "y", "task": task, "metric": "bleu", "labels": [], "is_final": True, "n_parts": 1,
        "rows": 1200, "rows_in_all": 1200, "has_groups": False, "is_calibrated": False, "kinds": {}, "robustness": None,
        "importance": {"reason": "it reads a single column, so there are none to compare."}, "coefficients": None, "words": [],
        "contributions": None, "tree": None, "sequences": {"rows": [ROWS[task]] * 4, "n_wrong": 1100},
        "row": ROWS[task] | {"is_final": False},
    } | more  # fmt: skip


def sequence_view(row, task):
    return view_in(row, task, language("en"))


def marked(pieces):
    return {text: (mark.side, mark.share, mark.kind) for text, mark in pieces if mark.side}


def test_entities_are_marked_by_whether_both_have_them():
    shown = sequence_view(TAGGING, "tagging")
    truth, said = (dict(shown.texts)[name] for name in ("truth", "predicted"))
    assert "".join(text for text, _ in truth) == "".join(text for text, _ in said) == TAGGING["text"]
    assert marked(truth) == {"王明": ("for", 30, "人"), "北京": ("off", 0, "地")}
    assert marked(said) == {"王明": ("for", 30, "人"), "北": ("off", 0, "地")}
    assert shown.sentences == ["There: 2; found: 1; said, but not there: 1."]


@pytest.mark.parametrize("has_label", [True, False])
def test_a_sentence_without_entities_is_not_counted_in_noughts(has_label):
    row = TAGGING | {"label": [], "prediction": []}
    [sentence] = sequence_view(row if has_label else {key: row[key] for key in row if key != "label"}, "tagging").sentences
    assert "0" not in sentence
    assert sentence.startswith("Nothing is ")
    assert language("zh")(sentence) != sentence


def test_an_entity_has_its_sentence_coloured_by_what_it_hangs_on():
    shown = sequence_view(TAGGING | {"effects": EFFECTS}, "tagging")
    [(_, [name, blank, *pieces])] = shown.effects.texts
    assert (name, blank) == (("王明", Mark("off", kind="人")), (" ", Mark("")))
    assert "".join(text for text, _ in pieces) == TAGGING["text"]
    assert marked(pieces) == {"王": ("for", 60, ""), "明": ("against", 30, "")}
    lines = sequence_lines(TAGGING | {"effects": EFFECTS}, "tagging", 80)
    assert lines[-1] == "  王明 人: 王 +2.00, 明 −1.00, 去 +.10", "what does nothing is not named"
    assert sequence_lines(TAGGING | {"effects": []}, "tagging", 80) == sequence_lines(TAGGING, "tagging", 80)


def test_tokens_that_were_masked_together_are_named_once_and_it_is_said_so():
    """王明去 北京。: two runs, each with one effect."""
    row = TAGGING | {"effects": IN_RUNS}
    shown = sequence_view(row, "tagging").effects
    assert "runs of 3 tokens, masked together as the sentence is long" in shown.says
    assert marked(shown.texts[0][1]) == {"王明": ("off", 0, "人"), "王明去": ("for", 60, ""), "北京。": ("against", 30, "")}
    assert sequence_lines(row, "tagging", 80)[-2:] == [
        "  runs of 3 tokens, masked together as the sentence is long:", "  王明 人: 王明去 +2.00, 北京。 −1.00"
    ]  # fmt: skip
    assert "runs" not in sequence_view(TAGGING | {"effects": EFFECTS}, "tagging").effects.says


def test_a_translation_is_drawn_with_what_it_was_said_by():
    shown = sequence_view(TRANSLATION, "translation")
    assert [(name, "".join(text for text, _ in pieces)) for name, pieces in shown.texts] == [
        ("source", "红猫"), ("truth", "赤猫"), ("predicted", "赤犬"),
    ]  # fmt: skip
    texts = [text.text for text in ET.fromstring(shown.drawing).iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["红", "猫", "赤", "犬", "(end)"]
    bare = sequence_view(TRANSLATION | {"alignment": None}, "translation")
    assert (bare.drawing, bare.caption) == (None, "")


def test_units_are_the_darker_the_less_they_were_expected():
    [(_, pieces)] = sequence_view(LANGUAGE, "language").texts
    assert marked(pieces) == {"乙": ("for", 30, ""), "丙": ("for", 60, ""), "丁": ("for", 60, "")}
    assert [mark.hint for _, mark in pieces] == ["1 : 1.0", "1 : 100", "1 : 10,000", "1 : 10^22"]
    assert sequence_view(LANGUAGE, "language").sentences == ["Perplexity 20.0: 15.0 nats over 5 units, the end being one."]


def test_an_answer_is_marked_where_it_is_right_and_where_it_is_not():
    shown = sequence_view(ANSWER, "answer")
    assert shown.sentences == ["F1 .67; no exact match."]
    assert [(name, "".join(text for text, _ in pieces)) for name, pieces in shown.texts] == [
        ("question", "王明何时去京？"), ("truth", "王明 / 一九八八年"), ("predicted", "八八年去"),
        ("weighed", "八八年去 .70 · (no answer) .20"),
        ("context", "王明一九八八年去北京。"),
    ]  # fmt: skip
    assert marked(shown.texts[-1][1]) == {
        "王明一九": ("off", 0, "truth"), "八八年": ("for", 30, "right"), "去": ("off", 0, "predicted"),
    }  # fmt: skip


def test_what_was_kept_of_a_context_is_coloured_by_its_score():
    """A gap of 41 letters between blocks is left out, in the terminal, too."""
    text = f"王明{'乙' * 41}去北京。"
    shown = sequence_view(ANSWER | {"kept": {"text": text, "blocks": [[0, 2, 0.5], [43, 47, 1.0]]}}, "answer")
    pieces = dict(shown.texts)["parts read"]
    assert [(said, mark.share, mark.hint) for said, mark in pieces] == [
        ("王明", 30, "0.50"), (" … ", 0, ""), ("去北京。", 60, "1.00"),
    ]  # fmt: skip
    assert shown.caption.endswith("In the parts read: the stronger, the more relevant.")
    assert "王明 … 去北京。" in " ".join(
        sequence_lines(ANSWER | {"kept": {"text": text, "blocks": [[0, 2, 0.5], [43, 47, 1]]}}, "answer", 99)
    )
    for nothing in (None, {"text": text, "blocks": []}):
        assert "parts read" not in dict(sequence_view(ANSWER | {"kept": nothing}, "answer").texts)


def test_what_an_answer_hangs_on_is_coloured_in_question_and_context():
    """A colour says as much in one as in the other; of a long context what is far from any colour is left out."""
    context = f"{'ab ' * 40}Eve came {'cd ' * 60}late."
    effects = {"question": [[0, 3, 2.0], [4, 7, -1.0]], "context": [[120, 123, 8.0], [124, 128, 0.1], [309, 313, 4.0]]}
    row = ANSWER | {"question": "Who was it?", "text": context, "label": [], "prediction": [[120, 123]], "answer": "Eve",
                    "effects": effects}  # fmt: skip
    shown = sequence_view(row, "answer").effects
    assert shown.title == "What its answer hangs on"
    assert shown.says == "In colour: tokens without which the given answer would be less probable; in grey: more probable."
    (_, question), (_, pieces) = shown.texts
    assert question == [("Who", Mark("for", 15)), (" ", UNMARKED), ("was", Mark("against", 8)), (" it?", UNMARKED)]
    assert pieces == [
        (f" … {'ab ' * 13}", UNMARKED), ("Eve", Mark("for", 60)), (f" came {'cd ' * 10}cd … {'cd ' * 13}", UNMARKED),
        ("late", Mark("for", 30)), (".", UNMARKED),
    ]  # fmt: skip
    assert sequence_lines(row, "answer", 99)[-2:] == [
        "  because of the question: Who +2.00, was −1.00", "  because of the context: Eve +8.00, late +4.00, came +.10"
    ]  # fmt: skip
    faint = row | {"effects": {"question": [[0, 3, 0.001], [4, 7, -0.0004]], "context": []}}
    assert sequence_lines(faint, "answer", 99)[-1] == "  because of the question: Who .00", "one at least is named"
    quiet = row | {"effects": effects | {"question": [[0, 3, 0.3], [4, 7, -0.1]]}}
    assert sequence_view(quiet, "answer").effects.texts[0] == ("question", [("(no token of it counts for much)", UNMARKED)])
    none = sequence_view(row | {"prediction": [], "answer": ""}, "answer").effects
    assert none.says == "In colour: tokens without which no answer would be less probable; in grey: more probable."
    for nothing in ({"effects": None}, {"effects": {"question": [], "context": []}}):
        assert sequence_view(row | nothing, "answer").effects is None
        assert "because" not in " ".join(sequence_lines(row | nothing, "answer", 99))


def test_a_run_of_tokens_is_named_by_its_beginning_in_one_line():
    row = ANSWER | {"text": "a\n b " * 20, "effects": {"question": [], "context": [[0, 90, 1.0]]}}
    assert f"because of the context: {'a b ' * 10}… +1.00" in " ".join(sequence_lines(row, "answer", 200))


def test_no_answer_is_said_and_nothing_marked():
    none = ANSWER | {"label": [], "prediction": [], "answer": "", "f1": 1.0, "is_match": True, "candidates": []}
    shown = sequence_view(none, "answer")
    assert shown.sentences == ["F1 1.00; an exact match."]
    assert dict(shown.texts)["truth"] == dict(shown.texts)["predicted"] == [("(no answer)", Mark(""))]
    assert marked(dict(shown.texts)["context"]) == {}
    assert "weighed" not in dict(shown.texts)


def test_a_long_text_is_cut_and_says_so():
    shown = sequence_view(LANGUAGE | {"units": UNITS[:2]}, "language")
    assert shown.sentences[1] == "Its first 2 units are shown."
    assert "".join(text for text, _ in shown.texts[0][1]) == "甲乙"
    whole = sequence_view(LANGUAGE | {"units": None}, "language")
    assert whole.texts[0][1][0][0] == "甲乙丙丁"


def test_a_row_that_was_trained_on_says_so():
    assert "by heart" in sequence_view(TAGGING | {"is_final": False}, "tagging").sentences[-1]
    assert "by heart" not in " ".join(sequence_view(TAGGING | {"is_final": True}, "tagging").sentences)


def test_it_is_said_which_rows_are_shown():
    assert lead_of(content("tagging")) == (
        "Of 1,200 rows 1,100 were not got wholly right; 4 of these, from the worst to the best in even steps."
    )
    assert lead_of(content("tagging", sequences={"rows": [], "n_wrong": 0})) == "None of 1,200 rows was predicted wrongly."
    assert lead_of(content("answer")) == (
        "Of 1,200 rows 1,100 were not got wholly right; 4 of all, from the worst answer to the best in even steps."
    )
    assert lead_of(content("language")).startswith("Of 1,200 texts 4, from the one whose units are least expected")


def test_lines_of_the_terminal():
    assert sequence_lines(TAGGING, "tagging", 80)[1:] == [
        "  truth      [王明 人]去[北京 地 ≠]。", "  predicted  [王明 人]去[北 地 ≠]京。", "  ≠ in one of them only"
    ]  # fmt: skip
    assert sequence_lines(TRANSLATION, "translation", 80)[-1] == "  said by: 赤 ← 红 .90, 犬 ← 猫 .75"
    assert sequence_lines(ANSWER, "answer", 80)[-1] == "  context    [王明一九 truth ≠][八八年 right][去 predicted ≠]北京。"
    assert sequence_lines(LANGUAGE, "language", 100)[-1] == (
        "  least expected: 丁 1 : 10^22, 丙 1 : 10,000, 乙 1 : 100, (end) 1 : 4.0, 甲 1 : 1.0"
    )


@pytest.mark.parametrize("task", ROWS)
def test_no_line_is_wider_than_the_terminal_and_a_row_stands_alone(task):
    for width in (40, 80):
        lines = explained_lines(content(task), width)
        assert max(map(cell_len, lines)) <= width
    assert headline(content(task)) in " ".join(explained_lines(content(task), 200))
    assert sum(line.startswith("Row ") for line in explained_lines(content(task), 200)) == 1
    assert sum(line.startswith("Row ") for line in explained_lines(content(task, row=None), 200)) == 2  # of 4


@pytest.mark.parametrize("task", ROWS)
def test_the_page_in_english_in_chinese_and_without_cells(tmp_path, task):
    def page(lang="en", no_rows=False, **more):
        folder = write_run(tmp_path, binary_board())
        return write_explained(folder, content(task, **more), lang, no_rows).read_text(encoding="utf-8")

    english = page()
    assert english.count(f">{sequence_view(ROWS[task], task).texts[0][0]}</th>") == (
        10 if task == "answer" else 5
    )  # once more in colour
    assert 'id="sequence"' in english
    assert 'id="sequence"' not in page(row=None)
    assert set(english_in(page("zh"))) == set()
    if task == "answer":
        kept = {"text": "王明去北京。", "blocks": [[0, 2, 0.5]]}
        assert set(english_in(page("zh", row=ANSWER | {"kept": kept}))) == set()
    assert set(english_in(page("zh", row=TAGGING | {"effects": IN_RUNS} if task == "tagging" else None))) == set()
    assert set(english_in(page("zh", sequences={"rows": [], "n_wrong": 0}, row=None))) == set()
    without = " ".join(Page(page(no_rows=True)).words)
    assert not set("王京红猫赤犬甲乙丙丁") & set(without)


@pytest.mark.parametrize("task", ROWS)
def test_groups_are_not_told_of_where_no_interval_stands(task):
    assert not any("in the intervals" in note for note in notes(content(task, has_groups=True)))
    assert any("in the intervals" in note for note in notes(content(task, has_groups=True) | {"importance": {"columns": []}}))
