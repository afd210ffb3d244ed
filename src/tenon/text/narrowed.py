"""Training with the vectors of those tokens alone that its rows hold: most of a small encoder's weights are vectors of others.

Those get no gradient, and Adam leaves where it is what never got one. So what is learnt is the same, but for the decay of vectors
that nobody reads, and a step costs less.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from tenon.text.bert import BertEmbedding
from tenon.text.token_rows import UnequalRows


@contextmanager
def narrowed(embedding: BertEmbedding, parts: Sequence[UnequalRows]) -> Iterator[list[UnequalRows]]:
    """Let an embedding know the tokens of these rows alone in the block, and yield the rows with ids that are theirs then.

    parts : of tuples with `ids` (t,), as `tenon.text.Marked`.
    """
    whole = embedding.tokens
    known = _known(parts, embedding.config.pad)
    place_of = torch.zeros(whole.num_embeddings, dtype=torch.int64)
    place_of[known] = torch.arange(len(known))
    embedding.tokens = nn.Embedding.from_pretrained(whole.weight.detach()[known], freeze=False, padding_idx=whole.padding_idx)
    try:
        yield [_renamed(rows, place_of) for rows in parts]
    finally:
        with torch.no_grad():
            whole.weight[known] = embedding.tokens.weight
        embedding.tokens = whole


def _known(parts: Sequence[UnequalRows], pad: int) -> Tensor:
    """Return the ids of tokens in the rows, ascending, and all up to that which pads, so that it keeps its number."""
    ids = [torch.from_numpy(row.ids) for rows in parts for row in rows.rows]
    return torch.cat([torch.arange(pad + 1), *ids]).unique()


def _renamed(rows: UnequalRows, place_of: Tensor) -> UnequalRows:
    return type(rows)([row._replace(ids=place_of.numpy()[row.ids]) for row in rows.rows], rows.targets, rows.pad)
