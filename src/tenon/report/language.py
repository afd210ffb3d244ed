"""The report in another language: finished English texts are looked up in lang/<code>.toml, numbers and names kept.

The code composes English; the table maps a pattern of it to one of the other language:

    "{method} is best by {metric}: every other method is worse." = "按{metric!t}，{method} 最好：其余方法都更差。"

A placeholder stands for any text, `n` and `n_...` for a count only, and one that begins with `_` for an English ending that
the other language lacks. `!t` translates what was found, `!l` a list ("a, b and c"). The more literal text a pattern
has, the earlier it is tried. A text that no pattern fits stays English. So sentences that other rooms have finished and
saved are translated the same way as those of this room.

Placeholders called `cell...` hold cells of the data: `without_cells` takes them out for a report that is to hold none.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, reduce
from importlib.resources import files
from pathlib import Path

from tenon.errors import unknown

LANGUAGES = {"en": "en", "zh": "zh-Hans"}  # code -> what HTML calls it
COMPLETE = "zh"  # the table that holds every sentence
PLACE = re.compile(r"\{(\w+)(?:!([tl]))?\}")
COUNT = r"\d[\d,]*"
LISTED = re.compile(r"(, | and )")  # between the names of a list
CHINESE, LATIN = re.compile(r"[一-龥]"), re.compile(r"[A-Za-z0-9.']")  # characters that a blank stands between
ROWS, LETTER = re.compile(r"\b(such as|rows|final)\b"), re.compile(r"[^\W\d_]")
CUT = "…"  # stands in the place of a cell


@dataclass(frozen=True)
class Sentence:
    """A pattern of English, and the same in the other language."""

    english: str
    other: str
    regex: re.Pattern[str]  # what fits the English pattern, with a group of each placeholder's name

    @classmethod
    def of(cls, english: str, other: str) -> "Sentence":
        literal, *rest = re.split(r"\{(\w+)\}", english)
        regex = re.escape(literal) + "".join(map(_group, rest[::2], rest[1::2]))
        return cls(english, other, re.compile(regex, re.DOTALL))

    @property
    def n_literal(self) -> int:
        """Number of characters that a text must have to fit."""
        return len(PLACE.sub("", self.english))


def _group(name: str, literal: str) -> str:
    return f"(?P<{name}>{COUNT if name == 'n' or name.startswith('n_') else '.+?'}){re.escape(literal)}"


@dataclass(frozen=True)
class Language:
    """Turns English texts into this language."""

    code: str
    exact: dict[str, str]
    sentences: tuple[Sentence, ...]  # the most literal first

    def __call__(self, text: str) -> str:
        """Return the text in this language, or as it is where the table does not know it."""
        return self.exact.get(text) or self._matched(text)

    def _matched(self, text: str) -> str:
        for sentence in self.sentences:
            if match := sentence.regex.fullmatch(text):
                literal, *rest = PLACE.split(sentence.other)
                for name, how, after in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
                    literal = _beside(_beside(literal, self._filled(match[name], how)), after)
                return literal
        return text

    def _filled(self, value: str, how: str | None) -> str:
        if how == "l":
            names, signs = LISTED.split(value)[::2], LISTED.split(value)[1::2]
            return reduce(_beside, (part for pair in zip(names, [*map(self, signs), ""], strict=True) for part in pair))
        return self(value) if how == "t" else value


def _beside(left: str, right: str) -> str:
    """Return the two with a blank where a Chinese character and a Latin one would touch."""
    ends = left[-1:], right[:1]
    touch = any(a.match(ends[0]) and b.match(ends[1]) for a, b in ((CHINESE, LATIN), (LATIN, CHINESE)))
    return f"{left} {right}" if touch else left + right


@cache
def table(code: str) -> tuple[Sentence, ...]:
    """Return every sentence of a language's table, the most literal first."""
    parts = tomllib.loads((files("tenon.report") / "lang" / f"{code}.toml").read_text(encoding="utf-8"))
    found = [Sentence.of(english, other) for part in parts.values() for english, other in part.items()]
    return tuple(sorted(found, key=lambda sentence: -sentence.n_literal))


@cache
def language(code: str) -> Language:
    """Return the language of this code. Raises SettingsError for one that there is not."""
    if code not in LANGUAGES:
        raise unknown("language", code, LANGUAGES)
    sentences = () if code == "en" else table(code)
    exact = {s.english: s.other for s in sentences if not PLACE.search(s.english)}
    return Language(code, exact, tuple(s for s in sentences if s.english not in exact))


def language_of(page: Path) -> str:
    """Return the code of the language that a page is written in; en where there is none, or it does not say."""
    said = re.search(r'<html lang="([^"]*)"', page.read_text(encoding="utf-8", errors="replace")) if page.is_file() else None
    return next((code for code, html in LANGUAGES.items() if said and said[1] == html), "en")


def without_cells(text: str) -> str | None:
    """Return a sentence with … for every cell of the data that it quotes; None for one that the table does not know."""
    for sentence in table(COMPLETE):
        if match := sentence.regex.fullmatch(text):
            cells = [match.span(name) for name, value in match.groupdict().items() if _holds_cells(name, value)]
            for start, end in sorted(cells, reverse=True):
                text = text[:start] + CUT + text[end:]
            return text
    return None


def _holds_cells(name: str, value: str) -> bool:
    """Tell whether what stands for a placeholder may be cells: rows are, where images go by the names of their files."""
    return name.startswith("cell") or (name == "rows" and LETTER.search(ROWS.sub("", value)) is not None)
