"""Texts from which a network learns what comes next: at each place it reads all tokens before, and is asked for this one.

The true tokens are read, whatever the network would have said (teacher forcing, Williams & Zipser 1989).
"""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from tenon.text.token_rows import TokenRows
from tenon.training.rows import Batch

PADDING = -100  # in the place of a token that is not asked for


class NextRows:
    """Ids of texts, each (t,) int64, t from 2 on: all but the last are read, all but the first asked for.

    pad : id that fills up what is read. sources : rows of what each text translates, which come first among the inputs.
    """

    def __init__(self, texts: Sequence[Tensor], pad: int, sources: TokenRows | None = None):
        self.texts, self.pad, self.sources = texts, pad, sources
        self.lengths = torch.tensor([len(text) - 1 for text in texts])  # tokens asked for

    def __len__(self) -> int:
        return len(self.texts)

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        """Return what is read (b, T) int64, behind that of `sources`, and what is asked for (b, T), with PADDING."""
        texts = [self.texts[i] for i in ids.tolist()]
        read = pad_sequence([text[:-1] for text in texts], batch_first=True, padding_value=self.pad)
        asked = pad_sequence([text[1:] for text in texts], batch_first=True, padding_value=PADDING)
        before = () if self.sources is None else self.sources.inputs(ids, device)
        return (*before, read.to(device)), asked.to(device)

    def part(self, rows: Iterable[int]) -> "NextRows":
        """Return these rows, the shortest first: batches of neighbours then have little to pad."""
        order = sorted(map(int, rows), key=lambda i: int(self.lengths[i]))
        sources = None if self.sources is None else self.sources.part(order)
        return NextRows([self.texts[i] for i in order], self.pad, sources)


def nats_of_next(logits: Tensor, asked: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return what each asked token costs, (b, T) nats, 0 for PADDING; logits: (b, T, V)."""
    return functional.cross_entropy(
        logits.flatten(0, 1), asked.flatten(), ignore_index=PADDING, reduction="none", label_smoothing=smoothing
    ).view_as(asked)


def next_loss(rows: NextRows, smoothing: float = 0.0) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the loss, whose mean over these rows is nats a token.

    A batch's nats are shared out to its rows, not its tokens: so the mean over batches does not depend on which texts meet.
    """
    of_row = float(rows.lengths.float().mean())

    def loss(logits: Tensor, asked: Tensor) -> Tensor:
        return nats_of_next(logits, asked, smoothing).sum() / (len(asked) * of_row)

    return loss
