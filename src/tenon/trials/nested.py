"""Nested folds for few rows: what the whole procedure, choice included, scores on rows that it never saw.

Where no final rows can be put aside, each fold of the first repeat takes their place: the methods are compared on folds of
its train rows alone, one is chosen by the same rule, and that method's own trial predicts the fold (Varma & Simon 2006).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tenon.errors import DataError
from tenon.metrics.board import judge, may_be_chosen
from tenon.metrics.intervals import method_intervals, widened
from tenon.trials.choice import choose
from tenon.trials.evidence import known, measured
from tenon.trials.guesses import gathered, truth_of
from tenon.trials.job import Bench, Job, are_nested, place_of, seed_of, split_again
from tenon.trials.prepare import Prepared


def is_nested(ready: Prepared) -> bool:
    """Say whether nested folds stand in for final rows."""
    return are_nested(ready.bench.splits)


def nested_jobs(jobs: Sequence[Job], bench: Bench) -> Iterator[Job]:
    """Yield, for every trial of the first repeat, its method's trials on the folds of that trial's train rows."""
    n_folds: dict[int, int] = {}
    for job in jobs:
        if job.repeat == 0:
            if job.fold not in n_folds:
                n_folds[job.fold] = _n_subfolds(bench, job.fold)
            for subfold in range(n_folds[job.fold]):
                yield replace(job, subfold=subfold, seed=seed_of(job.seed, job.method, job.fold, subfold))


def _n_subfolds(bench: Bench, fold: int) -> int:
    try:
        return split_again(bench.dataset.rows(bench.splits.train(0, fold)), bench.task, fold).n_folds
    except DataError:
        return 1  # rows that cannot be split: the one trial fails and says why


def nested_entries(ready: Prepared, leaderboard: dict[str, Any], names: Sequence[str], fingerprint: str) -> dict[str, Any]:
    """Return what the nested folds say in leaderboard.json: nested, expected and optimism; nothing without a method.

    names : methods of which every nested trial went well; the others are not among the choices. Where the folds are too
    small for the metric, a note says so, and what the board expects of new rows stays.
    """
    if not names:
        return {}
    try:
        nested = nested_score(ready, names, fingerprint)
    except DataError as error:
        note = f"So few rows cannot be nested: {error} What choosing adds is estimated from the spread of the scores."
        return {"notes": [*leaderboard["notes"], note]}
    chosen = next(row["score"] for row in leaderboard["rows"] if row["method"] == leaderboard["chosen"])
    flattered = chosen - nested["score"] if ready.bench.task.metric.greater_is_better else nested["score"] - chosen
    return {"nested": nested, "expected": nested["score"], "optimism": max(0.0, flattered)}


def nested_score(ready: Prepared, names: Sequence[str], fingerprint: str) -> dict[str, Any]:
    """Return score, low, high of the choice, and which method was chosen in how many folds.

    The interval is 1.3 times as wide as that of fixed rows: rows of one fold share their models.
    """
    splits, task = ready.bench.splits, ready.bench.task
    choices = [_choice(ready, names, fold, int(fingerprint[:8], 16)) for fold in range(splits.n_folds)]
    places = [place_of(name, 0, fold) for fold, name in enumerate(choices)]
    guess = gathered(ready.bench.run, places, task.metric.reads, task, truth_of(ready.y, splits))
    evidence = measured(ready, ["choice"], [[guess]], splits, task.metric, is_per=True)
    score = evidence.metric.from_level(float(evidence.level[0]))
    low, high = method_intervals(replace(evidence, question="history"))[0]
    low, high = widened(score, float(low), float(high))
    return {"score": score, "low": known(low), "high": known(high), "choices": dict(sorted(Counter(choices).items()))}


def _choice(ready: Prepared, names: Sequence[str], fold: int, seed: int) -> str:
    """Return the method that the rule chooses from the train rows of this fold alone."""
    data, task = ready.bench.dataset, ready.bench.task
    train = data.rows(ready.bench.splits.train(0, fold))
    again = split_again(train, task, fold)
    truth = truth_of(ready.y, ready.bench.splits).loc[again.row_ids]
    guesses = [
        gathered(
            ready.bench.run,
            [place_of(name, 0, fold, subfold=subfold) for subfold in range(again.n_folds)],
            task.metric.reads,
            task,
            truth,
        )
        for name in names
    ]
    evidence = measured(ready, names, [guesses], again, task.metric, is_per=True)
    cost_ranks = [ready.by_name[name].cost_rank for name in names]
    board = judge(evidence, rope=ready.rope, cost_ranks=cost_ranks, data_hash_seed=seed)
    return choose(names, cost_ranks, may_be_chosen(board))
