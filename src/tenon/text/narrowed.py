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
def narrowed(embedding: BertEmbedding, parts: Sequence[UnequalRows]) -> Iterator[None]:
    """Let an embedding know the tokens of these rows alone in the block.

    parts : of rows with `ids`.
    """
    whole = embedding.tokens
    ids = [torch.from_numpy(of_row) for rows in parts for of_row in rows.ids()]
    known = torch.cat([torch.tensor([embedding.config.pad]), *ids]).unique().to(whole.weight.device)
    embedding.tokens = few = FewTokens(whole, known)
    try:
        yield
    finally:
        with torch.no_grad():
            whole.weight[known] = few.weight
        embedding.tokens = whole


class FewTokens(nn.Embedding):
    """The vectors of some tokens of an embedding, which is called with their ids, (k,) int64, as they are there."""

    def __init__(self, whole: nn.Embedding, ids: Tensor):
        place_of = torch.full((whole.num_embeddings,), -1, device=ids.device)
        place_of[ids] = torch.arange(len(ids), device=ids.device)
        padding = None if whole.padding_idx is None else int(place_of[whole.padding_idx])
        super().__init__(len(ids), whole.embedding_dim, padding, _weight=whole.weight.detach()[ids])
        self.register_buffer("place_of", place_of, persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        return super().forward(self.get_buffer("place_of")[ids])
