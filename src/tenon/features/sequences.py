"""Which column a method for sequences reads: one of texts or of token lists, and nothing beside it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tenon.data.dataset import Schema
from tenon.tasks import Task

if TYPE_CHECKING:
    from tenon.features.one_column import OneColumn

KIND = {"tagging": "tokens", "translation": "text", "language": "text"}  # of the column, by task


def one_column(schema: Schema, params: Mapping[str, Any]) -> "OneColumn":
    """Return the transformer to the only feature of the schema."""
    from tenon.features.one_column import OneColumn

    return OneColumn(schema.features()[0])


def not_one_column(schema: Schema, task: Task) -> str | None:
    """Return why a method for sequences does not fit the schema, None where it does: it reads one column, of the task's kind."""
    kind = KIND[task.kind]
    found, others = schema.features(kind), [name for name in schema.features() if schema[name].kind != kind]
    what = "token lists" if kind == "tokens" else "texts"
    if len(found) != 1:
        return f"reads one column of {what}; there {'is none' if not found else f'are {len(found)}'}"
    if others:
        return f"reads {what} alone, and would leave out {others[0]!r}; to let it, give --kind {others[0]}=ignore"
    return None
