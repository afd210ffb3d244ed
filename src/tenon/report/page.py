"""The report of a run: one HTML file that needs nothing else, made from the JSON files of the run folder alone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.files import write_text
from tenon.report.asked import done_sentence, on_one_split, question
from tenon.report.kept import Kept, read_kept
from tenon.report.language import LANGUAGES, language
from tenon.report.leaderboard import board_view, key_figures
from tenon.report.sections import leaks, sections_of, to_mind
from tenon.report.words import (
    also_sentences,
    counted,
    final_sentence,
    inside_sentences,
    optimism_sentence,
    rows_sentence,
    swing_sentence,
)

P_VALUE = re.compile(r"\bp (?:< )?(?=[.\d])")  # must not be parted at the end of a line, nor must
HYPHENATED = re.compile(r"(?<![\w-])(?=\w*-)[\w-]{2,30}(?![\w-])", re.ASCII)  # names and options, unless they are long

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def write_report(run_folder: Path, lang: str = "en", no_rows: bool = False) -> Path:
    """Write report.html into a finished run's folder and return its path.

    lang : language of the page, a key of LANGUAGES. no_rows : keep every cell of the data out of it, and say so.
    Raises RunFolderError where run.json or leaderboard.json is missing or a file is damaged, SettingsError for a language
    that there is not.
    """
    kept = read_kept(run_folder, not no_rows, language(lang))
    html = environment(kept.language).get_template("report.html").render(_view(kept))
    path = run_folder / "report.html"
    write_text(path, html)
    return path


def _view(kept: Kept) -> dict[str, Any]:
    """Return what the template shows: what stands above the sections, and these."""
    board = kept.board
    return {
        "html_lang": LANGUAGES[kept.language.code],
        "board": board,
        "question": question(board, kept.run, kept.schema),
        "sentences": [
            *also_sentences(board),
            swing_sentence(board),
            done_sentence(board, kept.schema),
            on_one_split(board),
            optimism_sentence(board),
            rows_sentence(board),
            *inside_sentences(board),
        ],
        "key_figures": key_figures(board),
        "leaks": leaks(kept),
        "to_mind": to_mind(kept),
        "has_cells": kept.has_cells,
        "folder": "sections",
        "sections": [(section.name, section.title, part) for section, part in sections_of(kept)],
        "version": kept.run["asked"]["versions"].get("tenon", ""),
    }


def leaderboard_html(board: dict[str, Any]) -> str:
    """Return the leaderboard as an HTML fragment with its own style, for notebooks."""
    sentences = [sentence for sentence in (final_sentence(board), optimism_sentence(board)) if sentence]
    template = environment(language("en")).get_template("notebook.html")
    return template.render(board=board, view=board_view(board), sentences=sentences)


def _unbroken(match: re.Match[str]) -> str:
    return match.group().replace(" ", "\u00a0")


def environment(translate: Callable[[str], str]) -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("tenon.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["t"] = lambda text: P_VALUE.sub(_unbroken, translate(str(text)))
    environment.filters["whole"], environment.filters["counted"] = _whole_words, counted
    return environment


def _whole_words(text: str) -> "Markup":
    """Return the text escaped, with names and options kept on one line: a browser parts them at their hyphens."""
    from markupsafe import Markup, escape

    return Markup(HYPHENATED.sub(r"<bdi>\g<0></bdi>", str(escape(text))))
