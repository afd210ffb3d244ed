"""One fit of one method: on the train rows of a split (or of a split inside it), or on all working rows at the end."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from tenon.data.dataset import Dataset
from tenon.errors import failure_reason
from tenon.files import new_folder
from tenon.inner import Inner, fit_inside, shrunk, split_settings
from tenon.method import Method, Predictions
from tenon.tasks import Task
from tenon.watch import Watch

if TYPE_CHECKING:
    from tenon.data.splits import Splits

FINAL = -1  # `repeat` of the job that refits the chosen method on all working rows
NESTED_FOLDS = 5


@dataclass(frozen=True)
class Job:
    """What a worker is asked to do; plain values, so it travels as JSON."""

    method: str  # catalogue name or module:Attribute
    repeat: int  # FINAL for the refit
    fold: int
    params: dict[str, Any]  # settings given by the user; the method's defaults fill the rest
    seed: int
    budget: str
    inner: dict[str, Any] = field(default_factory=Inner().to_json)  # Inner as JSON: tuning, balance, calibration, costs
    subfold: int | None = None  # nested: a fold of the train rows of this fold
    share: float = 1.0  # learning curve: of the train rows, the share to fit on

    @property
    def place(self) -> Path:
        """Folder of the job's result inside the run folder."""
        if self.repeat == FINAL:
            return Path("final")
        name, split = self.method.replace(":", "."), f"{self.repeat}-{self.fold}"
        if self.subfold is not None:
            return Path("nested") / name / f"{split}-{self.subfold}"
        if self.share < 1:
            return Path("curve") / name / f"{split}-{self.share:g}"
        return Path("trials") / name / split


@dataclass(frozen=True)
class Outcome:
    """How a job ended. `reason` holds no measured figure, so that it reads the same on every machine."""

    job: Job
    status: str  # ok, failed, stopped
    reason: str = ""
    seconds: float = 0.0


def seed_of(run_seed: int, method: str, repeat: int, fold: int) -> int:
    """Return the seed of one job, in [0, 2^31): a function of these four alone, not of the order in which jobs run."""
    digest = sha256(json.dumps([run_seed, method, repeat, fold]).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


@dataclass(frozen=True)
class Bench:
    """What every job of a run works on; loaded once per worker."""

    dataset: Dataset
    splits: "Splits"
    task: Task
    run: Path  # the run folder


def run_job(job: Job, method: Method, bench: Bench, watch: Watch) -> Outcome:
    """Fit, predict the held-out rows, and write the job's folder whole. A method that raises gives a failed outcome."""
    with _curves(watch) as (curves, recording):
        try:
            outcome, predictions, model, timings = _fit_and_predict(job, method, bench, recording)
        except Exception as error:  # the method may be anyone's code: whatever it raises costs its own row only
            outcome, predictions, model, timings = Outcome(job, "failed", failure_reason(error)), None, None, {}
    if job.repeat == FINAL and model is not None:
        model.save(bench.run / "model")
    with new_folder(bench.run / job.place) as folder:
        result = {"job": asdict(job), "status": outcome.status, "reason": outcome.reason, **timings}
        if predictions is not None:
            write_predictions(predictions, bench.task, folder / "predictions.parquet")
            result["read_share"] = predictions.read_share
        (folder / "result.json").write_text(json.dumps(result, sort_keys=True, ensure_ascii=False), encoding="utf-8")
        if curves:
            text = "".join(json.dumps(event) + "\n" for event in curves)
            (folder / "curves.jsonl").write_text(text, encoding="utf-8")
    return outcome


def _fit_and_predict(job: Job, method: Method, bench: Bench, watch: Watch) -> tuple:
    train, held_out = rows_of(job, bench)
    own, balance, calibrate = split_settings(job.params)
    inner = Inner.from_json(job.inner)
    inner = replace(inner, balance=balance or inner.balance, calibrate=calibrate or inner.calibrate)
    start = time.perf_counter()
    fitted = fit_inside(method, train, bench.task, params=own, inner=inner, seed=job.seed, budget=job.budget, watch=watch)
    until_fitted = time.perf_counter()
    predictions = fitted.model.predict(held_out).checked() if len(held_out) else None
    timings = {"fit_seconds": until_fitted - start, "predict_seconds": time.perf_counter() - until_fitted}
    outcome = Outcome(job, "ok", seconds=sum(timings.values()))
    about = {**timings, "held_bytes": psutil.Process().memory_info().rss, "n_train": len(train), "inner": fitted.report}
    return outcome, predictions, fitted.model, about


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


def split_again(train: Dataset, task: Task, fold: int) -> "Splits":
    """Return the nested splits of the train rows of a fold: NESTED_FOLDS folds, once."""
    from tenon.data.splits import make_splits

    assert train.target is not None
    y = task.encode(train.target)
    return make_splits(train, y, not task.is_regression, n_folds=NESTED_FOLDS, n_repeats=1, final_share=0.0, seed=fold)


@contextmanager
def _curves(watch: Watch) -> Iterator[tuple[list[dict[str, Any]], Watch]]:
    """Yield a list and a watch that keeps what it hears (for curves.jsonl) and passes it on."""
    events: list[dict[str, Any]] = []

    def listen(event: dict[str, Any]) -> None:
        events.append(event)
        watch.tell(event)

    yield events, Watch(listen)


def write_predictions(predictions: Predictions, task: Task, path: Path) -> None:
    """Write predictions as Parquet: row, prediction, p_<label>, and the method's own details."""
    frame = predictions.to_frame(task.labels)
    if predictions.details is not None:
        frame = frame.join(predictions.details)
    frame.to_parquet(path)
