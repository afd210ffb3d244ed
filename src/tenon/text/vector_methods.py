"""Methods that read texts as vectors of their words; scikit-learn is loaded only when one is fitted."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tenon.adapter import from_estimator
from tenon.data.dataset import Schema
from tenon.features.recipes import SCALINGS, scaled
from tenon.method import PREPARED, Method, Param
from tenon.tasks import CLASSES, SETS, Task
from tenon.text.prepared import by_itself, vectors_at

if TYPE_CHECKING:
    from sklearn.compose import ColumnTransformer

Params = Mapping[str, Any]


def _means(schema: Schema, params: Params) -> "ColumnTransformer":
    from tenon.text.mean_vectors import MeanVectors

    vectors = vectors_at(params["vectors"])
    assert vectors is not None, "it cannot do without"
    return scaled(schema, params, MeanVectors.of(vectors))


def _logistic(task: Task, params: Params, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=params["C"], max_iter=params["max_iter"])


def _parts() -> dict[str, Any]:
    work = {"max_iter": (100, 1_000, 10_000)}
    parts = from_estimator("word2vec-logistic", _logistic, features=_means, kinds_of_task=CLASSES + SETS, work=work)

    def accepts(schema: Schema, task: Task) -> str | None:
        return parts["accepts"](schema, task) or (None if schema.features("text") else "reads columns of text; there is none")

    return by_itself({**parts, "accepts": accepts}, "vectors", "word2vec")


METHODS = (
    Method(
        card="word2vec-logistic.md",
        cost_rank=45,
        pace=5.0,
        grows_with_classes=True,
        params={
            "C": Param(1.0, 1e-3, 1e3, log=True, is_positive=True),
            "scaling": Param("standard", choices=SCALINGS),
            "vectors": Param(PREPARED, objective="word2vec"),
        },
        is_seeded=True,
        **_parts(),
    ),
)
