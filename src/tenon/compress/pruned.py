"""Encoders without the heads, or the units within layers, that matter least; nothing is learnt (see `tenon.nn.pruning`).

Every layer loses as many, so that the settings of the network still tell what all its layers are like.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from tenon.adapter import EstimatorModel
from tenon.compress.int8 import ROWS, copied, drawn
from tenon.compress.layers import why_not_encoder
from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor
    from torch.nn import Linear

SHARE = 4  # one in so many is taken out of each layer, and one at least


def why_not_fewer_heads(model: EstimatorModel, train: Dataset) -> str | None:
    return why_not_encoder(model) or _why_not_one(model.estimator.net_.bert.config.n_heads, "head")


def why_not_fewer_units(model: EstimatorModel, train: Dataset) -> str | None:
    return why_not_encoder(model) or _why_not_one(model.estimator.net_.bert.config.d_hidden, "unit")


def fewer_heads(model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> EstimatorModel:
    """Return the model without those heads of each layer on which the loss of ROWS of the train rows hangs least."""
    from tenon.nn.pruning import keep_heads, largest

    made = copied(model)
    bert = made.estimator.net_.bert
    config, n_left = bert.config, _n_left(bert.config.n_heads)
    readers = [layer.attention.out for layer in bert.encoder.layers]
    matters = importance_of(made, readers, config.n_heads, drawn(train, ROWS, seed))
    for layer, of_layer in zip(bert.encoder.layers, matters, strict=True):
        keep_heads(layer.attention, largest(of_layer, n_left))
    bert.config = replace(config, n_heads=n_left, d_head=config.d_head or config.d_model // config.n_heads)
    return made


def fewer_units(model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> EstimatorModel:
    """Return the model without such units of the feed-forward part of each layer."""
    from tenon.nn.pruning import keep_units, largest

    made = copied(model)
    bert = made.estimator.net_.bert
    config, n_left = bert.config, _n_left(bert.config.d_hidden)
    readers = [layer.feed_forward.outer for layer in bert.encoder.layers]
    matters = importance_of(made, readers, config.d_hidden, drawn(train, ROWS, seed))
    for layer, of_layer in zip(bert.encoder.layers, matters, strict=True):
        keep_units(layer.feed_forward, largest(of_layer, n_left))
    bert.config = replace(config, d_hidden=n_left)
    return made


def importance_of(model: EstimatorModel, readers: "Sequence[Linear]", n: int, rows: Dataset) -> "Tensor":
    """Return how much heads or units matter to the model's loss of rows with a target, (n_layers, n), as `importance` does."""
    from tenon.features.columns import plain
    from tenon.nn.pruning import importance
    from tenon.text.fine_tuning import tokens_at_once
    from tenon.text.net_of_texts import weighted
    from tenon.text.token_rows import of_like_length
    from tenon.training.device import lent
    from tenon.training.threads import threads

    estimator, task = model.estimator, model.task
    net, reader, target = estimator.net_, estimator.reader_, estimator.target_
    texts = reader.texts(model.transformer.transform(plain(conform(rows, model.schema))))
    targets = weighted(target, model.coded(task.encode(rows.frame[task.target])), None)
    marked = reader.rows(reader.all_read(texts), targets)
    with threads(estimator.n_jobs), lent(net, len(marked)) as device:
        most = tokens_at_once(net.bert.config, int(marked.lengths.max()))
        batches = (marked.batch(places, device) for places in of_like_length(marked.lengths, most))
        return importance(net, readers, n, batches, target.loss())


def _n_left(n: int) -> int:
    return n - max(1, n // SHARE)


def _why_not_one(n: int, what: str) -> str | None:
    return f"finds a single {what} in a layer" if n < 2 else None
