"""BibTeX of the methods and statistics that a run used.

A method's entries stand beside its card (cards/NAME.bib) and what is said of its settings; those of the statistics in
references.bib.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from tenon.catalogue import METHODS, card_files
from tenon.variant import method_of

ENTRY = re.compile(r"^@\w+\{([^,\s]+),.*?^\}", re.DOTALL | re.MULTILINE)
CITED = re.compile(r"\[@([\w;@ ]+)\]")  # as pandoc writes it: [@cox1958; @cover1967]


def entries_in(text: str) -> dict[str, str]:
    """Return key -> entry of a BibTeX file; an entry ends with a brace at the beginning of a line."""
    return {match[1]: match.group() for match in ENTRY.finditer(text)}


@cache
def of_statistics() -> dict[str, str]:
    """Return key -> entry of the statistics and tools."""
    return entries_in((files("tenon.report") / "references.bib").read_text(encoding="utf-8"))


@cache
def of_method(row: str) -> dict[str, str]:
    """Return key -> entry of the method of a row; a method from elsewhere, or one that needs no source, has none."""
    method = next((method for method in METHODS if method.name == method_of(row)), None)
    return {} if method is None else entries_in(card_files(method, ".bib"))


def of_tenon(version: str) -> dict[str, str]:
    """Return the entry of Tenon itself, in the version that made the run."""
    lines = ("@software{tenon,", "  author = {{The Tenon developers}},", "  title = {Tenon},", f"  version = {{{version}}}", "}")
    return {"tenon": "\n".join(lines)}


def keys_in(text: str) -> list[str]:
    """Return the keys that a text cites, each once, in order."""
    return list(dict.fromkeys(key for match in CITED.finditer(text) for key in _keys(match[1])))


def with_names(text: str, entries: dict[str, str]) -> str:
    """Return the text with "(Cox, 1958; Cover and Hart, 1967)" for [@cox1958; @cover1967]; brackets are as wide as the text's."""
    opened, closed = "（）" if text.endswith("。") else "()"
    return CITED.sub(lambda match: f"{opened}{'; '.join(_short(entries[key]) for key in _keys(match[1]))}{closed}", text)


def with_cites(text: str) -> str:
    r"""Return LaTeX with \cite{cox1958,cover1967} for [@cox1958; @cover1967]."""
    return CITED.sub(lambda match: f"\\cite{{{','.join(_keys(match[1]))}}}", text)


def cite(keys: Iterable[str]) -> str:
    """Return "[@cox1958; @cover1967]"; "" for no keys."""
    keys = [f"@{key}" for key in keys]
    return f"[{'; '.join(keys)}]" if keys else ""


def _keys(cited: str) -> list[str]:
    return [key.strip().removeprefix("@") for key in cited.split(";")]


def _short(entry: str) -> str:
    """Return "Cover and Hart, 1967" or "Fan et al., 2008"; without a year the version."""
    names = [name.split(",")[0].strip() for name in re.split(r"\s+and\s+", _field(entry, "author"))]
    who = names[0] if len(names) == 1 else f"{names[0]} and {names[1]}" if len(names) == 2 else f"{names[0]} et al."
    return f"{_plain(who)}, {_field(entry, 'year') or _field(entry, 'version')}"


def _field(entry: str, name: str) -> str:
    match = re.search(rf"^\s*{name} = \{{(.*?)\}},?$", entry, re.DOTALL | re.MULTILINE)
    return match[1] if match else ""


def _plain(name: str) -> str:
    """Return a name without TeX: accents become characters."""
    import unicodedata

    marks = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "v": "\u030c"}
    name = re.sub(r"\{?\\(['`\"v])\{?(\w)\}?\}?", lambda m: unicodedata.normalize("NFC", m[2] + marks[m[1]]), name)
    return name.replace("{", "").replace("}", "")
