"""The page where a row is typed, an image or a file of rows dropped: its fields, and what is said of a row as HTML."""

import json
from typing import TYPE_CHECKING, Any

from tenon.data.dataset import Column
from tenon.data.tables import TEXTS
from tenon.insight.shown import cell_text
from tenon.report.explained_row import row_view
from tenon.report.language import LANGUAGES, language
from tenon.report.page import environment
from tenon.report.sequences import sequence_view
from tenon.serve.served import Served

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_OFFERED = 50  # values of a category
WORDS = {  # that the page's program says
    "no_image": "Choose an image first.",
    "no_number": "{name}: “{text}” is no number.",
    "none": "(no answer)",
    "wait": "Looking for what drove it …",
    "gone": "The server does not answer.",
    "rows_wait": "Predicting the rows of {name} …",
    "n_rows": "Predicted rows: {name}. The first of them:",
}
CELLS = ("number", "category", "date")  # kinds that stand in one line


def page(served: Served, lang: str) -> str:
    """Return the page. Raises SettingsError for a language that there is not."""
    to, model = language(lang), served.model
    view = {
        "html_lang": LANGUAGES[to.code],
        "other_lang": next(code for code in LANGUAGES if code != to.code),
        "name": served.name,
        "method": model.method_name,
        "target": model.task.target,
        "fields": [_field(model.schema[name], served) for name in model.schema.features()],
        "examples": _examples(served),
        "endings": "" if model.schema.features("image") else ",".join(TEXTS),  # of files of rows that are taken
        "words": json.dumps({"lang": to.code, **{name: to(text) for name, text in WORDS.items()}}, ensure_ascii=False),
    }
    return _environment(lang).get_template("page.html").render(view)


def row_html(served: Served, found: dict[str, Any], lang: str) -> str:
    """Return what is said of a row as a piece of HTML, as it stands on the page of an explanation."""
    to, model = language(lang), served.model
    if model.task.is_of_sequences:
        part: Any = sequence_view(found, model.task.kind, to)
        return _environment(lang).get_template("explain/sequence.html").render(part=part)
    kinds = {name: model.schema[name].kind for name in model.schema.features()}
    content = {"method": model.method_name, "target": model.task.target, "task": model.task.kind, "kinds": kinds}
    part = row_view(found, content, has_cells=True) | {"sentences": []}  # the prediction stands above it
    return _environment(lang).get_template("explain/row.html").render(part=part)


def _environment(lang: str) -> "Environment":
    from jinja2 import ChoiceLoader, PackageLoader

    found = environment(language(lang))
    assert found.loader is not None, "it has one"
    found.loader = ChoiceLoader([PackageLoader("tenon.serve"), found.loader])
    return found


def _field(column: Column, served: Served) -> dict[str, Any]:
    """Return {name, kind, is_line, offered} of a field; offered : what a category may be, of the rows at hand."""
    offered: list[str] = []
    if column.kind == "category" and served.others is not None:
        offered = sorted(served.others.frame[column.name].dropna().unique().tolist())[:MOST_OFFERED]
    return {"name": column.name, "kind": column.kind, "is_line": column.kind in CELLS, "offered": offered}


def _examples(served: Served) -> str:
    """Return rows at hand as JSON: column -> what is typed; images are left out."""
    if served.others is None:
        return "[]"
    names = [name for name in served.others.schema.features() if served.others.schema[name].kind != "image"]
    rows = served.others.frame[names].head(MOST_OFFERED).to_dict("records") if names else []
    return json.dumps([{name: _typed(cell) for name, cell in row.items()} for row in rows], ensure_ascii=False)


def _typed(cell: Any) -> str:
    return cell if isinstance(cell, str) else cell_text(cell) or ""
