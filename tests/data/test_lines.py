"""Text files without columns: tagged sentences and a text a line."""

import gzip

import pytest

import tenon
from tenon.errors import DataError

TAGGED = "EU\tB-ORG\nrejects\tO\n\nPeter\tB-PER\nBlackburn\tI-PER\n"


def written(tmp_path, text, name="data.txt"):
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8"))
    return path


def test_tagged_sentences(tmp_path):
    data = tenon.read(written(tmp_path, TAGGED))
    assert data.frame["tokens"].tolist() == [["EU", "rejects"], ["Peter", "Blackburn"]]
    assert data.target.tolist() == [["B-ORG", "O"], ["B-PER", "I-PER"]]
    assert [(c.name, c.kind, c.role) for c in data.schema.columns] == [
        ("tokens", "tokens", "feature"),
        ("tags", "tokens", "target"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        TAGGED.replace("\n", "\r\n"),
        "\n\n" + TAGGED.replace("\n\n", "\n \n\n") + "\n\n",
        "-DOCSTART-\t-X-\tO\n\n" + TAGGED.replace("\t", "\tNNP\t"),  # CoNLL-2003: the last field is the tag
        "\ufeff" + TAGGED,
    ],
)
def test_what_does_not_change_the_sentences(tmp_path, text):
    assert tenon.read(written(tmp_path, text)).frame["tokens"].tolist() == [["EU", "rejects"], ["Peter", "Blackburn"]]


def test_tokens_keep_blanks_and_rare_characters(tmp_path):
    data = tenon.read(written(tmp_path, " \tO\n😀\tO\n𠮷\tB-X\n\n\u00a0\tO\nx\tO\n"))
    assert data.frame["tokens"].tolist() == [[" ", "😀", "𠮷"], ["\u00a0", "x"]]


def test_train_and_test_in_a_folder(tmp_path):
    (tmp_path / "train.txt.gz").write_bytes(gzip.compress(TAGGED.encode()))
    (tmp_path / "test.txt.gz").write_bytes(gzip.compress(TAGGED.encode()))
    (tmp_path / "readme.txt").write_text("about the data")  # a text beside the tables is none of them
    data = tenon.read(tmp_path)
    assert (len(data), len(data.final_ids)) == (4, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            TAGGED + "\nlonely\n" + "x\tO\n" * 8,
            "line 7: 'lonely' has no tag; each line is a token, a tab and its tag, and sentences have an empty line between",
        ),
        (TAGGED + "\nempty\t\n", r"line 7: 'empty\\t' has no tag"),
        ("a\tb\nc\td\n", "no empty line between sentences; if it is a table, call it .tsv"),
    ],
)
def test_files_that_are_refused(tmp_path, text, said):
    with pytest.raises(DataError, match=said):
        tenon.read(written(tmp_path, text))


def test_a_text_a_line(tmp_path):
    """A line without text is a row without one, so that rows are found by the numbers of their lines."""
    path = written(tmp_path, "one two three\n\nfour five six\n \n")
    data = tenon.read(path)
    assert data.frame["text"].fillna("-").tolist() == ["one two three", "-", "four five six", "-"]
    texts = tenon.read(path, task="language")
    assert texts.frame["text"].tolist() == ["one two three", "four five six"]
    assert "data.txt: 2 rows without a text were left out." in texts.notes


def test_lists_in_json_lines_are_tags(tmp_path):
    text = '{"words": ["a", "b"], "marks": ["O", "B-X"]}\n{"words": ["c"], "marks": ["O"]}\n'
    data = tenon.read(written(tmp_path, text, "data.jsonl"), target="marks")
    assert data.target.tolist() == [["O", "B-X"], ["O"]]


def test_tags_that_do_not_line_up(tmp_path):
    text = '{"words": ["a", "b"], "marks": ["O", "O"]}\n{"words": ["c", "d", "e"], "marks": ["O", "O"]}\n'
    with pytest.raises(DataError, match="row 2: 3 tokens have 2 tags; each token needs one .the sentence begins 'c d e'"):
        tenon.read(written(tmp_path, text, "data.jsonl"), target="marks")


def test_lists_are_no_classes(tmp_path):
    text = '{"words": ["a"], "marks": ["O"]}\n{"words": ["c"], "marks": ["O"]}\n'
    with pytest.raises(DataError, match="holds lists, so the task cannot be multiclass; leave --task out: it is tagging"):
        tenon.read(written(tmp_path, text, "data.jsonl"), target="marks", task="multiclass")


def test_quotes_as_characters(tmp_path):
    path = written(tmp_path, 'en\tzh\n"Hi," he said.\t他说\n"Yes"\t是\n', "pairs.tsv")
    data = tenon.read(path, target="zh", task="translation", quoting=False)
    assert data.frame["en"].tolist() == ['"Hi," he said.', '"Yes"']
    assert tenon.read(path, target="zh", task="translation").frame["en"].tolist()[1] == "Yes"
