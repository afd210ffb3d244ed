"""How optimisers are made: of many weights Adam steps in one pass, to the same weights as PyTorch's plain rule."""

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from tenon.training.optimisers import MANY, make_optimiser  # noqa: E402
from tenon.training.recipe import Recipe  # noqa: E402


@pytest.mark.parametrize(("width", "is_fused"), [(MANY // 8 // 10, None), (MANY // 8, True)])
@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_many_weights_take_the_step_of_the_plain_rule(name, width, is_fused):
    torch.manual_seed(0)
    ours, theirs = nn.Linear(8, width, bias=False), nn.Linear(8, width, bias=False)
    theirs.load_state_dict(ours.state_dict())
    made = make_optimiser(ours, Recipe(optimiser=name, rate=0.01, decay=0.1))
    plain = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name](theirs.parameters(), lr=0.01, weight_decay=0.1)
    assert made.defaults["fused"] is is_fused
    for step in range(3):
        for net, optimiser in ((ours, made), (theirs, plain)):
            optimiser.zero_grad()
            net(torch.full((1, 8), 1.0 + step)).square().mean().backward()
            optimiser.step()
    torch.testing.assert_close(ours.weight, theirs.weight, rtol=1e-5, atol=1e-6)
