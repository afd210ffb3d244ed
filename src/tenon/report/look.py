"""look.html: what data hold, as one page, made from look.json alone."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenon.files import write_text
from tenon.report import look_columns, look_groups
from tenon.report.careful import careful_view
from tenon.report.language import LANGUAGES, language
from tenon.report.look_words import Seen, headline, summary
from tenon.report.page import environment

Content = dict[str, Any]  # of look.json
Made = dict[str, Any] | None  # what a section shows, None where it has nothing to show


@dataclass(frozen=True)
class Section:
    """A part of the page: templates/look/<name>.html shows what `make` returned, under the title."""

    name: str
    title: str
    make: Callable[[Seen], Made]


def _careful(seen: Seen) -> Made:
    notes = [{"sentence": note} for note in seen.content["notes"]]
    return careful_view([*seen.content["findings"], *notes], seen.has_cells, "look.json")


SECTIONS = (
    Section("careful", "What to be careful about", _careful),
    Section("columns", "Columns", look_columns.columns_view),
    Section("gaps", "Missing cells", look_columns.gaps_view),
    Section("together", "Which columns go together", look_columns.together_view),
    Section("texts", "Texts", look_columns.texts_view),
    Section("images", "Images", look_columns.images_view),
    Section("map", "Map of the rows", look_groups.map_view),
    Section("clusters", "Groups of rows", look_groups.clusters_view),
    Section("density", "Density of the numbers", look_groups.density_view),
    Section("topics", "Topics of the texts", look_groups.topics_view),
)


def write_look(path: Path, content: Content, lang: str = "en", no_rows: bool = False) -> Path:
    """Write the page and return its path.

    no_rows : keep cells, words and values of columns out of it. Raises SettingsError for a language that there is not.
    """
    from tenon import __version__

    to = language(lang)
    seen = Seen(content, not no_rows, to)
    made = [(section, section.make(seen)) for section in SECTIONS]
    view = {
        "html_lang": LANGUAGES[to.code],
        "kicker": f"What {content['name']} holds",
        "headline": headline(content),
        "sentences": summary(content, not no_rows),
        "next": content["next"] if not no_rows else "",
        "has_cells": not no_rows,
        "folder": "look",
        "sections": [(section.name, section.title, part) for section, part in made if part],
        "version": __version__,
    }
    write_text(path, environment(to).get_template("look.html").render(view))
    return path
