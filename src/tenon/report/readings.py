"""A text with some of its places marked; so a text as a network read it: what each token does to the answer, and its gates."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tenon.text.gates import gates_svg

FAINTEST = 5  # per cent of the colour; tokens that do less stay without any
STRONGEST = 60  # per cent, of the token that does most
GAP = 40  # letters between marks that are left out where only parts of a text are read
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


def by_effect(text: str, tokens: Sequence[tuple[int, int, float]], most: float = 0.0) -> list[Piece]:
    """Return the text with its tokens [start, end, effect] coloured by what they do.

    most : the effect of the strongest colour, at least; 0: that of the token that does most here.
    """
    most = max([most, *(abs(effect) for _, _, effect in tokens)]) or 1.0
    marks = ((start, end, coloured("for" if effect > 0 else "against", abs(effect) / most)) for start, end, effect in tokens)
    return in_pieces(text, [one for one in marks if one[2].side])


def reading_view(reading: Content | None, method: str, of: str) -> Content | None:
    """Return {pieces, says, gates}. None without tokens; of : what the effects are on, in words."""
    if not reading or not reading["tokens"]:
        return None
    text, tokens, gates = reading["text"], reading["tokens"], reading["gates"]
    spoken = [text[start:end] for start, end, _ in tokens]
    return {
        "pieces": by_effect(text, tokens),
        "says": f"In colour: parts without which {method} would say less of {of}; in grey: more.",
        "gates": gates_svg(spoken, gates) if gates else None,
    }


def kept_view(kept: Content | None, method: str) -> Content | None:
    """Return {pieces, says}: the text, blocks that are read in colour, the stronger the higher they score. None without any."""
    if not kept or not kept["blocks"]:
        return None
    return {
        "pieces": kept_pieces(kept),
        "says": f"In colour: the parts of the text that {method} answers by; the stronger, the more relevant it finds them.",
    }


def kept_pieces(kept: Content) -> list[Piece]:
    """Return the text with the blocks in colour that are read, the stronger the higher they score."""
    blocks = kept["blocks"]
    marks = (
        (start, end, Mark("for", max(FAINTEST, round(STRONGEST * score)), hint=f"{score:.2f}")) for start, end, score in blocks
    )
    return in_pieces(kept["text"], marks)


def kept_share(kept: Content) -> float:
    """Return which share of the letters of the text is read."""
    return sum(end - start for start, end, _ in kept["blocks"]) / max(1, len(kept["text"]))


def within(pieces: list[Piece], near: int = 0) -> list[Piece]:
    """Return pieces with "…" in the place of what is long and not marked: of a text of which only parts are read, or matter.

    near : letters beside a mark that stay, of which words that are cut off go.
    """
    last = len(pieces) - 1
    return [
        (_ends(text, near * (i > 0), near * (i < last)) if mark is UNMARKED else text, mark)
        for i, (text, mark) in enumerate(pieces)
    ]


def _ends(text: str, n_first: int, n_last: int) -> str:
    """Return so many letters of either end with "…" in between, or all where GAP more are not left out."""
    if len(text) <= GAP + n_first + n_last:
        return text
    first, last = text[:n_first], text[len(text) - n_last :]
    return f"{first.rpartition(' ')[0] or first} … {last.partition(' ')[2] or last}"
