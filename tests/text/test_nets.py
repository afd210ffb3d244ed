"""Networks for texts: by hand on small ones, the same alone and padded, answers to texts of one token, gradients everywhere."""

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402
from torch.nn import functional  # noqa: E402

from tenon.errors import DataError, SettingsError  # noqa: E402
from tenon.text import AttentiveNet, RecurrentNet, TextCNN  # noqa: E402
from tenon.text.embedding import Embedding, start_from  # noqa: E402

IDS = torch.tensor([[2, 3, 4, 5, 6, 7, 8], [5, 0, 0, 0, 0, 0, 0], [9, 2, 2, 7, 0, 0, 0]])
LENGTHS = torch.tensor([7, 1, 4])
NETS = {
    "cnn": TextCNN,
    "attentive": AttentiveNet,
    **{pooling: lambda *args, pooling=pooling: RecurrentNet(*args, pooling=pooling) for pooling in ("last", "mean", "max")},
}


def made(name: str, **settings):
    torch.manual_seed(0)
    return NETS[name](3, Embedding(10, 6, **settings)).double()


@pytest.mark.parametrize("name", NETS)
def test_a_text_gets_the_same_answer_alone_and_padded(name):
    net = made(name).eval()
    together = net(IDS, LENGTHS)
    assert together.shape == (3, 3)
    for i, length in enumerate(LENGTHS.tolist()):
        torch.testing.assert_close(net(IDS[i : i + 1, :length], LENGTHS[i : i + 1])[0], together[i])
    more = functional.pad(IDS, (0, 9))
    torch.testing.assert_close(net(more, LENGTHS), together)


@pytest.mark.parametrize("name", NETS)
def test_every_weight_learns_but_that_of_padding(name):
    net = made(name)
    net(IDS, LENGTHS).square().sum().backward()
    for weight, parameter in net.named_parameters():
        assert torch.isfinite(parameter.grad).all()
        assert parameter.grad.abs().max() > 0 or weight == "attention.score.0.bias", weight
    assert (net.embedding.vectors.weight.grad[0] == 0).all()


def test_windows_by_hand():
    """One window of two tokens, one map, vectors of one number: the largest w1 a + w2 b + c over neighbours, ends included."""
    net = TextCNN(1, Embedding(5, 1), windows=(2,), n_maps=1).eval()
    with torch.no_grad():
        net.embedding.vectors.weight[:, 0] = torch.tensor([0.0, 0.0, 1.0, -2.0, 3.0])
        net.convolutions[0].weight[:] = torch.tensor([[[2.0, -1.0]]])
        net.convolutions[0].bias.fill_(0.5)
        net.head.weight.fill_(1.0)
        net.head.bias.zero_()
    text = torch.tensor([[2, 3, 4]])  # 1, -2, 3: windows (0, 1), (1, -2), (-2, 3), (3, 0) give -1, 4, -7, 6, plus 0.5
    assert net(text, torch.tensor([3])).item() == pytest.approx(6.5)
    assert net(torch.tensor([[3, 0, 0]]), torch.tensor([1])).item() == pytest.approx(2.5)  # (0, -2) gives 2, (-2, 0) gives -4


def test_pooling_by_hand():
    states = torch.tensor([[[1.0, -1.0], [3.0, -4.0], [9.0, 9.0]]])
    lengths = torch.tensor([2])
    pooled = {
        pooling: RecurrentNet(1, Embedding(3, 2), d_hidden=1, pooling=pooling)._pooled(states, lengths)[0].tolist()
        for pooling in ("last", "mean", "max")
    }
    assert pooled == {"last": [3.0, -1.0], "mean": [2.0, -2.5], "max": [3.0, -1.0]}


def test_words_are_made_unknown_in_training_alone():
    embedding = Embedding(10, 4, word_dropout=1.0)
    unknown, padding = embedding.vectors.weight[1], embedding.vectors.weight[0]
    seen = embedding(IDS)
    assert (seen[IDS != 0] == unknown).all()
    assert (seen[IDS == 0] == padding).all()
    assert torch.equal(embedding.eval()(IDS), embedding.vectors(IDS))
    some = Embedding(10, 4, word_dropout=0.3)
    share = (some(torch.full((1, 20_000), 5))[0] == some.vectors.weight[1]).all(dim=1).float().mean().item()
    assert share == pytest.approx(0.3, abs=0.02)  # 6 deviations


def test_vectors_that_are_given_are_where_learning_starts():
    embedding = Embedding(4, 2)
    before = embedding.vectors.weight[3].tolist()
    share = start_from(embedding, ["[PAD]", "[UNK]", "a", "b"], {"a": np.array([7.0, 8.0]), "z": np.array([0.0, 0.0])})
    assert share == 0.25
    assert embedding.vectors.weight[2].tolist() == [7.0, 8.0]
    assert embedding.vectors.weight[3].tolist() == before
    with pytest.raises(DataError, match="the vectors have 3 numbers, the network's 2; set width to theirs"):
        start_from(embedding, ["a"], {"a": np.zeros(3)})
    with pytest.raises(DataError, match="none of the tokens has a vector among those given"):
        start_from(embedding, ["a"], {"b": np.zeros(2)})


def test_what_cannot_be_is_told():
    with pytest.raises(SettingsError, match="pooling takes one of 'last', 'mean', 'max'; got 'sum'"):
        RecurrentNet(2, Embedding(5, 2), pooling="sum")
    with pytest.raises(SettingsError, match="windows takes a whole number from 1 on; got 0"):
        TextCNN(2, Embedding(5, 2), windows=(3, 0))
    with pytest.raises(SettingsError, match="word_dropout takes a number from 0 to 1; got 1.5"):
        Embedding(5, 2, word_dropout=1.5)
