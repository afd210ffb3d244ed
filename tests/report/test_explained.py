"""The page of an explanation: what it says, in Chinese as in English, and what it hides."""

import re

import pytest
from tests.report.boards import binary_board
from tests.report.folders import write_run
from tests.report.parsed import Page
from tests.report.test_chinese_page import english_in

from tenon.report.explained import headline, write_explained
from tenon.report.explained_text import explained_lines
from tenon.report.language import language
from tenon.report.swarm import DOT, HEIGHT, swarm


def fall(*columns, by=0.05, half=0.02):
    return {"columns": list(columns), "fall": by, "low": by - half, "high": by + half}


def node(says, holds, question="", answers=(), children=()):
    return {"says": says, "holds": holds, "question": question, "answers": list(answers), "children": list(children)}


def tree():
    """A tree with every kind of answer that one can have."""
    leaf = node("差", "1 row, 100 %")
    answers = ["is 红", "is 红, 绿 or 2 more or missing", "is nothing known", "missing", "there", "not there", "is 0", "is not 0",
               "<= 2.5 or missing", "1 < … <= 3"]  # fmt: skip
    return node("好", "2,000 rows, 62 %", "颜色", answers, [leaf] * len(answers))


def content(**more):
    """Everything that a page can show, of a table with Chinese names."""
    return {
        "method": "logistic",
        "target": "label",
        "task": "binary",
        "metric": "auc",
        "labels": ["好", "差"],
        "is_final": True,
        "n_parts": 1,
        "rows": 2000,
        "rows_in_all": 6000,
        "has_groups": True,
        "is_calibrated": False,
        "kinds": {},
        "importance": {
            "score": 0.9,
            "columns": [fall("身高"), *(fall(f"列{i}", by=0.01 / (i + 1)) for i in range(20))],
            "together": [fall("列1", "列2", "列3", "列4", "列5", by=0.04)],
            "n_permutations": 5,
        },
        "coefficients": {
            "rows": [
                {"column": "身高", "part": "", "kind": "number", "answer": "差", "coefficient": 1.23, "per_unit": 0.5},
                {"column": "颜色", "part": "红", "kind": "category", "answer": "差", "coefficient": -0.7, "per_unit": None},
                {
                    "column": "颜色",
                    "part": "is missing",
                    "kind": "category",
                    "answer": "差",
                    "coefficient": 0.1,
                    "per_unit": None,
                },
            ],
            "of": 50,
            "scale": "log odds",
            "answers": ["差"],
        },
        "words": [{"column": "评论", "answer": "差", "words": [["退房", 1.5], ["又脏", 0.7]]}],
        "word_scale": "log odds",
        "contributions": {
            "unit": "share",
            "answer": "差",
            "rows": 3,
            "columns": [
                {"column": "身高", "mean": 0.2, "points": [[-0.2, 0.1], [0.1, 0.9], [0.3, None]]},
                {"column": "列0", "mean": 0.1, "points": [[0.0, None]] * 3},
            ],
        },
        "tree": {"root": tree(), "n": 50, "deepest": 3, "leaves": 9},
        "row": {
            "row": 17,
            "is_final": False,
            "label": "好",
            "prediction": "差",
            "proba": [["好", 0.2], ["差", 0.8]],
            "drivers": [{"column": "颜色", "cell": "红", "effect": 0.3}, {"column": "身高", "cell": None, "effect": -0.1}],
            "how": "sampled",
            "unit": "probability",
            "of": "差",
            "base": 0.6,
            "answer": 0.8,
            "words": [["又脏", 0.4]],
            "word_scale": {"unit": "log odds", "of": "差"},
            "pictures": {},
        },
    } | more


def page(tmp_path, lang="en", no_rows=False, **more):
    return write_explained(write_run(tmp_path, binary_board()), content(**more), lang, no_rows).read_text(encoding="utf-8")


def placed(**more):
    """Rows that a network did not see: one that it reads a part of, one whose words it weighs, and an image."""
    reading = {"answer": "差", "text": "又脏。", "tokens": [[0, 2, 1.0], [2, 3, -0.5]], "gates": {}}
    row = {"row": 9, "label": "好", "prediction": "差", "is_right": False, "proba": [["好", 0.2], ["差", 0.8]], "pictures": {}}
    kept = {"text": f"又脏{'三' * 200}四。", "blocks": [[0, 2, 0.9]]}
    image = {"sight": {"answer": "差", "picture": "data:image/png;base64,seen", "layers": []}, "pictures": {"图": "data:p"}}
    rows = [row | {"kept": kept, "reading": reading}, row | {"row": 1_234, "reading": reading}, row | image]
    return {"rows": rows, "n_wrong": 3} | more


OF_TEXTS = {
    "kinds": {"评论": "text"}, "row": None, "coefficients": None, "contributions": None, "words": [], "tree": None,
    "importance": content()["importance"] | {"columns": [fall("评论")], "together": []}, "placed": placed(),
}  # fmt: skip
KINDS = {
    "all": {},
    "a network": OF_TEXTS,
    "a network that errs once": OF_TEXTS | {"placed": placed(n_wrong=1)},
    "a network that never errs": OF_TEXTS | {"placed": placed(n_wrong=0)},
    "a network for numbers": OF_TEXTS | {"task": "regression", "placed": placed(n_wrong=None, rows=[
        one | {"prediction": 2.5, "label": 1.0, "proba": None} for one in placed()["rows"]
    ])},
    "folds": {"is_final": False, "n_parts": 5, "row": None},
    "one split": {"is_final": False, "n_parts": 1, "row": None},
    "one class": {"importance": {"reason": "AUC is not defined: no fold holds rows of both classes; use log loss."}},
    "regression": {
        "task": "regression",
        "metric": "rmse",
        "words": [{"column": "评论", "answer": name, "words": [["退房", 1.5]]} for name in ("more", "less")],
        "contributions": None,
        "row": None,
    },
    "several classes": {
        "contributions": {
            "unit": "score",
            "answer": None,
            "rows": 3,
            "columns": [{"column": "身高", "mean": 0.2, "points": None}],
        },
        "coefficients": content()["coefficients"] | {"answers": ["a", "b"], "scale": "margin"},
    },
    "nothing matters": {"importance": content()["importance"] | {"columns": [fall("身高", by=0.0)], "together": []}},
}  # fmt: skip


def test_where_there_are_no_final_rows_it_is_said_what_was_fitted(tmp_path):
    said = "There are no final rows: logistic was fitted again on "
    assert f"{said}one split, and 2,000 rows were asked that it did not see." in page(tmp_path, **KINDS["one split"])
    assert f"{said}the 5 folds of the first repeat, and the 2,000 rows were each" in page(tmp_path, **KINDS["folds"])


@pytest.mark.parametrize("no_rows", [False, True], ids=["with cells", "without"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_english_is_left(tmp_path, kind, no_rows):
    html = page(tmp_path, "zh", no_rows, **KINDS[kind])
    assert 'lang="zh-Hans"' in html
    assert set(english_in(html)) - {"TF", "IDF", "Grad", "CAM"} == set()


KEPT = {"text": f"一 二。{'三' * 200}四。", "blocks": [[0, 4, 0.25], [204, 206, 0.9]]}


def test_a_row_of_a_long_text_shows_what_was_kept_of_it(tmp_path):
    reading = {"answer": "差", "text": KEPT["text"], "tokens": [[0, 1, 1.0], [204, 205, 0.5]], "gates": {}}
    row = content()["row"] | {"kept": KEPT, "reading": reading}
    html = page(tmp_path, "zh", row=row)
    assert '<mark class="for" style="--share: 15%" title="0.25">一 二。</mark>' in html
    assert '<mark class="for" style="--share: 54%" title="0.90">四。</mark>' in html
    assert html.count("三" * 200) == 1, "what each token does is shown of kept parts alone"
    assert set(english_in(html)) - {"TF", "IDF"} == set()
    assert "二。" not in page(tmp_path, no_rows=True, row=row)
    lines = [line.strip() for line in explained_lines(content(row=row), 80)]
    at = lines.index("answers by 3% of the text; the parts that it finds most relevant:")
    assert lines[at + 1 : at + 3] == ["0.25  一 二。", "0.90  四。"]


def test_rows_that_a_network_did_not_see_show_what_it_goes_by(tmp_path):
    html = page(tmp_path, **OF_TEXTS)
    text = " ".join(Page(html).words)
    assert "Of 2,000 rows 3 are called wrongly." in text
    assert html.count("logistic predicts 差 (.80); it is 好.") == 3
    assert html.count("Row 1,234") == 1
    assert html.count('<mark class="for" style="--share: 60%">又脏</mark>') == 2
    assert "三" * 200 not in html, "of a text of which parts are read these are shown alone"
    assert '<img class="seen" src="data:image/png;base64,seen" alt="">' in html
    assert text.count("In colour: where logistic sees its answer (Grad-CAM).") == 1
    assert "又脏" not in page(tmp_path, no_rows=True, **OF_TEXTS)
    lines = explained_lines(content(**OF_TEXTS), 80)
    assert "  Row 1,234: logistic predicts 差 (.80); it is 好." in lines


def test_a_single_column_is_not_called_the_one_that_counts_most(tmp_path):
    assert headline(content(**OF_TEXTS)) == "logistic reads 评论 alone: with its cells dealt anew, AUC gets worse by .050 ±.020."
    row = content()["row"] | {"drivers": [{"column": "评论", "cell": "又脏。", "effect": 0.3}]}
    assert "What drove it" not in page(tmp_path, **OF_TEXTS | {"row": row}), "of its words more is said"
    assert "What drove it" in page(tmp_path, **OF_TEXTS | {"row": row | {"words": []}})
    assert not any("column by column" in line for line in explained_lines(content(**OF_TEXTS | {"row": row})))


def test_coefficients_of_numbers_alone_need_no_parts(tmp_path):
    section = content()["coefficients"]
    numbers = section | {"rows": section["rows"][:1], "answers": ["a", "b"]}
    assert ">Part<" in page(tmp_path)
    html = page(tmp_path, coefficients=numbers)
    assert ">Part<" not in html
    heads = re.findall(r'<th scope="col" class="(?:name|figure)">([^<]*)</th>', html)
    assert [head for head in heads if head != "Column"][-3:] == ["Speaks for", "Coefficient", "Per unit"]


def test_one_more_is_not_several(tmp_path):
    falls = content()["importance"] | {"columns": [fall(f"列{i}", by=0.01) for i in range(16)], "together": []}
    row = content()["row"] | {"drivers": [{"column": f"列{i}", "cell": "1", "effect": 0.1} for i in range(16)]}
    contributions = content()["contributions"] | {"columns": [
        {"column": f"列{i}", "mean": 0.1, "points": [[0.0, None]] * 3} for i in range(16)
    ]}  # fmt: skip
    html = page(tmp_path, importance=falls, row=row, contributions=contributions)
    for said in ("1 more column</summary>", "1 more column had less effect.", "1 more column with less."):
        assert said in html
    html = page(tmp_path, "zh", importance=falls, row=row, contributions=contributions)
    assert set(english_in(html)) - {"TF", "IDF"} == set()
    twelve = falls | {"columns": falls["columns"][:13]}
    assert "  1 more column, none above these" in explained_lines(content(importance=twelve))


def test_a_tree_is_drawn_in_the_language_of_the_page(tmp_path):
    whole = {"root": tree(), "n": 1, "deepest": 4, "leaves": 10}
    english, chinese = page(tmp_path, tree=whole), page(tmp_path, "zh", tree=whole)
    for said, in_chinese in (
        (">2,000 rows, 62 %</text>", ">2,000 行，62 %</text>"),
        (">is 红, 绿 or 2 more or missing</text>", ">为 红, 绿 或另外 2 个，或缺失</text>"),
        ("颜色 is not 0: 差  (1 row, 100 %)", "颜色 不为 0: 差  (1 行，100 %)"),
        ("It has 10 leaves; all are drawn.", "共 10 片叶，全部画出。"),
        ("the share of their commonest class", "其中最多的一类"),
    ):
        assert said in english
        assert in_chinese in chinese


def test_a_tree_that_is_cut_says_how_deep_it_is_drawn(tmp_path):
    assert "It has 30 leaves; 4 levels are drawn." in page(tmp_path, tree={"root": tree(), "n": 1, "deepest": 4, "leaves": 30})


def test_what_stands_before_calibration_is_told(tmp_path):
    said = "are of the model before that"
    assert said in page(tmp_path, is_calibrated=True)
    assert "校准之前" in page(tmp_path, "zh", is_calibrated=True)
    assert said in " ".join(explained_lines(content(is_calibrated=True)))
    nothing = {"contributions": None, "coefficients": None, "words": [], "tree": None}
    assert said not in page(tmp_path, is_calibrated=True, **nothing)  # the score and its columns are those of the whole model
    assert said not in page(tmp_path, is_calibrated=False)


@pytest.mark.parametrize("is_final", [True, False])
def test_the_terminal_warns_of_causes_wherever_the_rows_come_from(is_final):
    assert "need not be what causes the target." in " ".join(explained_lines(content(is_final=is_final)))


def test_no_cell_is_left(tmp_path):
    with_cells, without = page(tmp_path), page(tmp_path, no_rows=True)
    for cell in ("红", "退房", "又脏"):
        assert cell in with_cells
        assert cell not in without
    assert "颜色" in without  # a name of a column is none


def test_sections_follow_what_there_is(tmp_path):
    def sections(html):
        return re.findall(r'<section id="(\w+)">', html)

    assert sections(page(tmp_path)) == ["row", "importance", "contributions", "coefficients", "words", "tree"]
    nothing = {"row": None, "contributions": None, "coefficients": None, "words": [], "tree": None}
    assert sections(page(tmp_path, **nothing)) == ["importance"]
    assert sections(page(tmp_path, no_rows=True)) == ["row", "importance", "contributions", "coefficients"]


def test_figures_stand_on_the_page(tmp_path):
    text = " ".join(Page(page(tmp_path)).words)
    assert "logistic goes by 身高 most: with its cells dealt anew, AUC gets worse by .050 ±.020." in text
    assert "They were drawn at random from 6,000." in text
    assert "列1 + 列2 + 列3 + 列4 + 列5" in text
    assert "logistic predicts 差; it is 好." in text
    assert "+1.23" in text


def test_the_headline_names_columns_that_matter_together():
    falls = content()["importance"] | {"together": [fall(*"abcde", by=0.4)]}
    said = headline(content(importance=falls))
    assert said == (
        "logistic goes by a, b, c and 2 more columns most, which carry nearly the same: with their cells dealt anew together, "
        "AUC gets worse by .400 ±.020."
    )
    assert language("zh")(said).replace(" ", "").startswith("logistic最依赖a、b、c及另外2列，")


def test_of_a_baseline_it_is_said_why_it_was_chosen(tmp_path):
    said = "The baseline was chosen, since no method is known to be better, and a run keeps only the chosen model."
    assert said in " ".join(Page(page(tmp_path, method="baseline")).words)
    assert said in " ".join(explained_lines(content(method="baseline"), 2000))
    assert "选定的是基线" in " ".join(Page(page(tmp_path, method="baseline", lang="zh")).words)
    assert said not in " ".join(Page(page(tmp_path)).words)


def test_a_label_that_is_a_number_says_what_it_is(tmp_path):
    text = " ".join(Page(page(tmp_path, row=content()["row"] | {"of": 1, "prediction": 1})).words)
    assert "contributions to the probability of label = 1 (Shapley values, sampled)" in text


@pytest.mark.parametrize(
    ("unit", "task", "said"),
    [("log odds", "binary", "the log odds of 差"), ("margin", "binary", "the margin for 差, before it becomes a probability"),
     ("number", "regression", "the predicted number")],
)  # fmt: skip
def test_words_say_what_it_is_that_they_add_to(tmp_path, unit, task, said):
    row = content()["row"] | {"word_scale": {"unit": unit, "of": "差"}, "prediction": 1.0, "label": 2.0}
    asked = content(task=task, row=row, word_scale=unit)
    html = " ".join(Page(page(tmp_path, task=task, row=row, word_scale=unit)).words)
    assert f"What each word of the row adds to {said}, or takes from it." in html
    of_each = said.replace("差", "each class")
    assert f"what a unit of it (TF-IDF) adds to {of_each}, or takes from it." in html
    assert f"words, by what they add to {said}: 又脏 +.40" in " ".join(" ".join(explained_lines(asked, 200)).split())


def test_words_in_the_terminal_stand_apart_though_one_is_a_comma():
    side = {"column": "评论", "answer": "差", "words": [["退房", 1.5], [",", 0.9], ["又脏", 0.7]]}
    row = content()["row"] | {"words": [[",", -0.4], ["又脏", 0.25]]}
    lines = explained_lines(content(words=[side], row=row), 200)
    assert "words for 差: 退房 · , · 又脏" in lines
    assert "words, by what they add to the log odds of 差: , −.40 · 又脏 +.25" in lines


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal(width):
    from rich.cells import cell_len

    lines = explained_lines(content(), width)
    assert max(map(cell_len, lines)) <= width
    assert any("├" in line for line in lines)
    assert any("身高" in line for line in lines)


def test_dots_of_a_swarm_keep_their_order_and_stay_in_their_lane():
    many = [[0.001 * (i % 7), i / 500] for i in range(500)]
    drawn = swarm([{"points": [[-1.0, 0.0], [0.0, 0.5], [2.0, 1.0]]}, {"points": many}])
    (low, _, first), (zero, _, _), (high, _, last) = drawn.lanes[0]
    assert low < zero < high
    assert zero == pytest.approx(drawn.zero, abs=0.1)
    assert (first, last) == (0, 4)
    assert all(DOT - 0.1 <= y <= HEIGHT - DOT + 0.1 for _, y, _ in drawn.lanes[1])
    assert len(drawn.lanes[1]) == 500
