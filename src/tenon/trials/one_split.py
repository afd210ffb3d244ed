"""What a run says of methods that ran on one split beside others that ran on all folds; metrics/dear.py has the figures."""

from collections.abc import Sequence
from dataclasses import replace

from tenon.method import Method
from tenon.metrics.evidence import Evidence
from tenon.metrics.verdict import Board
from tenon.trials.prepare import Prepared


def any_seeded(ready: Prepared, evidence: Evidence) -> bool:
    """Tell whether a method that is judged by more than one fit draws random numbers.

    Of one that is judged by a single fit nothing else can be known: its verdicts stand, and a note says for what.
    """
    if evidence.n_folds == 1:
        return False
    return any(method.is_seeded for method in _judged(ready, evidence) if not ready.is_on_one_split(method.name))


def with_pairs_of_folds(board: Board, on_folds: Board) -> Board:
    """Return a board that was judged on one split with the verdicts of another on pairs that ran on all folds.

    Scores, ranks and tie group stay those of the split.
    """
    of_folds = {frozenset((pair.method_a, pair.method_b)): pair for pair in on_folds.pairs}
    return replace(board, pairs=tuple(of_folds.get(frozenset((p.method_a, p.method_b)), p) for p in board.pairs))


def notes_on_one_split(ready: Prepared, evidence: Evidence) -> list[str]:
    """Say how methods on one split are compared; nothing where there are none."""
    judged = _judged(ready, evidence)
    dear = [method.name for method in judged if ready.is_on_one_split(method.name)]
    if not dear:
        return []
    seeded = [m.name for m in judged if m.is_seeded and (evidence.n_folds == 1 or m.name in dear)]
    return [_how(dear, evidence, ready), *([_for_this_seed(seeded)] if seeded else [])]


def notes_on_parts(ready: Prepared, is_nested: bool, curve: bool, chosen: str) -> list[str]:
    """Say what is not done with methods on one split: nested folds, learning curves."""
    dear = ready.names_on_one_split
    notes = []
    if dear and curve:
        notes.append(f"No learning curve of {', '.join(dear)}: one split is all that is fitted (with --splits all are).")
    if dear and is_nested and chosen in dear:
        notes.append(
            f"No nested folds: {chosen} ran on one split. What choosing adds is estimated from the spread of the scores."
        )
    elif dear and is_nested:
        notes.append(f"The nested folds choose among the methods that ran on all folds, so without {', '.join(dear)}.")
    return notes


def _judged(ready: Prepared, evidence: Evidence) -> list[Method]:
    return [method for method in ready.running if method.name in evidence.names]


def _how(dear: Sequence[str], evidence: Evidence, ready: Prepared) -> str:
    ran = f"{', '.join(dear)} ran on one split"
    if evidence.one_split is None:
        rows = f"those of its {len(evidence.y):,} rows, for every method"
        return f"{ran}: scores, ranks and the tie group are {rows}; --splits {ready.protocol} fits all on all folds."
    corrected = "corrected by how easy the other methods found that split beside all"
    if len(dear) == 1:
        return f"{ran}: its score is what it got there, {corrected}; the interval holds what this leaves open."
    return f"{ran}: their scores are what they got there, {corrected}; the intervals hold what this leaves open."


def _for_this_seed(seeded: Sequence[str]) -> str:
    draws = "draws random numbers and is" if len(seeded) == 1 else "draw random numbers and are"
    return f"{', '.join(seeded)} {draws} judged by one fit: what is said holds for this seed."
