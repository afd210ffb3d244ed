"""Texts without labels: which of them are left out, in which forms they come, and files that hold none."""

import gzip

import pandas as pd
import pytest

import tenon
from tenon.data.unlabelled import Source, read_unlabelled
from tenon.errors import DataError

ROWS = pd.DataFrame({
    "title": ["Fine", "Dull", None, "Fine"],
    "body": ["a warm, lovely film", "a slow film", "no title at all", "seen twice"],
    "y": ["yes", "no", "no", "yes"],
})  # fmt: skip
LINES = [
    "A warm lovely FILM!",  # but for case and punctuation the first body
    "fine",  # a title
    "a warm, lovely film indeed",  # nearly, so it stays
    "",
    "something else",
    "Dull a slow film",  # a whole row in one
    "something else",  # again, and no labelled row: it stays
]
LEFT = ("a warm, lovely film indeed", "something else", "something else")


@pytest.fixture
def data():
    return tenon.read(ROWS, "y", kinds={"title": "text", "body": "text"})


def test_copies_of_labelled_rows_are_left_out_and_counted(data, tmp_path):
    (tmp_path / "more.txt").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    found = read_unlabelled(tmp_path / "more.txt", data)
    assert (found.texts, found.n_left_out) == (LEFT, 3)
    assert found.note == "3 of 6 unlabelled texts in more.txt equal labelled rows and are left out."


def test_final_rows_count_as_labelled(tmp_path):
    ROWS.to_csv(tmp_path / "train.csv", index=False)
    pd.DataFrame({"title": ["x"], "body": ["kept for the end"], "y": ["no"]}).to_csv(tmp_path / "final.csv", index=False)
    kinds = {"title": "text", "body": "text"}
    data = tenon.read(tmp_path / "train.csv", "y", kinds=kinds, final=tmp_path / "final.csv")
    (tmp_path / "more.txt").write_text("Kept for the end.\nnew\n", encoding="utf-8")
    found = read_unlabelled(tmp_path / "more.txt", data)
    assert (found.texts, found.note) == (("new",), "1 of 2 unlabelled texts in more.txt equals a labelled row and is left out.")


def test_every_form_gives_the_same_texts(data, tmp_path):
    frame = pd.DataFrame({"score": range(len(LINES)), "body": LINES})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame[["body"]].rename(columns={"body": "anything"}).to_json(tmp_path / "b.jsonl", orient="records", lines=True)
    frame.to_parquet(tmp_path / "c.parquet")
    (tmp_path / "d.txt.gz").write_bytes(gzip.compress("\n".join(LINES).encode("gb18030")))
    found = [read_unlabelled(path, data) for path in sorted(tmp_path.iterdir())]
    assert {one.texts for one in found} == {LEFT}
    assert len({one.digest for one in found}) == 1
    pd.DataFrame({"title": ["new"], "body": ["newer"]}).to_csv(tmp_path / "e.csv", index=False)
    both = read_unlabelled(tmp_path / "e.csv", data)
    assert (both.texts, both.note) == (("new", "newer"), "")
    assert both.digest != found[0].digest


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "a.csv",
            "one,two\nx,y\n",
            "a.csv has no column 'title' as data has, and more than one other; call it so. Columns: 'one', 'two'.",
        ),
        ("a.csv", 'body\n""\n', "a.csv holds no text"),
        ("a.txt", "\n\n", "a.txt holds no text"),
        ("a.txt", "fine\nDULL\n", "every text in a.txt equals that of a labelled row; --unlabelled takes others."),
        ("a.jsonl", '{"body": 3}\n{"body": 4}\n', "a.jsonl, column 'body' holds no texts, but int64."),
    ],
)
def test_files_without_texts_are_told(data, tmp_path, name, content, said):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_unlabelled(tmp_path / name, data)


def test_a_file_that_changes_while_a_run_goes_on_is_noticed(data, tmp_path):
    path = tmp_path / "more.txt"
    path.write_text("new\n", encoding="utf-8")
    source = Source(str(path), read_unlabelled(path, data).digest)
    assert source.texts(data) == ("new",)
    path.write_text("newer\n", encoding="utf-8")
    with pytest.raises(DataError, match="more.txt holds other texts than when the run began"):
        source.texts(data)


TAGGED = "Anna\tB-PER\nin\tO\nRome\tB-LOC\n\nit\tO\nrains\tO\n"
NEW = "Bo\tO\nleft\tO\n\nANNA\tO\nin\tO\nRome\tO\n.\tO\n\n"  # the second is a labelled one, but for case and a mark


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        ("a.conll", NEW, (["Bo", "left"],)),
        ("a.jsonl", '{"tokens": ["Bo", "left"]}\n{"tokens": ["anna", "in", "rome"]}\n{"tokens": []}\n', (["Bo", "left"],)),
        ("a.txt", "Bo left.\nAnna in Rome!\n\nit  rains\n", ("Bo left.",)),
        ("a.csv", "said\nBo left.\nannainrome\n", ("Bo left.",)),  # blanks may stand otherwise where tokens were cut
    ],
)
def test_sentences_come_in_every_form_with_tags_or_without(name, content, texts, tmp_path):
    (tmp_path / "tagged.txt").write_text(TAGGED, encoding="utf-8")
    data = tenon.read(tmp_path / "tagged.txt")
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert read_unlabelled(tmp_path / name, data).texts == texts


def test_what_holds_no_sentences_is_told(tmp_path):
    (tmp_path / "tagged.txt").write_text(TAGGED, encoding="utf-8")
    data = tenon.read(tmp_path / "tagged.txt")
    (tmp_path / "a.jsonl").write_text('{"tokens": [1, 2]}\n', encoding="utf-8")
    with pytest.raises(DataError, match="a.jsonl, column 'tokens' holds no texts, but list<item: int64>"):
        read_unlabelled(tmp_path / "a.jsonl", data)
    (tmp_path / "a.jsonl").write_text('{"a": "x", "b": "y"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="a.jsonl has no column 'tokens' as tagged.txt has, and more than one other"):
        read_unlabelled(tmp_path / "a.jsonl", data)
