"""Names and figures in the sentences of findings, short enough for one line."""

from collections.abc import Sequence

from tenon.data.wording import in_one_line

MOST_NAME = 24  # characters of a column's name or of a label in a sentence
MOST_NAMES = 3


def quoted(name: object) -> str:
    """Return a name in quotes, cut in the middle where it is long."""
    text = in_one_line(str(name))
    if len(text) > MOST_NAME:
        text = f"{text[: MOST_NAME // 2]}…{text[-(MOST_NAME // 2 - 1) :]}"
    return f"'{text}'"


def names(all_names: Sequence[object], most: int = MOST_NAMES) -> str:
    """Return "'a', 'b' and 'c'", or "'a', 'b', 'c' and 4 more"."""
    shown = [quoted(name) for name in all_names[:most]]
    if len(all_names) > most:
        return f"{', '.join(shown)} and {len(all_names) - most:,} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def percent(share: float) -> str:
    """Return "31 %", "3.1 %" or "< 0.1 %"; shares near one keep a figure more: "99.6 %"."""
    value = 100 * share
    if 0 < value < 0.1:
        return "< 0.1 %"
    if value < 10 or 90 < value:
        return f"{value:.1f}".removesuffix(".0") + " %"
    return f"{value:.0f} %"


def counted(n: int, singular: str, plural: str = "") -> str:
    """Return "1 row" or "1,204 rows"."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"
