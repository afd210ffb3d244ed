"""Questions on contexts: where answers stand, what is mended, and that no split parts the questions on one context."""

import json

import numpy as np
import pandas as pd
import pytest

import tenon
from tenon.data.sentences import sentence_spans
from tenon.data.splits import make_splits, put_aside
from tenon.errors import DataError
from tenon.tasks import infer_task

NOBODY = r"row 1, column 'answer': the answer 'nobody' to 'Who\?' does not stand in its context."
CONTEXT = "Anna 😀 met Bob. Bob met Eve, and Eve left."


def frame(answers, context=CONTEXT, question="Who?"):
    return pd.DataFrame({"question": question, "context": [context] * len(answers), "answer": answers})


def places(answers, **given):
    """(text, start) of every answer of every row."""
    return [[(one["text"], one["start"]) for one in row] for row in tenon.read(frame(answers, **given)).target]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([{"text": "Bob", "start": 11}], [("Bob", 11)]),
        ([{"text": "Bob", "answer_start": 16}], [("Bob", 16)]),
        ([{"text": "Bob", "start": 12}], [("Bob", 11)]),  # the nearer of two
        ([{"text": "Eve", "start": 40}], [("Eve", 33)]),
        ([{"text": "Eve"}], [("Eve", 24)]),  # the first, where no place is named
        ([{"text": " Bob ", "start": 10}], [("Bob", 11)]),
        ([{"text": "", "start": -1}], []),
        ([{"text": "Bob", "start": 11}, {"text": "Bob", "start": 11}], [("Bob", 11)]),
        ([{"text": "Bob", "start": 11}, {"text": "nobody", "start": 11}], [("Bob", 11)]),
        ({"text": ["Bob", "Eve"], "answer_start": [11, 33]}, [("Bob", 11), ("Eve", 33)]),
        ({"text": [], "answer_start": []}, []),
        (["Anna", "Anna 😀 met"], [("Anna", 0), ("Anna 😀 met", 0)]),
    ],
)  # fmt: skip
def test_every_answer_stands_in_its_context(given, found):
    [said] = places([given])
    assert said == found
    assert all(CONTEXT[start : start + len(text)] == text for text, start in said)


def test_a_table_holds_answers_as_json_or_as_they_are(tmp_path):
    cells = ["Bob", '[{"text": "Bob", "start": 16}]', "[]", "", '["Eve", "Bob"]']
    frame(cells).to_csv(tmp_path / "q.csv", index=False)
    data = tenon.read(tmp_path / "q.csv", target="answer", task="answer")
    assert [[(one["text"], one["start"]) for one in row] for row in data.target] == [
        [("Bob", 11)],
        [("Bob", 16)],
        [],
        [("Eve", 24), ("Bob", 11)],
    ]
    assert data.row_ids.tolist() == [0, 1, 2, 4]  # a row that holds nothing has no target
    assert infer_task(data.target)[0].kind == "answer"


def test_json_lines_are_read_as_questions_by_the_names_of_their_columns(tmp_path):
    rows = [
        {"question": "Who?", "context": f"{CONTEXT} {i}", "answer": [{"text": "Bob", "start": 11}] * (i % 2)} for i in range(4)
    ]
    (tmp_path / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    task, reason = infer_task(tenon.read(tmp_path / "q.jsonl").target)
    assert (task.kind, task.metric_names, reason) == ("answer", ("answer_f1", "exact_match"), "answers with their places")


@pytest.mark.parametrize("task", ["", "answer"])
@pytest.mark.parametrize("target", [None, "answer", "answers"])
@pytest.mark.parametrize("name", ["answer", "answers"])
def test_the_target_is_called_answer_whatever_the_file_says(tmp_path, name, target, task):
    rows = frame([["Bob"], [{"text": "Eve", "start": 24}]]).rename(columns={"answer": name})
    final = frame([["Anna"]], context=f"{CONTEXT} Final.").rename(columns={"answer": "answers"})
    data = tenon.read(rows if task else rows.iloc[1:], target, task=task, final=final if task else None)
    assert data.schema.with_role("target").name == "answer"
    assert [[one["text"] for one in row] for row in data.target] == ([["Bob"], ["Eve"], ["Anna"]] if task else [["Eve"]])


def test_another_column_may_hold_the_answers(tmp_path):
    rows = frame([["Bob"]]).rename(columns={"answer": "said"}).assign(answers="x", other="y")
    data = tenon.read(rows, "said", task="answer")
    assert [one["text"] for one in data.target.iloc[0]] == ["Bob"]
    assert [column.name for column in data.schema.columns if column.role != "group"] == list(rows)


def test_what_was_mended_or_left_out_is_counted_and_told():
    answers = [
        [{"text": "Bob", "start": 11}], [{"text": "Bob", "start": 0}, {"text": "x", "start": 0}], [{"text": "Eve", "start": 3}],
        [{"text": "Bob", "start": 16}, {"text": "y", "start": 0}],
    ]  # fmt: skip
    moved, lost = tenon.read(frame(answers)).notes
    assert moved == "data, column 'answer': 2 answers (row 2, 3) stood elsewhere in the context than said; places mended."
    assert lost == "data, column 'answer': 2 answers (row 2, 4) not found in the context and left out; others are."


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (frame([[{"text": "nobody", "start": 5}]]), f"{NOBODY} At its place, 5, stands '😀 met '. Correct it, or write"),
        (frame([[{"text": "nobody"}]]), NOBODY + r" Correct it, or write \[\] where the context holds no answer"),
        (frame([[{"start": 5}]]), "row 1, column 'answer': .* is not a list of answers, each a text, or an object with"),
        (frame([[{"text": "Bob", "start": 1.5}]]), "is not a list of answers"),
        (frame([{"text": ["Bob"], "answer_start": [1, 2]}]), "is not a list of answers"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(rows, said):
    with pytest.raises(DataError, match=said):
        tenon.read(rows, target="answer", task="answer")


def test_rows_without_a_question_or_a_context_are_left_out_and_told():
    rows = frame([["Bob"]] * 4, question=["Who?", " ", None, "Who?"]).assign(context=[CONTEXT, CONTEXT, CONTEXT, ""])
    data = tenon.read(rows, target="answer", task="answer")
    assert data.row_ids.tolist() == [0]
    assert data.notes[:2] == (
        "data: 2 rows without a question (2, 3), whose answers were not read.",
        "data: 1 row without a context (4), whose answers were not read.",
    )
    with pytest.raises(DataError, match="column 'answer', the target, is empty in every row"):
        tenon.read(frame([["Bob"]] * 3, context=""), target="answer", task="answer")


def test_a_column_that_is_not_there():
    with pytest.raises(
        DataError, match="data has no column 'context': questions take the columns 'question', 'context' and one of"
    ):
        tenon.read(pd.DataFrame({"question": ["a"], "answer": [["a"]]}), target="answer", task="answer")


def many(n_contexts=30, each=4, **more):
    contexts = [f"{CONTEXT} {i}" for i in range(n_contexts) for _ in range(each)]
    rows = pd.DataFrame({"question": [f"Who {i}?" for i in range(len(contexts))], "context": contexts, **more})
    return rows.assign(answer=[["Bob"]] * len(rows))


def test_no_split_parts_the_questions_on_one_context():
    data = tenon.read(many())
    context, y = data.frame["context"], np.zeros(len(data))
    splits = make_splits(data, y, n_folds=4, n_repeats=3, final_share=0.2, seed=0)
    sides = [splits.is_final, *splits.fold, put_aside(data, y, 0.2, 0)]
    assert splits.order == "grouped"
    for side in sides:
        assert len(np.unique(side)) > 1
        assert context.groupby(side).nunique().sum() == context.nunique()


def test_groups_of_the_rows_own_take_the_place_of_contexts():
    data = tenon.read(many(writer=[f"w{i % 3}" for i in range(120)]), group="writer")
    assert data.schema.with_role("group").name == "writer"
    assert "passage" not in data.frame


def test_final_rows_have_contexts_of_their_own(tmp_path):
    data = tenon.read(many(), final=many().assign(context=lambda rows: "Bob: " + rows["context"]))
    assert data.frame["passage"].nunique() == 60
    assert len(data.final_ids) == 120
    with pytest.raises(
        DataError, match="the final frame, the final rows: 2 of their contexts stand among the other rows, too"
    ) as told:
        tenon.read(many(), final=many().tail(8))
    assert str(told.value).endswith("; take their questions out of one of the files.")


def test_a_table_without_contexts_is_told_what_questions_take():
    rows = many().drop(columns="context")
    message = "has no column 'context': questions take the columns 'question', 'context' and one of answers. Columns: "
    with pytest.raises(DataError, match=message):
        tenon.read(rows, "answer", task="answer")


def test_sentences_end_where_people_would_say_so():
    text = 'He met J. Smith in the U.S. in 1.5 hours. "Why?" she asked.\nNo end\n\n他走了。她问：“为什么？”好！'
    assert [text[start:end] for start, end in sentence_spans(text)] == [
        "He met J. Smith in the U.S. in 1.5 hours.", '"Why?"', "she asked.", "No end", "他走了。", "她问：“为什么？”", "好！",
    ]  # fmt: skip
    assert sentence_spans(" \n ") == []
