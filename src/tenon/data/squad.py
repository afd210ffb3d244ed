"""SQuAD's JSON as rows, a question each (Rajpurkar et al. 2016, arXiv:1606.05250; 2018, arXiv:1806.03822).

Articles hold paragraphs, a paragraph a context and its questions, a question its answers; in version 2 it may have none. CMRC
2018 (Cui et al. 2019, arXiv:1810.07366) comes in the same layout.
"""

from collections.abc import Iterator
from typing import Any

from tenon.data.wording import shown
from tenon.errors import DataError

DATA = "data"  # what the outermost object holds the articles under
LAYOUT = "SQuAD's layout is data → paragraphs → context, qas → question, answers"
PARTS = {"paragraphs", "qas"}  # of articles, and of paragraphs


def is_squad(content: Any) -> bool:
    """Say whether this content of a JSON file is laid out so."""
    return isinstance(content, dict) and isinstance(content.get(DATA), list)


def is_like_squad(content: Any) -> bool:
    """Say whether this content, not laid out so, holds parts that are: articles or paragraphs without what is around them."""
    inside = content.get(DATA, content) if isinstance(content, dict) else content
    one = inside[0] if isinstance(inside, list) and inside else inside
    return isinstance(one, dict) and bool(PARTS & set(one)) and "question" not in one  # which rows of their own have


def squad_rows(content: dict[str, Any], file: str) -> list[dict[str, Any]]:
    """Return {id, question, context, answer} of each question in order; answer : a list as it stands, None where none is named.

    Raises DataError naming article, paragraph and question where a part is missing, and where there is no question.
    """
    rows = []
    for context, place, question in _questions(content[DATA], file):
        own = {"id": str(question["id"])} if question.get("id") is not None else {}
        asked, answers = _text(question, "question", place), _answers(question, place)
        rows.append({**own, "question": asked, "context": context, "answer": answers})
    if not rows:
        raise DataError(f"{file} holds no question; {LAYOUT}.")
    return rows


def _answers(question: dict[str, Any], place: str) -> list[Any] | None:
    found = question.get("answers", question.get("answer"))
    if found is None:
        return [] if question.get("is_impossible") else None
    if not isinstance(found, list):
        raise DataError(f"{place}: 'answers' is {shown(found)}, not a list of objects with 'text' and 'answer_start'.")
    return found


def _questions(articles: list[Any], file: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each question with its context and with where it stands."""
    for a, article in enumerate(articles, start=1):
        for p, paragraph in enumerate(_list(article, "paragraphs", f"{file}, article {a:,}"), start=1):
            place = f"{file}, article {a:,}, paragraph {p:,}"
            questions = _list(paragraph, "qas", place)
            context = _text(paragraph, "context", place)
            for q, question in enumerate(questions, start=1):
                if not isinstance(question, dict):
                    raise DataError(f"{place}, question {q:,}: is no object with 'question' and 'answers'.")
                yield context, f"{place}, question {q:,}", question


def _list(holder: Any, name: str, place: str) -> list[Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(found, list):
        raise DataError(f"{place}: has no list {name!r}; {LAYOUT}.")
    return found


def _text(holder: dict[str, Any], name: str, place: str) -> str:
    found = holder.get(name)
    if not isinstance(found, str):
        raise DataError(f"{place}: has no text {name!r}; {LAYOUT}.")
    return found
