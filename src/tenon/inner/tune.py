"""The best settings of a method for these train rows: several are tried, each scored on the same inner folds of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tenon.data.dataset import Dataset
from tenon.errors import DataError
from tenon.files import reason_of
from tenon.inner.folds import OutOfFold, Recipe, Steps, inner_splits, out_of_fold
from tenon.inner.search import GridSearch, RandomSearch, Search, Settings, Space, is_ranged
from tenon.inner.settings import TUNE_FOLDS, Cost, Inner
from tenon.inner.threshold import Threshold, best_threshold
from tenon.metrics.sequences import COUNTED
from tenon.watch import Watch

if TYPE_CHECKING:
    from tenon.data.splits import Splits


@dataclass(frozen=True)
class Tuning:
    """What came of the search. A try is {"params", "score", "reason"}; score None where it failed, for the reason told."""

    params: dict[str, Any]  # all settings of the method, the chosen ones among them
    tries: list[dict[str, Any]]  # in the order in which they were tried; empty where nothing could be


def tuned(recipe: Recipe, train: Dataset, given: Mapping[str, Any], inner: Inner, watch: Watch) -> Tuning:
    """Try up to inner.tune configurations, the recipe's own first, and return the best; of equal ones the first.

    given : settings that the user fixed; they are not tuned. Where no other setting has a range, or the rows cannot be
    split, a note says so and the settings stay as they are. A configuration that fails counts as worst. Raises OutputError where
    one fails since the disk is full.
    """
    name, kept = recipe.method.name, Tuning(dict(recipe.params), [])
    space = {key: param for key, param in recipe.method.params.items() if key not in given and is_ranged(param)}
    if not space:
        if recipe.method.params:
            watch.note(f"{name} has no setting with a range left to tune; its settings stay as they are.")
        return kept
    try:
        splits = inner_splits(train, recipe.task, TUNE_FOLDS, recipe.seed)
    except DataError as error:
        watch.note(f"{name} was not tuned, its settings stay as they are, for inside the train rows {error}")
        return kept
    tries, levels = _try_all(recipe, train, splits, _search(space, inner, recipe.seed), inner, watch)
    best = max(levels)
    if best == -math.inf:
        watch.note(f"{name} was not tuned, for none of {len(tries)} configurations could be scored: {tries[0]['reason']}")
        return Tuning(kept.params, tries)
    return Tuning({**recipe.params, **tries[levels.index(best)]["params"]}, tries)


def _search(space: Space, inner: Inner, seed: int) -> Search:
    if inner.search == "optuna":
        from tenon.inner.tpe import OptunaSearch

        return OptunaSearch(space, seed)
    return GridSearch(space, inner.tune - 1) if inner.search == "grid" else RandomSearch(space, seed)


def _try_all(
    recipe: Recipe, train: Dataset, splits: "Splits", search: Search, inner: Inner, watch: Watch
) -> tuple[list[dict[str, Any]], list[float]]:
    """Return the table of tries and the level of each, larger = better, -inf where it failed."""
    steps = Steps(watch, inner.tune * splits.n_folds)
    tries: list[dict[str, Any]] = []
    levels: list[float] = []
    settings: Settings | None = {name: recipe.params[name] for name in search.space}
    while settings is not None:
        reason = ""
        try:
            level = _level(replace(recipe, params={**recipe.params, **settings}), train, splits, inner.cost, steps)
        except Exception as error:  # the method may be anyone's code: whatever it raises costs these settings only
            level, reason = -math.inf, reason_of(error)
            watch.note(f"{recipe.method.name} with {_written(settings)} failed: {reason}")
        search.tell(settings, None if reason else level)
        score = None if reason else recipe.task.metric.from_level(level)
        tries.append({"params": settings, "score": score, "reason": reason})
        levels.append(level)
        settings = search.next() if len(tries) < inner.tune else None
    return tries, levels


def _level(recipe: Recipe, train: Dataset, splits: "Splits", cost: Cost | None, steps: Steps) -> float:
    """Return the score of these settings over all inner folds, on the scale where larger is better."""
    metric, said = recipe.task.metric, out_of_fold(recipe, train, splits, steps)
    guess = said.value
    if metric.reads in COUNTED:
        guess = recipe.task.counted(said.y, said.value, metric.reads)
    elif metric.reads == "proba":
        guess = said.sure_proba(recipe.method.name, metric.title)
    elif metric.reads == "label" and cost is not None:
        guess = _decided(said, recipe, cost)
    return metric.measure(said.y, guess, said.folds, said.weights).level


def _decided(said: OutOfFold, recipe: Recipe, cost: Cost) -> Any:
    """Return the labels (m,) under the threshold that would be chosen for these predictions."""
    proba, positive = said.sure_proba(recipe.method.name, "--cost"), cost.positive_code(recipe.task)
    value = best_threshold(proba[:, positive], said.y == positive, cost.fn, cost.fp, said.weights)
    return Threshold(value, positive).decide(proba)


def _written(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}" for name, value in settings.items())
