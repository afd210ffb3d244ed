"""A BERT that reads a long text in segments, each by itself, and answers once: by what it says of all of them, pooled.

Sun et al. 2019 (arXiv:1905.05583, section 5.3.1) take the mean, the largest of each number, or a mean weighted by attention; an
LSTM over segments is of Pappagari et al. 2019 (arXiv:1910.10781). Votes are the mean of what each segment alone would answer.
"""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.checkpoint import checkpoint

from tenon import ranges
from tenon.nn.attention import AttentionPooling, is_real
from tenon.text.bert import Bert, first_of
from tenon.text.fine_tuning import tokens_at_once
from tenon.text.marked import Marked
from tenon.text.marked_rows import MarkedRows
from tenon.text.token_rows import UnequalRows, of_like_length

Pool = Literal["max", "mean", "both", "attention", "mlp", "lstm", "votes"]


class Pooling(nn.Module):
    """Vectors of a text's segments (B, K, C) into one for the text, (B, n_out of it)."""

    def __init__(self, pool: Pool, width: int):
        super().__init__()
        ranges.one_of("pool", pool, get_args(Pool))
        self.pool, self.n_out = pool, 2 * width if pool == "both" else width
        if pool == "attention":
            self.layer: nn.Module = AttentionPooling(width, width)
        elif pool == "lstm":
            self.layer = nn.LSTM(width, width, batch_first=True)
        else:
            self.layer = nn.Sequential(nn.Linear(width, width), nn.Tanh()) if pool == "mlp" else nn.Identity()

    def forward(self, vectors: Tensor, counts: Tensor) -> Tensor:
        """vectors: (B, K, C) float; counts: (B,) int64, how many of each text are any. Returns (B, n_out)."""
        is_any = is_real(counts, vectors.shape[1])
        if self.pool == "attention":
            return self.layer(vectors, is_any)[0]
        if self.pool == "lstm":
            return self.layer(vectors)[0][torch.arange(len(counts), device=counts.device), counts - 1]
        vectors = self.layer(vectors)
        found = []
        if self.pool in ("max", "both"):
            found.append(_without(vectors, is_any).amax(dim=1))
        if self.pool != "max":
            found.append((vectors * is_any[..., None]).sum(dim=1) / counts[:, None])
        return torch.cat(found, dim=1)


class BertForSegments(nn.Module):
    """Gives n_out numbers for each text of one segment or more: logits of classes, or one number.

    While it learns, segments beyond `tokens_at_once` are read in parts, whose states are computed again when gradients are
    (Chen et al. 2016, arXiv:1604.06174): so memory does not grow with texts, and a step costs a third more.
    """

    def __init__(self, bert: Bert, pool: Pool, n_out: int):
        super().__init__()
        self.bert, self.pooling, self.dropout = bert, Pooling(pool, bert.config.d_model), nn.Dropout(bert.config.dropout)
        self.out = nn.Linear(self.pooling.n_out, n_out)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None, token_type_ids: Tensor, counts: Tensor
    ) -> Tensor:  # fmt: skip
        """Inputs as of `Bert`, for the S segments of B texts, text by text; counts: (B,) int64, that sum to S.

        Returns (B, n_out).
        """
        lengths = (
            torch.full(input_ids.shape[:1], input_ids.shape[1]) if attention_mask is None else attention_mask.sum(dim=1).cpu()
        )
        parts = of_like_length(lengths, tokens_at_once(self.bert.config, input_ids.shape[1]))
        if len(parts) == 1:
            return self.answers(self.vectors(input_ids, attention_mask, token_type_ids), counts)
        found = []
        for part in parts:
            n = int(lengths[part].max())
            mask = None if attention_mask is None else attention_mask[part, :n]
            inputs = input_ids[part, :n], mask, token_type_ids[part, :n]
            found.append(checkpoint(self.vectors, *inputs, use_reentrant=False))
        return self.answers(torch.cat(found)[torch.cat(parts).argsort()], counts)

    def vectors(self, input_ids: Tensor, attention_mask: Tensor | None, token_type_ids: Tensor) -> Tensor:
        """Return what stands for each segment, (S, C)."""
        states = self.bert(
            input_ids, attention_mask, token_type_ids=token_type_ids, n_asked=1, global_attention_mask=first_of(input_ids)
        )
        return self.dropout(self.bert.pooled(states))

    def answers(self, vectors: Tensor, counts: Tensor) -> Tensor:
        """Return (B, n_out) of the vectors of segments (S, C), text by text."""
        if self.pooling.pool != "votes":
            return self.out(self.pooling(_by_text(vectors, counts), counts))
        said = self.out(vectors)
        if said.shape[1] == 1:
            return self.pooling(_by_text(said, counts), counts)
        logs = _by_text(said.log_softmax(dim=1), counts)
        return _without(logs, is_real(counts, logs.shape[1])).logsumexp(dim=1) - counts.log()[:, None]  # of mean probabilities


def _without(vectors: Tensor, is_any: Tensor) -> Tensor:
    """Return vectors (B, K, C), the lowest number in the place of those that are none."""
    return vectors.masked_fill(~is_any[..., None], torch.finfo(vectors.dtype).min)


def _by_text(rows: Tensor, counts: Tensor) -> Tensor:
    """Return rows (S, C) of segments as (B, K, C), filled up with zeros."""
    return pad_sequence(rows.split(counts.tolist()), batch_first=True)


class SegmentedRows(UnequalRows):
    """Texts of one segment or more, each a tuple of rows of `tenon.text.MarkedTokens`."""

    def inputs(self, ids: Tensor, device: torch.device) -> tuple[Tensor, Tensor | None, Tensor, Tensor]:
        """Return what `BertForSegments` is called with for texts ids (b,)."""
        texts = [self.rows[i] for i in ids.tolist()]
        flat = MarkedRows([segment for text in texts for segment in text], torch.zeros(0), self.pad)
        return *flat.inputs(torch.arange(len(flat)), device), torch.tensor([len(text) for text in texts], device=device)

    def ids(self) -> list[np.ndarray]:
        return [segment.ids for text in self.rows for segment in text]

    def _length(self, text: Sequence[Marked]) -> int:
        return sum(len(segment.ids) for segment in text)
