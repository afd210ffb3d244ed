"""Layers of 8 bits against sums of whole numbers by hand, and against the layers in whose place they stand."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from tenon.nn.int8 import FEWEST, Int8Embedding, Int8Linear, extremes_of, int8_layers, n_steps, put_int8, rounded  # noqa: E402


def by_hand(layer: nn.Linear, x: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """The product in whole numbers: inputs in steps from low to high, weights in 254 about 0, summed as int64."""
    step = (high - low) / n_steps()
    zero = round(-low / step)
    q = (torch.round(x.double() / step) + zero).clamp(0, n_steps()).long()
    scale = layer.weight.detach().abs().amax(dim=1) / 127
    w = torch.round(layer.weight.detach() / scale[:, None]).long()
    return ((q - zero) @ w.T).double() * step * scale.double() + layer.bias.detach().double()


def made(n_in: int = 96, n_out: int = 200, seed: int = 0) -> tuple[nn.Linear, torch.Tensor]:
    torch.manual_seed(seed)
    return nn.Linear(n_in, n_out), torch.randn(3, 5, n_in)


@pytest.mark.parametrize("seed", range(3))
def test_dynamic_product_is_that_of_whole_numbers(seed):
    layer, x = made(seed=seed)
    low, high = x.min().item(), x.max().item()
    said = Int8Linear.of(layer)(x)
    # one input in some thousands lies between two steps in float32 and falls to the other side: a step times a weight
    off = (said - by_hand(layer, x, low, high)).abs()
    assert off.max() < (high - low) / n_steps() * layer.weight.abs().max() * 1.01
    assert off.median() < 1e-5


def test_static_product_is_that_of_whole_numbers():
    layer, x = made()
    ours = Int8Linear.of(layer)
    ours.extremes = torch.tensor([-2.0, 3.0])  # some inputs lie beyond it, and are cut
    torch.testing.assert_close(ours(x).double(), by_hand(layer, x, -2.0, 3.0), rtol=0, atol=1e-5)


def test_static_rows_do_not_hang_on_their_batch_and_dynamic_ones_do():
    layer, x = made()
    x[0] *= 20
    static, dynamic = Int8Linear.of(layer), Int8Linear.of(layer)
    static.extremes = torch.tensor([-4.0, 4.0])
    torch.testing.assert_close(static(x)[1:], static(x[1:]), rtol=0, atol=0)
    assert not torch.equal(dynamic(x)[1:], dynamic(x[1:]))


def test_weights_are_off_by_half_a_step_at_most():
    weight = torch.randn(7, 50)
    weight[2] = 0
    values, scale = rounded(weight)
    assert values.dtype == torch.int8
    assert values.abs().amax(dim=1).tolist() == [127, 127, 0, 127, 127, 127, 127]
    assert ((values * scale[:, None] - weight).abs() <= scale[:, None] / 2 * (1 + 1e-5)).all()
    assert scale[2] == 1


def test_embedding_gives_its_rounded_vectors():
    torch.manual_seed(0)
    layer = nn.Embedding(30, 8, padding_idx=0)
    ours, ids = Int8Embedding.of(layer), torch.tensor([[3, 0], [29, 3]])
    torch.testing.assert_close(ours(ids), ours.weight[ids], rtol=0, atol=0)
    assert (ours(ids) - layer(ids)).abs().max() <= ours.scale.max() / 2
    assert (ours(ids)[0, 1] == 0).all()


def test_extremes_are_those_of_all_inputs():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    parts = [torch.randn(5, 4), 3 * torch.randn(6, 4)]
    found = extremes_of(net, lambda: [net(x) for x in parts])
    given = {"0": torch.cat(parts), "2": torch.relu(net[0](torch.cat(parts)))}
    assert {name: ends.tolist() for name, ends in found.items()} == {
        name: pytest.approx([x.min().item(), x.max().item()]) for name, x in given.items()
    }
    net(100 * torch.ones(1, 4))  # nobody listens any more
    assert found["0"].max() < 100


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.small = nn.Embedding(FEWEST // 10, 10), nn.Linear(10, 3)
        self.body = nn.Sequential(nn.Linear(10, FEWEST // 10, bias=False), nn.ReLU(), nn.Linear(FEWEST // 10, 10))

    def forward(self, ids):
        return self.small(self.body(self.tokens(ids)))


def test_a_network_of_8_bits_is_as_it_was_once_read_again():
    torch.manual_seed(0)
    net, ids = Net().eval(), torch.arange(40)
    before = net(ids)
    names = put_int8(net)
    assert names == int8_layers(net) == ["tokens", "body.0", "body.2"]  # `small` has too few weights
    again = Net()
    put_int8(again, names)
    again.load_state_dict(net.state_dict())
    torch.testing.assert_close(again(ids), net(ids), rtol=0, atol=0)
    assert (net(ids) - before).abs().max() < 0.1 * before.std()  # three roundings of about 1 % each
    assert (net(ids) != before).any()
