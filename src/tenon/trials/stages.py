"""What each stage of learning before the task earns: rows of the board with fewer of them, and who is held against whom.

The stages are those of Gururangan et al. 2020 (arXiv:2004.10964): texts of the domain, texts of the task, the task itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from tenon.data.dataset import Schema
from tenon.method import STAGES, Method
from tenon.tasks import Task
from tenon.text.prepared import ROADS
from tenon.trials.ask import Ask
from tenon.trials.shared import said
from tenon.variant import Variant


class Step(NamedTuple):
    """Two rows of the board, of which one has read one stage of texts more."""

    stage: str
    row: str
    without: str


def with_shorter_roads(ask: Ask, schema: Schema, task: Task) -> Ask:
    """Return what was asked for; where it brings texts without labels, a method has rows with fewer stages, too.

    That is the costliest of those that run and read in stages: it trains all of its encoder.
    """
    methods = [m for m in ask.chosen() if STAGES in m.params and not m.lacks() and m.accepts(schema, task) is None]
    if not (ask.texts and methods):
        return ask
    method, known = max(methods, key=lambda method: method.cost_rank), {variant.name for variant in ask.variants}
    whole = ROADS[_road(method, method.name, ask)]
    fewer = [Variant(method.name, {STAGES: road}) for road, stages in ROADS.items() if len(stages) < len(whole)]
    return replace(ask, also=(*ask.also, *(variant.typed for variant in fewer if variant.name not in known)))


def steps(ask: Ask) -> list[Step]:
    """Return the steps between rows of a method that differ in their stages alone, from the longest road down."""
    found: list[Step] = []
    for method in ask.chosen():
        if STAGES in method.params:
            rows = [
                method.name,
                *(one.name for one in ask.variants if one.method == method.name and set(one.settings) == {STAGES}),
            ]
            found += _steps({_road(method, row, ask): row for row in rows})
    return found


def _steps(rows: dict[str, str]) -> Sequence[Step]:
    """Return the steps between roads of which one has a first stage more, the longest first; rows : road -> row of the board."""
    pairs = pairwise(sorted(rows, key=lambda road: len(ROADS[road]), reverse=True))
    return [Step(ROADS[more][0], rows[more], rows[less]) for more, less in pairs if ROADS[more][1:] == ROADS[less]]


def _road(method: Method, row: str, ask: Ask) -> str:
    given = {name: value for name, value in ask.settings_of(row).items() if name in method.params}
    return said(method.with_defaults(given), method, ask.texts)[STAGES]
