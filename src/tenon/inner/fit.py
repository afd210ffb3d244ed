"""Fit a method to train rows with everything that was asked to be done inside them; the held-out rows are never there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tenon.data.dataset import Dataset
from tenon.errors import DataError
from tenon.inner.adjusted import AdjustedModel, Adjustment
from tenon.inner.calibrate import fit_calibration
from tenon.inner.folds import OutOfFold, Recipe, Steps, inner_splits, out_of_fold
from tenon.inner.settings import ADJUST_FOLDS, Cost, Inner
from tenon.inner.threshold import Threshold, best_threshold
from tenon.inner.tune import tuned
from tenon.method import Method, Model
from tenon.metrics.cost import cost_metric
from tenon.tasks import Task
from tenon.watch import SILENT, Watch


@dataclass(frozen=True)
class Fitted:
    """A model and how it came about.

    report is ready for JSON and holds only what was asked for: search, tuned (all settings of the method), tries (a list
    of {"params", "score", "reason"}), balance, augment, calibrate, and threshold {"value", "positive", "bayes", "cost",
    "cost_bayes"}: the costs are means over the rows of inner folds, at the threshold and at the Bayes threshold.
    """

    model: Model
    report: dict[str, Any]


def fit_inside(
    method: Method,
    train: Dataset,
    task: Task,
    *,
    params: Mapping[str, Any],
    inner: Inner,
    seed: int,
    budget: str = "normal",
    watch: Watch = SILENT,
) -> Fitted:
    """Tune, balance, augment, fit, calibrate, choose the threshold: each only where `inner` asks for it, all on the train rows.

    params : the method's settings that the user gave; they are not tuned, and defaults fill the rest.
    Raises SettingsError and NeedsExtra as Inner.check does, DataError where probabilities are needed and not given.
    """
    inner.check(train.schema, task)
    recipe = Recipe(method, task, method.with_defaults(params), inner.balance, inner.augment, seed, budget)
    report: dict[str, Any] = {}
    if inner.tune:
        tuning = tuned(recipe, train, params, inner, watch)
        recipe = replace(recipe, params=tuning.params)
        report |= {"search": inner.search, "tuned": tuning.params, "tries": tuning.tries}
    report |= {name: value for name in ("balance", "augment") if (value := getattr(inner, name))}
    adjustment = Adjustment()
    if inner.calibrate or inner.cost:
        adjustment = _adjustment(recipe, train, inner, report, watch)
    model = recipe.model(train, watch)
    return Fitted(model if adjustment == Adjustment() else AdjustedModel(model, adjustment), report)


def _adjustment(recipe: Recipe, train: Dataset, inner: Inner, report: dict[str, Any], watch: Watch) -> Adjustment:
    """Return what held-out rows of inner folds say; where rows cannot be split, no calibration and the Bayes threshold."""
    task, name = recipe.task, recipe.method.name
    try:
        splits = inner_splits(train, task, ADJUST_FOLDS, recipe.seed)
    except DataError as error:
        watch.note(f"{name}: probabilities are taken at their word, for inside the train rows {error}")
        return _unseen(inner.cost, task, report)
    said = out_of_fold(recipe, train, splits, Steps(watch, splits.n_folds))
    proba = said.sure_proba(name, f"calibrate={inner.calibrate}" if inner.calibrate else "--cost")
    adjustment = Adjustment()
    if inner.calibrate:
        adjustment = Adjustment(fit_calibration(inner.calibrate, proba, said.y, said.weights))
        report["calibrate"] = inner.calibrate
    if inner.cost:
        said = replace(said, proba=adjustment.proba(proba))
        adjustment = replace(adjustment, threshold=_threshold(said, inner.cost, task, report))
    return adjustment


def _threshold(said: OutOfFold, cost: Cost, task: Task, report: dict[str, Any]) -> Threshold:
    proba, positive = said.sure_proba("it", "--cost"), cost.positive_code(task)
    chosen = Threshold(best_threshold(proba[:, positive], said.y == positive, cost.fn, cost.fp, said.weights), positive)
    metric = cost_metric(cost.applied(task).costs)
    bayes = Threshold(cost.bayes_threshold, positive)
    report["threshold"] = {
        "value": chosen.value,
        "positive": task.labels[positive],
        "bayes": bayes.value,
        "cost": metric.score(said.y, chosen.decide(proba), said.weights),
        "cost_bayes": metric.score(said.y, bayes.decide(proba), said.weights),
    }
    return chosen


def _unseen(cost: Cost | None, task: Task, report: dict[str, Any]) -> Adjustment:
    """Return the adjustment for probabilities that are taken at their word."""
    if cost is None:
        return Adjustment()
    positive, bayes = cost.positive_code(task), cost.bayes_threshold
    report["threshold"] = {"value": bayes, "positive": task.labels[positive], "bayes": bayes, "cost": None, "cost_bayes": None}
    return Adjustment(threshold=Threshold(bayes, positive))
