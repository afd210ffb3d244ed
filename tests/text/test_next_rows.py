"""Texts with what comes next: batches by hand, and a loss whose mean is nats a token, whatever texts meet in a batch."""

import pytest

torch = pytest.importorskip("torch")

from tenon.text.next_rows import PADDING, NextRows, nats_of_next, next_loss  # noqa: E402
from tenon.text.token_rows import TokenRows  # noqa: E402
from tenon.training.loop import mean_loss  # noqa: E402

TEXTS = [torch.tensor([9, 5, 6, 7, 9]), torch.tensor([9, 9]), torch.tensor([9, 4, 9])]
CPU = torch.device("cpu")


def test_batches_by_hand():
    sources = TokenRows([torch.tensor([1, 2]), torch.tensor([3]), torch.tensor([4])], torch.zeros(3), pad=0)
    rows = NextRows(TEXTS, pad=0, sources=sources)
    assert rows.lengths.tolist() == [4, 1, 2]
    (ids, lengths, read), asked = rows.batch(torch.tensor([2, 0]), CPU)
    assert (ids.tolist(), lengths.tolist()) == ([[4, 0], [1, 2]], [1, 2])
    assert read.tolist() == [[9, 4, 0, 0], [9, 5, 6, 7]]
    assert asked.tolist() == [[4, 9, PADDING, PADDING], [5, 6, 7, 9]]
    part = rows.part([0, 2])
    assert [text.tolist() for text in part.texts] == [[9, 4, 9], [9, 5, 6, 7, 9]]
    assert [text.tolist() for text in part.sources.rows] == [[4], [1, 2]]


@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_the_mean_loss_is_nats_a_token(batch_size):
    """Six digits: sums of float32."""
    rows = NextRows(TEXTS, pad=0)
    net = torch.nn.Embedding(10, 10)
    logs = net.weight.detach().log_softmax(dim=1)
    nats = [-logs[before, after] for text in TEXTS for before, after in zip(text[:-1], text[1:], strict=True)]
    assert mean_loss(net, rows, next_loss(rows), batch_size, CPU) == pytest.approx(float(sum(nats)) / len(nats), rel=1e-6)


def test_padding_costs_nothing():
    (read,), asked = NextRows(TEXTS, pad=0).batch(torch.arange(3), CPU)
    nats = nats_of_next(torch.zeros(3, 4, 10), asked)
    torch.testing.assert_close(nats, (asked != PADDING) * torch.tensor(10.0).log())
