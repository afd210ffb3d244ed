"""Pages that several scripts write: each its own part, between two comments that no reader sees."""

import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def write_part(name: str, lines: Sequence[str], page: Path = PAGE) -> None:
    """Write the part called name into the page, in the place of an older one or behind all others."""
    text = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    part = begin + "\n".join(lines) + "\n" + end
    text, n = re.subn(re.escape(begin) + ".*?" + re.escape(end), lambda _: part, text, flags=re.DOTALL)
    page.write_text(text if n else f"{text.rstrip()}\n\n{part}", encoding="utf-8")
