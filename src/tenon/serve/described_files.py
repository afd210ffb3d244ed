"""A file of rows and the file of their predictions, as OpenAPI tells of them: media types, and an example of each."""

import csv
import io
import json
from typing import Any

from tenon.method import PREDICTION, Model, proba_names
from tenon.serve.described import ANSWERS
from tenon.serve.files import CSV, JSON_LINES

CELLS = {  # of an example, by the kind of their column
    "number": "1.5",
    "category": "a",
    "date": "2024-05-31",
    "text": "a text",
    "tokens": "some tokens",
    "image": "",
}


def file_sent(model: Model) -> dict[str, Any]:
    """Return how the body of a request is described."""
    row = _row(model)
    plain = {"schema": {"type": "string"}}
    content = {
        CSV: {**plain, "example": _delimited(row, ",")},
        "text/tab-separated-values": {**plain, "example": _delimited(row, "\t")},
        JSON_LINES: {**plain, "example": _json_line(row)},
        "text/plain": {**plain, "example": "a text a line\n"},
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    }
    return {"requestBody": {"required": True, "content": content}}


def file_answered(model: Model) -> dict[str, Any]:
    """Return how the answer is described: the columns as they came in, then what `answers_type` names."""
    names = [] if model.task.kind in ANSWERS else proba_names(model.task.labels)
    first = str(model.task.labels[0]) if model.task.labels else "1.5"
    row = {**_row(model), PREDICTION: first, **dict.fromkeys(names, f"{1 / max(1, len(names)):.3g}")}
    plain = {"schema": {"type": "string"}}
    content = {CSV: {**plain, "example": _delimited(row, ",")}, JSON_LINES: {**plain, "example": _json_line(row)}}
    return {"description": "The rows, each with its prediction.", "content": content}


def _row(model: Model) -> dict[str, str]:
    return {name: CELLS[model.schema[name].kind] for name in model.schema.features()}


def _delimited(row: dict[str, str], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([list(row), list(row.values())])
    return text.getvalue()


def _json_line(row: dict[str, str]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"
