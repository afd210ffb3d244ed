"""Recurrent layers against PyTorch's on packed sequences, with the same weights; padding, turning, and what is refused."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: E402

from tenon.errors import SettingsError  # noqa: E402
from tenon.nn.recurrent import LAYERS, Recurrent, turned  # noqa: E402

LENGTHS = torch.tensor([7, 1, 4])
X = torch.randn(3, 7, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def copied_from(ours: Recurrent, kind: str, n_layers: int, is_bidirectional: bool) -> nn.RNNBase:
    theirs = LAYERS[kind](5, 6, n_layers, batch_first=True, bidirectional=is_bidirectional)
    weights = {}
    for i in range(n_layers):
        for layers, ending in ((ours.forwards, ""), (ours.backwards, "_reverse")):
            if layers:
                weights |= {name.replace("_l0", f"_l{i}{ending}"): w for name, w in layers[i].state_dict().items()}
    theirs.load_state_dict(weights)
    return theirs


@pytest.mark.mission("F5")
@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize(("n_layers", "is_bidirectional"), [(1, False), (1, True), (3, True)])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])  # float32 takes other kernels
def test_equals_packed_sequences_of_torch(kind, n_layers, is_bidirectional, dtype):
    torch.manual_seed(1)
    ours = Recurrent(kind, 5, 6, n_layers, is_bidirectional)
    theirs = copied_from(ours, kind, n_layers, is_bidirectional).to(dtype)
    ours, x = ours.to(dtype), X.to(dtype).requires_grad_()
    packed, _ = theirs(pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False))
    expected, _ = pad_packed_sequence(packed, batch_first=True)
    seen = (torch.arange(7) < LENGTHS[:, None])[..., None]
    found = ours(x, LENGTHS) * seen
    close = {} if dtype == torch.float64 else {"rtol": 1e-5, "atol": 1e-6}  # sums of a dozen terms in another order
    torch.testing.assert_close(found, expected, **close)
    [theirs_grad] = torch.autograd.grad(expected.square().sum(), x)
    [ours_grad] = torch.autograd.grad(found.square().sum(), x)
    torch.testing.assert_close(ours_grad, theirs_grad, **close)
    assert (ours_grad[1, 1:] == 0).all()  # padding takes no gradient


def test_a_text_says_the_same_alone_and_beside_longer_ones():
    torch.manual_seed(1)
    layers = Recurrent("gru", 5, 6, 2).double()
    torch.testing.assert_close(layers(X, LENGTHS)[2, :4], layers(X[2:, :4], LENGTHS[2:])[0])


def test_turning_is_by_hand_and_twice_is_nothing():
    x = torch.tensor([[1, 2, 3, 0], [4, 0, 0, 0], [5, 6, 7, 8]])[..., None]
    lengths = torch.tensor([3, 1, 4])
    assert turned(x, lengths)[..., 0].tolist() == [[3, 2, 1, 0], [4, 0, 0, 0], [8, 7, 6, 5]]
    assert torch.equal(turned(turned(x, lengths), lengths), x)


def test_an_lstm_starts_with_its_forget_gate_open():
    for layer in (*Recurrent("lstm", 5, 6, 2).forwards, *Recurrent("lstm", 5, 6, 2).backwards):
        assert (layer.bias_ih_l0[6:12] + layer.bias_hh_l0[6:12]).tolist() == [1.0] * 6


def test_what_cannot_be_is_told():
    with pytest.raises(SettingsError, match="kind takes one of 'rnn', 'lstm', 'gru'; got 'ltsm'; did you mean 'lstm'"):
        Recurrent("ltsm", 5, 6)
    with pytest.raises(SettingsError, match="n_layers takes a whole number from 1 on; got 0"):
        Recurrent("rnn", 5, 6, 0)
