"""What methods begin with, such as vectors of words: learnt once for a set of train rows, before the trials that need it.

It lies in RUN/shared/KEY as `tenon pretrain` would write it, for all methods of the split. The key is a function of all that
decides what is learnt, so whatever needs the same thing finds it: another method, a run that goes on, an explanation. What is
learnt in stages has a key with a part for each: domain-KEY.task-KEY goes on with what lies in domain-KEY.
"""

import json
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from tenon.data.unlabelled import DOMAIN, UNLABELLED, Source, Text
from tenon.errors import RunFolderError, SettingsError
from tenon.files import new_folder, reason_of, seal, write_text
from tenon.method import NONE, PREPARED, STAGES, Method
from tenon.text.prepared import OBJECTIVES, ROADS, TASK, Wish, how, stages_meant, texts_of, wish_of
from tenon.trials.folder import RunFolder
from tenon.trials.job import SHARED, Bench, Job, Outcome, rows_of
from tenon.variant import Variant, method_of
from tenon.watch import Watch

if TYPE_CHECKING:
    from tenon.trials.prepare import Prepared


AFTER = "."  # in a key, before a stage that goes on with what those before it left


def wants(method: Method, params: Mapping[str, Any], texts: Collection[str]) -> dict[str, Wish]:
    """Return the settings for which something is learnt where a method is given these, and what.

    texts : options that bring texts, UNLABELLED, DOMAIN.
    """
    given = said({name: param.default for name, param in method.params.items()} | dict(params), method, texts)
    wishes = {name: wish_of(given, name, objective) for name, objective in method.pretrained.items()}
    return {name: wish for name, wish in wishes.items() if wish}


def said(params: Mapping[str, Any], method: Method, texts: Collection[str]) -> dict[str, Any]:
    """Return all settings of a method with what those mean that say nothing of what to begin with.

    Where there are texts without labels that is PREPARED, else NONE; of STAGES, all that there are texts for. Raises
    SettingsError for stages without their texts.
    """
    meant = PREPARED if UNLABELLED in texts else NONE
    found = {name: meant if name in method.pretrained and not value else value for name, value in params.items()}
    if STAGES in found:
        [setting] = method.pretrained
        found[STAGES] = found[STAGES] or stages_meant(found, setting, texts)
        if DOMAIN in ROADS[found[STAGES]] and DOMAIN not in texts:
            raise SettingsError(f"{method.name}.{STAGES} is {found[STAGES]}; give the texts of the domain: --domain FILE.")
    return found


def with_prepared(job: Job, ready: "Prepared") -> Job:
    """Return the job, which then knows where lies what its method begins with."""
    texts = ready.bench.texts
    wanted = wants(ready.by_name[job.method], job.params, texts)
    if not wanted:
        return job
    rows = rows_of(job, ready.bench)[0].row_ids
    return replace(job, prepared={name: _key(wish, job.budget, ready.seed, texts, rows) for name, wish in wanted.items()})


def _key(wish: Wish, budget: str, run_seed: int, texts: Mapping[str, Source], rows: np.ndarray) -> str:
    return AFTER.join(f"{stage}-{_digest(wish, stage, budget, run_seed, texts, rows)}" for stage in wish.stages)


def _digest(wish: Wish, stage: str, budget: str, run_seed: int, texts: Mapping[str, Source], rows: np.ndarray) -> str:
    """Return the key of a stage; that of texts of the domain is the same for all splits."""
    others = texts.get(DOMAIN if stage == DOMAIN else UNLABELLED)
    what = [wish.objective, stage, wish.start, budget, run_seed, others.digest if others else ""]
    digest = sha256(json.dumps(what).encode())
    if stage != DOMAIN:
        digest.update(rows.astype("<i8").tobytes())
    return digest.hexdigest()[:16]


def preparations(jobs: Iterable[Job], methods: Mapping[str, Method]) -> Iterator[Job]:
    """Yield the jobs, and before each those that make what it begins with, where none before it began with the same."""
    seen: set[str] = set()
    for job in jobs:
        for setting, key in job.prepared.items():
            for before in _preparations(job, methods[job.method], setting, key.split(AFTER)):
                if before.key not in seen:
                    seen.add(before.key)
                    yield before
        yield job


def _preparations(job: Job, method: Method, setting: str, parts: Sequence[str]) -> Iterator[Job]:
    """Yield the jobs that learn, stage by stage, what another begins with; the seed of each follows from its part of the key."""
    objective, value = method.pretrained[setting], job.params.get(setting, method.params[setting].default)
    for i, part in enumerate(parts):
        stage, _, digest = part.partition("-")
        start = value if i == 0 and value not in ("", PREPARED) else ""
        first = replace(job, repeat=0, fold=0, subfold=None, share=1.0) if stage == DOMAIN else job  # of all splits, of its own
        yield Job(
            named(objective, stage), first.repeat, first.fold, how(stage, start), int(digest[:8], 16) >> 1, job.budget,
            subfold=first.subfold, share=first.share, key=AFTER.join(parts[: i + 1]),
            prepared={"start": AFTER.join(parts[:i])} if i else {},
        )  # fmt: skip


def named(objective: str, stage: str) -> str:
    """Return what a preparation is called among trials: its objective, and the stage unless it is the task's own."""
    return objective if stage == TASK else Variant(objective, {"stage": stage}).name


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
            left = {name: str(bench.run / SHARED / key) for name, key in job.prepared.items()}
            learn = OBJECTIVES[method_of(job.method)].learn
            learn(*_texts(job, bench), folder, job.seed, job.budget, watch, **job.params, **left)
            seconds = time.perf_counter() - start
            result = {"job": asdict(job), "status": "ok", "reason": "", "fit_seconds": seconds, "predict_seconds": 0.0}
            result["held_bytes"] = psutil.Process().memory_info().rss
            write_text(folder / "result.json", json.dumps(result, sort_keys=True))
            seal(folder)
    except Exception as error:  # whatever it is, it costs those methods only that begin with what was to be learnt
        return Outcome(job, "failed", reason_of(error))
    return Outcome(job, "ok", seconds=seconds)


def _texts(job: Job, bench: Bench) -> tuple[Sequence[Text], Sequence[Text]]:
    """Return the texts that a preparation reads: of train rows, and others."""
    is_of_domain = job.params.get("stage") == DOMAIN
    source = bench.texts.get(DOMAIN if is_of_domain else UNLABELLED)
    return () if is_of_domain else texts_of(rows_of(job, bench)[0]), source.texts(bench.dataset) if source else ()
