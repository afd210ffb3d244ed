"""Encoders without the heads, or the units within layers, that matter least; nothing is learnt (see `tenon.nn.pruning`).

Every layer loses as many, so that the settings of the network still tell what all its layers are like.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tenon.adapter import EstimatorModel
from tenon.compress.int8 import ROWS, copied, drawn
from tenon.compress.layers import why_not_encoder
from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor
    from torch.nn import Linear

SHARE = 4  # one in so many is taken out of each layer, and one at least


def why_not_fewer_heads(model: EstimatorModel, train: Dataset) -> str | None:
    return why_not_encoder(model) or _why_not_one(model.estimator.net_.bert.config.n_heads, "head")


def why_not_fewer_units(model: EstimatorModel, train: Dataset) -> str | None:
    return why_not_encoder(model) or _why_not_one(model.estimator.net_.bert.config.d_hidden, "unit")


def fewer_heads(model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> EstimatorModel:
    """Return the model without those heads of each layer on which the loss of ROWS of the train rows hangs least."""
    from tenon.nn.pruning import keep_heads

    made, config = copied(model), model.estimator.net_.bert.config
    parts = [layer.attention for layer in made.estimator.net_.bert.encoder.layers]
    n_left = _taken_out(made, [part.out for part in parts], parts, keep_heads, config.n_heads, drawn(train, ROWS, seed))
    made.estimator.net_.bert.config = replace(config, n_heads=n_left, d_head=config.d_head or config.d_model // config.n_heads)
    return made


def fewer_units(model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> EstimatorModel:
    """Return the model without such units of the feed-forward part of each layer."""
    from tenon.nn.pruning import keep_units

    made, config = copied(model), model.estimator.net_.bert.config
    parts = [layer.feed_forward for layer in made.estimator.net_.bert.encoder.layers]
    n_left = _taken_out(made, [part.outer for part in parts], parts, keep_units, config.d_hidden, drawn(train, ROWS, seed))
    made.estimator.net_.bert.config = replace(config, d_hidden=n_left)
    return made


def _taken_out(
    made: EstimatorModel, readers: "Sequence[Linear]", parts: "Sequence[Any]", keep: "Callable[[Any, Tensor], None]", n: int,
    rows: Dataset,
) -> int:  # fmt: skip
    """Keep of the n heads or units of each part those that matter most to the rows, and return how many that are.

    readers : what reads them, by which their importance is found.
    """
    from tenon.nn.pruning import largest

    n_left = _n_left(n)
    for part, of_part in zip(parts, importance_of(made, readers, n, rows), strict=True):
        keep(part, largest(of_part, n_left))
    return n_left


def importance_of(model: EstimatorModel, readers: "Sequence[Linear]", n: int, rows: Dataset) -> "Tensor":
    """Return how much heads or units matter to the model's loss of rows with a target, (n_layers, n), as `importance` does."""
    from tenon.features.columns import plain
    from tenon.nn.pruning import importance
    from tenon.text.fine_tuning import tokens_at_once
    from tenon.text.token_rows import of_like_length
    from tenon.training.device import lent
    from tenon.training.threads import threads

    estimator, task, net = model.estimator, model.task, model.estimator.net_
    X = model.transformer.transform(plain(conform(rows, model.schema)))
    marked, loss = estimator.judged(X, model.coded(task.encode(rows.frame[task.target])))
    with threads(estimator.n_jobs), lent(net, len(marked)) as device:
        most = tokens_at_once(net.bert.config, int(marked.lengths.max()))
        batches = (marked.batch(places, device) for places in of_like_length(marked.lengths, most))
        return importance(net, readers, n, batches, loss)


def _n_left(n: int) -> int:
    return n - max(1, n // SHARE)


def _why_not_one(n: int, what: str) -> str | None:
    return f"finds a single {what} in a layer" if n < 2 else None
