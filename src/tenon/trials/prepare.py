"""Everything that is decided before the first fit: task, splits, which methods fit, and the plan."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tenon.catalogue import LISTS, METHODS
from tenon.data.dataset import Dataset, Schema
from tenon.data.duplicates import with_copies
from tenon.data.lines import TEXT
from tenon.data.splits import IN_NO_FOLD, Splits, make_splits
from tenon.data.unlabelled import DOMAIN, UNLABELLED, Source, Unlabelled, read_unlabelled, unused
from tenon.data.wording import enumeration, listed
from tenon.errors import DataError, SettingsError, unknown
from tenon.inner.search import is_ranged
from tenon.inner.settings import EVERY, Inner, split_settings
from tenon.method import STAGES, Method
from tenon.metrics.board import FEWEST_ROWS
from tenon.metrics.by_group import PerGroup
from tenon.metrics.dear import can_adjust
from tenon.metrics.detectable import detectable_before, discordance
from tenon.metrics.evidence import MOST_SKIPPED
from tenon.tasks import Task, check_columns
from tenon.text.prepared import OBJECTIVES, TASK
from tenon.trials.ask import ALL, Ask, work_and_seconds
from tenon.trials.beforehand import PlannedPreparation, few_texts, planned, read_by_stage, seconds_to_prepare
from tenon.trials.brought import COST_RANK, Brought, bring, check_name
from tenon.trials.job import NESTED_FOLDS, Bench, are_nested
from tenon.trials.per import per_group, units_of
from tenon.trials.plan import Plan, expected_cost, has_networks, plan_rows, seconds_beside, seconds_of_trials
from tenon.trials.protocol import Protocol, choose_protocol, shared_fold
from tenon.trials.shared import said, wants
from tenon.trials.stages import Step, steps, with_shorter_roads


@dataclass(frozen=True)
class Prepared:
    """A run that is ready to start."""

    ask: Ask  # all of it, rows that stand on the board without being asked for among it
    bench: Bench
    protocol: Protocol
    methods: tuple[Method, ...]  # all that were asked for, simplest first
    plan: Plan
    y: np.ndarray  # (n,) truth of every row, as task.encode gives it
    rope: float  # differences smaller than this do not matter, in units of the metric
    per: str = ""  # column that the metric is computed per, see trials.per
    brought: tuple[Brought, ...] = ()  # models that came as predictions
    shared_fold: int = 0  # of the first repeat: the one split of methods that run on one only
    seed: int = 0  # of the run
    texts: Mapping[str, Unlabelled] = field(default_factory=dict)  # option -> texts without labels
    steps: Sequence[Step] = ()

    @property
    def running(self) -> tuple[Method, ...]:
        """The methods that fit this data and will run."""
        return tuple(m for m, row in zip(self.methods, self.plan.rows, strict=True) if row.status == "ok")

    @property
    def by_name(self) -> dict[str, Method]:
        return {method.name: method for method in self.methods}

    def is_on_one_split(self, name: str) -> bool:
        """Tell whether this method or model that was brought is known from one split only."""
        return name in self.by_name and self.by_name[name].cost in self.protocol.one_split

    @property
    def names_on_one_split(self) -> list[str]:
        """Names of the methods that run on one split only."""
        return [method.name for method in self.running if self.is_on_one_split(method.name)]

    @property
    def one_split(self) -> Splits:
        """That split alone: one repeat of one fold, the rows that it scores on; all others are in no fold."""
        splits = self.bench.splits
        return replace(splits, fold=np.where(splits.fold[:1] == self.shared_fold, 0, IN_NO_FOLD))

    def first_fold(self, name: str) -> np.ndarray:
        """Return (n,) int: the fold of the first repeat in which the method predicted each row; -1 where it did not."""
        fold = self.bench.splits.fold[0]
        return np.where(fold == self.shared_fold, fold, IN_NO_FOLD) if self.is_on_one_split(name) else fold

    def trials_of(self, method: Method) -> list[tuple[int, int]]:
        """Return repeat and fold of every trial of a method."""
        if self.is_on_one_split(method.name):
            return [(0, self.shared_fold)]
        return [(repeat, fold) for repeat in range(self.protocol.n_repeats) for fold in range(self.protocol.n_folds)]

    def cost_rank(self, name: str) -> int:
        """Place in the order of cost, of a method or a model that was brought."""
        return self.by_name[name].cost_rank if name in self.by_name else COST_RANK


def prepare(data: Dataset, ask: Ask, run: Path) -> Prepared:
    """Decide on task, splits and methods. Fits nothing and writes nothing.

    Raises DataError for data without a usable target, SettingsError for an unknown method or setting, ModelFileError for weights
    to start from that cannot be read or are of another network.
    """
    task, y = _task(data, ask)
    texts = {option: read_unlabelled(Path(path), data, option) for option, path in ask.texts.items()}
    ask = with_shorter_roads(ask, data.schema, task)
    data = with_copies(data)
    per = per_group(data.name, data.frame, ask.per)
    if per is not None and per.column == task.target:
        raise SettingsError(f"column {per.column!r} is the target, so --per cannot score inside each of its values.")
    protocol, splits = _split(data, y, task, ask)
    _check_defined(task, y, splits)
    methods = ask.on_board()
    _check_settings(ask, data.schema, task)
    for name in ask.predictions:
        check_name(name, [method.name for method in methods])
    sources = {option: Source(str(Path(ask.texts[option]).absolute()), of.digest, option) for option, of in texts.items()}
    bench = Bench(data, splits, task, run, sources)
    plan = _plan(bench, protocol, methods, y, per, ask, texts)
    _check_beside_rows(bench, methods, plan, ask)
    _check_beside_texts(methods, plan, ask, texts)
    brought = tuple(bring(name, given, data, splits, task) for name, given in ask.predictions.items())
    rope = task.rope if ask.rope is None else ask.rope
    return Prepared(
        ask, bench, protocol, methods, plan, y, rope, ask.per, brought, _shared(bench, y), ask.seed, texts, steps(ask)
    )


def _task(data: Dataset, ask: Ask) -> tuple[Task, np.ndarray]:
    """Return the task and the truth of every row. Raises DataError and SettingsError where these data do not make it."""
    from tenon.features.columns import check_numbers

    if data.target is None:
        names = listed((column.name for column in data.schema.columns), most=30)
        if [column.name for column in data.schema.columns] == [TEXT]:
            raise DataError(
                f"{data.name} holds a text a line and nothing to predict; --task language foretells their words. Sentences with "
                "tags have a token, a tab and its tag in each line, and an empty line between them."
            )
        raise DataError(f"{data.name}: name the column to predict with --target. Columns: {names}.")
    task, _ = ask.task_of(data.target)
    check_columns(task, data.schema)
    ask.inner.check(data.schema, task)
    y = task.encode(data.target)
    check_numbers(data)
    return task, y


def _plan(
    bench: Bench,
    protocol: Protocol,
    methods: tuple[Method, ...],
    y: np.ndarray,
    per: PerGroup | None,
    ask: Ask,
    texts: Mapping[str, Unlabelled],
) -> Plan:
    """Return what will run and what it takes, and what is odd in the data.

    Raises SettingsError where no method that runs reads the texts without labels.
    """
    from tenon.checks import findings_of
    from tenon.checks.command import command

    data, task, is_final = bench.dataset, bench.task, bench.splits.is_final
    rows = plan_rows(methods, data, task, protocol)
    running = tuple(method for method, row in zip(methods, rows, strict=True) if row.status == "ok")
    prepares, few_texts, before = _beforehand(bench, protocol, running, ask, texts)
    n_nested = _n_nested(bench, protocol, running)
    seconds, n_bytes, of_trials = _costs(bench, protocol, running, ask)
    seconds += seconds_beside(running, [*of_trials.values()], protocol, ask.n_jobs, n_nested, ask.curve)
    n_scored, is_one_split = _scored(bench, protocol, running, ask, y)
    clock = work_and_seconds(ask.budget)[1]
    return Plan(
        protocol=str(protocol),
        rows=rows,
        n_final=int(is_final.sum()),
        n_scored=n_scored,
        seconds=min(seconds + before, clock or math.inf),
        wanted_seconds=seconds + before,
        n_bytes=n_bytes,
        detectable=None if per else _detectable(y[~is_final], n_scored, task, len(running) + len(ask.predictions)),
        metric=per.metric(task.metric).title if per else task.metric.title,
        findings=findings_of(data, task),
        check_line=command("check", data),
        prepares=prepares,
        unlabelled=_told_of(texts, data, running),
        few_texts=few_texts,
        is_judged_on_one_split=is_one_split,
        has_networks=has_networks(running),
        n_nested=n_nested,
        trial_seconds=of_trials,
        prepare_seconds=before,
    )


def _shared(bench: Bench, y: np.ndarray) -> int:
    """Return the fold of the first repeat that methods on one split run on."""
    classes = y if bench.task.has_classes else np.zeros(len(y), int)
    return shared_fold(bench.splits.fold[0], classes, in_time=bench.splits.order == "time")


def _scored(bench: Bench, protocol: Protocol, running: Sequence[Method], ask: Ask, y: np.ndarray) -> tuple[int, bool]:
    """Return how many rows the board is judged on, and whether these are of one split alone, see `metrics.dear`."""
    splits, n_dear = bench.splits, sum(method.cost in protocol.one_split for method in running)
    there = splits.row_ids[splits.fold[0] == _shared(bench, y)]
    df = units_of(bench.dataset, bench.dataset.frame.loc[there], ask.per) - 1
    is_told = splits.order != "time" and can_adjust(len(running) - n_dear + len(ask.predictions), df)
    if n_dear and not is_told:
        return len(there), True
    return int((splits.fold[0] != IN_NO_FOLD).sum()), False


def _n_nested(bench: Bench, protocol: Protocol, running: Sequence[Method]) -> int:
    """Return how many trials each method has on nested folds at most, where such stand in for final rows."""
    is_any = are_nested(bench.splits) and any(method.cost not in protocol.one_split for method in running)
    return is_any * protocol.n_folds * NESTED_FOLDS


def _costs(bench: Bench, protocol: Protocol, running: tuple[Method, ...], ask: Ask) -> tuple[float, int, dict[str, float]]:
    """Return the seconds of all trials, the bytes at their peak, and the seconds of one trial of each method."""
    parted = {method.name: split_settings(ask.settings_of(method.name)) for method in running}
    inners = {name: replace(ask.inner, **of_inner) for name, (_, of_inner) in parted.items()}
    settings = {name: of_method for name, (of_method, _) in parted.items()}
    work, _ = work_and_seconds(ask.budget)
    seconds, n_bytes = expected_cost(running, bench.dataset, protocol, ask.n_jobs, work, inners, settings)
    of_trials = seconds_of_trials(running, bench.dataset, protocol, work, inners, settings)
    return seconds, n_bytes, dict(zip((method.name for method in running), of_trials, strict=True))


def _beforehand(
    bench: Bench, protocol: Protocol, running: tuple[Method, ...], ask: Ask, texts: Mapping[str, Unlabelled]
) -> tuple[tuple[PlannedPreparation, ...], str, float]:
    """Return what is learnt before the trials, what to tell of its texts where they are few, and about how long it takes."""
    prepares = planned(running, protocol, ask, are_nested(bench.splits))
    _check_readers(ask, [one.stages[-1] for one in prepares])
    read = read_by_stage(bench.dataset, texts) if prepares else {}
    work, _ = work_and_seconds(ask.budget)
    return prepares, few_texts(prepares, read), seconds_to_prepare(prepares, read, work, ask.n_jobs)


def _told_of(texts: Mapping[str, Unlabelled], data: Dataset, running: Sequence[Method]) -> str:
    """Return what to tell of texts without labels that were brought; without any, of those in rows without a target."""
    if texts:
        return " ".join(of.note for of in texts.values() if of.note)
    return unused(data, [method.name for method in running if method.pretrained])


def _check_readers(ask: Ask, stages: Sequence[str]) -> None:
    """Raise SettingsError where nobody reads texts that were brought; stages : those that are learnt."""
    for option, stage, setting in ((UNLABELLED, TASK, ""), (DOMAIN, DOMAIN, STAGES)):
        if option in ask.texts and stage not in stages:
            readers = ", ".join(m.name for m in METHODS if m.pretrained and (not setting or setting in m.params))
            raise SettingsError(
                f"--{option} is for {readers}, none of which runs here, or begins with what is learnt from texts."
            )


def _split(data: Dataset, y: np.ndarray, task: Task, ask: Ask) -> tuple[Protocol, Splits]:
    protocol = choose_protocol(data, y, is_classification=task.has_classes, splits=ask.splits)
    splits = make_splits(
        data,
        task.strata(y),
        n_folds=protocol.n_folds,
        n_repeats=protocol.n_repeats,
        final_share=protocol.final_share,
        seed=ask.seed,
    )
    return replace(protocol, n_folds=splits.n_folds), splits  # final rows may have taken a group


def _check_defined(task: Task, y: np.ndarray, splits: Splits) -> None:
    """Raise DataError where AUC is bound to be undefined in too many folds: better said before the work than after it."""
    if task.metric_name != "auc":
        return
    folds = [y[of_repeat == fold] for of_repeat in splits.fold for fold in range(splits.n_folds)]
    n_undefined = sum(len(np.unique(of_fold)) < 2 for of_fold in folds)
    if n_undefined > MOST_SKIPPED * len(folds):
        fewer = "" if splits.n_folds == 2 else ", or fewer folds: --splits 2x4"
        raise DataError(
            f"{n_undefined} of the {len(folds)} folds would hold one class of {task.target!r} only, and AUC needs both: "
            f"use --metric log_loss{fewer}."
        )


def _check_settings(ask: Ask, schema: Schema, task: Task) -> None:
    by_name = {method.name: method for method in ask.chosen()}
    for name, given in ask.all_settings.items():
        own, every = split_settings(given)
        Inner(**every).check(schema, task)
        if name == ALL and own:
            raise SettingsError(f"--set {ALL}.NAME takes {enumeration(EVERY)}, which every method has; got {', '.join(own)}.")
    for name in ask.settings:
        if name not in by_name and name != ALL:
            if name in {method.name for method in METHODS}:
                raise SettingsError(f"--set {name}: --methods leaves {name} out; leave out the setting, or add the method.")
            raise unknown("method on this board", name, by_name, lists=LISTS)
    stands = {name: [(name, _all_of(ask, name, method))] for name, method in by_name.items()}
    for variant in ask.variants:
        others, mine = stands[variant.method], _all_of(ask, variant.name, by_name[variant.method])
        for other, settings in others:
            if settings == mine:
                raise SettingsError(f"--also {variant.typed}: {other} has just these settings; give other values.")
        others.append((variant.name, mine))


def _check_beside_rows(bench: Bench, methods: tuple[Method, ...], plan: Plan, ask: Ask) -> None:
    """Let the methods that will run look at their settings beside the rows that they may see: weights in a file may not fit."""
    for method, row in zip(methods, plan.rows, strict=True):
        if row.status == "ok" and method.check:
            method.check(bench.dataset.rows(bench.splits.working()), _all_of(ask, method.name, method)[0])


def _check_beside_texts(methods: tuple[Method, ...], plan: Plan, ask: Ask, texts: Mapping[str, Unlabelled]) -> None:
    """Look at texts that were brought beside what goes on to learn from them: its vocabulary may be of another language."""
    running = [method for method, row in zip(methods, plan.rows, strict=True) if row.status == "ok"]
    wishes = {wish for method in running for wish in wants(method, ask.settings_of(method.name), ask.texts).values()}
    for objective, start in sorted({(wish.objective, wish.start) for wish in wishes if wish.start}):
        for of in texts.values():
            OBJECTIVES[objective].check(start, of.texts, of.name)


def _all_of(ask: Ask, row: str, method: Method) -> tuple[dict[str, Any], Inner, list[str]]:
    """Return all settings of a row of the board, those that every method has, and which of them tuning leaves as they are.

    Raises SettingsError for a setting that the method does not have, or that lacks.
    """
    own, every = split_settings(ask.settings_of(row))
    settings = said(method.with_defaults(own), method, ask.texts)
    fixed = [name for name in sorted(own) if is_ranged(method.params[name])] if ask.inner.tune else []
    return settings, Inner(**every), fixed


def _detectable(y: np.ndarray, n_scored: int, task: Task, n_methods: int) -> float | None:
    """Guess what difference the run can detect on the rows that are scored, before any method has said anything."""
    if n_methods < 2 or n_scored < FEWEST_ROWS or task.is_counted:  # how far scores of sequences vary is not known yet
        return None
    return detectable_before(n_scored, n_methods, _variance_guess(y, task))


def _variance_guess(y: np.ndarray, task: Task) -> float:
    """n times the variance of a difference between two methods, in squared units of the metric.

    Classes: methods are taken to err on half as many rows as the largest class alone would. Numbers: to leave half of
    the target's variance s2 unexplained, with normal errors whose squares correlate by a half: squared errors then
    differ with variance s2^2 / 2, their roots with s2 / 4.
    """
    if task.is_regression:
        return 0.25 * (1.0 if task.metric_name == "r2" else task.target_sd**2)
    error = (1 - np.bincount(y).max() / len(y)) / 2
    if task.metric_name == "cost":
        return discordance(error) * float(np.mean(task.costs)) ** 2
    return discordance(error) * (0.7 if task.metric_name == "auc" else 1.0)
