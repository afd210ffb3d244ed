"""The whole of a run, top to bottom: split, plan, run the trials, judge, choose, refit, score the final rows once."""

import json
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tenon.catalogue import crosses
from tenon.data.dataset import Dataset
from tenon.errors import DataError
from tenon.files import writing
from tenon.method import Method
from tenon.trials.ask import Ask, work_and_seconds
from tenon.trials.asked import asked_of
from tenon.trials.board import final_score, judge_trials, none_got_through, sound
from tenon.trials.choice import baseline_is_tied
from tenon.trials.clock import within_clock
from tenon.trials.curve import curve_jobs, learning_curves
from tenon.trials.executor import Limits, Pool
from tenon.trials.folder import RUN, WHOLE, RunFolder
from tenon.trials.guesses import Guesses
from tenon.trials.insights import has_insights, write_insights
from tenon.trials.job import FINAL, SHARED, TEXTS, UNFINISHED, Bench, Job, Outcome, run_job, seed_of
from tenon.trials.nested import is_nested, nested_entries, nested_jobs
from tenon.trials.one_split import notes_on_parts
from tenon.trials.per import per_group
from tenon.trials.plan import Plan, of_rest
from tenon.trials.prepare import Prepared, prepare
from tenon.trials.progress import Preparing, Progress
from tenon.trials.scores import other_scores, poor_probabilities
from tenon.trials.shared import preparations, with_prepared
from tenon.watch import Watch, each_note_once

NESTED, CURVE = "nested", "curve"  # kinds of trials beside those that the board shows


def run_comparison(data: Dataset, ask: Ask, out: Path, watch: Watch) -> None:
    """Run every method on the same splits and leave the finished run folder (all but the report).

    Taken up where it was when the folder holds the same run; left as it is when that run is finished.
    Raises RunFolderError when it holds another or another process runs in it, OutputError when something cannot be
    written, TenonError when no method got through.
    """
    watch = each_note_once(watch)
    ready = prepare(data, ask, out)
    ask = ready.ask
    if not ready.running:  # leaves no folder, which the line that is right would not fit
        watch.tell({"event": "plan", "plan": ready.plan})
        raise none_got_through(ready, {})
    folder = RunFolder(out, watch)
    with folder.locked():
        _run(data, ask, ready, folder, watch)


def plan_comparison(data: Dataset, ask: Ask, out: Path) -> Plan:
    """Return what `run_comparison` would do, without doing it. Raises as it does before it fits anything."""
    ready, folder = prepare(data, ask, out), RunFolder(out)
    if not (out / RUN).exists() or (run := folder.read(RUN))["asked"] != asked_of(data, ready.ask, ready):
        return ready.plan
    return _plan_of_rest(ready, run, out)


def _plan_of_rest(ready: Prepared, run: dict[str, Any], path: Path) -> Plan:
    """Return the plan of the run in a folder: of what is left, where it was stopped."""
    jobs = _jobs(ready, ready.ask, work_and_seconds(ready.ask.budget)[0], run)
    standing, n_prepared = [job for job in jobs if (path / job.place).exists()], len([*(path / SHARED).glob(WHOLE)])
    return of_rest(ready.plan, standing, _at_once(ready, ready.ask.n_jobs), n_prepared)


def _run(data: Dataset, ask: Ask, ready: Prepared, folder: RunFolder, watch: Watch) -> None:
    about_data = {"name": data.name, "source": data.source, "final_source": data.final_source, "quoting": data.quoting}
    for option, texts in ready.texts.items():
        about_data[option] = {"source": ask.texts[option], "name": texts.name, "texts": len(texts.texts)}
    run = folder.open(asked_of(data, ask, ready), {"data": about_data, "given": ask.given()})
    watch.tell({"event": "plan", "plan": _plan_of_rest(ready, run, folder.path)})
    if folder.is_finished() and has_insights(folder):
        return
    folder.keep_splits(ready.bench.splits)
    folder.write("checks.json", ready.plan.findings.to_json())
    work, seconds = work_and_seconds(ask.budget)
    deadline = None if seconds is None else time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="tenon-") as shared:
        with writing(shared):
            leave_for_workers(ready.bench, Path(shared))
        with Pool(folder.path, Path(shared), ask.n_jobs, Limits(run["memory_limit_bytes"])) as pool:
            jobs = _jobs(ready, ask, work, run)
            guesses, outcomes = _run_trials(ready, jobs, folder, pool, watch, deadline)
            ready, outcomes = within_clock(ready, outcomes)
            board, leaderboard = judge_trials(ready, guesses, outcomes, folder, run["asked"]["fingerprint"])
            judged = [job for job in jobs if job.method in board.names and not ready.is_on_one_split(job.method)]
            chosen = ready.by_name[leaderboard["chosen"]]
            if is_nested(ready) and not ready.is_on_one_split(chosen.name):
                extra = _run_extra(NESTED, list(nested_jobs(judged, ready.bench)), ready, folder, pool, watch, deadline)
                leaderboard |= nested_entries(ready, leaderboard, sound(extra), run["asked"]["fingerprint"])
            if ask.curve:
                extra = _run_extra(CURVE, list(curve_jobs(judged)), ready, folder, pool, watch, deadline)
                folder.write("curve.json", learning_curves(ready, folder, sound(extra)))
            watch.tell(
                {"event": "doing", "text": f"fitting {chosen.name}, the chosen method, on all rows that were not put aside"}
            )
            outcomes += _finish([_job(ask, work, chosen, (FINAL, 0), run)], ready, folder, pool, watch)
    folder.sweep()
    leaderboard |= _final_entries(ready, folder, leaderboard)
    leaderboard["inside"] = folder.read(str(outcomes[-1].job.place / "result.json")).get("inner", {})
    leaderboard["notes"] += _notes(ready, outcomes[-1], ask) + notes_on_parts(ready, is_nested(ready), ask.curve, chosen.name)
    scores = other_scores(ready, guesses, board.names)
    leaderboard["notes"] += baseline_is_tied(leaderboard["rows"], chosen.name) + poor_probabilities(scores, chosen.name)
    folder.write("verdicts.json", [pair.to_json() for pair in board.pairs])
    folder.write("scores.json", scores)
    folder.write("timings.json", _timings(outcomes, folder))
    watch.tell({"event": "doing", "text": "gathering what the report shows"})
    write_insights(ready, guesses, leaderboard, folder)
    shutil.rmtree(folder.path / UNFINISHED, ignore_errors=True)  # nothing is left to go on from
    folder.write_csv("leaderboard.csv", leaderboard["rows"])
    folder.write("leaderboard.json", leaderboard)  # last: a folder with a leaderboard is finished


def _final_entries(ready: Prepared, folder: RunFolder, leaderboard: dict[str, Any]) -> dict[str, Any]:
    """Return the final score, or the notes with the reason why it cannot be had."""
    try:
        return {"final": final_score(ready, folder, leaderboard["optimism"])}
    except DataError as error:
        return {"notes": [*leaderboard["notes"], f"The final rows could not be scored: {error}"]}


def leave_for_workers(bench: Bench, shared: Path) -> None:
    """Write what a worker loads: the data set, the task, and where texts without labels lie."""
    bench.dataset.save(shared)
    (shared / TEXTS).write_text(json.dumps([*bench.texts.values()]), encoding="utf-8")
    (shared / "task.json").write_text(json.dumps(bench.task.to_json()), encoding="utf-8")


def _jobs(ready: Prepared, ask: Ask, work: str, run: dict[str, Any]) -> list[Job]:
    """Every trial, repeat by repeat and in each the cheapest methods first: a slow method or a clock then costs only itself.

    Dear ones, which run alone, come last.
    """
    trials = [(method, trial) for method in ready.running for trial in ready.trials_of(method)]
    trials.sort(key=lambda one: (one[0].cost == "dear", one[1][0]))  # stable: methods and folds stay in their order
    return [_job(ask, work, method, trial, run) for method, trial in trials]


def _job(ask: Ask, work: str, method: Method, trial: tuple[int, int], run: dict[str, Any]) -> Job:
    """trial : repeat and fold. run : the content of run.json, which fixes the threads of dear methods."""
    name, n_threads = method.name, run.get("threads_per_dear_trial", 1) if method.cost == "dear" else 1
    inner = ask.inner.to_json()
    return Job(name, *trial, ask.settings_of(name), seed_of(ask.seed, name, *trial), work, inner, n_threads=n_threads)


def _run_trials(
    ready: Prepared, jobs: Sequence[Job], folder: RunFolder, pool: Pool, watch: Watch, deadline: float | None
) -> tuple[Guesses, list[Outcome]]:
    data, task = ready.bench.dataset, ready.bench.task
    brought = {model.name: model.frame for model in ready.brought}
    per = per_group(data.name, data.frame, ready.per)
    only_fold = dict.fromkeys(ready.names_on_one_split, ready.shared_fold)
    guesses = Guesses(folder.path, ready.bench.splits, task, ready.y, brought, per, only_fold)
    guesses.add_brought(task.metric)
    progress = _progress(jobs, ready, pool, watch, deadline)
    outcomes = []
    for outcome in _finish(jobs, ready, folder, pool, watch, deadline, progress):
        outcomes.append(outcome)
        if outcome.status == "ok":
            guesses.add(outcome.job, ready.bench.task.metric)
        progress.tell(outcome)
        progress.tell_scores(guesses)
    return guesses, outcomes


def _run_extra(
    kind: str, jobs: list[Job], ready: Prepared, folder: RunFolder, pool: Pool, watch: Watch, deadline: float | None
) -> list[Outcome]:
    """Run trials that the board does not show: nested folds, learning curves."""
    progress = _progress(jobs, ready, pool, watch, deadline, kind)
    outcomes = []
    for outcome in _finish(jobs, ready, folder, pool, watch, deadline, progress):
        outcomes.append(outcome)
        progress.tell(outcome)
    return outcomes


def _progress(jobs: Sequence[Job], ready: Prepared, pool: Pool, watch: Watch, deadline: float | None, kind: str = "") -> Progress:
    at_once = _at_once(ready, pool.n_workers)
    return Progress(jobs, at_once, ready.plan.trial_seconds, ready.bench.task.metric, watch, kind, deadline)


def _at_once(ready: Prepared, n_workers: int) -> dict[str, int]:
    """Return how many trials of each method run beside each other."""
    return {method.name: 1 if method.cost == "dear" else n_workers for method in ready.running}


def _finish(
    jobs: Sequence[Job], ready: Prepared, folder: RunFolder, pool: Pool, watch: Watch,
    deadline: float | None = None, progress: Progress | None = None,
) -> Iterator[Outcome]:  # fmt: skip
    """Yield the outcome of every job: those that stand in the folder first, then the rest as they end.

    What the rest begins with, and does not stand in the folder, is made before.
    """
    standing, open_jobs = list[Outcome](), list[Job]()
    for job in (with_prepared(job, ready) for job in jobs):
        if outcome := folder.outcome(job):
            standing.append(outcome)
        else:
            open_jobs.append(job)
    here = [job for job in open_jobs if job.method in in_main_process(ready)]
    rest = [job for job in preparations(open_jobs, ready.by_name) if job not in here and not (job.key and folder.outcome(job))]
    preparing = Preparing(rest, ready.plan.seconds_of_preparation, watch)
    if progress:
        progress.begin(open_jobs, preparing)
    yield from standing
    for outcome in pool.map(rest, watch, deadline):
        if outcome.job.key:
            preparing.tell(outcome)
        else:
            yield outcome
    for job in here:
        cause = preparing.lost_to(job)
        yield cause.ends(job) if cause else run_job(job, ready.by_name[job.method], ready.bench, watch)


def in_main_process(ready: Prepared) -> list[str]:
    """Names of the methods that no worker could find by their name, so that their trials run in this process."""
    return [method.name for method in ready.running if not crosses(method)]


def _notes(ready: Prepared, refit: Outcome, ask: Ask) -> list[str]:
    notes = [*(texts.note for texts in ready.texts.values() if texts.note), *filter(None, [ready.plan.few_texts])]
    notes += [f"{name} ran in the main process, where no limit of time or memory holds it." for name in in_main_process(ready)]
    if work_and_seconds(ask.budget)[1] is not None:
        notes.append(
            f"A clock ran (--budget {ask.budget}): on another machine the same line may stop elsewhere and say otherwise."
        )
    if cost := ask.inner.cost:
        labels, positive = ready.bench.task.labels, cost.positive_code(ready.bench.task)
        missed = f"{labels[positive]} taken for {labels[1 - positive]} costs {cost.fn:g}, the other way round {cost.fp:g}"
        notes.append(f"Costs: a row of {missed}. Turn them with --cost ...,positive={labels[1 - positive]}.")
    if refit.status == "ok" and refit.reason:
        notes.append(f"Nothing can be predicted with the chosen model: {refit.reason}.")
    if refit.status != "ok":
        notes.append(f"The chosen method failed when it was fitted again on all rows: {refit.reason}.")
    return notes


def _timings(outcomes: Sequence[Outcome], folder: RunFolder) -> dict[str, dict[str, float]]:
    """Median over a method's trials of the seconds of fit and prediction, and of the memory its process held after them.

    So of what was prepared, under the name of its objective; it predicts nothing.
    """
    measured: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    places = [outcome.job.place for outcome in outcomes if outcome.status == "ok"]
    for place in (*places, *(Path(SHARED) / path.name for path in sorted((folder.path / SHARED).glob(WHOLE)))):
        result = folder.read(str(place / "result.json"))
        for name in ("fit_seconds", "predict_seconds", "held_bytes"):
            measured[result["job"]["method"]][name].append(result[name])
    return {method: {name: statistics.median(of) for name, of in figures.items()} for method, figures in measured.items()}
