"""One fit of one method: on the train rows of a split (or of a split inside it), or on all working rows at the end."""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from traceback import format_exc
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from tenon.catalogue import load_model
from tenon.checks.seen import keep_seen
from tenon.data.dataset import Dataset
from tenon.data.unlabelled import Source
from tenon.files import new_folder, reason_of, seal, write_text
from tenon.inner import Fitted, Inner, fit_inside, shrunk, split_settings
from tenon.method import NONE, STAGES, Method, Model, Predictions
from tenon.tasks import Task
from tenon.trials.tensorboard import EventFile
from tenon.variant import folder_of, method_of
from tenon.watch import Watch

if TYPE_CHECKING:
    from tenon.data.splits import Splits

UNFINISHED, LIVE = "unfinished", "curves"  # folders of the run: what a killed trial goes on from; event files that grow
SHARED = "shared"  # folder of the run: what trials begin with
TEXTS = "texts.json"  # file for workers: where the texts without labels lie
FINAL = -1  # `repeat` of the job that refits the chosen method on all working rows
NESTED_FOLDS = 5
SHARES = (0.125, 0.25, 0.5)  # of the train rows, for learning curves; the whole is what the trials themselves use
TRIED_ROWS = 100  # that a saved model predicts before it is handed over


@dataclass(frozen=True)
class Job:
    """What a worker is asked to do; plain values, so it travels as JSON."""

    method: str  # row of the board: a catalogue name or module:Attribute, of a variant with its settings behind it
    repeat: int  # FINAL for the refit
    fold: int
    params: dict[str, Any]  # settings given by the user; the method's defaults fill the rest
    seed: int
    budget: str
    inner: dict[str, Any] = field(default_factory=Inner().to_json)  # Inner as JSON: tuning, balance, calibration, costs
    subfold: int | None = None  # nested: a fold of the train rows of this fold
    share: float = 1.0  # learning curve: of the train rows, the share to fit on
    n_threads: int = 1  # of a dear trial all cores; with more than one it runs alone
    prepared: dict[str, str] = field(default_factory=dict)  # setting -> folder in SHARED of what the method begins with
    key: str = ""  # of a preparation, whose method is an objective: its folder in SHARED

    @property
    def place(self) -> Path:
        """Folder of the job's result inside the run folder."""
        if self.key:
            return Path(SHARED) / self.key
        return place_of(self.method, self.repeat, self.fold, subfold=self.subfold, share=self.share)


def place_of(method: str, repeat: int, fold: int, *, subfold: int | None = None, share: float = 1.0) -> Path:
    """Return the folder inside the run folder that holds the result of a trial; arguments as in `Job`."""
    if repeat == FINAL:
        return Path("final")
    name, split = folder_of(method), f"{repeat}-{fold}"
    if subfold is not None:
        return Path("nested") / name / f"{split}-{subfold}"
    if share < 1:
        return Path("curve") / name / f"{split}-{share:g}"
    return Path("trials") / name / split


@dataclass(frozen=True)
class Outcome:
    """How a job ended. `reason` holds no measured figure, so that it reads the same on every machine.

    Of the refit, which may be ok with a reason, it says what is wrong with the model that was saved.
    """

    job: Job
    status: str  # ok, failed, stopped
    reason: str = ""
    seconds: float = 0.0

    def ends(self, job: Job) -> "Outcome":
        """Return how a job ends that needs what this one did not give."""
        is_preparation = bool(self.job.key) and not job.key
        return Outcome(job, self.status, f"{self.job.method}: {self.reason}" if is_preparation else self.reason)


def seed_of(run_seed: int, row: str, repeat: int, fold: int) -> int:
    """Return the seed of one job, in [0, 2^31): a function of these four alone, not of the order in which jobs run.

    A variant has the seeds of its method, so that what was set is all in which the two differ.
    """
    digest = sha256(json.dumps([run_seed, method_of(row), repeat, fold]).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


@dataclass(frozen=True)
class Bench:
    """What every job of a run works on; loaded once per worker."""

    dataset: Dataset
    splits: "Splits"
    task: Task
    run: Path  # the run folder
    texts: Mapping[str, Source] = field(default_factory=dict)  # option -> texts without labels, which preparations read


def run_job(job: Job, method: Method, bench: Bench, watch: Watch) -> Outcome:
    """Fit, predict the held-out rows, and write the job's folder whole. A method that raises gives a failed outcome.

    The refit also leaves its model, and tries it: where that cannot be loaded again, the outcome is ok and its reason says
    so. Raises OutputError where something cannot be written.
    """
    made, log = None, ""
    heard: list[str] = []
    unfinished = bench.run / UNFINISHED / job.place
    try:
        made = _fit_and_predict(job, method, bench, _recording(heard, watch, unfinished, EventFile(bench.run / LIVE / job.place)))
        outcome = Outcome(job, "ok", seconds=made.about["fit_seconds"] + made.about["predict_seconds"])
    except Exception as error:  # the method may be anyone's code: whatever it raises costs its own row only
        outcome, log = Outcome(job, "failed", reason_of(error)), format_exc()
    if job.repeat == FINAL and made is not None:
        reason, log = _leave_model(made.model, method, bench)
        outcome = replace(outcome, reason=reason)
    with new_folder(bench.run / job.place) as folder:
        _write(folder, outcome, made, bench.task, heard, log)
    shutil.rmtree(unfinished, ignore_errors=True)
    return outcome


@dataclass(frozen=True)
class _Made:
    """What a fit that went well gave."""

    model: Model
    predictions: Predictions | None  # None where no rows were held out
    about: dict[str, Any]  # seconds, memory, rows, and what was done inside the train rows


def _fit_and_predict(job: Job, method: Method, bench: Bench, watch: Watch) -> _Made:
    train, held_out = rows_of(job, bench)
    start = time.perf_counter()
    made = _fitted(job, method, train, bench, watch)
    until_fitted = time.perf_counter()
    predictions = made.model.predict(held_out).checked(bench.task, held_out.row_ids) if len(held_out) else None
    timings = {"fit_seconds": until_fitted - start, "predict_seconds": time.perf_counter() - until_fitted}
    about = {**timings, "held_bytes": psutil.Process().memory_info().rss, "n_train": len(train), "inner": made.report}
    return _Made(made.model, predictions, about)


def fitted(job: Job, method: Method, bench: Bench, watch: Watch) -> Fitted:
    """Fit what the job says and leave nothing behind: the model that its trial had."""
    return _fitted(job, method, rows_of(job, bench)[0], bench, watch)


def _fitted(job: Job, method: Method, train: Dataset, bench: Bench, watch: Watch) -> Fitted:
    own, every = split_settings(job.params)
    inner = replace(Inner.from_json(job.inner), **every)
    beginning = _beginning(method, {setting: str(bench.run / SHARED / key) for setting, key in job.prepared.items()})
    return fit_inside(beginning, train, bench.task, params=own, inner=inner, seed=job.seed, budget=job.budget, watch=watch)


def _beginning(method: Method, given: Mapping[str, str]) -> Method:
    """Return the method, which begins with what lies there: setting -> folder. Its settings stay those that were asked for.

    What lies there has been through all stages of learning.
    """
    if STAGES in method.params and given:
        given = {**given, STAGES: NONE}

    def fit(train: Dataset, task: Task, *, params: Mapping[str, Any], **further: Any) -> Model:
        return method.fit(train, task, params={**params, **given}, **further)

    return replace(method, fit=fit) if given else method


def _leave_model(model: Model, method: Method, bench: Bench) -> tuple[str, str]:
    """Save the model of the run, load it and let it predict some rows; return what is wrong, "" for nothing, and the log."""
    folder, rows = bench.run / "model", bench.dataset.rows(bench.splits.working()[:TRIED_ROWS]).without_target()
    step = "saved"
    try:
        model.save(folder)
        keep_seen(bench.dataset.rows(bench.splits.working()), folder)
        step = "loaded again"
        again = load_model(folder, (replace(method, name=method_of(method.name)),)).predict(rows)
    except Exception as error:  # the method may be anyone's code; the run has its scores none the less
        return f"its model cannot be {step}: {reason_of(error)}", format_exc()
    said = model.predict(rows)
    same_proba = said.proba is None or again.proba is None or np.array_equal(said.proba, again.proba)
    if np.array_equal(said.value, again.value) and same_proba:
        return "", ""
    return "its model predicts otherwise once it was saved and loaded again", ""


def _write(folder: Path, outcome: Outcome, made: _Made | None, task: Task, heard: list[str], log: str) -> None:
    """Write all that is kept of a job into its folder."""
    result = {"job": asdict(outcome.job), "status": outcome.status, "reason": outcome.reason, **(made.about if made else {})}
    if made is not None and made.predictions is not None:
        write_predictions(made.predictions, task, folder / "predictions.parquet")
        result["read_share"] = made.predictions.read_share
    write_text(folder / "result.json", json.dumps(result, sort_keys=True, ensure_ascii=False))
    history = made.model.history() if made is not None else None
    curves = json.dumps(history) if history else ""
    for name, text in (("curves.jsonl", "".join(heard)), ("history.json", curves), ("error.txt", log)):
        if text:
            write_text(folder / name, text)
    seal(folder)


def rows_of(job: Job, bench: Bench) -> tuple[Dataset, Dataset]:
    """Return the rows that the job may fit on, and those that it predicts, without their target."""
    data, splits = bench.dataset, bench.splits
    if job.repeat == FINAL:
        return data.rows(splits.working()), data.rows(splits.final()).without_target()
    train = data.rows(splits.train(job.repeat, job.fold))
    if job.subfold is not None:
        splits = split_again(train, bench.task, job.fold)
        return data.rows(splits.train(0, job.subfold)), data.rows(splits.held_out(0, job.subfold)).without_target()
    if job.share < 1:
        train = data.rows(shrunk(train, bench.task, job.share, job.fold))
    return train, data.rows(splits.held_out(job.repeat, job.fold)).without_target()


def are_nested(splits: "Splits") -> bool:
    """Say whether folds are split again: where there are no final rows, except in time order, whose first folds are too short."""
    return not splits.is_final.any() and splits.order != "time"


def split_again(train: Dataset, task: Task, fold: int) -> "Splits":
    """Return the nested splits of the train rows of a fold, once: NESTED_FOLDS folds, with fewer rows of a class fewer."""
    from tenon.data.splits import make_splits

    assert train.target is not None
    y = task.encode(train.target)
    n_folds = min(NESTED_FOLDS, max(2, np.unique(y, return_counts=True)[1].min())) if task.has_classes else NESTED_FOLDS
    return make_splits(train, task.strata(y), n_folds=int(n_folds), n_repeats=1, final_share=0.0, seed=fold)


def _recording(heard: list[str], watch: Watch, unfinished: Path, live: EventFile) -> Watch:
    """Return a watch that keeps what it hears (as lines of curves.jsonl), its figures for TensorBoard, and passes it on."""

    def listen(event: dict[str, Any]) -> None:
        heard.append(event_line(event))
        figures = {name: float(value) for name, value in event.items() if name not in ("event", "done", "total", "text")}
        if figures and event["event"] == "progress":
            live.add(int(event["done"]), figures)
        watch.tell(event)

    return Watch(listen, unfinished)


def event_line(event: dict[str, Any]) -> str:
    """Return an event as a line of JSON; the figures in it may be NumPy's."""
    return json.dumps(event, default=float) + "\n"


def write_predictions(predictions: Predictions, task: Task, path: Path) -> None:
    """Write predictions as Parquet: row, prediction, p_<label>, and the method's own details."""
    predictions.to_frame(task.labels).to_parquet(path)
