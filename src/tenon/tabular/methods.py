"""The matrix methods, simplest first; scikit-learn, or PyTorch for networks, is loaded only when a method is fitted."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tenon.adapter import AVERAGE, from_estimator, from_sequences
from tenon.data.dataset import Dataset, Schema
from tenon.features.recipes import SCALINGS, counted, native, nothing
from tenon.method import Method, Model, Param
from tenon.nn.activations import ACTIVATIONS
from tenon.tabular.baseline import constant
from tenon.tasks import CLASSES, NUMBERS, SETS, Task

Params = Mapping[str, Any]

SCALING = Param("standard", choices=SCALINGS)
STRENGTH = Param(1.0, 1e-3, 1e3, log=True, is_positive=True)  # C of logistic regression and of support vector machines
EPOCHS = (10, 40, 120)
PERCEPTRON = {
    "width": Param(256, 1, 4096, log=True),
    "layers": Param(2, 1, 10),
    "rate": Param(3e-3, 1e-4, 3e-2, log=True, is_positive=True),
    "dropout": Param(0.1, 0.0, 0.5, most=1.0),
    "decay": Param(0.01, 1e-4, 1.0, log=True),
    "smoothing": Param(0.0, 0.0, 0.2, most=1.0),
    "input_noise": Param(0.0, 0.0, 0.5),
    "weight_noise": Param(0.0, 0.0, 0.1),
    "activation": Param("relu", choices=ACTIVATIONS),
    "average": AVERAGE,
}
NARROWEST = 8  # layers of a perceptron, each half as wide as the one before it, do not become narrower


def _baseline(task: Task, params: Params, seed: int) -> Any:
    return constant(task)


def _constant() -> dict[str, Any]:
    """Return the baseline's parts: it looks at no column, but answers about sequences as long as these are."""
    plain = from_estimator("baseline", _baseline, features=nothing)
    of_sequences = from_sequences("baseline", _baseline)

    def accepts(schema: Schema, task: Task) -> str | None:
        return (of_sequences if task.is_of_sequences else plain)["accepts"](schema, task)

    def fit(train: Dataset, task: Task, **given: Any) -> Model:
        return (of_sequences if task.is_of_sequences else plain)["fit"](train, task, **given)

    return plain | {"accepts": accepts, "fit": fit}


def _naive_bayes(task: Task, params: Params, seed: int) -> Any:
    from tenon.tabular.naive_bayes import JointNaiveBayes

    return JointNaiveBayes(smoothing=params["smoothing"], var_smoothing=params["var_smoothing"])


def _knn(task: Task, params: Params, seed: int) -> Any:
    from tenon.tabular.neighbours import NeighboursClassifier, NeighboursRegressor

    kind = NeighboursRegressor if task.is_regression else NeighboursClassifier
    return kind(k=round(params["k"]), weights=params["weights"])


def _linear(task: Task, params: Params, seed: int) -> Any:
    from sklearn.linear_model import LinearRegression

    return LinearRegression()


def _ridge(task: Task, params: Params, seed: int) -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(alpha=params["alpha"])


def _lasso(task: Task, params: Params, seed: int) -> Any:
    from sklearn.linear_model import Lasso

    return _on_scaled_target(Lasso(alpha=params["alpha"], max_iter=params["max_iter"]))


def _logistic(task: Task, params: Params, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=params["C"], max_iter=params["max_iter"])


def _svm_linear(task: Task, params: Params, seed: int) -> Any:
    from sklearn.svm import LinearSVC, LinearSVR

    C, max_iter = params["C"], params["max_iter"]
    if task.is_regression:
        loss = "squared_epsilon_insensitive"
        return _on_scaled_target(LinearSVR(C=C, epsilon=0.1, loss=loss, dual="auto", max_iter=max_iter, random_state=seed))
    return LinearSVC(C=C, dual="auto", max_iter=max_iter, random_state=seed)


def _svm_rbf(task: Task, params: Params, seed: int) -> Any:
    from sklearn.svm import SVC, SVR

    return _on_scaled_target(SVR(C=params["C"])) if task.is_regression else SVC(C=params["C"])


def _mlp(task: Task, params: Params, seed: int) -> Any:
    from tenon.tabular.mlp import MLPClassifier, MLPRegressor

    own = dict(params)
    width, layers = round(own.pop("width")), round(own.pop("layers"))
    own["hidden"] = tuple(max(NARROWEST, width >> i) for i in range(layers))
    if task.is_regression:
        del own["smoothing"]
        return MLPRegressor(**own, n_jobs=1, random_state=seed)
    return MLPClassifier(**own, n_jobs=1, random_state=seed)


def _read_mlp(folder: Path) -> Any:
    from tenon.tabular.mlp import MLPClassifier

    return MLPClassifier.read_files(folder)


def _perceptron(name: str, work: dict[str, Any]) -> dict[str, Any]:
    return _declining_text(from_estimator(name, _mlp, features=native, work=work, read=_read_mlp), "reads no text")


def _declining_text(parts: dict[str, Any], why: str) -> dict[str, Any]:
    """Return a method's parts, declining text too."""

    def accepts(schema: Schema, task: Task) -> str | None:
        if schema.features("text"):
            return why
        return parts["accepts"](schema, task)

    return {**parts, "accepts": accepts}


def _on_scaled_target(regressor: Any) -> Any:
    """Fit to a target of mean 0 and deviation 1, so that penalties mean the same whatever the target's unit."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler

    return TransformedTargetRegressor(regressor, transformer=StandardScaler())


METHODS = (
    Method(
        card="baseline.md",
        cost_rank=0,
        pace=0.01,
        **_constant(),
    ),
    Method(
        card="naive-bayes.md",
        cost_rank=10,
        pace=1.0,
        params={"smoothing": Param(1.0, 0.01, 10.0, log=True), "var_smoothing": Param(1e-3, 1e-9, 1.0, log=True)},
        **from_estimator("naive-bayes", _naive_bayes, features=counted, kinds_of_task=CLASSES + SETS),
    ),
    Method(
        card="linear.md",
        cost_rank=20,
        pace=0.7,
        params={"scaling": SCALING},
        **from_estimator("linear", _linear, kinds_of_task=NUMBERS),
    ),
    Method(
        card="ridge.md",
        cost_rank=21,
        pace=0.7,
        params={"alpha": Param(1.0, 1e-3, 1e4, log=True), "scaling": SCALING},
        **from_estimator("ridge", _ridge, kinds_of_task=NUMBERS),
    ),
    Method(
        card="lasso.md",
        cost_rank=22,
        pace=1.0,
        params={"alpha": Param(0.01, 1e-4, 1.0, log=True), "scaling": SCALING},
        **from_estimator("lasso", _lasso, kinds_of_task=NUMBERS, work={"max_iter": (1_000, 10_000, 100_000)}),
    ),
    Method(
        card="logistic.md",
        cost_rank=23,
        pace=2.0,
        grows_with_classes=True,
        params={"C": STRENGTH, "scaling": SCALING},
        **from_estimator("logistic", _logistic, kinds_of_task=CLASSES + SETS, work={"max_iter": (100, 1_000, 10_000)}),
    ),
    Method(
        card="svm-linear.md",
        cost_rank=30,
        pace=2.0,
        grows_with_classes=True,
        params={"C": replace(STRENGTH, default=0.1), "scaling": SCALING},
        is_seeded=True,
        **from_estimator("svm-linear", _svm_linear, work={"max_iter": (300, 3_000, 30_000)}),
    ),
    Method(
        card="knn.md",
        cost_rank=40,
        pace=15.0,
        params={
            "k": Param(15, 1, 100, log=True),
            "weights": Param("distance", choices=("uniform", "distance")),
            "scaling": SCALING,
        },
        **from_estimator("knn", _knn, max_rows=100_000),
    ),
    Method(
        card="svm-rbf.md",
        cost_rank=50,
        pace=15.0,
        grows_with_classes=True,
        params={"C": STRENGTH, "scaling": SCALING},
        is_seeded=True,
        cost="medium",
        **_declining_text(  # kernels on sparse rows take minutes where svm-linear takes a second
            from_estimator("svm-rbf", _svm_rbf, max_rows=20_000), "is slow on text, where svm-linear does as well"
        ),
    ),
    Method(
        card="mlp.md",
        cost_rank=70,
        pace=60.0,
        needs="deep",
        params=PERCEPTRON,
        is_seeded=True,
        cost="medium",
        **_perceptron("mlp", work={"epochs": EPOCHS}),
    ),
    Method(
        card="mlp-autoencoder.md",
        cost_rank=71,
        pace=90.0,
        needs="deep",
        params=PERCEPTRON,
        is_seeded=True,
        cost="medium",
        **_perceptron("mlp-autoencoder", work={"epochs": EPOCHS, "pretraining": (5, 20, 60)}),
    ),
)
