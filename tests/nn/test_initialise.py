"""First weights against the variances that the papers derive, and what follows from them in a deep network."""

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from tenon.nn.initialise import initialise  # noqa: E402

N_IN, N_OUT = 400, 600
# Standard deviation of a weight, by rule, of a linear layer and of a 3x3 convolution.
DEVIATION = {
    "zero": (0.0, 0.0),
    "normal": (0.01, 0.01),
    "xavier": ((2 / (N_IN + N_OUT)) ** 0.5, (2 / (9 * (40 + 60))) ** 0.5),
    "he": ((2 / N_IN) ** 0.5, (2 / (9 * 40)) ** 0.5),
}


@pytest.mark.mission("D4")
@pytest.mark.parametrize("rule", DEVIATION)
def test_weights_vary_as_the_rule_says(rule):
    """Of n normal numbers the deviation is known to 1 / sqrt(2n), here below 0.5 %; 3 % is more than six times that."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(N_IN, N_OUT), nn.Conv2d(40, 60, 3), nn.BatchNorm2d(5), nn.Conv2d(3, 3, 1, bias=False))
    for p in net.parameters():
        nn.init.constant_(p, 7.0)
    initialise(net, rule)
    assert (net[0].weight.std().item(), net[1].weight.std().item()) == pytest.approx(DEVIATION[rule], rel=0.03)
    assert not net[0].bias.any()
    assert not net[1].bias.any()
    assert (net[2].weight == 1).all()
    assert not net[2].bias.any()


def test_chance_comes_from_torchs_generator():
    first, again, other = (nn.Linear(5, 5) for _ in range(3))
    for net, seed in ((first, 3), (again, 3), (other, 4)):
        torch.manual_seed(seed)
        initialise(net)
    assert torch.equal(first.weight, again.weight)
    assert not torch.equal(first.weight, other.weight)
