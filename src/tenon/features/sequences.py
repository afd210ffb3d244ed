"""Which columns a method for sequences reads: one of texts or of token lists, or question and context; nothing beside these."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tenon.data.dataset import Schema
from tenon.data.questions import CONTEXT, QUESTION
from tenon.data.wording import option
from tenon.tasks import Task

if TYPE_CHECKING:
    from tenon.features.one_column import OneColumn
    from tenon.features.questions import QuestionsInContext

KIND = {"tagging": "tokens", "translation": "text", "language": "text", "answer": "text"}  # of the columns, by task


def whole_columns(schema: Schema, params: Mapping[str, Any]) -> "OneColumn | QuestionsInContext":
    """Return the transformer to the only feature of the schema, or to question and context."""
    from tenon.features.one_column import OneColumn
    from tenon.features.questions import QuestionsInContext

    names = schema.features()
    return OneColumn(names[0]) if len(names) == 1 else QuestionsInContext()


def not_fitting(schema: Schema, task: Task) -> str | None:
    """Return why a method for sequences does not fit the schema, None where it does: it reads what the task takes, no more."""
    kind = KIND[task.kind]
    if task.kind == "answer":
        others = [name for name in schema.features() if name not in (QUESTION, CONTEXT)]
        return f"reads {QUESTION} and {CONTEXT} alone, and would leave out {_ignored(others)}" if others else None
    found, others = schema.features(kind), [name for name in schema.features() if schema[name].kind != kind]
    what = "token lists" if kind == "tokens" else "texts"
    if not found and kind == "tokens" and len(others) == 1 and schema[others[0]].kind == "text":
        return f"reads one column of token lists; there is none. To cut the texts at blanks, give --kind {others[0]}=tokens"
    if not found:
        return f"reads one column of {what}; there is none"
    if len(found) > 1:
        first, *rest = found
        options = " ".join(option("kind", f"{name}=ignore") for name in rest)
        return f"reads one column of {what}; there are {len(found)}. To read {first!r} alone, give {options}"
    return f"reads {what} alone, and would leave out {_ignored(others)}" if others else None


def _ignored(names: list[str]) -> str:
    return f"{names[0]!r}; to let it, give --kind {names[0]}=ignore"
