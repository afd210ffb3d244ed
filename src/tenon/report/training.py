"""How each network was trained: the curves of one trial, and the epoch whose weights were kept; what was trained before it."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from tenon.report.axis import Axis, log_axis_of
from tenon.report.chart import Chart, Dot, Field, Line
from tenon.report.figures import short
from tenon.report.words import counted

N_POINTS = 100  # of a line, at most: each is the mean of the steps that it stands for
ROOM = 0.04  # of the range of losses, kept free above and below
Points = list[tuple[float, float]]  # (step, figure)
History = dict[str, Any]  # as tenon.training.History holds it


def training_view(histories: dict[str, History], translate: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return for each network its name, what is said of its training, and its charts: loss, gradient norm, rate."""
    return [
        {"name": name, "sentences": sentences(history), "charts": charts(history, translate)}
        for name, history in histories.items()
    ]


def sentences(history: History) -> list[str]:
    """Return how long it was trained, which weights were kept, and why it ended before its time."""
    n_steps, losses, best = len(history["loss"]), history["held_out"], history["best_epoch"]
    before = [len(one["loss"]) for one in history["before"].values()]
    said = [f"First, parts of it were trained in turn, for {counted(before[0], 'step')} each."] if before else []
    if best is None:
        said += [f"Trained for {counted(n_steps, 'step')}; no rows were held out, so the last weights are kept."]
    else:
        n, loss = len(losses), short(losses[best])
        length = f"{counted(n, 'epoch')} of {counted(n_steps // n, 'step')}"
        by_loss = f"whose loss on the held-out rows is the least ({loss})"
        why = "whose score on the held-out rows is best" if history["judged"] else by_loss
        said += [f"Trained for {length}; kept are the weights after epoch {best + 1:,}, {why}."]
    return said + ([f"Training ended early: {history['stopped']}."] if history["stopped"] else [])


def charts(history: History, translate: Callable[[str], str]) -> list[Chart]:
    """Return loss, gradient norm and rate over the steps, and the losses of what was trained before.

    Without a step there is nothing to draw.
    """
    n_steps = len(history["loss"])
    if not n_steps:
        return []
    steps = Axis(0.0, float(n_steps))
    drawn = [loss_chart(history, steps, translate)]
    norms = [point for point in thinned(history["norm"]) if 0 < point[1] < math.inf]
    if norms:
        drawn.append(_chart("gradient norm", Field(steps, log_axis_of([y for _, y in norms])), norms))
    drawn.append(_chart("learning rate", Field(steps, Axis(0.0, 1.05 * max(history["rate"]) or 1.0)), thinned(history["rate"])))
    return drawn + ([loss_before(history["before"], translate)] if history["before"] else [])


def loss_chart(history: History, steps: Axis, translate: Callable[[str], str]) -> Chart:
    """Return the loss of train rows and, where some were held out, of these, with the epoch that was kept marked."""
    losses, best = history["held_out"], history["best_epoch"]
    trained = thinned(history["loss"])
    each = steps.high / max(len(losses), 1)
    judged = [((epoch + 1) * each, loss) for epoch, loss in enumerate(losses)]
    values = [y for _, y in trained + judged]
    low, high = min(values), max(values)
    room = ROOM * (high - low) or 0.5
    y = Axis(low - room, high + room)
    field = Field(steps, y)
    lines = [
        Line(translate(name), _places(field, points))
        for name, points in (("held-out rows", judged), ("rows trained on", trained))
    ]
    kept = [] if best is None else [judged[best]]
    return Chart(
        "loss", "steps", "loss", field.x_ticks(4), field.y_ticks(),
        tuple(line for line in lines if line.points),
        dots=tuple(Dot("", *field.at(*point), kind="chosen", hint=short(point[1])) for point in kept),
        guide=field.path([(step, end) for step, _ in kept for end in (y.low, y.high)]),
    )  # fmt: skip


def loss_before(histories: dict[str, History], translate: Callable[[str], str]) -> Chart:
    """Return the loss of the rows trained on in each training that came before; a logarithmic axis holds them all."""
    lines = {name: thinned(history["loss"]) for name, history in histories.items()}
    values = [loss for points in lines.values() for _, loss in points if loss > 0]
    field = Field(Axis(0.0, max(points[-1][0] for points in lines.values())), log_axis_of(values or [1.0]))
    return Chart(
        "loss of the parts", "steps", "loss of the parts", field.x_ticks(4), field.y_ticks(),
        tuple(Line(translate(name), _places(field, points)) for name, points in lines.items()),
    )  # fmt: skip


def _chart(title: str, field: Field, points: Points) -> Chart:
    """Return a picture of one line, which needs no name."""
    return Chart(title, "steps", title, field.x_ticks(4), field.y_ticks(), (Line("", _places(field, points)),))


def _places(field: Field, points: Points) -> tuple[tuple[float, float], ...]:
    return tuple(field.at(*point) for point in points)


def thinned(figures: Sequence[float]) -> Points:
    """Return N_POINTS at most: means of equally many figures, the last of fewer, each where its last step stands.

    >>> thinned([1.0, 2.0, 6.0])
    [(1.0, 1.0), (2.0, 2.0), (3.0, 6.0)]
    """
    size = -(-len(figures) // N_POINTS)
    parts = [figures[start : start + size] for start in range(0, len(figures), size or 1)]
    ends = [min((number + 1) * size, len(figures)) for number in range(len(parts))]
    return [(float(end), sum(part) / len(part)) for end, part in zip(ends, parts, strict=True)]
