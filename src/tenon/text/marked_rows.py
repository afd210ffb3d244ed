"""Marked rows as batches for a BERT: those of like length together, so that there is little to pad.

Then nearly all that a CPU computes is of tokens that are there (benchmarks/bert.py). To pack the tokens of a padded batch for all
but attention was about as fast, but is a second way through every network.
"""

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from tenon.nn.attention import is_real
from tenon.text.marked import Marked
from tenon.text.token_rows import UnequalRows


class MarkedRows(UnequalRows):
    """Rows of `tenon.text.MarkedTokens`."""

    def inputs(self, ids: Tensor, device: torch.device) -> tuple[Tensor, Tensor | None, Tensor]:
        """Return what a BERT is called with for rows ids (b,): tokens, which are no padding, None where all are, segments."""
        picked, lengths = [self.rows[i] for i in ids.tolist()], self.lengths[ids]
        tokens, segments = (
            pad_sequence([torch.from_numpy(part) for part in parts], batch_first=True, padding_value=filler).to(device)
            for parts, filler in (([row.ids for row in picked], self.pad), ([row.segments for row in picked], 0))
        )
        mask = None if (lengths == lengths[0]).all() else is_real(lengths, tokens.shape[1]).to(device)
        return tokens, mask, segments

    def _length(self, row: Marked) -> int:
        return len(row.ids)
