"""How every example ends: its findings on the screen and in the README beside it, and its picture."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.pages import write_part

HERE = Path(__file__).parent
Found = dict[str, Any]


def show(
    name: str,
    title: str,
    find: Callable[[bool], Found],
    draw: Callable[[Figure, Found], None],
    tell: Callable[[Found], list[str]],
) -> None:
    """Run an example as a script: find(quick), then draw and tell what was found."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--quick", action="store_true", help="tiny: to see it work, not to learn from; the README stays as it is")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the picture; only the own one changes the README")
    asked = parser.parse_args()
    started = time.process_time()
    found = find(asked.quick)
    lines = tell(found)
    print("\n".join(lines))
    picture(asked.out / f"{name}.png", found, draw)
    if not asked.quick and asked.out == HERE:
        seconds = time.process_time() - started
        heading = [f"## {title}", "", f"`python -m examples.{name}`, {seconds:.0f} s of processor time.", ""]
        write_part(name, [*heading, *lines, "", f"![{title}]({name}.png)"], HERE / "README.md")


def picture(path: Path, found: Found, draw: Callable[[Figure, Found], None]) -> None:
    """Write what draw draws."""
    with mpl.rc_context({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(8, 3.2), dpi=90, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure, found)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path)
