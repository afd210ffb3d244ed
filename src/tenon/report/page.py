"""The report of a run: one HTML file that needs nothing else, made from the JSON files of the run folder alone."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.errors import RunFolderError
from tenon.files import write_text
from tenon.report import closer, views
from tenon.report.figures import plain
from tenon.report.words import final_sentence, optimism_sentence, rows_sentence

if TYPE_CHECKING:
    from jinja2 import Environment


def write_report(run_folder: Path) -> Path:
    """Write report.html into a finished run's folder and return its path.

    Raises RunFolderError where run.json or leaderboard.json is missing or damaged.
    """
    from tenon.catalogue import METHODS

    board, run = _read(run_folder, "leaderboard.json"), _read(run_folder, "run.json")
    scores = _read_if_there(run_folder, "scores.json", {})
    schema = _read_if_there(run_folder, "model/model.json", {}).get("schema", {})
    verdicts = _read_if_there(run_folder, "verdicts.json", [])
    html = (
        _environment()
        .get_template("report.html")
        .render(
            board=board,
            view=views.board_view(board),
            key_figures=views.key_figures(board),
            data_name=run.get("data", {}).get("name", ""),
            optimism=optimism_sentence(board),
            rows_needed=rows_sentence(board),
            matrix=views.matrix_view(board, verdicts),
            pairs=views.pairs_view(verdicts),
            rope=plain(board.get("rope", 0.0)),
            metrics=views.metrics_view(board, scores.get("metrics", {})),
            inside=closer.inside_sentences(board),
            confusion=closer.confusion_view(board, scores),
            roc=closer.roc_view(board, scores),
            curve=closer.curve_view(board, _read_if_there(run_folder, "curve.json", {})),
            side=closer.SIDE,
            wide=closer.WIDE,
            facts=views.facts(board, run, schema),
            columns=schema.get("columns", []),
            timings=_read_if_there(run_folder, "timings.json", {}),
            command=views.command_line(run, schema, [method.name for method in METHODS]),
        )
    )
    path = run_folder / "report.html"
    write_text(path, html)
    return path


def leaderboard_html(board: dict[str, Any]) -> str:
    """Return the leaderboard as an HTML fragment with its own style, for notebooks."""
    sentences = [sentence for sentence in (final_sentence(board), optimism_sentence(board)) if sentence]
    return _environment().get_template("notebook.html").render(board=board, view=views.board_view(board), sentences=sentences)


def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("tenon.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _read(folder: Path, name: str) -> Any:
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunFolderError(f"{folder} is no finished run: it has no {name}.") from error
    except ValueError as error:
        raise RunFolderError(f"{folder / name} is damaged; remove the folder and run again.") from error


def _read_if_there(folder: Path, name: str, default: Any) -> Any:
    return _read(folder, name) if (folder / name).exists() else default
