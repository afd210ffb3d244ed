"""Make a method of any scikit-learn estimator: features of the right kind, then the estimator.

`from_estimator` gives what a Method needs (name, accepts, fit, load); `estimator_method` makes a whole method of an estimator
class that somebody else wrote. One whose `fit` takes `held_out` is a network: it gets the rows that choose its epoch; one whose
`fit` takes `parts` is several, each of which leaves out one part; one whose `fit` takes `class_names` looks for them in texts.
Of label sets one with `learns_sets` learns an indicator matrix; others are cloned for each label (`one_vs_rest`), and labels are
said from a threshold on (`label_threshold`). One with an attribute `watch` tells there how far it is; one with a method
`read_share` tells which share of texts it reads.
"""

import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tenon.data.dataset import Dataset, Schema
from tenon.data.wording import enumeration
from tenon.errors import ModelFileError, SettingsError
from tenon.estimator_file import WritesItself, read_estimator, write_estimator
from tenon.estimator_fit import fit_parts, held_out_rows, log_as_notes, own_randomness, warnings_as_notes
from tenon.features.recipes import KINDS, nothing, scaled
from tenon.features.sequences import not_fitting, whole_columns
from tenon.label_threshold import EVEN, unseen_threshold
from tenon.method import BUDGETS, Method, Model, Param, Predictions, check_proba
from tenon.one_vs_rest import OneVsRest
from tenon.tasks import CLASSES, NUMBERS, SEQUENCES, SETS, Task
from tenon.training.history import History
from tenon.training.recipe import MOST_AVERAGE
from tenon.watch import SILENT, Watch

Build = Callable[[Task, Mapping[str, Any], int], Any]  # (task, params, seed) -> unfitted estimator
Recipe = Callable[[Schema, Mapping[str, Any]], Any]  # (schema, params) -> unfitted transformer
Read = Callable[[Path], Any]  # folder -> the fitted estimator that wrote its own files there

PREDICTED = {  # what methods predict, in words for the user
    "binary": "classes",
    "multiclass": "classes",
    "pair": "classes",
    "regression": "numbers",
    "tagging": "tags",
    "translation": "translations",
    "language": "texts",
    "answer": "answers",
    "multilabel": "classes",
}
AVERAGE = Param(0.0, 0.0, 0.999, most=MOST_AVERAGE)  # of a network's weights over its steps, see `training.recipe`
PREDICTION_SEED = 0  # of the global generators, for an estimator that draws from them when it predicts
OWN_COST_RANK = 1000  # a method brought along stands after the catalogue's


class EstimatorModel(Model):
    """A fitted transformer and a fitted estimator behind the contract of a model.

    present : (k,) positions in task.labels of the classes that the train rows held; the estimator knows them as 0 … k-1. Of label
    sets they are all. threshold : of a label set the labels are said that are at least so probable.
    """

    def __init__(self, schema: Schema, task: Task, method_name: str, parts: Mapping[str, Any]):
        super().__init__(schema, task, method_name)
        self.transformer, self.estimator, self.present = parts["transformer"], parts["estimator"], parts["present"]
        self.threshold = parts.get("threshold", EVEN)

    def predict_rows(self, dataset: Dataset) -> Predictions:
        """Probabilities stand in the order of task.labels; a class that the train rows did not hold gets 0."""
        from tenon.features.columns import plain

        with warnings.catch_warnings(), own_randomness(PREDICTION_SEED):
            warnings.simplefilter("ignore")  # about unseen categories, which are expected here
            X = self.transformer.transform(plain(dataset))
            share = self.estimator.read_share(X) if hasattr(self.estimator, "read_share") else 1.0
            if self.task.is_regression:
                value = np.asarray(self.estimator.predict(X), np.float64)
                value = value.reshape(-1) if value.size == len(dataset) else value
                return Predictions(dataset.row_ids, value, read_share=share)
            if self.task.kind == "answer":
                return Predictions.of_answers(dataset.row_ids, self.estimator.predict(X), share)
            if self.task.is_of_sequences:
                return Predictions(dataset.row_ids, _each_a_value(self.estimator.predict(X)), read_share=share)
            proba = np.zeros((len(dataset), len(self.task.labels)))
            proba[:, self.present] = self._proba(X, len(dataset))
        value = self.task.sets_of(proba >= self.threshold) if self.task.has_sets else self.task.decode(proba.argmax(axis=1))
        return Predictions(dataset.row_ids, value, proba, read_share=share)

    def _proba(self, X: Any, n_rows: int) -> np.ndarray:
        """(n, k) float64; an estimator that knows no probabilities is sure of what it says.

        Raises MethodError where what it calls probabilities are none.
        """
        if hasattr(self.estimator, "predict_proba"):
            proba = np.asarray(self.estimator.predict_proba(X), np.float64)
            check_proba(proba, n_rows, len(self.present), is_one_of=self.task.has_classes)
            if self.task.has_sets:
                return proba
            return proba / proba.sum(axis=1, keepdims=True)  # some give float32, whose rows sum to 1 in seven digits only
        said = np.asarray(self.estimator.predict(X))
        return said.astype(np.float64) if self.task.has_sets else np.eye(len(self.present))[said.astype(np.int64)]

    def history(self) -> dict[str, Any] | None:
        history = getattr(self.estimator, "history_", None)
        return history.brief() if isinstance(history, History) else None

    def explain_rows(self, dataset: Dataset, only: Collection[str] = ()) -> dict[str, Any]:
        """Contributions are to the classes that the train rows held."""
        from tenon import inside
        from tenon.features.columns import plain
        from tenon.features.origins import origins

        answers = [self.task.target] if self.task.is_regression else [self.task.labels[k] for k in self.present]
        X, features = self.transformer.transform(plain(dataset)), origins(self.transformer)
        said = inside.Said(self.estimator, X, features, dataset.row_ids, answers)
        known: dict[str, Any] = {}
        for tell in inside.TELLERS:
            if not only or tell.__name__ in only:
                known |= tell(said)
        return known

    def moved_against(self, dataset: Dataset, y: np.ndarray, size: float) -> Dataset | None:
        """A row of a class that the train rows did not hold is moved against the first class."""
        from tenon.features.columns import plain

        if not hasattr(self.estimator, "uphill") or not hasattr(self.transformer, "moved"):
            return None
        frame = plain(dataset)
        asked = self.coded(y)
        moved = self.transformer.moved(frame, self.estimator.uphill(self.transformer.transform(frame), asked), size)
        return replace(dataset, frame=dataset.frame.assign(**moved)) if moved else None

    def coded(self, y: np.ndarray) -> np.ndarray:
        """Return y as the estimator knows it."""
        if self.task.has_sets:
            return self.task.indicator(y)
        if self.task.is_regression or self.task.is_of_sequences:
            return y
        return np.minimum(np.searchsorted(self.present, y), len(self.present) - 1)

    def save_parts(self, folder: Path) -> None:
        estimator = self.estimator
        if isinstance(estimator, WritesItself):
            estimator.write_files(folder)
            estimator = None
        elif isinstance(estimator, OneVsRest):
            estimator = estimator.put_out(folder)
        parts = {"transformer": self.transformer, "estimator": estimator, "present": self.present}
        write_estimator(folder, parts | ({"threshold": self.threshold} if self.task.has_sets else {}))


def from_estimator(
    name: str,
    build: Build,
    *,
    features: Recipe = scaled,
    kinds_of_task: tuple[str, ...] = CLASSES + SETS + NUMBERS,
    max_rows: int | None = None,
    work: Mapping[str, tuple[Any, Any, Any]] | None = None,
    read: Read | None = None,
) -> dict[str, Any]:
    """Return name, accepts, fit, load and work for Method(**...).

    features makes the transformer, build the estimator; both get the method's settings. max_rows: above it the method
    declines, for its work grows with the square of the rows. work: settings that the budget decides, each as its
    (quick, normal, thorough) value, as in {"max_iter": (100, 1000, 10_000)}; `build` finds them among its params. read: reads
    estimators that write themselves (`estimator_file.WritesItself`); others are kept by skops.
    """

    def accepts(schema: Schema, task: Task) -> str | None:
        if task.kind not in kinds_of_task:
            return f"predicts {enumeration(list(dict.fromkeys(PREDICTED[kind] for kind in kinds_of_task)))} only"
        if features not in (nothing, whole_columns) and not schema.features(*KINDS):
            return f"reads columns of these kinds: {', '.join(KINDS)}; there is none"
        if max_rows is not None and schema.n_rows > max_rows:
            rows = f"{schema.n_rows:,} rows > {max_rows:,}"
            return f"grows with the square of the rows; {rows}. Try logistic or ridge, or a sample"
        return None

    def fit(
        train: Dataset, task: Task, *, params: Mapping[str, Any], seed: int, budget: str = "normal", watch: Watch = SILENT
    ) -> Model:
        settings = {**params, **{key: amounts[BUDGETS.index(budget)] for key, amounts in (work or {}).items()}}

        def fitted(rows: Dataset, watch: Watch = SILENT) -> EstimatorModel:
            parts = fit_parts(rows, task, features(rows.schema, settings), build(task, settings, seed), seed, watch)
            return EstimatorModel(rows.schema, task, name, parts)

        with warnings_as_notes(name, watch), log_as_notes(watch), own_randomness(seed):
            model = fitted(train, watch)
            if task.has_sets and hasattr(model.estimator, "predict_proba"):
                assert train.target is not None, "train rows have a target"
                held_out = held_out_rows(train, model.estimator, task.strata(task.encode(train.target)), seed).get("held_out")
                model.threshold = unseen_threshold(model, train, task, held_out, seed, fitted)
        return model

    def load(folder: Path, schema: Schema, task: Task) -> Model:
        return EstimatorModel(schema, task, name, _read_parts(folder, task, read=read))

    return {"name": name, "accepts": accepts, "fit": fit, "load": load, "work": work or {}}


def from_sequences(
    name: str, build: Build, *, kinds_of_task: tuple[str, ...] = SEQUENCES, read: Read | None = None, **given: Any
) -> dict[str, Any]:
    """Return the same for an estimator of sequences, which gets the one column of texts or token lists as a list.

    fit(X, y) takes tags or translations as y; predict(X) returns a list of them, or of "language" an array of nats. Of "answer" X
    is pairs of question and context, y the answers (`data.questions`), and predict(X) returns a list of `Span`.
    """
    parts = from_estimator(name, build, features=whole_columns, kinds_of_task=kinds_of_task, read=read, **given)

    def accepts(schema: Schema, task: Task) -> str | None:
        return parts["accepts"](schema, task) or not_fitting(schema, task)

    return parts | {"accepts": accepts}


def estimator_method(estimator: Any, name: str, cost: str = "") -> Method:
    """Return a method of a scikit-learn estimator, given as a class or as an instance with settings of one's own.

    It gets the features of `recipes.scaled`, made dense where it takes no sparse matrix; its random_state is the trial's
    seed, its n_jobs 1, or all cores where it is dear. cost : "cheap", "medium" or "dear"; by default what the estimator's own
    attribute `tenon_cost` says, else cheap. Raises SettingsError where it is neither a classifier nor a regressor.
    """
    from sklearn.base import is_classifier, is_regressor

    prototype = _instance(estimator, name)
    if not (is_classifier(prototype) or is_regressor(prototype)):
        raise SettingsError(f"{name} is neither a classifier nor a regressor in scikit-learn's sense, so it cannot be compared.")
    known, cost = prototype.get_params(deep=False), cost or getattr(prototype, "tenon_cost", "cheap")
    plain_settings = {
        key: Param(value)
        for key, value in known.items()
        if key not in ("random_state", "n_jobs") and isinstance(value, bool | int | float | str | None)
    }

    def build(task: Task, params: Mapping[str, Any], seed: int) -> Any:
        from sklearn.base import clone

        n_jobs = -1 if cost == "dear" else 1
        fixed = {key: value for key, value in {"random_state": seed, "n_jobs": n_jobs}.items() if key in known}
        return clone(prototype).set_params(**params, **fixed)

    def load(folder: Path, schema: Schema, task: Task) -> Model:
        package = type(prototype).__module__.partition(".")[0]
        read = type(prototype).read_files if isinstance(prototype, WritesItself) else None
        return EstimatorModel(schema, task, name, _read_parts(folder, task, package, read))

    kinds = CLASSES + SETS if is_classifier(prototype) else NUMBERS
    return Method(
        card="",
        cost_rank=OWN_COST_RANK,
        params=plain_settings,
        cost=cost,
        is_seeded="random_state" in known,
        **{**from_estimator(name, build, kinds_of_task=kinds), "load": load},
    )


def _read_parts(folder: Path, task: Task, package: str = "", read: Read | None = None) -> dict[str, Any]:
    """Return the parts in a model folder. Raises ModelFileError as `read_estimator` does, and for parts of something else."""
    parts = read_estimator(folder, package)
    if parts["estimator"] is None and read is not None:
        parts["estimator"] = read(folder)
    elif isinstance(parts["estimator"], OneVsRest):
        parts["estimator"].take_in(folder, read)
    present = parts["present"]
    are_places = isinstance(present, np.ndarray) and present.ndim == 1 and np.isin(present, np.arange(len(task.labels))).all()
    if not are_places or not hasattr(parts["transformer"], "transform") or not hasattr(parts["estimator"], "predict"):
        raise ModelFileError(f"{folder} holds parts that do not make a model of {task.target!r}; the run has to be made again.")
    return parts


def _instance(estimator: Any, name: str) -> Any:
    try:
        instance = estimator() if isinstance(estimator, type) else estimator
    except TypeError as error:
        raise SettingsError(
            f"{name} cannot be made without arguments ({error}); name an instance instead of the class."
        ) from error
    if not (hasattr(instance, "fit") and hasattr(instance, "predict") and hasattr(instance, "get_params")):
        raise SettingsError(f"{name} is no scikit-learn estimator: it lacks fit, predict or get_params.")
    return instance


def _each_a_value(said: Any) -> np.ndarray:
    """Return numbers, texts or lists as (n,), float64 or object: a list of lists would else become a matrix."""
    if isinstance(said, np.ndarray):
        return said
    value = np.empty(len(said), object)
    value[:] = said
    return value
