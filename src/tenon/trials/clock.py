"""What a run that a clock stopped can still be judged on: the repeats that every method which got somewhere has finished."""

from collections.abc import Sequence
from dataclasses import replace

from tenon.trials.job import Outcome
from tenon.trials.prepare import Prepared


def within_clock(ready: Prepared, outcomes: Sequence[Outcome]) -> tuple[Prepared, list[Outcome]]:
    """Return the run as if it had asked for no more repeats than the clock left time for.

    Methods without one whole repeat stay stopped. As many repeats are kept as all the others have finished, so that every
    method is judged on the same rows. Nothing is changed where no trial was stopped, or no method finished a repeat.
    """
    finished = {name: n for name in ready.by_name if (n := _whole_repeats(ready, name, outcomes))}
    if not finished or all(outcome.status != "stopped" for outcome in outcomes):
        return ready, list(outcomes)
    n_repeats = min(finished.values())
    splits = replace(ready.bench.splits, fold=ready.bench.splits.fold[:n_repeats])
    protocol = replace(ready.protocol, n_repeats=n_repeats)
    kept = [o for o in outcomes if o.job.repeat < n_repeats or o.job.method not in finished]
    return replace(ready, protocol=protocol, bench=replace(ready.bench, splits=splits)), kept


def _whole_repeats(ready: Prepared, name: str, outcomes: Sequence[Outcome]) -> int:
    """Number of first repeats of which every fold has ended by itself, well or not."""
    ended = {(o.job.repeat, o.job.fold) for o in outcomes if o.job.method == name and o.status != "stopped"}
    for repeat in range(ready.protocol.n_repeats):
        if any((repeat, fold) not in ended for fold in range(ready.protocol.n_folds)):
            return repeat
    return ready.protocol.n_repeats
