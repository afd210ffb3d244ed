"""The report in Chinese: every sentence known, numbers and names kept, and no cell left in a report without cells."""

import re
from collections import Counter
from pathlib import Path

import pytest
from tests.report.sentences import pieces_in

from tenon.errors import SettingsError
from tenon.metrics.sequences import SEQUENCE_METRICS
from tenon.report.language import CUT, PLACE, Sentence, language, table, without_cells

SOURCE = Path(__file__).parents[2] / "src" / "tenon"
ZH = language("zh")
ROOMS = ("checks", "insight", "overview", "report")  # every text of these is for the page
MODULES = (  # beside them: modules whose notes and reasons stand in the run folder
    *(
        "data/cell_notes.py",
        "data/infer.py",
        "metrics/board.py",
        "metrics/notes.py",
        "adapter.py",
        "tabular/methods.py",
        "image/methods.py",
    ),
    *(
        f"trials/{name}.py"
        for name in ("board", "brought", "choice", "compare", "executor", "job", "nested", "one_split", "plan", "still_learning")
    ),
)
READERS = tuple(
    f"data/{name}.py" for name in ("delimited", "encodings", "excel", "images", "label_cells", "read", "tables")
)  # their notes alone
NOT_ON_THE_PAGE = {
    "report": (
        "text.py",
        "explained_text.py",
        "look_text.py",
        "compressed.py",
        "verdict.py",
        "language.py",
        "bibliography.py",
    ),  # the terminal's, and the table itself
    "checks": ("seen.py",),  # the terminal's: told of new rows
    "pieces": {
        *("max-T over groups", "max-T over time blocks", "one split"),  # names of tests, in verdicts.json only
        *("exit code", "cannot write", "]: pip install 'tenon[", 'extra == "'),
        *("gathering what the report shows", "the chosen method, on all rows that were not put aside"),  # the screen's
        *("looked at every row", "for leaks and drift, at", "one by one, at the first", "drawn at random", "nothing to report"),
        *("explain RUN --row 1", "predict RUN NEW -o predictions.csv", "compress RUN", "serve RUN", "tenon card RUN"),  # code
        *("← chosen", "● best", "● tied", "● tied with the best"),  # the board's signs, taken off for the page
        *(
            "p < .001",
            "because of the",
            "runs of",
            "tokens, masked together as the sentence is long",
            "% \\usepackage{booktabs}",
            "& \\multicolumn{2}{c}{",
            "[@bergstra2011; @akiba2019]",
            "\\bp (?:< )?(?=[.\\d]",
        ),
    },
}


def modules() -> list[Path]:
    found = [SOURCE / name for name in MODULES]
    for room in ROOMS:
        found += [p for p in sorted((SOURCE / room).glob("*.py")) if p.name not in NOT_ON_THE_PAGE.get(room, ())]
    return found


def unknown(pieces: set[str]) -> list[str]:
    """Pieces of no sentence of the table; they have to be written into src/tenon/report/lang/zh.toml."""
    keys = "\n".join(PLACE.sub("\0", sentence.english) for sentence in table("zh"))
    return sorted(p for p in pieces - NOT_ON_THE_PAGE["pieces"] if p not in keys and ZH(p) == p)


@pytest.mark.parametrize("path", modules(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_piece_of_a_sentence_stands_in_the_table(path):
    assert unknown(pieces_in(path)) == []


@pytest.mark.parametrize("name", READERS)
def test_every_piece_of_a_note_stands_in_the_table(name):
    assert unknown(pieces_in(SOURCE / name, only_notes=True)) == []


def test_notes_are_found():
    """The test above would pass if it found nothing."""
    assert sum(len(pieces_in(SOURCE / name, only_notes=True)) for name in READERS) >= 8


def sample(sentence: Sentence) -> dict[str, str]:
    """A value for each placeholder: a count where only a count fits, else a word that the table does not know."""
    names = PLACE.findall(sentence.english)
    return {
        name: f"{i},345" if name == "n" or name.startswith("n_") else f"甲{i}乙" for i, (name, _) in enumerate(names, start=1)
    }


@pytest.mark.parametrize("sentence", table("zh"), ids=lambda sentence: sentence.english[:60])
def test_each_sentence_finds_its_own_translation_and_keeps_its_values(sentence):
    values = sample(sentence)
    expected = PLACE.sub(lambda place: values[place[1]], sentence.other)
    actual = ZH(PLACE.sub(lambda place: values[place[1]], sentence.english))
    assert actual.replace(" ", "") == expected.replace(" ", "")  # blanks are put between Chinese and Latin


def test_placeholders_agree_and_no_sentence_stands_twice():
    for sentence in table("zh"):
        english, other = ([name for name, _ in PLACE.findall(text)] for text in (sentence.english, sentence.other))
        assert len(set(english)) == len(english), sentence.english
        assert {name for name in english if not name.startswith("_")} == set(other), sentence.english
    assert not [text for text, n in Counter(sentence.english for sentence in table("zh")).items() if n > 1]


def test_the_table_is_chinese():
    """Every translation has a Chinese character, but for names that are the same in both languages."""
    same = {"Optuna"}
    bare = [
        s.other for s in table("zh") if not re.search("[一-龥]", s.other) and s.other not in same and s.english not in (", ",)
    ]
    assert not [text for text in bare if re.search("[A-Za-z]", PLACE.sub("", text))]


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("a, b and c cannot be told apart. Chosen: b, which scores best.", "a、b 和 c 之间无法区分。选定得分最高的 b。"),
        ("knn is best by accuracy: every other method is worse.", "按准确率，knn 最好：其余方法都更差。"),
        ("worse by .054 (.040–.068), p .002", "差 .054 (.040–.068)，p .002"),
        ("评论.csv: 3 rows have no target and were left out (column '标签').", "评论.csv：3 行没有目标值，已略去（列 '标签'）。"),
        (
            "t.xlsx: formulas in 'a', 'b' have no stored values and count as missing; open the file in a spreadsheet program and "
            "save it once.",
            "t.xlsx：'a'、'b' 中的公式没有保存结果，按缺失处理；请用电子表格软件打开并保存一次。",
        ),
        ("declined: predicts numbers only", "不适用：只能预测数值"),
        ("text", "文本（text）"),  # a kind, with what --kind takes
        (
            "8 rows have nearly the same text, such as rows 2/3, 5/7, …: kept on one side of every split",
            "8 行的文本几乎相同，如第 2/3, 5/7, … 行：始终放在划分的同一侧",
        ),
        ("a sentence that nobody has written", "a sentence that nobody has written"),
        ("", ""),
    ],
)
def test_texts(english, chinese):
    assert ZH(english) == chinese


def test_english_stays_as_it_is():
    assert language("en")("Leaderboard") == "Leaderboard"


def test_a_language_that_there_is_not():
    with pytest.raises(SettingsError, match="no language 'de'. Known: en, zh"):
        language("de")


def test_cells_are_taken_out_of_sentences_that_are_known():
    note = "Column 'zip': 3 of 20 cells are no numbers and count as missing (row 5, 7, 9; the first is 'n.v.t.'). "
    note += "Confirm with --missing n.v.t., or keep them with --kind zip=category."
    assert "n.v.t." not in without_cells(note)
    assert without_cells(note).count(CUT) == 2
    assert "'zip'" in without_cells(note)
    assert "(row 5, 7, 9; " in without_cells(note)
    assert without_cells("Somebody wrote: n.v.t.") is None  # an unknown sentence may hold anything


def test_rows_are_cells_where_they_go_by_the_names_of_files():
    said = "4 rows have nearly the same image, such as rows {}: kept on one side of every split"
    assert without_cells(said.format("17/5,020, 88/91, …")) == said.format("17/5,020, 88/91, …")
    assert without_cells(said.format("17/final 20")) == said.format("17/final 20")
    assert "cat" not in without_cells(said.format("cat/7.jpg/cat/9.jpg"))


def test_metrics_of_sequences_have_chinese_names():
    to = language("zh")
    assert {to(metric.title) for metric in SEQUENCE_METRICS.values()} == {
        "实体 F1",
        "标签准确率",
        "BLEU",
        "困惑度",
        "答案 F1",
        "完全匹配率",
        "微平均 F1",
        "宏平均 F1",
        "汉明损失",
        "标签集准确率",
    }
    assert to("perplexity, lower is better") == "困惑度（越小越好）"
