"""Finished trials into a leaderboard: scores with intervals, verdicts, the choice, the optimism, the final score."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from tenon.data.duplicates import duplicate_groups
from tenon.errors import TenonError
from tenon.metrics.board import judge, may_be_chosen
from tenon.metrics.evidence import Evidence, time_blocks
from tenon.metrics.intervals import final_interval
from tenon.metrics.optimism import expected_score
from tenon.metrics.verdict import Board
from tenon.trials.also import against_methods
from tenon.trials.brought import note_on
from tenon.trials.choice import choose, sentence, sentence_of_brought, sentence_of_one
from tenon.trials.evidence import evidence_of, known
from tenon.trials.folder import RunFolder
from tenon.trials.guesses import Guesses, read_guess, truth_of
from tenon.trials.job import Outcome, place_of
from tenon.trials.one_split import any_seeded, notes_on_one_split, with_pairs_of_folds
from tenon.trials.per import column_of, per_group, shares_groups, split_per
from tenon.trials.prepare import Prepared
from tenon.trials.protocol import ONE_SPLIT
from tenon.trials.still_learning import notes_on_learning

NO_SCORE: dict[str, Any] = {"score": None, "low": None, "high": None, "tied": False, "word": ""} | dict.fromkeys(
    ("p_value", "p_worse", "effect", "effect_low", "effect_high", "rows_to_confirm", "rows_to_call_same")
)


def judge_trials(
    ready: Prepared, guesses: Guesses, outcomes: Sequence[Outcome], folder: RunFolder, fingerprint: str
) -> tuple[Board, dict[str, Any]]:
    """Judge the methods whose trials all went well. Return the board and the content of leaderboard.json.

    The final score is not known yet: `final` is None. Raises TenonError where no method got through.
    """
    fates = fates_of(outcomes)
    names = [method.name for method in ready.running if fates[method.name][0] == "ok"]
    if not names:
        raise none_got_through(ready, fates)
    names += [brought.name for brought in ready.brought]
    evidence = evidence_of(ready, guesses, names, ready.bench.task.metric_name)
    board = _judged(ready, evidence, fingerprint)
    is_own = np.array([name in ready.by_name for name in names])
    chosen = choose(names, [ready.cost_rank(name) for name in names], _may_be_chosen(board, is_own))
    refined = _refined(board, evidence, ready, guesses, fingerprint)
    return refined, {
        "task": ready.bench.task.kind,
        "metric": evidence.metric.name,
        "greater_is_better": evidence.metric.greater_is_better,
        "protocol": str(ready.protocol),
        "rows": _rows(ready, board, evidence, fates, folder),
        "chosen": chosen,
        "leader": board.names[board.leader],
        "sentence": _sentence(board, chosen, is_own),
        "no_verdict": board.reason,
        "also": against_methods(refined, ready.steps),
        **_expected(evidence, board, chosen, int(fingerprint[8:16], 16)),
        "detectable": board.mde,
        "rope": ready.rope,
        "per": None if evidence.per is None else asdict(evidence.per),
        "notes": [*ready.bench.dataset.notes, *filter(None, [board.reason]), *board.notes, *_notes(ready, evidence, folder)],
        "final": None,
    }


def none_got_through(ready: Prepared, fates: Mapping[str, tuple[str, str]]) -> TenonError:
    """Return the error that says why no method got through, each reason once. fates : as of `fates_of`, of those that ran."""
    by_reason: dict[str, list[str]] = {}
    for row in ready.plan.rows:
        by_reason.setdefault(fates.get(row.method, ("", row.reason))[1], []).append(row.method)
    reasons = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in by_reason.items())
    return TenonError(f"no method got through. {reasons}.")


def _judged(ready: Prepared, evidence: Evidence, fingerprint: str) -> Board:
    return judge(
        evidence,
        rope=ready.rope,
        cost_ranks=[ready.cost_rank(name) for name in evidence.names],
        data_hash_seed=int(fingerprint[:8], 16),
        any_seeded=any_seeded(ready, evidence),
    )


def _refined(board: Board, evidence: Evidence, ready: Prepared, guesses: Guesses, fingerprint: str) -> Board:
    """Return the board that verdicts.json is written from: where all were judged on one split, those on all folds by all."""
    on_all = [name for name in board.names if not ready.is_on_one_split(name)]
    if evidence.n_folds > 1 or len(on_all) < 2:
        return board
    on_folds = evidence_of(ready, guesses, on_all, ready.bench.task.metric_name)
    return with_pairs_of_folds(board, _judged(ready, on_folds, fingerprint))


def _may_be_chosen(board: Board, is_own: np.ndarray) -> np.ndarray:
    """Return (m,) bool: who may be chosen of those fitted here; where none is as good as a model that was brought, the best."""
    may = may_be_chosen(board) & is_own
    return may if may.any() else np.arange(len(may)) == next(j for j in board.order if is_own[j])


def _sentence(board: Board, chosen: str, is_own: np.ndarray) -> str:
    leader = board.names[board.leader]
    if len(board.names) == 1:
        return sentence_of_one(chosen)
    if board.reason:
        return f"No verdict: {board.reason.removesuffix(': no verdict')}. {leader} scores best; chosen: {chosen}."
    tied = [board.names[j] for j in board.order if board.tied[j]]
    if not is_own[board.leader]:
        return sentence_of_brought(chosen, leader, tied, board.metric.title)
    return sentence(chosen, leader, tied, board.metric.title, float(board.p_worse[board.names.index(chosen)]))


def _notes(ready: Prepared, evidence: Evidence, folder: RunFolder) -> list[str]:
    notes = [note_on(brought) for brought in ready.brought] + _repeated_final_rows(ready) + notes_on_one_split(ready, evidence)
    notes += notes_on_learning(folder, [name for name in evidence.names if name in ready.by_name], ready.ask.budget)
    column, _ = split_per(ready.per)
    if column and shares_groups(ready.bench.dataset.frame, column, ready.bench.splits):
        apart = "" if ready.bench.splits.order == "time" else f"; --group {column} keeps them apart"
        notes.append(f"Rows of one {column} are both in train rows and in those scored, so a method may know it{apart}.")
    return notes


def _repeated_final_rows(ready: Prepared) -> list[str]:
    """Say how many final rows of the user's own stand among the other rows, too: they were seen."""
    data, splits = ready.bench.dataset, ready.bench.splits
    if not len(data.final_ids):
        return []
    same = duplicate_groups(data)
    n_seen = int(np.isin(same[splits.is_final], same[~splits.is_final]).sum())
    rows = f"{n_seen:,} of the {splits.is_final.sum():,} final rows"
    return [f"{rows} have the same features as rows that were trained on: the final score flatters."] if n_seen else []


def fates_of(outcomes: Sequence[Outcome]) -> dict[str, tuple[str, str]]:
    """Return method -> (status, reason): ok only if every trial was; a method is never averaged over the survivors."""
    of_method: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        of_method.setdefault(outcome.job.method, []).append(outcome)
    return {name: _fate(sorted(trials, key=lambda o: (o.job.repeat, o.job.fold))) for name, trials in of_method.items()}


def sound(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the methods of which every trial went well."""
    return [name for name, (status, _) in fates_of(outcomes).items() if status == "ok"]


def _fate(trials: list[Outcome]) -> tuple[str, str]:
    stopped = next((outcome for outcome in trials if outcome.status == "stopped"), None)
    if stopped:
        return "stopped", stopped.reason
    failed = [outcome for outcome in trials if outcome.status == "failed"]
    if not failed:
        return "ok", ""
    return "failed", f"failed in {len(failed)} of {len(trials)} trials: {failed[0].reason}"


def _rows(
    ready: Prepared, board: Board, evidence: Evidence, fates: dict[str, tuple[str, str]], folder: RunFolder
) -> list[dict[str, Any]]:
    """Judged methods best first, then those that stopped or failed, then those that did not run."""
    against_leader = {pair.method_b: pair for pair in board.pairs if pair.method_a == board.names[board.leader]}
    rows = []
    for j in board.order:
        name = board.names[j]
        pair = against_leader.get(name)
        rows.append(
            _row(ready, name, "ok", "", _read_share(ready, folder, name) if name in ready.by_name else None)
            | {
                "splits": ONE_SPLIT if evidence.is_dear[j] else str(ready.protocol),
                "score": float(board.score[j]),
                "low": known(board.intervals[j, 0]),
                "high": known(board.intervals[j, 1]),
                "tied": bool(board.tied[j]),
                "word": board.words[j],
                "p_value": float(board.p[j]),
                "p_worse": float(board.p_worse[j]),
                "effect": None if pair is None else -pair.effect,
                "effect_low": None if pair is None else -pair.high,
                "effect_high": None if pair is None else -pair.low,
                "rows_to_confirm": None if pair is None else pair.rows_to_confirm,
                "rows_to_call_same": None if pair is None else pair.rows_to_call_same,
            }
        )
    others = [(row.method, *fates.get(row.method, (row.status, row.reason))) for row in ready.plan.rows]
    rows += [_row(ready, name, status, reason, None) for name, status, reason in others if status != "ok"]
    return rows


def _row(ready: Prepared, name: str, status: str, reason: str, read_share: float | None) -> dict[str, Any]:
    return NO_SCORE | {
        "method": name,
        "status": status,
        "reason": reason,
        "cost_rank": ready.by_name[name].cost_rank if name in ready.by_name else None,
        "read_share": read_share,
        "trials": next((row.n_trials for row in ready.plan.rows if row.method == name), 0),
        "splits": next((row.splits for row in ready.plan.rows if row.method == name), ""),  # those that the score rests on
        "brought": name not in ready.by_name,
    }


def _read_share(ready: Prepared, folder: RunFolder, name: str) -> float:
    first = place_of(name, *ready.trials_of(ready.by_name[name])[0])
    return float(folder.read(str(first / "result.json")).get("read_share", 1.0))


def _expected(evidence: Evidence, board: Board, chosen: str, seed: int) -> dict[str, float]:
    """What the chosen method may be expected to score on new rows, and by how much its score on folds flatters."""
    j = board.names.index(chosen)
    expected = expected_score(evidence, j, seed)
    return {"expected": expected, "optimism": abs(float(board.score[j]) - expected)}


def final_score(ready: Prepared, folder: RunFolder, optimism: float) -> dict[str, float | None] | None:
    """Score the chosen model on the final rows; None where there are none. Rows of a history count by blocks of time.

    Raises DataError where the metric is undefined on these rows, such as AUC where all are of one class.
    """
    task, data = ready.bench.task, ready.bench.dataset
    path = folder.path / "final" / "predictions.parquet"
    if not path.exists():
        return None
    rows, guess = read_guess(path, task.metric.reads, task, truth_of(ready.y, ready.bench.splits))
    frame = data.frame.loc[rows]
    y = task.encode(frame[task.target])
    time = column_of(data, frame, "time")
    score, low, high = final_interval(
        task.metric,
        y,
        guess,
        weights=column_of(data, frame, "weight"),
        groups=column_of(data, frame, "group") if time is None or ready.per else time_blocks(time),
        per=per_group(data.name, frame, ready.per),
    )
    return {"score": score, "low": known(low), "high": known(high), "rows": len(rows), "optimism": optimism}
