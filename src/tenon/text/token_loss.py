"""What a network that foretells tokens is trained and judged by: their cost, with that of pairs, and how many it finds."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tenon.text.next_rows import PADDING
from tenon.training.device import lent
from tenon.training.rows import Rows


class Sums(NamedTuple):
    """Over the tokens asked for: nats, how many are found, how many there are; over pairs the same."""

    nats: Tensor
    n_found: Tensor
    n: Tensor
    pair_nats: Tensor
    n_pairs_found: Tensor
    n_pairs: int

    @property
    def loss(self) -> Tensor:
        """The mean cost of a token, and that of a pair, if there are any (Devlin et al. 2019, appendix A.2)."""
        return self.nats / self.n.clamp_min(1) + self.pair_nats / max(1, self.n_pairs)


class Judged(NamedTuple):
    """nats : mean cost of the tokens asked for; accuracy : share of them that is found; pairs : of pairs, None without them."""

    nats: float
    accuracy: float
    pairs: float | None


class TokenLoss:
    """The loss for `tenon.training.train`, which also counts which tokens were found since it was last asked."""

    def __init__(self) -> None:
        self._n_found = self._n = 0

    def __call__(self, output: Any, targets: Tensor) -> Tensor:
        found = sums(output, targets)
        self._n_found, self._n = self._n_found + int(found.n_found), self._n + int(found.n)
        return found.loss

    def accuracy(self) -> float:
        """Return the share of tokens that were found since the last call."""
        share = self._n_found / max(1, self._n)
        self._n_found = self._n = 0
        return share


def sums(output: Any, targets: Tensor) -> Sums:
    """Return what is made of a batch. output : logits of tokens (…, V), or these and of pairs (b, 2).

    targets : tokens (…), PADDING where none is asked for; behind them, where there are pairs, what these are.
    """
    logits, pairs = output if isinstance(output, tuple) else (output, None)
    logits, targets = logits.flatten(0, -2), targets.flatten()
    tokens, kinds = targets[: len(logits)], targets[len(logits) :]
    nats = functional.cross_entropy(logits, tokens, ignore_index=PADDING, reduction="sum")
    n_found, n = (logits.argmax(dim=-1) == tokens).sum(), (tokens != PADDING).sum()
    if pairs is None:
        return Sums(nats, n_found, n, nats.new_zeros(()), n.new_zeros(()), 0)
    pair_nats = functional.cross_entropy(pairs, kinds, reduction="sum")
    return Sums(nats, n_found, n, pair_nats, (pairs.argmax(dim=-1) == kinds).sum(), len(kinds))


@torch.no_grad()
def judged(net: nn.Module, rows: Rows, batch_size: int) -> Judged:
    """Return how well a network does on rows, in evaluation mode."""
    net.eval()
    nats, n_found, n, n_pairs_found, n_pairs = 0.0, 0, 0, 0, 0
    with lent(net, len(rows)) as device:
        for ids in torch.arange(len(rows)).split(batch_size):
            inputs, targets = rows.batch(ids, device)
            part = sums(net(*inputs), targets)
            nats, n_found, n = nats + float(part.nats), n_found + int(part.n_found), n + int(part.n)
            n_pairs_found, n_pairs = n_pairs_found + int(part.n_pairs_found), n_pairs + part.n_pairs
    return Judged(nats / max(1, n), n_found / max(1, n), n_pairs_found / n_pairs if n_pairs else None)
