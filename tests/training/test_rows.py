"""Batches of rows of unequal length: every row once, little to pad, other company in every epoch, and the loop takes them."""

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from tenon.training import Recipe, train  # noqa: E402
from tenon.training.rows import POOL, Batch, bucketed_batches, epoch_batches  # noqa: E402

LENGTHS = torch.randint(1, 200, (1001,), generator=torch.Generator().manual_seed(0))


def padded(batches: list[Tensor]) -> int:
    """Cells that a batch adds to its rows to make all as long as its longest."""
    return sum(int((LENGTHS[ids].max() - LENGTHS[ids]).sum()) for ids in batches)


@pytest.mark.mission("D14")
def test_every_row_comes_once_and_none_alone():
    batches = bucketed_batches(LENGTHS, 10, seed=3, epoch=2)
    assert sorted(torch.cat(batches).tolist()) == list(range(1001))
    assert sorted(map(len, batches)) == [10] * 99 + [11]
    assert [len(ids) for ids in bucketed_batches(LENGTHS, None, 0, 0)] == [1001]


def test_of_batches_of_one_row_none_has_two():
    for cut in (epoch_batches(7, 1, 0, 0), bucketed_batches(LENGTHS[:7], 1, 0, 0)):
        assert [len(ids) for ids in cut] == [1] * 7


def test_there_is_little_to_pad():
    """Sorted lengths in pools of 16 batches differ in a batch by a sixteenth of their range, half of it to be padded."""
    bound = 200 / POOL * 1001  # twice that mean
    assert padded(bucketed_batches(LENGTHS, 10, 0, 0)) < bound
    assert padded(epoch_batches(1001, 10, 0, 0)) > 5 * bound


def test_company_and_order_change_with_epoch_and_seed_alone():
    def company(seed: int, epoch: int) -> list[list[int]]:
        return [ids.tolist() for ids in bucketed_batches(LENGTHS, 10, seed, epoch)]

    assert company(0, 0) == company(0, 0)
    assert not {tuple(sorted(ids)) for ids in company(0, 0)} & {tuple(sorted(ids)) for ids in company(0, 1)}
    assert company(0, 0) != company(1, 0)
    longest = [int(LENGTHS[ids].max()) for ids in map(torch.tensor, company(0, 0))]
    assert longest[:POOL] != sorted(longest[:POOL])  # long rows do not always come last


class Unequal:
    """Rows that keep a record of the batches that they were asked for."""

    lengths = LENGTHS

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        self.asked.append(ids.tolist())
        return (torch.ones(len(ids), 1),), torch.ones(len(ids), 1)


def test_the_loop_asks_for_such_batches_where_rows_have_lengths():
    rows = Unequal()
    train(nn.Linear(1, 1), rows, nn.functional.mse_loss, Recipe(epochs=2, batch_size=10), seed=4)
    expected = [ids.tolist() for epoch in (0, 1) for ids in bucketed_batches(LENGTHS, 10, 4, epoch)]
    assert rows.asked == expected
