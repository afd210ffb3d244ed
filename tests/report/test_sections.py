"""Sections of the page: those without their data are left out and said to be, and no cell stands in a page without cells."""

import json
import re

import pytest
import typer
from tests.report.boards import binary_board, rmse_board, row
from tests.report.folders import write_full_run, write_run
from tests.report.insights import PICTURE, SECRET
from tests.report.parsed import Page, without_wraps

from tenon.cli.app import app
from tenon.report.asked import next_lines
from tenon.report.kept import read_kept
from tenon.report.language import language
from tenon.report.page import write_report
from tenon.report.sections import SECTIONS, sections_of

FINDINGS = [
    {
        "severity": "leak",
        "sentence": f"a sentence with {SECRET}",
        "advice": "Leave it out.",
        "options": [f"--kind {SECRET}=ignore"],
    },
    {"severity": "note", "sentence": "no verdict was asked for", "advice": "", "options": []},
]


def edit(folder, name, **parts):
    content = json.loads((folder / name).read_text(encoding="utf-8"))
    (folder / name).write_text(json.dumps(content | parts, ensure_ascii=False), encoding="utf-8")


def names(folder) -> list[str]:
    return [section.name for section, _ in sections_of(read_kept(folder, True, language("en")))]


def page(folder, **wishes) -> str:
    return write_report(folder, **wishes).read_text(encoding="utf-8")


def test_a_full_run_has_every_section_in_order(tmp_path):
    order = [section.name for section in SECTIONS]
    assert names(write_full_run(tmp_path, binary_board())) == [name for name in order if name != "time"]  # cost has the times
    assert "cost" not in names(write_run(tmp_path / "old", binary_board()))
    assert "time" in names(tmp_path / "old")


@pytest.mark.parametrize(("part", "gone"), [("slices", "slices"), ("cost", "cost"), ("calibration", None)])
def test_what_is_left_out_says_why(tmp_path, part, gone):
    reason = "41 rows were predicted; at least 60 are needed"
    edit(
        write_full_run(tmp_path, binary_board()), "insights.json", **{part: {"code": "few_rows", "reason": reason, "values": {}}}
    )
    assert gone not in names(tmp_path)
    assert (reason in Page(page(tmp_path)).text) == (part != "cost")  # the time stands in its place


def test_why_twice_the_labels_say_nothing_stands_beside_the_curve(tmp_path):
    reason = "more rows have not clearly made the method better so far"
    edit(write_full_run(tmp_path, binary_board()), "insights.json", twice={"code": "no_rise", "reason": reason, "values": {}})
    assert Page(page(tmp_path)).text.count(reason) == 1
    assert f"What twice the labels would bring cannot be said: {reason}." in Page(page(tmp_path)).text
    (tmp_path / "curve.json").unlink()
    assert f"Score at twice the labels · {reason}" in Page(page(tmp_path)).text


def test_what_no_such_task_has_is_not_missed(tmp_path):
    text = Page(page(write_full_run(tmp_path, rmse_board()))).text
    assert "the target is a number" not in text
    assert "Not shown, and why" not in text


@pytest.mark.parametrize("make", [binary_board, rmse_board])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_rows_no_cell_is_left(tmp_path, make, lang):
    board = make()
    board["notes"] += [
        f"Column 'zip': 3 of 20 cells are no numbers and count as missing (row 5; the first is '{SECRET}'). "
        f"Confirm with --missing '{SECRET}', or keep them with --kind zip=category.",
        f"A sentence that the table does not know, with {SECRET}.",
    ]
    crash = f"failed in 2 of 20 trials: ValueError: could not convert string to float: '{SECRET}'"
    board["rows"].append(row("mine:Crash", None, status="failed", reason=crash))
    write_full_run(tmp_path, board)
    (tmp_path / "checks.json").write_text(json.dumps(FINDINGS, ensure_ascii=False), encoding="utf-8")
    model = json.loads((tmp_path / "model/model.json").read_text(encoding="utf-8"))
    model["schema"]["columns"][0] |= {"missing": [SECRET], "reason": f"the same value in every row: '{SECRET}'"}
    (tmp_path / "model/model.json").write_text(json.dumps(model, ensure_ascii=False), encoding="utf-8")
    full, bare = page(tmp_path, lang=lang), page(tmp_path, lang=lang, no_rows=True)
    assert SECRET in full
    assert PICTURE in full
    for cell in (SECRET, PICTURE, "王小明", "13800000000", "上海", "博士研究生", "· 2011", "17–28"):
        assert cell not in bare
    said = Page(bare).text
    hidden = {"en": "2 sentences are left out, which may quote cells", "zh": "另有 2 句可能引用了单元格"}
    assert hidden[lang] in said  # the note and the finding that are not known
    assert {"en": "No cell of the data stands on this page", "zh": "本页不含任何数据单元格"}[lang] in said
    assert {"en": "failed in 2 of 20 trials: …", "zh": "20 次试验中 2 次失败：…"}[lang] in said
    assert {"en": "count as missing (row 5; the first is …)", "zh": "按缺失处理（第 5 行；第一个是 …）"}[lang] in said


def test_a_damaged_rows_file_is_not_read_where_no_cell_is_wanted(tmp_path):
    write_full_run(tmp_path, binary_board())
    (tmp_path / "rows.json").write_text("{", encoding="utf-8")
    assert "Single rows" not in page(tmp_path, no_rows=True)


def test_findings_stand_before_notes_with_their_level(tmp_path):
    write_full_run(tmp_path, binary_board())
    (tmp_path / "checks.json").write_text(json.dumps(FINDINGS, ensure_ascii=False), encoding="utf-8")
    parsed = Page(page(tmp_path))
    assert parsed.text.index("a sentence with") < parsed.text.index("have no target and were left out")
    assert "leak" in parsed.words
    assert "Leave it out." in parsed.words


def test_a_leak_stands_in_the_head_and_advice_that_repeats_options_once(tmp_path):
    write_full_run(tmp_path, binary_board())
    leak = {**FINDINGS[0], "sentence": "a = b in every row: leave it out: --kind a=ignore", "options": ["--kind a=ignore"]}
    (tmp_path / "checks.json").write_text(json.dumps([leak], ensure_ascii=False), encoding="utf-8")
    head, _, rest = without_wraps(page(tmp_path)).partition("<main>")
    assert leak["sentence"] in head
    assert rest.count("--kind a=ignore") == 1


@pytest.mark.parametrize(
    ("change", "verbs"),
    [
        ({}, ["explain", "predict", "compress", "serve", "card"]),
        ({"final": None}, ["explain", "predict", "serve", "card"]),
        ({"chosen": "baseline"}, ["explain", "predict", "serve", "card"]),
        ({"chosen": None}, []),
    ],
)
def test_what_comes_next_are_lines_that_can_be_typed(change, verbs):
    said = [line for line, _ in next_lines(binary_board() | change)]
    assert [line.split()[1] for line in said] == verbs
    commands = typer.main.get_command(app).commands
    for line in said:
        assert not set(re.findall(r"--(\w+)", line)) - {name for one in commands[line.split()[1]].params for name in _long(one)}
    own = next_lines(binary_board() | {"chosen": "mine:Method"})
    assert all("--methods mine:Method" in line for line, _ in own[:-1])


def _long(option) -> set[str]:
    return {name.removeprefix("--") for name in option.opts}


def test_a_report_says_what_comes_next(tmp_path):
    html = write_report(write_full_run(tmp_path, binary_board())).read_text(encoding="utf-8")
    assert "tenon explain RUN --row 1" in without_wraps(html)
    assert "RUN is the folder that holds this page." in html
