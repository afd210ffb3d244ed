"""What a run is going to do, before it does anything: trials, expected time and memory, detectable difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tenon.checks.finding import Findings
from tenon.data.dataset import Dataset
from tenon.errors import NeedsExtra
from tenon.inner.settings import Inner
from tenon.label_threshold import N_PARTS
from tenon.method import Method
from tenon.tasks import Task
from tenon.trials.beforehand import PlannedPreparation
from tenon.trials.job import NESTED_FOLDS, SHARES, Job
from tenon.trials.protocol import Protocol

SECONDS_PER_TRIAL = 0.05  # reading, writing and scoring, beside the fit
SECONDS_PER_COLUMN = 4e-4  # of features, and of probabilities: each is a column that is taken, scaled and written by itself
SECONDS_TO_START = 3.0  # imports of the workers, paid once
SECONDS_TO_START_NETWORKS = 5.0  # of PyTorch, half of it within the first fit
BYTES_PER_WORKER = 250 * 2**20  # Python with its packages
LOOKED_AT = 1_000  # rows of a column, for how long they are
IMAGES_LOOKED_AT = 20  # of a column, for their size
COPIES_OF_DATA = 6  # a frame, a matrix and what a fit makes of them, at most


@dataclass(frozen=True)
class PlanRow:
    """What becomes of one method. status: ok (will run), declined or needs, with the reason."""

    method: str
    status: str
    reason: str
    n_trials: int
    splits: str = ""  # "5x4", or "1 split"


@dataclass(frozen=True)
class Plan:
    """Times and sizes are expectations, right to within a small factor."""

    protocol: str  # "5x4": folds x repeats
    rows: tuple[PlanRow, ...]
    n_final: int
    n_scored: int  # rows that the board is judged on
    seconds: float
    n_bytes: int  # but for what networks hold
    detectable: float | None  # smallest difference told apart in 4 of 5 runs, in units of the metric; None: unknown
    metric: str
    findings: Findings = Findings()  # what the checks found in the data
    check_line: str = ""  # the command that shows all of them
    prepares: tuple[PlannedPreparation, ...] = ()
    unlabelled: str = ""  # what to tell of texts without labels
    few_texts: str = ""  # and of an encoder that learns from few
    is_judged_on_one_split: bool = False  # all methods, since too few ran on all folds
    has_networks: bool = False
    n_nested: int = 0  # trials of each method on nested folds, which stand in for final rows
    trial_seconds: Mapping[str, float] = field(default_factory=dict)  # of one trial of each method that runs
    prepare_seconds: float = 0.0  # of all that is learnt before trials
    wanted_seconds: float = 0.0  # of all, were there no clock
    n_standing: int = 0  # trials that were over when the run was stopped; `seconds` is of the rest

    @property
    def n_trials(self) -> int:
        return sum(row.n_trials for row in self.rows)

    @property
    def seconds_of_preparation(self) -> float:
        """Seconds of one of the things that are learnt before trials, in the mean."""
        return self.prepare_seconds / max(1, sum(sum(one.often.values()) for one in self.prepares))


def of_rest(plan: Plan, standing: Sequence[Job], at_once: Mapping[str, int], n_prepared: int) -> Plan:
    """Return the plan of what is left where these trials are over, and so much is prepared. at_once : as for `Progress`."""
    over = sum(plan.trial_seconds[job.method] / at_once[job.method] for job in standing)
    over += n_prepared * plan.seconds_of_preparation
    left = {name: max(0.0, getattr(plan, name) - over) for name in ("seconds", "wanted_seconds")}
    return replace(plan, n_standing=len(standing), **left)


def plan_rows(methods: tuple[Method, ...], dataset: Dataset, task: Task, protocol: Protocol) -> tuple[PlanRow, ...]:
    """Ask every method whether it fits this data and task, and whether its extra is installed."""
    rows = []
    for method in methods:
        status, reason = _fits(method, dataset, task)
        n_trials = protocol.n_trials(method.cost) if status == "ok" else 0
        rows.append(PlanRow(method.name, status, reason, n_trials, protocol.splits_of(method.cost)))
    return tuple(rows)


def _fits(method: Method, dataset: Dataset, task: Task) -> tuple[str, str]:
    try:
        reason = method.accepts(dataset.schema, task)
    except NeedsExtra as error:
        return "needs", str(error)
    if reason:
        return "declined", reason
    lacks = method.lacks()
    return ("needs", lacks) if lacks else ("ok", "")


def expected_cost(
    methods: tuple[Method, ...],
    dataset: Dataset,
    protocol: Protocol,
    jobs: int,
    work: str = "normal",
    inners: Mapping[str, Inner] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[float, int]:
    """Return expected seconds of the whole run and bytes at its peak, from each method's pace; bytes but for what networks hold.

    work : one of BUDGETS. inners : method -> what is done inside the train rows; one without is fitted to them as they are.
    settings : method -> those that were given.
    """
    seconds = SECONDS_TO_START + SECONDS_TO_START_NETWORKS * has_networks(methods)
    of_trials = seconds_of_trials(methods, dataset, protocol, work, inners, settings)
    for method, one in zip(methods, of_trials, strict=True):
        seconds += protocol.n_trials(method.cost) / (1 if method.cost == "dear" else jobs) * one
    seconds += max(of_trials, default=0.0)  # the chosen method is fitted again; here it is the dearest
    n_classes = _n_classes(dataset)
    of_data = int(dataset.frame.memory_usage(deep=True).sum()) + 8 * len(dataset) * n_classes // protocol.n_folds  # probabilities
    n_bytes = jobs * (BYTES_PER_WORKER + COPIES_OF_DATA * of_data)
    return seconds, n_bytes


def seconds_beside(
    methods: Sequence[Method], of_trials: Sequence[float], protocol: Protocol, jobs: int, n_nested: int, has_curve: bool
) -> float:
    """Return the expected seconds of trials that the board does not show: on nested folds, and on parts of the train rows.

    of_trials : seconds of one trial of each method. n_nested : trials of each on nested folds. Methods on one split have none.
    """
    each = n_nested * (1 - 1 / NESTED_FOLDS) + has_curve * protocol.n_folds * protocol.n_repeats * sum(SHARES)
    seconds = 0.0
    for method, one in zip(methods, of_trials, strict=True):
        if method.cost not in protocol.one_split:
            seconds += each * one / (1 if method.cost == "dear" else jobs)
    return seconds


def has_networks(methods: Sequence[Method]) -> bool:
    """Tell whether some of the methods are networks."""
    return any(method.needs == "deep" for method in methods)


def seconds_of_trials(
    methods: tuple[Method, ...],
    dataset: Dataset,
    protocol: Protocol,
    work: str = "normal",
    inners: Mapping[str, Inner] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[float]:
    """Return the expected seconds of one trial of each method; work, inners and settings as for `expected_cost`."""
    n_train = len(dataset) * (1 - protocol.final_share) * (1 - 1 / protocol.n_folds)
    width = {side: encoded_width(dataset, side) for side in {method.image_side for method in methods}}
    n_classes, found, has_sets = _n_classes(dataset), [], _has_sets(dataset)
    each = SECONDS_PER_TRIAL + SECONDS_PER_COLUMN * (len(dataset.schema.features()) + n_classes)
    for method in methods:
        growth = max(1.0, n_classes / 2) if method.grows_with_classes else 1.0
        if has_sets and method.needs is None:  # one of two classes for each label (networks learn all at once), of all rows and,
            growth = float(N_PARTS * n_classes)  # for the threshold, without each part: 1 + N (N - 1) / N times as many
        fit = growth * method.expected(dataset, n_train, width[method.image_side], (settings or {}).get(method.name, {}), work)
        found.append((each + fit) * (inners or {}).get(method.name, Inner()).effort(round(n_train)))
    return found


def _has_sets(dataset: Dataset) -> bool:
    """Tell whether the target is labels of which a row has any number."""
    column = dataset.schema.with_role("target")
    return column is not None and column.kind == "labels"


def _n_classes(dataset: Dataset) -> int:
    """Number of classes or labels, 0 where the target is a number."""
    column = dataset.schema.with_role("target")
    if column is not None and _has_sets(dataset):
        return len({label for of_row in dataset.frame[column.name] for label in of_row})
    return 0 if column is None or column.kind != "category" else int(dataset.frame[column.name].nunique())


def encoded_width(dataset: Dataset, image_side: int = 32) -> float:
    """Expected number of filled cells per row once every column is turned into numbers; images at most image_side pixels long."""
    features = dataset.schema.features
    width = float(len(features("number", "category"))) + 6.0 * len(features("date"))
    width += sum(_image_width(dataset, name, image_side) for name in features("image"))
    return max(width + mean_length(dataset, "text") / 3 + mean_length(dataset, "tokens"), 1.0)


def mean_length(dataset: Dataset, kind: str) -> float:
    """Return how many characters the texts of a row hold in the mean, or tokens its lists, as the first rows show."""
    columns = (dataset.frame[name].dropna() for name in dataset.schema.features(kind))
    return sum(float(cells.iloc[:LOOKED_AT].str.len().mean()) for cells in columns if len(cells))


def _image_width(dataset: Dataset, name: str, side: int) -> float:
    """Numbers that an image of the column becomes, as its first ones show."""
    from tenon.features.columns import located
    from tenon.features.decode import common_shape

    cells = dataset.frame[name].dropna()[:IMAGES_LOOKED_AT]
    if not len(cells):
        return 0.0
    shape = common_shape([located(cell, dataset) for cell in cells], side)
    return float(shape.width * shape.height * shape.n_channels)
