"""A text as a network read it: what each token does to the answer as the colour behind it, and its gates as a drawing."""

from typing import Any

from tenon.text.gates import gates_svg

FAINTEST = 5  # per cent of the colour; tokens that do less stay without any
STRONGEST = 60  # per cent, of the token that does most
Content = dict[str, Any]  # of explain.json


def reading_view(reading: Content | None, method: str, of: str) -> Content | None:
    """Return {pieces, says, gates}; a piece is (text, "for", "against" or "", per cent of the colour). None without tokens.

    of : what the effects are on, in words.
    """
    if not reading or not reading["tokens"]:
        return None
    text, tokens, gates = reading["text"], reading["tokens"], reading["gates"]
    spoken = [text[start:end] for start, end, _ in tokens]
    return {
        "pieces": _pieces(text, tokens),
        "says": f"In colour: tokens without which {method} would say less of {of}; in grey: more.",
        "gates": gates_svg(spoken, gates) if gates else None,
    }


def _pieces(text: str, tokens: list[list[Any]]) -> list[tuple[str, str, int]]:
    """Return the text in pieces, every letter once; tokens may overlap where several make up one letter."""
    most = max(abs(effect) for _, _, effect in tokens) or 1.0
    pieces, done = [], 0
    for start, end, effect in tokens:
        share = round(STRONGEST * abs(effect) / most)
        side = "" if share < FAINTEST else "for" if effect > 0 else "against"
        pieces += [(text[done:start], "", 0), (text[max(done, start) : end], side, share)]
        done = max(done, end)
    return [piece for piece in [*pieces, (text[done:], "", 0)] if piece[0]]
