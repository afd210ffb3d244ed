"""The ways of making a model smaller, cheapest to make first: each has a name, a rule which models it is for, and makes a model.

What it makes is a model like any other (`tenon.method.Model`), so that the table, the verdict and `tenon predict` know of no way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tenon.adapter import EstimatorModel
from tenon.compress.distil import student, why_not_student, why_not_student_of_columns
from tenon.compress.int8 import int8, int8_static, why_not_int8
from tenon.compress.layers import fewer_layers, why_not_fewer_layers
from tenon.compress.onnx_int8 import to_onnx_int8, why_not_onnx_int8
from tenon.compress.onnx_model import to_onnx, why_not_onnx
from tenon.compress.pruned import fewer_heads, fewer_units, why_not_fewer_heads, why_not_fewer_units
from tenon.compress.trees import fewer_trees, why_not_fewer_trees
from tenon.data.dataset import Dataset
from tenon.errors import SettingsError, unknown
from tenon.inner.adjusted import AdjustedModel
from tenon.method import Model
from tenon.watch import Watch


@dataclass(frozen=True)
class Way:
    """One way. why_not(model, train) tells in a few words why it is not for a model, None where it is.

    make(model, train, seed, watch) returns the smaller model; train : the rows that the model has learnt from.
    """

    name: str
    what: str  # in words for the user
    why_not: Callable[[EstimatorModel, Dataset], str | None]
    make: Callable[[EstimatorModel, Dataset, int, Watch], Model]
    is_whole: bool = False  # True: nothing can be done to the probabilities of what it makes


def _student(name: str, method: str, budget: str, why_not: Callable[[str, EstimatorModel, Dataset], str | None]) -> Way:
    """Return the way of teaching a model of another method."""
    return Way(name, f"teaching {method}", partial(why_not, method), partial(student, method, budget))


WAYS: tuple[Way, ...] = (
    Way("int8", "rounding weights to 8 bits", why_not_int8, int8),
    Way("int8-static", "rounding weights and inputs to 8 bits", why_not_int8, int8_static),
    Way("fewer-units", "leaving out units of layers", why_not_fewer_units, fewer_units),
    Way("fewer-heads", "leaving out heads of attention", why_not_fewer_heads, fewer_heads),
    Way("fewer-trees", "leaving out trees", why_not_fewer_trees, fewer_trees),
    _student("distilled-boosting", "boosting", "quick", why_not_student_of_columns),
    _student("distilled-bilstm", "bilstm-attention", "normal", why_not_student),
    Way("fewer-layers", "training with half of the layers", why_not_fewer_layers, fewer_layers),
    Way("onnx", "writing a file of ONNX", why_not_onnx, to_onnx, is_whole=True),
    Way("onnx-int8", "writing a file of ONNX in 8 bits", why_not_onnx_int8, to_onnx_int8, is_whole=True),
)


def named(names: Sequence[str]) -> tuple[Way, ...]:
    """Return the ways of these names, all where there are none. Raises SettingsError for an unknown one."""
    known = {way.name: way for way in WAYS}
    for name in names:
        if name not in known:
            raise unknown("way of compressing", name, known)
    return tuple(way for way in WAYS if not names or way.name in names)


def parted(model: Model, train: Dataset, names: Sequence[str]) -> tuple[list[Way], dict[str, str]]:
    """Return the ways that are for a model, and why the others are not. names : that were asked for; none: all.

    Raises SettingsError where one that was asked for is not, or none is at all.
    """
    why = {way.name: _why_not(way, model, train) for way in named(names)}
    others = {name: reason for name, reason in why.items() if reason is not None}
    if others and (names or len(others) == len(why)):
        said = "; ".join(f"{name} {reason}" for name, reason in others.items())
        if not names and len(set(others.values())) == 1:
            said = f"compress {next(iter(others.values()))}"
        elif not names:
            said = f"none of {', '.join(others)} is for it; --only {next(iter(others))} says why it is not"
        raise SettingsError(f"nothing to do for this {model.method_name} model: {said}.")
    return [way for way in named(names) if way.name not in others], others


def made(way: Way, model: Model, train: Dataset, seed: int, watch: Watch) -> Model:
    """Return the smaller model; what is done to the probabilities of the model is done to its."""
    smaller = way.make(unadjusted(model), train, seed, watch)  # type: ignore[arg-type]  # `parted` refused others
    return AdjustedModel(smaller, model.adjustment) if isinstance(model, AdjustedModel) else smaller


def unadjusted(model: Model) -> Model:
    """Return the model whose probabilities are calibrated, or thresholds set, in another; else itself."""
    return model.model if isinstance(model, AdjustedModel) else model


def _why_not(way: Way, model: Model, train: Dataset) -> str | None:
    inner = unadjusted(model)
    if not isinstance(inner, EstimatorModel):
        return "does not know what is in a model of a method of your own"
    if way.is_whole and inner is not model:
        return "would lose what calibrates its probabilities, or the threshold of its classes"
    return way.why_not(inner, train)
