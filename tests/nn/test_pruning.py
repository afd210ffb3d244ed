"""Layers from which heads and units were taken out beside whole ones in which these say nothing, and gates beside differences."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from tenon.nn.pruning import gated, importance, keep_heads, keep_units, largest  # noqa: E402
from tenon.nn.transformer import Encoder, LayerShape  # noqa: E402

C, H, HIDDEN = 12, 3, 10


class Net(nn.Module):
    """An encoder and two classes of what it says of the first token."""

    def __init__(self):
        super().__init__()
        self.encoder, self.head = Encoder(2, LayerShape(C, H, HIDDEN)), nn.Linear(C, 2)

    def forward(self, x):
        return self.head(self.encoder(x)[:, 0])


def made(seed):
    torch.manual_seed(seed)
    net = Net().double().eval()
    for part in net.modules():
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.bias)  # those of chance are 0, which would hide what is done to them
    return net, torch.randn(7, 5, C, dtype=torch.float64)


def readers(net):
    return [layer.attention.out for layer in net.encoder.layers]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kept", [[0, 2], [1]])
def test_without_heads_is_the_whole_in_which_they_say_nothing(kept, seed):
    net, x = made(seed)
    with torch.no_grad(), gated(readers(net), H, len(x), x.device) as gates:
        gates[:, :, [h for h in range(H) if h not in kept]] = 0.0
        said = net(x)
    by_zeros, _ = made(seed)
    for layer in by_zeros.encoder.layers:  # the same without gates: what a head says is zero where its values are
        for h in set(range(H)) - set(kept):
            for one in (layer.attention.value.weight, layer.attention.value.bias):
                one.data[h * C // H : (h + 1) * C // H] = 0.0
    for layer in net.encoder.layers:
        keep_heads(layer.attention, torch.tensor(kept))
    torch.testing.assert_close(net(x), by_zeros(x), rtol=1e-10, atol=1e-10)  # sums in another order
    torch.testing.assert_close(net(x), said, rtol=1e-5, atol=1e-5)  # gates are of single precision
    assert layer.attention.query.weight.shape == (len(kept) * C // H, C)
    assert layer.attention.out.weight.shape == (C, len(kept) * C // H)
    _, weights = layer.attention.with_weights(x)
    assert weights.shape == (7, len(kept), 5, 5)
    built = Encoder(2, LayerShape(C, len(kept), HIDDEN, d_head=C // H)).double().eval()
    built.load_state_dict(net.encoder.state_dict())
    torch.testing.assert_close(built(x), net.encoder(x))


@pytest.mark.parametrize("seed", range(3))
def test_without_units_is_the_whole_in_which_they_say_nothing(seed):
    net, x = made(seed)
    by_zeros, _ = made(seed)
    for layer, other in zip(net.encoder.layers, by_zeros.encoder.layers, strict=True):
        other.feed_forward.outer.weight.data[:, [0, 3, 9]] = 0.0
        keep_units(layer.feed_forward, torch.tensor([1, 2, 4, 5, 6, 7, 8]))
    torch.testing.assert_close(net(x), by_zeros(x), rtol=1e-10, atol=1e-10)
    assert layer.feed_forward.inner.weight.shape == (7, C)


@pytest.mark.parametrize("what", ["heads", "units"])
def test_importance_is_the_mean_of_what_differences_say(what):
    net, x = made(0)
    parts, n = (readers(net), H) if what == "heads" else ([layer.feed_forward.outer for layer in net.encoder.layers], HIDDEN)
    y, step, found = torch.arange(7) % 2, 1e-2, torch.zeros(2, n, dtype=torch.float64)

    def loss_of(layer, head, by):
        """The loss of each row, (7,), where what a head or unit says counts 1 + by: its columns of the next layer do."""
        out = parts[layer].weight
        columns = slice(head * out.shape[1] // n, (head + 1) * out.shape[1] // n)
        before = out.data[:, columns].clone()
        out.data[:, columns] *= 1 + by
        each = functional.cross_entropy(net(x), y, reduction="none")
        out.data[:, columns] = before
        return each.detach()

    for layer in range(2):
        for head in range(n):
            found[layer, head] = (loss_of(layer, head, step) - loss_of(layer, head, -step)).abs().mean() / (2 * step)
    batches = [((x[:4],), y[:4]), ((x[4:],), y[4:])]
    said = importance(net, parts, n, batches, functional.cross_entropy)
    torch.testing.assert_close(said.double(), found, rtol=1e-3, atol=1e-6)  # the third derivative times 1e-4 / 6
    assert not parts[0]._forward_pre_hooks


@pytest.mark.mission("D12")
@pytest.mark.parametrize("seed", range(4))
def test_the_head_that_a_task_hangs_on_stays(seed):
    """It says little, and others a lot, but of these nobody asks."""
    net, x = made(seed)
    first, second = net.encoder.layers
    for part in (first.feed_forward.outer, second.feed_forward.outer, second.attention.out):
        nn.init.zeros_(part.weight)
    out, asked = first.attention.out.weight.data, slice(C // H, 2 * C // H)
    out[0], out[1:, asked] = 0.0, 0.0  # the second head alone writes where the answer is read
    out[0, asked] = 0.5
    net.head.weight.data[:, 1:] = 0.0
    said = importance(net, readers(net), H, [((x,), torch.arange(7) % 2)], functional.cross_entropy)
    assert largest(said[0], 1).tolist() == [1]
    sizes = [part.norm() for part in out.split(C // H, dim=1)]
    assert min(sizes) == sizes[1]


def test_places_of_the_largest_in_order():
    assert largest(torch.tensor([0.2, 3.0, 0.1, 3.0, 1.0]), 3).tolist() == [1, 3, 4]
    assert largest(torch.tensor([1.0, 1.0, 1.0]), 2).tolist() == [0, 1]
