"""Smaller models that learn what the original says of its train rows (Buciluă et al. 2006; Hinton et al. 2015, arXiv:1503.02531).

A row stands there once for each class, weighted by the probability that the original gives it, so that the loss of any method
that takes weights is the cross-entropy from these probabilities (Hinton's at temperature 1). Numbers are learnt as the original
says them.
"""

from dataclasses import replace

import numpy as np

from tenon.adapter import EstimatorModel
from tenon.catalogue import find
from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.inner.repeat import repeated, weighted
from tenon.method import Model
from tenon.watch import Watch

LEAST = 0.01  # probability of a class from which on a row stands there for it
COLUMN_KINDS = ("number", "category", "date")


def taught(model: Model, train: Dataset) -> Dataset:
    """Return the train rows with what the model says of them in the place of the target."""
    import pandas as pd

    task, said = model.task, model.predict_rows(conform(train, model.schema))
    if said.proba is None:
        return replace(train, frame=train.frame.assign(**{task.target: np.asarray(said.value, np.float64)}))
    is_likely = said.proba >= min(LEAST, 1 / len(task.labels))
    rows, classes = np.nonzero(is_likely)
    again = repeated(train, rows)
    labels = pd.Series(task.decode(classes), again.frame.index).astype(train.frame[task.target].dtype)
    again = replace(again, frame=again.frame.assign(**{task.target: labels}))
    return weighted(again, said.proba[rows, classes] / (said.proba * is_likely).sum(axis=1)[rows], "made by distillation")


def why_not_taught(model: EstimatorModel) -> str | None:
    is_known = model.task.has_classes or model.task.is_regression
    return None if is_known else "learns classes and numbers only"


def why_not_student(name: str, model: EstimatorModel, train: Dataset) -> str | None:
    method = find(name)
    if model.method_name == name:
        return "is what the model is already"
    if hasattr(model.estimator, "coef_") or model.method_name == "baseline":
        return f"is larger than a {model.method_name} model"
    return method.lacks() or why_not_taught(model) or method.accepts(train.schema, model.task)


def why_not_student_of_columns(name: str, model: EstimatorModel, train: Dataset) -> str | None:
    if set(train.schema.features()) - set(train.schema.features(*COLUMN_KINDS)):
        return "reads columns of numbers, categories and dates"
    return why_not_student(name, model, train)


def student(name: str, budget: str, model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> Model:
    """Return a model of the method of this name that learnt what the original says."""
    method = find(name)
    made = method.fit(
        taught(model, train), model.task, params=method.with_defaults({}), seed=seed, budget=budget, watch=watch
    )  # fmt: skip
    made.schema = model.schema
    return made
