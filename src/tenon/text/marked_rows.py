"""Marked rows as batches for a BERT: those of like length together, so that there is little to pad.

Then nearly all that a CPU computes is of tokens that are there (benchmarks/bert.py). To pack the tokens of a padded batch for all
but attention was about as fast, but is a second way through every network.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from tenon.nn.attention import is_real
from tenon.text.marked import Marked
from tenon.training.rows import Batch


class MarkedRows:
    """Rows of `tenon.text.MarkedTokens`, and targets (n, …) to train on or judge by; pad : id that fills up."""

    def __init__(self, rows: Sequence[Marked], targets: Tensor, pad: int):
        self.rows, self.targets, self.pad = rows, targets, pad
        self.lengths = torch.tensor([len(row.ids) for row in rows])

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        """Return what `inputs` does, and targets of rows ids (b,)."""
        return self.inputs(ids, device), self.targets[ids].to(device)

    def inputs(self, ids: Tensor, device: torch.device) -> tuple[Tensor, Tensor | None, Tensor]:
        """Return what a BERT is called with for rows ids (b,): tokens, which are no padding, None where all are, segments."""
        picked, lengths = [self.rows[i] for i in ids.tolist()], self.lengths[ids]
        tokens, segments = (
            pad_sequence([torch.from_numpy(part) for part in parts], batch_first=True, padding_value=filler).to(device)
            for parts, filler in (([row.ids for row in picked], self.pad), ([row.segments for row in picked], 0))
        )
        mask = None if (lengths == lengths[0]).all() else is_real(lengths, tokens.shape[1]).to(device)
        return tokens, mask, segments
