"""The words that a network goes by, over rows that it did not see: what each does where it stands, on average, with intervals.

What a word does to an answer is that with it less that without it, as `tenon.inside.readings` tells of one row; of two classes
it is counted for the second, of more for the class that a row is called. Over rows the mean of a word comes with Student's
95 % interval, and words whose interval holds 0 are not told.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from tenon.explain.held_out import HeldOut, Part
from tenon.explain.known import MOST_ANSWERS, MOST_WORDS, plain
from tenon.explain.single import is_spoken, totals
from tenon.method import Model
from tenon.tasks import Task
from tenon.watch import SILENT, Watch, in_turn

MOST_ROWS, MOST_PRODUCTS = 100, 2e12  # rows; weights times tokens that are read of them, each without one of its parts
LETTERS = 3  # of a token, of parts of which it is not known how many tokens they are
FEWEST = 3  # rows that a word which is told of stands in
LEVEL = 0.95
Section = dict[str, Any]
Found = dict[tuple[Any, str], list[float]]  # what a word does to an answer in each row


def spoken_words(held: HeldOut, seed: int, watch: Watch = SILENT) -> list[Section]:
    """Return sides as `known.words` does, each with ends, [[low, high], ...] of its weights, and rows, that were read.

    For models that tell `readings`. No side where rows are too long for a few of them to be read.
    """
    found: Found = defaultdict(list)
    n_read = n_rows = 0
    most_read = MOST_PRODUCTS / _n_weights(held.model)
    for part, row_id in in_turn(_drawn(held, seed), "words", watch):
        answer, effects, n_tokens = _read(part, row_id)
        n_rows, n_read = n_rows + 1, n_read + n_tokens
        for of, word, effect in _signed(answer, effects, held.task):
            found[of, word].append(effect)
        if n_read * max(1, FEWEST // n_rows) > most_read:
            break
    return [side | {"rows": n_rows} for side in _sides(found, held)]


def _drawn(held: HeldOut, seed: int) -> list[tuple[Part, int]]:
    """Return rows by chance, each with the part that it is in."""
    rows = [(part, int(row_id)) for part in held.parts for row_id in part.rows.row_ids]
    order = np.random.default_rng([seed, 6]).permutation(len(rows))[:MOST_ROWS]
    return [rows[i] for i in order]


def _n_weights(model: Model) -> int:
    """Return how many weights each token meets: those of a network without its embeddings; 1 where it is none of ours."""
    inner: Any = getattr(model, "model", model)  # without what is done to its probabilities
    net = getattr(getattr(inner, "estimator", None), "net_", None)
    if net is None:
        return 1
    tables = sum(one.weight.numel() for one in net.modules() if hasattr(one, "num_embeddings"))
    return max(1, sum(one.numel() for one in net.parameters()) - tables)


def _read(part: Part, row_id: int) -> tuple[Any, dict[str, float], int]:
    """Return what a row is called, what each of its words does to that, and how many tokens were read to see it."""
    known = part.model.explain_rows(part.rows.rows(np.array([row_id])), only=("readings",))
    table, [text] = known["readings"], known["texts"]
    if table.empty:
        return None, {}, 0
    n_tokens = max(len(table), int((table["end"] - table["start"]).sum()) // LETTERS)
    effects = {str(word): float(effect) for word, effect in totals(table, text).items()}
    return table["answer"].iloc[0], effects, len(table) * n_tokens


def _signed(answer: Any, effects: dict[str, float], task: Task) -> Iterator[tuple[Any, str, float]]:
    of, sign = answer, 1.0
    if task.is_regression:
        of = None
    elif len(task.labels) == 2 and not task.has_sets:
        of, sign = task.labels[1], 1.0 if answer == task.labels[1] else -1.0
    return ((of, word, sign * effect) for word, effect in effects.items() if is_spoken(word))


def _sides(found: Found, held: HeldOut) -> list[Section]:
    """Return for each answer the words that speak most for it, and of two classes, or numbers, for the other side."""
    [*columns], told = held.model.schema.features("text"), defaultdict(list)
    for (of, word), effects in found.items():
        mean, half = _mean(effects)
        if abs(mean) > half:
            told[of].append((word, mean, half))
    sides = []
    for of, words in told.items():
        for answer, sign in _answers(of, held.task):
            top = sorted(((sign * mean, half, word) for word, mean, half in words if sign * mean > 0), reverse=True)[:MOST_WORDS]
            pairs, ends = [[word, mean] for mean, _, word in top], [[mean - half, mean + half] for mean, half, _ in top]
            sides.append({"column": columns[0], "answer": answer, "words": pairs, "ends": ends})
    return [side for side in sides if side["words"]][: 2 * MOST_ANSWERS]


def _answers(of: Any, task: Task) -> list[tuple[str, float]]:
    """Return what words are told for, each with the sign of what they do then."""
    if task.is_regression:
        return [("more", 1.0), ("less", -1.0)]
    if len(task.labels) == 2 and not task.has_sets:
        return [(str(plain(of)), 1.0), (str(plain(task.labels[0])), -1.0)]
    return [(str(plain(of)), 1.0)]


def _mean(effects: list[float]) -> tuple[float, float]:
    """Return the mean and half its interval; without end of a word that stands in too few rows."""
    from scipy.stats import t

    n = len(effects)
    if n < FEWEST:
        return 0.0, np.inf
    return float(np.mean(effects)), float(t.ppf((1 + LEVEL) / 2, n - 1) * np.std(effects, ddof=1) / np.sqrt(n))
