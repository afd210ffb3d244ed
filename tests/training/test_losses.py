"""Losses by hand: weights of rows, none at all, softened labels."""

import math

import pytest

torch = pytest.importorskip("torch")

from tenon.errors import DataError, SettingsError  # noqa: E402
from tenon.training.losses import binary_cross_entropy, cross_entropy, squared_error, with_weights_of_rows  # noqa: E402

LOGITS = torch.tensor([[0.0, math.log(3.0)], [0.0, 0.0]])  # probabilities 1/4, 3/4 and 1/2, 1/2
TARGET, WEIGHT = torch.tensor([1, 0]), torch.tensor([3.0, 1.0])


@pytest.mark.mission("D3")
def test_rows_count_by_their_weight():
    targets = with_weights_of_rows(TARGET, WEIGHT)
    by_hand = (3 * -math.log(3 / 4) + 1 * -math.log(1 / 2)) / 4
    assert cross_entropy()(LOGITS, targets).item() == pytest.approx(by_hand)
    assert squared_error(torch.tensor([[2.0], [0.0]]), targets).item() == pytest.approx((3 * 1 + 0) / 4)


def test_smoothing_gives_every_class_its_share():
    soft = 0.2  # each of two classes gets a tenth
    by_hand = -(0.9 * math.log(3 / 4) + 0.1 * math.log(1 / 4))
    said = cross_entropy(soft)(LOGITS[:1], with_weights_of_rows(TARGET[:1], WEIGHT[:1])).item()
    assert said == pytest.approx(by_hand)


@pytest.mark.mission("D3")
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_labels_beside_torch(smoothing):
    """Of two classes a label has half of the smoothing each; the mean over labels, then over rows by weight. Slopes as well."""
    chance = torch.Generator().manual_seed(0)
    logits = torch.randn(6, 4, generator=chance, dtype=torch.float64).requires_grad_()
    has, weight = torch.rand(6, 4, generator=chance) < 0.4, torch.arange(6.0)
    said = binary_cross_entropy(smoothing)(logits, with_weights_of_rows(has.long(), weight))
    [slopes] = torch.autograd.grad(said, logits)
    soft = (has * (1 - smoothing) + smoothing / 2).double()
    each = torch.nn.BCEWithLogitsLoss(reduction="none", weight=weight[:, None].double())(logits, soft)
    theirs = each.sum() / (4 * weight.sum())
    assert said.item() == pytest.approx(theirs.item(), rel=1e-6)  # targets and weights are float32
    assert torch.allclose(slopes, torch.autograd.grad(theirs, logits)[0], rtol=1e-5, atol=1e-8)
    by_hand = weight[:, None] * (logits.sigmoid() - soft) / (4 * weight.sum())
    assert torch.allclose(slopes, by_hand, rtol=1e-5, atol=1e-8)


def test_a_batch_without_weight_moves_nothing():
    logits = LOGITS.clone().requires_grad_()
    loss = cross_entropy()(logits, with_weights_of_rows(TARGET, torch.zeros(2)))
    loss.backward()
    assert loss.item() == 0.0
    assert torch.equal(logits.grad, torch.zeros(2, 2))


def test_targets_and_weights_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match=r"one value for each row; got 2 targets and 3 weights\."):
        with_weights_of_rows(torch.zeros(2), torch.ones(3))
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(DataError, match=r"sample_weight takes finite numbers from 0 on\."):
            with_weights_of_rows(torch.zeros(2), torch.tensor([1.0, bad]))
    for smoothing in (-0.1, 1.5, float("nan")):
        with pytest.raises(SettingsError, match=r"smoothing takes a number from 0 to 1; got"):
            cross_entropy(smoothing)
