"""The cost of tokens and pairs by hand, the share found, and figures of all rows that no size of a batch changes."""

import math

import pytest
import torch

from tenon.text.next_rows import PADDING
from tenon.text.token_loss import TokenLoss, judged, sums

LOGITS = torch.tensor([[0.0, math.log(3)], [0.0, 0.0], [math.log(7), 0.0]])


def test_cost_by_hand_and_tokens_found_since_last_asked():
    loss = TokenLoss()
    value = loss(LOGITS, torch.tensor([1, PADDING, 1]))
    assert value.item() == pytest.approx((math.log(4 / 3) + math.log(8)) / 2)
    assert loss.accuracy() == 0.5
    assert loss.accuracy() == 0.0
    assert float(loss(LOGITS, torch.full((3,), PADDING))) == 0.0


def test_pairs_add_their_mean():
    pairs = torch.tensor([[0.0, 0.0], [0.0, math.log(4)]])
    found = sums((LOGITS, pairs), torch.tensor([1, 0, 1, 0, 1]))
    tokens = (math.log(4 / 3) + math.log(2) + math.log(8)) / 3
    assert float(found.loss) == pytest.approx(tokens + (math.log(2) + math.log(5 / 4)) / 2)
    assert (int(found.n_found), int(found.n_pairs_found), found.n_pairs) == (2, 2, 2)


class Rows:
    """Row i asks for i + 1 tokens of 5, all 0, from logits that are its number."""

    def __len__(self):
        return 7

    def batch(self, ids, device):
        rows = torch.cat([torch.full((i + 1,), i) for i in ids.tolist()])
        return (rows,), torch.zeros(len(rows), dtype=torch.long)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor([-1.0, 0, 0, 0, 0]))
        self.dropout = torch.nn.Dropout(0.9)

    def forward(self, rows):
        return self.dropout(rows[:, None] * self.weight)


@pytest.mark.parametrize("size", [1, 3, 7])
def test_figures_of_all_rows(size):
    nats = [math.log(math.exp(-i) + 4) + i for i in range(7)]
    found = judged(Net().train(), Rows(), size)
    assert found.nats == pytest.approx(sum((i + 1) * cost for i, cost in enumerate(nats)) / 28, rel=1e-6)
    assert found.accuracy == pytest.approx(1 / 28)  # of row 0 all are alike, and the first is taken
    assert found.pairs is None
