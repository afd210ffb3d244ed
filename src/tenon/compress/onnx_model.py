"""A model as a file of ONNX, with what is done to its columns, for programs that know nothing of Tenon; it is read here, too."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from tenon.adapter import EstimatorModel
from tenon.compress.int8 import int8_layers_of, is_net_of_texts
from tenon.compress.onnx_graph import PROBA, VALUE
from tenon.compress.onnx_linear import graph_of_linear, why_not_linear
from tenon.compress.onnx_perceptron import graph_of_perceptron, is_perceptron
from tenon.compress.onnx_pictures import graph_of_pictures, is_of_pictures, why_not_pictures
from tenon.compress.onnx_terms import graph_of_terms, is_of_terms, tokenizer_of_terms, why_not_terms
from tenon.compress.onnx_texts import FILE as TOKENIZER
from tenon.compress.onnx_texts import TokenInputs, graph_of_texts, tokenizer_of, why_not_texts, with_hard_rows
from tenon.compress.onnx_trees import graph_of_trees, why_not_native, why_not_trees
from tenon.data.conform import conform
from tenon.data.dataset import Dataset, Schema
from tenon.errors import MethodError, ModelFileError, TenonError
from tenon.features.decode import Shape
from tenon.method import Method, Model, Predictions
from tenon.tasks import Task
from tenon.trees.fewer import n_trees
from tenon.watch import Watch

if TYPE_CHECKING:
    import pandas as pd

One = TypeVar("One")
NAME, FILE = "onnx", "model.onnx"
MOST = 1e-4  # that it may differ from the original, in probabilities or standard deviations of what that says
ROWS = 1_000  # that are compared
MANY_TOKENS = 1_000


class OnnxModel(Model):
    """What a file of ONNX says of rows. content : of the file; tokenizer : of the one that cuts texts for it, "" for none."""

    def __init__(self, schema: Schema, task: Task, content: bytes, tokenizer: str = ""):
        import onnxruntime

        super().__init__(schema, task, NAME)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 0 if tokenizer else 1  # 0: of every core, as encoders take them; others are too small
        self.content, self.tokenizer = content, tokenizer
        self._tokens = TokenInputs(tokenizer) if tokenizer else None
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def predict_rows(self, dataset: Dataset) -> Predictions:
        from tenon.features.columns import plain

        if self._tokens is None:
            said = self._asked(self.inputs(dataset))
        else:
            places, batches = zip(*self._tokens.batches(plain(dataset)[self.schema.features("text")]), strict=True)
            said = np.concatenate([self._asked(cells) for cells in batches])[np.concatenate(places).argsort()]
        if self.task.is_regression:
            return Predictions(dataset.row_ids, said)
        return Predictions(dataset.row_ids, self.task.decode(said.argmax(axis=1)), said)

    def inputs(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Return the cells of rows by the names of the file's inputs; of one that has no tokenizer."""
        from tenon.features.columns import plain

        frame = plain(dataset)
        return {one.name: _cells(frame[one.name], self.schema[one.name].kind, one.shape) for one in self._session.get_inputs()}

    def _asked(self, cells: dict[str, np.ndarray]) -> np.ndarray:
        """Return the probabilities (n, K), or numbers (n,)."""
        return self._session.run([VALUE if self.task.is_regression else PROBA], cells)[0]

    def save_parts(self, folder: Path) -> None:
        (folder / FILE).write_bytes(self.content)
        if self.tokenizer:
            (folder / TOKENIZER).write_text(self.tokenizer, encoding="utf-8")


def _cells(column: "pd.Series", kind: str, shape: Sequence[Any]) -> np.ndarray:
    """Return cells as the file takes them: (n, 1), or pictures (n, height, width, channels). shape : that it tells."""
    if kind == "image":
        from tenon.features.pixels import pictures_of

        _, height, width, n_channels = shape
        return pictures_of(column, Shape(width, height, n_channels))
    if kind == "number":
        return column.to_numpy(np.float64)[:, None]
    return column.astype(object).where(column.notna(), "").to_numpy(object)[:, None]


def _not_fitted(*given: Any, **named: Any) -> Model:
    raise MethodError("a file of ONNX is written of a model, and is not fitted")


def _load(folder: Path, schema: Schema, task: Task) -> OnnxModel:
    told = ""
    if schema.features("text"):
        told = _opened(folder / TOKENIZER, "tokenizers", lambda content: TokenInputs(content.decode()).tokenizer)
    return _opened(folder / FILE, "onnxruntime", lambda content: OnnxModel(schema, task, content, told))


def _opened(path: Path, package: str, make: Callable[[bytes], One]) -> One:
    """Return what is made of a file's content, which the package reads. Raises ModelFileError for a missing or damaged one."""
    if not path.is_file():
        raise ModelFileError(f"{path} is missing; run tenon compress again.")
    try:
        return make(path.read_bytes())
    except TenonError:
        raise
    except Exception as error:  # there is no telling what a damaged file makes of its reader
        raise ModelFileError(
            f"{path} cannot be read by {package}: it is damaged, or of a later version; run tenon compress again."
        ) from error


METHOD = Method(
    NAME, card="", cost_rank=0, accepts=lambda schema, task: "is written of a model", fit=_not_fitted, load=_load, needs="onnx"
)  # of which the file is, for `load_model`


def why_not_onnx(model: EstimatorModel, train: Dataset) -> str | None:
    if lacks := METHOD.lacks():
        return lacks
    if not (model.task.is_regression or len(model.present) == len(model.task.labels)) or model.task.has_sets:
        return "is for numbers, and for classes of all of which there were train rows"
    if int8_layers_of(model):
        return "cannot change weights of 8 bits"
    return _family(model).why_not(model)


def to_onnx(model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> OnnxModel:
    """Return the model as a file of ONNX. Raises MethodError where that says something else of train rows."""
    family, rows = _family(model), conform(train.rows(train.row_ids[:ROWS]), model.schema)
    content, tokenizer = family.graph(model).SerializeToString(), ""
    if family.tokenizer is not None:
        tokenizer, rows = family.tokenizer(model), with_hard_rows(rows, _most_tokens(model) + 1)
    made = OnnxModel(model.schema, model.task, content, tokenizer)
    if (most := largest_difference(model.predict_rows(rows), made.predict_rows(rows))) > MOST:
        raise MethodError(
            f"the file of ONNX differs from the model by {most:.2g} on {len(rows):,} rows, where {MOST:g} is the most"
        )
    return made


def largest_difference(said: Predictions, others: Predictions) -> float:
    """Return the largest difference of probabilities, or of numbers in standard deviations of those that are said.

    Where numbers hardly vary, what float32, in which trees leave a file, cannot tell apart of the largest counts as MOST.
    """
    if said.proba is not None and others.proba is not None:
        return float(np.abs(said.proba - others.proba).max())
    rounding = np.finfo(np.float32).eps * np.abs(said.value).max()
    return float(np.abs(said.value - others.value).max() / (max(np.std(said.value), rounding / MOST) or 1.0))


def _most_tokens(model: EstimatorModel) -> int:
    """Return how many tokens are read of a text; of words that are counted, which are all read, as many as few texts have."""
    return model.estimator.reader_.room if is_net_of_texts(model) else MANY_TOKENS


class _Family(NamedTuple):
    """What tells why a model of a kind is none for a file, and what makes the graph, and tokenizer.json, of one that is."""

    why_not: Callable[[EstimatorModel], str | None]
    graph: Callable[[EstimatorModel], Any]
    tokenizer: Callable[[EstimatorModel], str] | None = None


def _family(model: EstimatorModel) -> _Family:
    if n_trees(model.estimator) > 0 or hasattr(model.estimator, "tree_"):
        return _Family(why_not_trees, graph_of_trees)
    if is_of_pictures(model):
        return _Family(why_not_pictures, graph_of_pictures)
    if is_net_of_texts(model):
        return _Family(why_not_texts, graph_of_texts, lambda model: tokenizer_of(model.estimator.reader_))
    if is_perceptron(model):
        return _Family(why_not_native, graph_of_perceptron)
    if is_of_terms(model):
        return _Family(why_not_terms, graph_of_terms, tokenizer_of_terms)
    return _Family(why_not_linear, graph_of_linear)
