"""What methods begin with, such as vectors of words: learnt once for a set of train rows, before the trials that need it.

It lies in RUN/shared/KEY as `tenon pretrain` would write it, for all methods of the split. The key is a function of all that
decides what is learnt, so whatever needs the same thing finds it: another method, a run that goes on, an explanation.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from tenon.errors import RunFolderError
from tenon.files import new_folder, seal, write_text
from tenon.method import NONE, PREPARED, Method
from tenon.text.prepared import OBJECTIVES, texts_of
from tenon.trials.folder import RunFolder
from tenon.trials.job import Bench, Job, Outcome, reason_of, rows_of
from tenon.watch import Watch

if TYPE_CHECKING:
    from tenon.trials.prepare import Prepared


def wants(method: Method, params: Mapping[str, Any], has_unlabelled: bool) -> dict[str, str]:
    """Return the settings for which something is prepared where a method is given these, and what: its objective.

    A setting that says nothing means PREPARED where there are texts without labels.
    """
    given = said({name: param.default for name, param in method.params.items()} | dict(params), method, has_unlabelled)
    return {name: objective for name, objective in method.pretrained.items() if given[name] == PREPARED}


def said(params: Mapping[str, Any], method: Method, has_unlabelled: bool) -> dict[str, Any]:
    """Return all settings of a method with what those mean that say nothing of what to begin with: PREPARED or NONE."""
    meant = PREPARED if has_unlabelled else NONE
    return {name: meant if name in method.pretrained and not value else value for name, value in params.items()}


def with_prepared(job: Job, ready: "Prepared") -> Job:
    """Return the job, which then knows where lies what its method begins with."""
    digest = ready.bench.unlabelled.digest if ready.bench.unlabelled else ""
    wanted = wants(ready.by_name[job.method], job.params, bool(digest))
    if not wanted:
        return job
    rows = rows_of(job, ready.bench)[0].row_ids
    return replace(
        job, prepared={name: _key(objective, job.budget, ready.seed, digest, rows) for name, objective in wanted.items()}
    )


def _key(objective: str, budget: str, run_seed: int, unlabelled: str, rows: np.ndarray) -> str:
    digest = sha256(json.dumps([objective, budget, run_seed, unlabelled]).encode())
    digest.update(rows.astype("<i8").tobytes())
    return digest.hexdigest()[:16]


def preparations(jobs: Iterable[Job], methods: Mapping[str, Method]) -> Iterator[Job]:
    """Yield the jobs, and before each those that make what it begins with, where none before it began with the same."""
    seen: set[str] = set()
    for job in jobs:
        for setting, key in job.prepared.items():
            if key not in seen:
                seen.add(key)
                yield _preparation(job, methods[job.method].pretrained[setting], key)
        yield job


def _preparation(job: Job, objective: str, key: str) -> Job:
    """Return the job that learns by an objective from the train rows of another; its seed follows from the key."""
    return Job(
        objective, job.repeat, job.fold, {}, int(key[:8], 16) >> 1, job.budget, subfold=job.subfold, share=job.share, key=key
    )


def prepare_again(job: Job, method: Method, bench: Bench, watch: Watch) -> None:
    """Make what a job begins with, where it does not stand whole in the run any more. Raises RunFolderError where that fails."""
    for before in preparations([job], {job.method: method}):
        if before.key and RunFolder(bench.run, watch).outcome(before) is None:
            outcome = run_preparation(before, bench, watch)
            if outcome.status != "ok":
                raise RunFolderError(
                    f"{bench.run / before.place} is gone and cannot be made again: {outcome.reason.removesuffix('.')}."
                )


def run_preparation(job: Job, bench: Bench, watch: Watch) -> Outcome:
    """Learn, and write the job's folder whole; what fails leaves nothing. Raises OutputError where nothing can be written."""
    start = time.perf_counter()
    try:
        with new_folder(bench.run / job.place) as folder:
            others = bench.unlabelled.texts(bench.dataset) if bench.unlabelled else ()
            OBJECTIVES[job.method].learn(texts_of(rows_of(job, bench)[0]), others, folder, job.seed, job.budget, watch)
            seconds = time.perf_counter() - start
            result = {"job": asdict(job), "status": "ok", "reason": "", "fit_seconds": seconds, "predict_seconds": 0.0}
            result["held_bytes"] = psutil.Process().memory_info().rss
            write_text(folder / "result.json", json.dumps(result, sort_keys=True))
            seal(folder)
    except Exception as error:
        return Outcome(job, "failed", reason_of(error))
    return Outcome(job, "ok", seconds=seconds)
