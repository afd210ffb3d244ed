"""Times, sizes and the plan in words, as lines for the terminal."""

from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells

from tenon.data.wording import enumeration
from tenon.metrics.board import FEWEST_ROWS
from tenon.report.figures import decimals, figure, is_bare
from tenon.report.text import GAP, fitted, wrapped
from tenon.text.prepared import TASK
from tenon.trials.protocol import FINAL_FROM_ROWS, ONE_SPLIT

if TYPE_CHECKING:
    from tenon.data.dataset import Dataset
    from tenon.trials.ask import Ask
    from tenon.trials.beforehand import PlannedPreparation
    from tenon.trials.plan import Plan, PlanRow


INDENT = "      "  # of what does not fit into the line of a column
TRIALS = {"": "trials", "nested": "trials of nested folds", "curve": "trials on fewer rows"}  # kind -> what is counted
PREPARES = {"word2vec": "vectors of words", "mlm": "a small BERT"}  # objective -> what is learnt by it
SHORT = 5  # seconds; of what takes less no more is told
PLAN = "Plan  "  # what is under it is indented as far


def clock(seconds: float) -> str:
    """Return "5:41" or "1:02:03"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def duration(seconds: float) -> str:
    """Return "20 s", "6 min" or "2.5 h": an expectation, so in round figures."""
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(n_bytes: float) -> str:
    """Return "340 MB" or "1.2 GB"."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 995e6 else f"{max(10, 10 * round(n_bytes / 1e7))} MB"


def described(dataset: "Dataset", ask: "Ask", width: int) -> list[str]:
    """Return what was read: each column with its kind, the target with its task, each guess with its reason."""
    return [part for line in _said(dataset, ask) for part in broken(line, width)]


def broken(line: str, width: int) -> list[str]:
    """Return a line of a table in pieces of at most `width` cells (20 at least), broken at blanks; others stay as they are."""
    pieces, width = list[str](), max(20, width)
    while cell_len(line) > width:
        fits = len(chop_cells(line, width)[0])
        at = line.rfind(" ", len(line) - len(line.lstrip()), fits + 1)
        cut = at if at > 0 else fits
        pieces.append(line[:cut].rstrip())
        line = INDENT + line[cut:].lstrip()
    return [*pieces, line]


def _said(dataset: "Dataset", ask: "Ask") -> list[str]:
    from tenon.data.describe import describe
    from tenon.trials.per import per_group

    if dataset.target is None:
        return describe(dataset)
    task, reason = ask.task_of(dataset.target)
    per = per_group(dataset.name, dataset.frame, ask.per)
    return describe(dataset, task, reason, per.metric(task.metric).title if per else task.metric.title)


def plan_lines(plan: "Plan", width: int) -> list[str]:
    """Return what is going to be done in one paragraph, then the methods that will not run, by reason."""
    final = f"{plan.n_final:,} final rows put aside" if plan.n_final else f"no final rows (from {FINAL_FROM_ROWS} rows on)"
    standing = f"{plan.n_standing:,} of {plan.n_trials:,} trials stand already, for the rest " if plan.n_standing else ""
    memory = f"{size(plan.n_bytes)}{' beside what networks hold' if plan.has_networks else ''}"
    parts = [f"{_trials(plan)}, {final}", f"{standing}about {duration(plan.seconds)}, {memory}", _told_apart(plan)]
    lines = wrapped(" · ".join(filter(None, parts)), width - len(PLAN))
    lines = [f"{' ' * len(PLAN) if k else PLAN}{line}" for k, line in enumerate(lines)]
    by_reason: dict[str, list[str]] = {}
    for row in plan.rows:
        if row.status != "ok":
            by_reason.setdefault(row.reason, []).append(row.method)
    for reason, names in by_reason.items():
        lines += [f"{' ' * len(PLAN)}{line}" for line in wrapped(f"{', '.join(names)}: {reason}", width - len(PLAN))]
    said = [f"{one.objective} prepares {_prepared(one)} for {', '.join(one.methods)}: {_how_often(one)}" for one in plan.prepares]
    for text in filter(None, [_short_of_time(plan), plan.unlabelled, *said, plan.few_texts]):
        lines += [f"{' ' * len(PLAN)}{line}" for line in wrapped(text, width - len(PLAN))]
    return lines


def _short_of_time(plan: "Plan") -> str:
    """Return what becomes of a run that a clock leaves too little time, "" where there is enough."""
    if plan.n_standing or plan.wanted_seconds <= plan.seconds:
        return ""
    return (
        f"all of it would take about {duration(plan.wanted_seconds)}: where --budget ends before, the dearest methods have no "
        "score. Leave some out (--methods), or raise --budget."
    )


def _told_apart(plan: "Plan") -> str:
    """Return from what difference on methods are told apart, and on which rows; "" where that is not known."""
    if plan.n_scored < FEWEST_ROWS:
        has = "the one split has" if plan.is_judged_on_one_split else "there are"
        return f"no verdicts: they need {FEWEST_ROWS} scored rows, and {has} {plan.n_scored}"
    if plan.detectable is None:
        return ""
    small = figure(plan.detectable, max(0, decimals(plan.detectable, 0.0, plan.detectable)), is_bare(plan.detectable))
    where = f" on the {plan.n_scored:,} rows of the one split that all run on" if plan.is_judged_on_one_split else ""
    return f"differences from about {small} {plan.metric} can be told apart{where}"


def _prepared(one: "PlannedPreparation") -> str:
    what = f"the network in {one.start}" if one.start else PREPARES[one.objective]
    return what if one.stages == (TASK,) else f"{what} on texts of the {', then of the '.join(one.stages)}"


def _how_often(one: "PlannedPreparation") -> str:
    n_times = sum(one.often.values())
    return "once" if n_times == 1 else f"once for {enumeration(list(one.often))}, {n_times:,} times in all"


def _trials(plan: "Plan") -> str:
    """Return "4 methods × 20 trials (5x4), resnet × 1 trial (1 split), then up to 25 for each of the 4 on nested folds"."""
    on_all = [row for row in plan.rows if row.n_trials > 1]
    on_one = [row.method for row in plan.rows if row.n_trials == 1]
    said = []
    if on_all:
        said.append(f"{len(on_all)} method{'' if len(on_all) == 1 else 's'} × {on_all[0].n_trials} trials ({plan.protocol})")
    if on_one:
        said.append(f"{enumeration(on_one)} × 1 trial ({ONE_SPLIT})")
    if on_all and plan.n_nested:
        said.append(f"then up to {plan.n_nested}{f' for each of the {len(on_all)}' if len(on_all) > 1 else ''} on nested folds")
    return ", ".join(said) or "0 methods"


def plan_table(plan: "Plan") -> list[str]:
    """Return one line for each method that will run: how many trials, and how long one takes.

    Why others do not run stands in `plan_lines`.
    """
    running = [row for row in plan.rows if row.status == "ok"]
    name_width = max((cell_len(row.method) for row in running), default=0)
    trials_width = max((cell_len(_trials_of(row)) for row in running), default=0)
    return [
        f"{GAP}{fitted(row.method, name_width)}{GAP}{fitted(_trials_of(row), trials_width)}{GAP}"
        f"{_one_takes(plan.trial_seconds[row.method])}{' each' if row.n_trials > 1 else ''}"
        for row in running
    ]


def _one_takes(seconds: float) -> str:
    return f"about {duration(seconds)}" if seconds >= SHORT else f"less than {SHORT} s"


def _trials_of(row: "PlanRow") -> str:
    return f"{row.n_trials} trial{'' if row.n_trials == 1 else 's'}"


def progress_line(done: int, total: int, elapsed: float, left: float | None, width: int, kind: str = "") -> str:
    """Return "━━━━━━━━━━   90/180 trials · 2:50 · about 2:40 left", `width` cells at most; 0 leaves only the words."""
    said = f"{done}/{total} {TRIALS[kind]} · {clock(elapsed)}"
    if left is not None and left >= 1 and done < total:  # "about 0:00" beside work that goes on would be no news
        said += f" · about {clock(left)} left"
    bar = max(0, min(40, width - cell_len(said) - 2 * len(GAP)))
    return f"{GAP}{('━' * round(bar * done / max(total, 1))).ljust(bar)}{GAP}{said}" if bar else f"{GAP}{said}"
