"""The README in Chinese says what the English one does: the same sections, code, lines to type and links."""

import re

from benchmarks.readme import BLOCK, READMES

ENGLISH, CHINESE = (path.read_text(encoding="utf-8") for path in READMES)
FENCED = re.compile(r"```.*?```", re.DOTALL)


def test_code_and_what_is_shown_are_the_same():
    assert FENCED.findall(CHINESE) == FENCED.findall(ENGLISH)
    assert [block["line"] for block in BLOCK.finditer(CHINESE)] == [block["line"] for block in BLOCK.finditer(ENGLISH)]


def outline(text):
    """Beside one another: levels of headings, and how many points, rows of tables and blocks of code stand below each."""
    parts = re.split(r"^(#+) .*$", FENCED.sub("CODE", text), flags=re.MULTILINE)[1:]
    marks = ("- ", "| ", "CODE")
    return [
        (level, [sum(line.startswith(mark) for line in part.splitlines()) for mark in marks])
        for level, part in zip(parts[::2], parts[1::2], strict=True)
    ]


def test_no_section_row_or_point_lacks():
    assert outline(CHINESE) == outline(ENGLISH)
    assert len(outline(ENGLISH)) > 5


def test_each_row_of_the_table_has_the_same_lines_to_type():
    english, chinese = ([line for line in text.splitlines() if line.startswith("| ")] for text in (ENGLISH, CHINESE))
    for one, other in zip(english, chinese, strict=True):
        assert sorted(re.findall(r"`[^`]+`", one)) == sorted(re.findall(r"`[^`]+`", other))


def test_names_and_links_are_the_same_but_to_each_other():
    for what in (r"`[^`\n]+`", r"\]\(([^)]+)\)"):
        english, chinese = (set(re.findall(what, FENCED.sub("", text))) for text in (ENGLISH, CHINESE))
        assert english - {"README.zh-CN.md"} == chinese - {"README.md"}
    assert "](README.zh-CN.md)" in ENGLISH
    assert "](README.md)" in CHINESE


def test_it_is_chinese():
    """Of what is no code and no link, more characters are Chinese than Latin letters in words."""
    prose = re.sub(r"`[^`\n]+`|\]\([^)]+\)|https?://\S+", "", FENCED.sub("", CHINESE))
    words = re.sub(r"<!--.*?-->", "", prose)
    assert len(re.findall(r"[\u4e00-\u9fff]", words)) > 5 * len(re.findall(r"[a-zA-Z]+", words))
