"""What was asked, what was done and on what, the line that does it again, and those that go on from it."""

import shlex
from collections.abc import Sequence
from typing import Any

from tenon.data.dataset import GIVEN
from tenon.data.wording import enumeration
from tenon.report.language import CUT
from tenon.report.leaderboard import scored_rows
from tenon.report.words import metric_title
from tenon.trials.choice import BASELINE
from tenon.variant import Variant, method_of, written

TEXTS = {"unlabelled": "texts without labels", "domain": "texts of the domain"}  # option -> what it brings
ORDERS = {"group": "grouped by", "time": "ordered by", "weight": "weighted by"}


def question(board: dict[str, Any], run: dict[str, Any], schema: dict[str, Any]) -> str:
    """Return the question in one sentence, as the report opens with it."""
    scored = [row["method"] for row in board["rows"] if row["score"] is not None]
    name, target = run.get("data", {}).get("name", ""), run["asked"]["target"]
    rows = f"{schema['n_rows']:,} rows{f' of {name}' if name else ''}" if "n_rows" in schema else name or "the data"
    title = metric_title(board["metric"])
    if run["asked"].get("task") == "language":  # whose target is how long the texts are
        each = f"How well does {scored[0]} foretell" if len(scored) == 1 else f"Which of {len(scored)} methods best foretells"
        return f"{each} the words of {rows}, by {title}?"
    if len(scored) == 1:
        return f"How well does {scored[0]} predict {target} on {rows}, by {title}?"
    return f"Which of {len(scored)} methods predicts {target} best on {rows}, by {title}?"


def done_sentence(board: dict[str, Any], schema: dict[str, Any]) -> str:
    """Return what was done in one sentence, for the head of the page; "" where the number of rows is not known."""
    if "n_rows" not in schema:
        return ""
    time = next((column["name"] for column in schema.get("columns", ()) if column["role"] == "time"), "")
    order = f", in the order of {time}" if time else ""
    said, final = f"Scored on {splits(board)} of {schema['n_rows']:,} rows{order}", board.get("final")
    return f"{said}; {final['rows']:,} further rows were put aside for the method chosen." if final else f"{said}."


def on_one_split(board: dict[str, Any]) -> str:
    """Return which methods were fitted on one split alone, "" where none was."""
    dear = [row["method"] for row in scored_rows(board) if row["trials"] == 1]
    were = "was" if len(dear) == 1 else "were"
    return f"{enumeration(dear)} {were} fitted on one of these splits alone, by whose rows all are compared." if dear else ""


def splits(board: dict[str, Any]) -> str:
    """Return "5 folds × 4 repeats"."""
    n_folds, _, n_repeats = board["protocol"].partition("x")
    return f"{n_folds} folds × {n_repeats} repeats" if n_repeats not in ("", "1") else f"{n_folds} folds"


def facts(board: dict[str, Any], run: dict[str, Any], schema: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what was done and on what, as (name, value)."""
    asked, about, final = run["asked"], run.get("data", {}), board.get("final")
    roles = {column["role"]: column["name"] for column in schema.get("columns", ()) if column["role"] != "feature"}
    n_features = sum(column["role"] == "feature" and column["kind"] != "ignore" for column in schema.get("columns", ()))
    found = [
        ("data", about.get("name", "")),
        ("rows", f"{schema['n_rows']:,}, to compare and to fit" if "n_rows" in schema else ""),
        ("final rows", f"{final['rows']:,}, put aside before anything was fitted" if final else "none put aside"),
        ("columns used", str(n_features or "")),
        ("predicted", f"{asked['target']} ({board['task']})"),
        *((said, roles.get(role, "")) for role, said in ORDERS.items()),
        *((said, _new_texts(about.get(option))) for option, said in TEXTS.items()),
        *(("weights to start from", f"{path} ({digest[:16]})") for path, digest in asked.get("weights", {}).items()),
        ("splits", f"{splits(board)}, the same for every method"),
        ("seed", str(asked["seed"])),
        ("budget", asked["budget"]),
        ("data fingerprint", asked["fingerprint"][:16]),
        ("versions", ", ".join(f"{name} {number}" for name, number in sorted(asked["versions"].items()))),
    ]
    return [(name, value) for name, value in found if value]


def _new_texts(texts: dict[str, Any] | None) -> str:
    return f"{texts['texts']:,} of {texts['name']}, none of which equals a labelled row" if texts else ""


def command_line(run: dict[str, Any], schema: dict[str, Any], has_cells: bool = True) -> str:
    """Return the line that makes this run again, for a POSIX shell: the target, and the options that were given.

    Without cells, … stands for those that mean: no value.
    """
    asked = run["asked"]
    columns = schema.get("columns", ())
    words = ["tenon", "compare", _source(run), "--target", _target(asked, columns)]
    for name, value in run.get("given", {}).items():
        words += [f"--{name}", str(value)]
    words += _column_words(columns) + _missing_words(columns, has_cells)
    if final := run.get("data", {}).get("final_source"):
        words += ["--final", final]
    words += ["--no-quoting"] * (not run.get("data", {}).get("quoting", True))
    words += _inside_words(asked)
    for name in sorted(asked.get("predictions", {})):
        words += ["--predictions", f"{name}={name}.csv"]
    for row, given in sorted(asked["settings"].items()):
        words += _setting_words(row, given)
    return shlex.join(words)


def next_lines(board: dict[str, Any]) -> list[tuple[str, str]]:
    """Return lines that go on from the run, whose folder they call RUN, each with what it brings; none without a model."""
    chosen = board.get("chosen")
    if not chosen:
        return []
    own = f" --methods {method_of(chosen)}" if ":" in chosen else ""
    lines = [
        ("explain RUN --row 1", "what the model goes by, and what drove its prediction of a row"),
        ("predict RUN NEW -o predictions.csv", "predictions of new rows"),
        ("compress RUN", "smaller and faster models beside it, and whether they are as good"),
        ("serve RUN", "a page to try it, and predictions for programs"),
    ]
    no_use = ("compress",) * (chosen == BASELINE or not board.get("final"))
    said = [(f"tenon {line}{own}", brings) for line, brings in lines if not line.startswith(no_use)]
    return [*said, ("tenon card RUN", "what one hands over with the model")]


def _setting_words(row: str, given: dict[str, Any]) -> list[str]:
    """Return the options that set what was set for a row of the board: of a variant, all at once."""
    method = method_of(row)
    if row != method:
        return ["--also", Variant(method, given).typed]
    return [word for name, value in sorted(given.items()) for word in ("--set", f"{row}.{name}={written(value)}")]


def _source(run: dict[str, Any]) -> str:
    """Return the path of the data as the user gave it; a frame has none."""
    about = run.get("data", {})
    return about.get("source") or about.get("name") or "DATA"


def _target(asked: dict[str, Any], columns: Sequence[dict[str, Any]]) -> str:
    """Return what --target was: of a language model the column of texts, whose lengths the file does not hold."""
    texts = [column["name"] for column in columns if column["role"] == "feature"] if asked.get("task") == "language" else []
    return texts[0] if texts else asked["target"]


def _column_words(columns: Sequence[dict[str, Any]]) -> list[str]:
    """Return the options that say what columns are."""
    words = []
    for column in columns:
        if column["role"] in ("group", "time"):
            words += [f"--{column['role']}", column["name"]]
        elif column["role"] in ("weight", "id"):
            words += ["--kind", f"{column['name']}={column['role']}"]
        elif column["role"] == "feature" and column["reason"] == GIVEN:
            words += ["--kind", f"{column['name']}={column['kind']}"]
    return words


def _missing_words(columns: Sequence[dict[str, Any]], has_cells: bool) -> list[str]:
    """Return the options that say which cells mean: no value."""
    cells = sorted({cell for column in columns for cell in column.get("missing", ())})
    return [word for cell in (cells if has_cells else cells[:1] and [CUT]) for word in ("--missing", cell)]


def _inside_words(asked: dict[str, Any]) -> list[str]:
    """Return the options that say what happens inside the train rows, and --curve."""
    inner, words = asked.get("inner", {}), []
    if inner.get("tune"):
        words += ["--tune", f"{inner['tune']}:{inner['search']}"]
    if cost := inner.get("cost"):
        positive = "" if cost["positive"] is None else f",positive={cost['positive']}"
        words += ["--cost", f"fn={cost['fn']:g},fp={cost['fp']:g}{positive}"]
    return [*words, "--curve"] if asked.get("curve") else words
