"""What a row of a request holds and what an answer says, as types: so a request is checked, and OpenAPI tells of both."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, create_model

from tenon.data.dataset import Column, Schema
from tenon.method import PREDICTION, proba_names
from tenon.tasks import Task

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
TYPES: Mapping[str, Any] = {  # of cells, by the kind of their column; null where nothing is known
    "number": Number | None,
    "category": str | bool | Number | None,
    "date": str | None,
    "text": str | None,
    "tokens": list[str],
    "image": str,
}
SAYS = {
    "number": "a number; null where it is not known, as an empty cell of a file is",
    "category": "a value; one that the model has not met does no harm, nor does null, which is an empty cell",
    "date": "a date, such as 2024-05-31, or with a time, 2024-05-31 13:45; null where it is not known, as an empty cell is",
    "text": "a text; null, or an empty one, is predicted as an empty cell of a file is",
    "tokens": "the tokens of a sentence",
    "image": "an image file (PNG, JPEG, …) in Base64, with or without data:image/…;base64, before it",
}
ANSWERS: Mapping[str, Any] = {"regression": float, "language": float, "tagging": list[str], "translation": str, "answer": str}


FileName = Annotated[  # of the file that a request carries; no path, and short enough in any alphabet
    str, Path(max_length=60, pattern=r'^[^/\\:*?"<>|\x00-\x1f\x7f]+$', examples=["new.csv"])
]


class Error(BaseModel):
    """error : one sentence, what is wrong and what to do."""

    error: str


class Health(BaseModel):
    """What is served, and how much was asked of it."""

    status: str
    run: str
    method: str
    target: str
    answered: int
    waiting: int


def row_type(schema: Schema) -> type[BaseModel]:
    """Return the type of a row: the columns that the model reads, by name; others are passed over."""
    fields = {f"column_{i}": (TYPES[one.kind], _field(one)) for i, one in enumerate(_columns(schema))}
    return create_model("Row", __config__=ConfigDict(extra="ignore", title="Row"), **fields)  # type: ignore[call-overload]


def rows_type(schema: Schema, most: int) -> type[BaseModel]:
    """Return the type of a request: {"rows": [...]}, at least one and at most so many."""
    row: Any = row_type(schema)
    return create_model("Rows", rows=(Annotated[list[row], Field(min_length=1, max_length=most)], ...))


def one_row_type(schema: Schema) -> type[BaseModel]:
    """Return the type of a request on one row: {"row": {...}}."""
    row: Any = row_type(schema)
    return create_model("OneRow", row=(row, ...))


def answers_type(task: Task) -> type[BaseModel]:
    """Return the type of an answer: {"predictions": [{"prediction": ..., "p_<label>": ...}]}, named as predict does."""
    said = ANSWERS.get(task.kind, str | bool | int | float)
    names = [] if task.kind in ANSWERS else proba_names(task.labels)
    fields: dict[str, Any] = {f"p_{i}": (float | None, Field(default=None, alias=name)) for i, name in enumerate(names)}
    fields[PREDICTION] = (said, ...)
    one: Any = create_model("Prediction", __config__=ConfigDict(extra="allow"), **fields)
    return create_model("Predictions", predictions=(list[one], ...))


def _columns(schema: Schema) -> list[Column]:
    return [schema[name] for name in schema.features()]


def _field(column: Column) -> Any:
    return Field(alias=column.name, description=SAYS[column.kind])
