"""scores.json against scikit-learn, from the saved predictions; final rows count nowhere."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk
from tests.trials.small_run import guesses_of, ready_for, rows, run_here, trials

from tenon.trials.ask import Ask
from tenon.trials.scores import other_scores


def scored(kind, methods, tmp_path):
    """Return the scores, and what each method said: (method, repeat, fold) -> frame with the truth beside it."""
    ready = ready_for(rows(kind, 140, final=20), Ask(methods=methods, splits="3x2"), tmp_path)
    run_here(ready, trials(ready))
    names = [method.name for method in ready.running]
    said = {
        (job.method, job.repeat, job.fold): pd.read_parquet(tmp_path / job.place / "predictions.parquet").assign(
            truth=lambda frame: ready.bench.dataset.target.loc[frame.index]
        )
        for job in trials(ready)
    }
    return other_scores(ready, guesses_of(ready), names), said, names


def repeats_of(said, name):
    return [pd.concat([said[name, repeat, fold] for fold in range(3)]) for repeat in range(2)]


def mean(figure, frames):
    return pytest.approx(np.mean([figure(frame) for frame in frames]), rel=1e-12)  # the same sums in another order


def proba(frame, labels):
    return frame[[f"p_{label}" for label in labels]]


@pytest.mark.parametrize(("kind", "labels"), [("binary", ["no", "yes"]), ("multiclass", ["a", "b", "c"])])
def test_metrics_of_classes(kind, labels, tmp_path):
    found, said, names = scored(kind, "naive-bayes,logistic", tmp_path)
    assert found["labels"] == labels
    assert set(found["metrics"]) == {"accuracy", "macro_f1", "log_loss"} | ({"auc"} if kind == "binary" else set())
    for name in names:
        score = {metric: of_method[name]["score"] for metric, of_method in found["metrics"].items()}
        repeats = repeats_of(said, name)
        assert score["accuracy"] == mean(lambda f: sk.accuracy_score(f["truth"], f["prediction"]), repeats)
        assert score["macro_f1"] == mean(lambda f: sk.f1_score(f["truth"], f["prediction"], average="macro"), repeats)
        assert score["log_loss"] == mean(lambda f: sk.log_loss(f["truth"], proba(f, labels).to_numpy()), repeats)
        if kind == "binary":
            folds = [frame for (method, _, _), frame in said.items() if method == name]
            assert score["auc"] == mean(lambda f: sk.roc_auc_score(f["truth"] == "yes", f["p_yes"]), folds)
        for of_method in found["metrics"].values():
            assert of_method[name]["low"] <= of_method[name]["score"] <= of_method[name]["high"]


@pytest.mark.mission("A3")
@pytest.mark.parametrize(("kind", "labels"), [("binary", ["no", "yes"]), ("multiclass", ["a", "b", "c"])])
def test_figures_of_classes_are_those_of_the_first_repeat(kind, labels, tmp_path):
    found, said, names = scored(kind, "logistic", tmp_path)
    for name in names:
        first, figures = repeats_of(said, name)[0], found["classes"][name]
        truth, label = first["truth"], first["prediction"]
        table = sk.confusion_matrix(truth, label, labels=labels)
        assert table.sum() == 120  # without the 20 final rows
        assert figures["confusion"] == table.tolist()
        expected = sk.precision_recall_fscore_support(truth, label, labels=labels, zero_division=np.nan)
        for found_figures, by_class in zip((figures["precision"], figures["recall"], figures["f1"]), expected, strict=False):
            plain = [None if np.isnan(figure) else pytest.approx(figure) for figure in by_class]
            assert found_figures == plain
        assert figures["rows"] == expected[3].tolist()
    assert None in found["classes"]["baseline"]["precision"]  # it never says the rarer classes


def test_metrics_of_numbers(tmp_path):
    found, said, names = scored("regression", "ridge", tmp_path)
    assert found["classes"] == {}
    for name in names:
        repeats = repeats_of(said, name)
        score = {metric: of_method[name]["score"] for metric, of_method in found["metrics"].items()}
        assert score["mae"] == mean(lambda f: sk.mean_absolute_error(f["truth"], f["prediction"]), repeats)
        assert score["r2"] == mean(lambda f: sk.r2_score(f["truth"], f["prediction"]), repeats)
        squares = np.mean([sk.mean_squared_error(frame["truth"], frame["prediction"]) for frame in repeats])
        assert score["rmse"] == pytest.approx(np.sqrt(squares), rel=1e-12)  # the root of the mean over repeats
