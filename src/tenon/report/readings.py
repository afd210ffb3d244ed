"""A text with some of its places marked; so a text as a network read it: what each token does to the answer, and its gates."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from tenon.text.gates import gates_svg

FAINTEST = 5  # per cent of the colour; tokens that do less stay without any
STRONGEST = 60  # per cent, of the token that does most
Content = dict[str, Any]  # of explain.json


class Mark(NamedTuple):
    """How a place of a text is shown: side is a class of explain.css, "" for none, and share the per cent of its colour."""

    side: str
    share: int = 0
    kind: str = ""  # written behind it
    hint: str = ""  # shown where the mouse rests


UNMARKED = Mark("")
Piece = tuple[str, Mark]


def in_pieces(text: str, marks: Iterable[tuple[int, int, Mark]]) -> list[Piece]:
    """Return the text in pieces, every letter once; marks [start, end, mark] come in order, and what is marked twice is cut."""
    pieces, done = [], 0
    for start, end, mark in marks:
        pieces += [(text[done:start], UNMARKED), (text[max(done, start) : end], mark)]
        done = max(done, end)
    return [piece for piece in [*pieces, (text[done:], UNMARKED)] if piece[0]]


def coloured(side: str, share: float, hint: str = "") -> Mark:
    """Return a mark of this share, 0 to 1, of the strongest colour; a faint one has no side."""
    per_cent = round(STRONGEST * share)
    return Mark(side if per_cent >= FAINTEST else "", per_cent, hint=hint)


def reading_view(reading: Content | None, method: str, of: str) -> Content | None:
    """Return {pieces, says, gates}. None without tokens; of : what the effects are on, in words."""
    if not reading or not reading["tokens"]:
        return None
    text, tokens, gates = reading["text"], reading["tokens"], reading["gates"]
    spoken = [text[start:end] for start, end, _ in tokens]
    most = max(abs(effect) for _, _, effect in tokens) or 1.0
    marks = ((start, end, coloured("for" if effect > 0 else "against", abs(effect) / most)) for start, end, effect in tokens)
    return {
        "pieces": in_pieces(text, marks),
        "says": f"In colour: tokens without which {method} would say less of {of}; in grey: more.",
        "gates": gates_svg(spoken, gates) if gates else None,
    }
