"""SQuAD's JSON: questions in order, in the layouts of versions 1.1 and 2.0 and of CMRC 2018."""

import gzip
import json

import pytest

import tenon
from tenon.errors import DataError

ABOUT_CATS = [
    {"id": "a", "question": "Who sleeps?", "answers": [{"text": "A cat", "answer_start": 0}], "is_impossible": False},
    {"id": "b", "question": "Who runs?", "answers": [], "plausible_answers": [{"text": "cat", "answer_start": 2}]},
    {"id": "c", "question": "Who sings?", "is_impossible": True},
]
ABOUT_DOGS = [{"id": 7, "question": "Who barks?", "answers": [{"text": "Dogs", "answer_start": 0}]}]
CATS, DOGS = {"context": "A cat 😀 sleeps. It is red.", "qas": ABOUT_CATS}, {"context": "Dogs bark.", "qas": ABOUT_DOGS}
VERSION_2 = {"version": "v2.0", "data": [{"title": "Cats", "paragraphs": [CATS, DOGS]}, {"title": "none", "paragraphs": []}]}
IN_CHINESE = [
    {"id": "T0", "question": "谁在睡觉？", "answers": [{"text": "猫", "answer_start": 0}]},
    {
        "id": "T1",
        "question": "猫在做什么？",
        "answers": [{"text": "睡觉", "answer_start": 2}, {"text": "在睡觉", "answer_start": 1}],
    },
]
CHINESE = {"data": [{"id": "T", "title": "猫", "paragraphs": [{"id": "T", "context": "猫在睡觉。", "qas": IN_CHINESE}]}]}


def written(tmp_path, content, name="squad.json"):
    text = json.dumps(content).encode() if not isinstance(content, bytes) else content
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    return tmp_path / name


@pytest.mark.parametrize("name", ["squad.json", "squad.json.gz"])
def test_version_2(tmp_path, name):
    data = tenon.read(written(tmp_path, VERSION_2, name))
    assert data.frame["question"].tolist() == ["Who sleeps?", "Who runs?", "Who sings?", "Who barks?"]
    assert data.frame["id"].tolist() == ["a", "b", "c", "7"]
    assert data.frame["passage"].tolist() == ["1", "1", "1", "2"]
    assert data.target.tolist() == [
        [{"text": "A cat", "start": 0, "script": "other"}], [], [], [{"text": "Dogs", "start": 0, "script": "other"}],
    ]  # fmt: skip
    assert {column.name: (column.kind, column.role) for column in data.schema.columns} == {
        "id": ("ignore", "id"), "question": ("text", "feature"), "context": ("text", "feature"), "answer": ("answers", "target"),
        "passage": ("category", "group"),
    }  # fmt: skip


def test_chinese(tmp_path):
    data = tenon.read(written(tmp_path, CHINESE))
    assert [[answer["text"] for answer in answers] for answers in data.target] == [["猫"], ["睡觉", "在睡觉"]]
    assert {answer["script"] for answers in data.target for answer in answers} == {"chinese"}


def test_a_data_set_is_the_same_after_it_was_written(tmp_path):
    data = tenon.read(written(tmp_path, VERSION_2))
    data.save(tmp_path / "rows")
    again = type(data).load(tmp_path / "rows")
    assert again.target.tolist() == data.target.tolist()
    assert again.fingerprint() == data.fingerprint()


def test_questions_without_answers_named_are_to_be_predicted(tmp_path):
    content = json.loads(json.dumps(VERSION_2))
    del content["data"][0]["paragraphs"][1]["qas"][0]["answers"]
    data = tenon.read(written(tmp_path, content))
    assert len(data) == 3
    assert data.unlabelled.frame["question"].tolist() == ["Who barks?"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"data": [{"title": "x"}]}, "article 1: has no list 'paragraphs'; SQuAD's layout is data → paragraphs →"),
        ({"data": [{"paragraphs": [{"context": "x"}]}]}, "squad.json, article 1, paragraph 1: has no list 'qas'"),
        ({"data": [{"paragraphs": [{"qas": []}]}]}, "squad.json, article 1, paragraph 1: has no text 'context'"),
        ({"data": ["x"]}, "squad.json, article 1: has no list 'paragraphs'"),
        ({"data": [{"paragraphs": [{"context": "x", "qas": ["x"]}]}]}, "paragraph 1, question 1: is no object with"),
        ({"data": [{"paragraphs": [{"context": "x", "qas": [{"id": 1}]}]}]}, "paragraph 1, question 1: has no text 'question'"),
        ({"data": []}, "squad.json holds no question; SQuAD's layout is"),
        ({"other": []}, "squad.json holds an object; a list of objects, one per row, is needed"),
        (b'{"data": [', "squad.json is not valid JSON"),
    ],
)  # fmt: skip
def test_what_is_not_laid_out_so(tmp_path, content, said):
    with pytest.raises(DataError, match=said):
        tenon.read(written(tmp_path, content))
