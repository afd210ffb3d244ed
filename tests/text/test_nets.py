"""Networks for texts: by hand on small ones, the same alone and padded, answers to texts of one token, gradients everywhere."""

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402
from tests.nn.test_transformer import copied  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from tenon.errors import DataError, SettingsError  # noqa: E402
from tenon.text import AttentiveNet, RecurrentNet, ReformerText, TextCNN, TransformerText, TransformerXLText  # noqa: E402
from tenon.text.embedding import Embedding, start_from  # noqa: E402
from tenon.watch import Watch  # noqa: E402

IDS = torch.tensor([[2, 3, 4, 5, 6, 7, 8], [5, 0, 0, 0, 0, 0, 0], [9, 2, 2, 7, 0, 0, 0]])
LENGTHS = torch.tensor([7, 1, 4])
NETS = {
    "cnn": TextCNN,
    "cnn-tanh": lambda *args: TextCNN(*args, activation="tanh"),  # whose windows may all say less than none
    "attentive": AttentiveNet,
    "reformer": lambda *args: ReformerText(*args, n_heads=2, n_buckets=2, chunk=2),
    "transformer-xl": lambda *args: TransformerXLText(*args, n_heads=2, length=2),
    **{f"transformer-{norm}": lambda *args, norm=norm: TransformerText(*args, n_heads=2, norm=norm) for norm in ("pre", "post")},
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
        assert parameter.grad.abs().max() > 0 or weight == "attention.score.0.bias" or weight.endswith("key.bias"), weight
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


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_the_transformer_is_that_of_torch_over_waves_and_the_mean_over_tokens(norm):
    """Vectors of 6 numbers come to 64 = 2 heads of 32, and grow by 8, its root."""
    torch.manual_seed(1)
    net = TransformerText(3, Embedding(10, 6), n_heads=2, norm=norm, dropout=0.0).double().eval()
    shape = {"dim_feedforward": 256, "dropout": 0.0, "activation": "gelu", "norm_first": norm == "pre", "dtype": torch.float64}
    theirs = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(64, 2, batch_first=True, **shape), 2, net.encoder.norm if norm == "pre" else None,
        enable_nested_tensor=False,
    )  # fmt: skip
    for layer, of_torch in zip(net.encoder.layers, theirs.layers, strict=True):
        copied(layer, of_torch, {"self_attn": layer.attention})
    places = torch.arange(7, dtype=torch.float64)[:, None] / 10_000 ** (torch.arange(0, 64, 2) / 64)
    waves = torch.stack([places.sin(), places.cos()], dim=2).flatten(1)
    x = 8 * (net.tokens.embedding.vectors.weight[IDS] @ net.tokens.wide.weight.T + net.tokens.wide.bias) + waves
    states = theirs.eval()(x, src_key_padding_mask=torch.arange(7) >= LENGTHS[:, None])
    means = torch.stack([states[i, :length].mean(dim=0) for i, length in enumerate(LENGTHS.tolist())])
    torch.testing.assert_close(net(IDS, LENGTHS), net.head(means), atol=1e-6, rtol=1e-5)  # our waves are of float32


def test_whom_tokens_look_at_is_a_share_of_all():
    heads_of_layers = made("transformer-pre").heads(IDS[0])
    assert [heads.shape for heads in heads_of_layers] == [(2, 7, 7)] * 2  # layers, heads
    np.testing.assert_allclose(np.stack(heads_of_layers).sum(axis=3), 1.0, rtol=1e-6)
    first = made("transformer-pre").eval()
    layer = first.encoder.layers[0]
    x = layer.past.norm(first.tokens(IDS[:1]))[0]
    q, k = (part(x).view(7, 2, 32) for part in (layer.attention.query, layer.attention.key))
    heads = [(q[:, h] @ k[:, h].T / 32**0.5).softmax(dim=1) for h in range(2)]
    np.testing.assert_allclose(first.heads(IDS[0])[0], torch.stack(heads).detach(), rtol=1e-5, atol=1e-7)


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
    heard: list[dict] = []
    given = {"a": np.array([7.0, 8.0]), "z": np.array([0.0, 0.0])}
    start_from(embedding, ["", "[UNK]", "a", "b"], given, Watch(heard.append))
    assert [event["text"] for event in heard] == ["33 % of the tokens start from vectors of words."]
    assert embedding.vectors.weight[2].tolist() == [7.0, 8.0]
    assert embedding.vectors.weight[3].tolist() == before
    with pytest.raises(DataError, match="the vectors have 3 numbers, the network's 2; set width to theirs"):
        start_from(embedding, ["a"], {"a": np.zeros(3)})
    with pytest.raises(DataError, match="none of the tokens has a vector among those given"):
        start_from(embedding, ["a"], {"b": np.zeros(2)})


def test_what_cannot_be_is_told():
    with pytest.raises(SettingsError, match="pooling takes one of 'last', 'mean', 'max'; got 'sum'"):
        RecurrentNet(2, Embedding(5, 2), pooling="sum")
    with pytest.raises(SettingsError, match="n_heads takes a whole number from 1 on; got 0"):
        TransformerText(2, Embedding(5, 2), n_heads=0)
    with pytest.raises(SettingsError, match="norm takes one of 'pre', 'post'; got 'middle'"):
        TransformerText(2, Embedding(5, 2), norm="middle")
    with pytest.raises(SettingsError, match="windows takes a whole number from 1 on; got 0"):
        TextCNN(2, Embedding(5, 2), windows=(3, 0))
    with pytest.raises(SettingsError, match="word_dropout takes a number from 0 to 1; got 1.5"):
        Embedding(5, 2, word_dropout=1.5)
