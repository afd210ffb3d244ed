"""Questions on contexts that cannot be read or learnt from: answers that stand nowhere, parts that are missing, other layouts."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bad_input.case import READ, Case
from tests.bad_input.given import file, says

LAYOUT = "SQuAD's layout is data → paragraphs → context, qas → question, answers"
TABLE = ("--task", "answer")


def context(i: int) -> str:
    return f"Tower {i} was built in 18{i + 30}. It stands in Bel."


def paragraph(i: int, **more: Any) -> dict[str, Any]:
    """A context with a question, whose parts `more` puts others in the place of; None: leaves them out."""
    year = {"text": f"18{i + 30}", "answer_start": context(i).index("18")}
    asked = {"id": str(i), "question": "When was it built?", "answers": [year], **more}
    return {"context": context(i), "qas": [{name: part for name, part in asked.items() if part is not None}]}


MANY = [paragraph(i) for i in range(30)]


def squad(paragraphs: Sequence[Any]) -> Callable[[Path], list[str]]:
    return other({"version": "2.0", "data": [{"title": "Towers", "paragraphs": paragraphs}]})


def other(content: Any) -> Callable[[Path], list[str]]:
    return file("q.json", json.dumps(content, ensure_ascii=False), target="")


def with_fifth(**more: Any) -> Callable[[Path], list[str]]:
    return squad([*MANY[:4], paragraph(4, **more), *MANY[5:]])


def table(rows: Sequence[dict[str, Any]], target: str = "answer") -> Callable[[Path], list[str]]:
    return file("q.jsonl", "".join(json.dumps(row) + "\n" for row in rows), *TABLE, target=target)


ROWS = [{"question": "When?", "context": context(i), "answer": f"18{i + 30}"} for i in range(30)]


def after_reading(name: str, make: Callable[[Path], list[str]], sentence: str) -> Case:
    case = says(name, make, sentence)
    return Case(name, make, READ + case.says)


CASES = (
    says(
        "an answer that its context does not hold",
        with_fifth(answers=[{"text": "nowhere", "answer_start": 8}]),
        "q.json, row 5, column 'answer': the answer 'nowhere' to 'When was it built?' does not stand in its context. At its "
        "place, 8, stands 'was bui'. Correct it, or write [] where the context holds no answer.",
    ),
    says(
        "an answer in a table that its context does not hold",
        table([*ROWS[:4], ROWS[4] | {"answer": "1900"}, *ROWS[5:]]),
        "q.jsonl, row 5, column 'answer': the answer '1900' to 'When?' does not stand in its context. Correct it, or write [] "
        "where the context holds no answer.",
    ),
    says(
        "nothing but empty contexts",
        squad([one | {"context": " "} for one in MANY]),
        "q.json, column 'answer', the target, is empty in every row.",
    ),
    says(
        "a paragraph without a context",
        squad([*MANY[:4], {"qas": MANY[4]["qas"]}, *MANY[5:]]),
        f"q.json, article 1, paragraph 5: has no text 'context'; {LAYOUT}.",
    ),
    says(
        "a paragraph without questions",
        squad([*MANY[:4], {"context": context(4)}, *MANY[5:]]),
        f"q.json, article 1, paragraph 5: has no list 'qas'; {LAYOUT}.",
    ),
    says(
        "a question without its text",
        with_fifth(question=None),
        f"q.json, article 1, paragraph 5, question 1: has no text 'question'; {LAYOUT}.",
    ),
    says(
        "answers that are a text",
        with_fifth(answers="1834"),
        "q.json, article 1, paragraph 5, question 1: 'answers' is '1834', not a list of objects with 'text' and 'answer_start'.",
    ),
    says(
        "an answer without its text",
        with_fifth(answers=[{"answer_start": 21}]),
        "q.json, row 5, column 'answer': \"[{'text': None, 'answer_start': 21}]\" is not a list of answers, each a text, or an "
        "object with 'text' and 'start'.",
    ),
    says(
        "no question has answers",
        squad([paragraph(i, answers=None) for i in range(30)]),
        "q.json, column 'answer', the target, is empty in every row.",
    ),
    says(
        "no context holds an answer",
        squad([paragraph(i, answers=[], is_impossible=True) for i in range(30)]),
        "column 'answer', the target, says of every context that it holds no answer, so there is nothing to "
        "learn; give questions that have one.",
    ),
    says("no question at all", squad([]), f"q.json holds no question; {LAYOUT}."),
    after_reading(
        "one question only", squad(MANY[:1]), "q.json has 1 row with a target; at least 6 are needed to train and score anything."
    ),
    after_reading(
        "all questions on one context",
        squad([{"context": context(0), "qas": [MANY[0]["qas"][0] | {"id": str(i)} for i in range(30)]}]),
        "q.json: all questions are on one context; at least 3 are needed, since no split parts those on one; add "
        "questions on others.",
    ),
    says(
        "articles without the object around them",
        other([{"title": "Towers", "paragraphs": MANY}]),
        f"q.json holds parts of SQuAD's JSON without what is around them; {LAYOUT}, each a list.",
    ),
    says(
        "an article in the place of a list of them",
        other({"data": {"paragraphs": MANY}}),
        f"q.json holds parts of SQuAD's JSON without what is around them; {LAYOUT}, each a list.",
    ),
    says(
        "another JSON",
        other({"version": "2.0", "questions": []}),
        "q.json holds an object; a list of objects, one per row, is needed.",
    ),
    says(
        "a table without contexts",
        table([{"question": row["question"], "answer": row["answer"]} for row in ROWS]),
        "q.jsonl has no column 'context': questions take the columns 'question', 'context' and one of answers. Columns: "
        "'question', 'answer'.",
    ),
)
