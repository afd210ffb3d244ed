"""Layers and stacks against PyTorch's, step by step against all at once, and what must not reach an answer."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from tenon.errors import SettingsError  # noqa: E402
from tenon.nn.attention import is_before, is_real  # noqa: E402
from tenon.nn.transformer import IN_CACHE, Decoder, Encoder, FeedForward, LayerShape  # noqa: E402

B, T, S, C, H = 3, 5, 4, 12, 3
CHANCE = torch.Generator().manual_seed(0)
X, MEMORY = (torch.randn(B, n, C, dtype=torch.float64, generator=CHANCE) for n in (T, S))
REAL, REAL_MEMORY = is_real(torch.tensor([5, 3, 1]), T), is_real(torch.tensor([2, 4, 1]), S)
NORMS = ("pre", "post")
SHAPES = [
    LayerShape(C, H, 20, activation, norm, dropout=0.0, attention_dropout=0.0)
    for activation in ("relu", "gelu")
    for norm in NORMS
]


def named(shape):
    return f"{shape.activation}-{shape.norm}"


def made(kind, shape=SHAPES[0], n_layers=2):
    """With gains and shifts of norms that are not 1 and 0, since these would hide where a norm stands."""
    torch.manual_seed(1)
    net = kind(n_layers, shape).double()
    for parameter in net.parameters():
        if parameter.ndim == 1:
            nn.init.normal_(parameter, 0.5)
    return net


def settings_of(shape):
    return {
        "d_model": C, "nhead": H, "dim_feedforward": shape.d_hidden, "dropout": 0.0, "activation": shape.activation,
        "batch_first": True, "norm_first": shape.norm == "pre", "layer_norm_eps": shape.eps, "dtype": torch.float64,
    }  # fmt: skip


def copied(ours, theirs, parts):
    """Give a layer of PyTorch's the weights of ours; parts : {their attention: ours}, norms in their order."""
    weights = {}
    for name, attention in parts.items():
        inputs = (attention.query, attention.key, attention.value)
        weights |= {
            f"{name}.in_proj_weight": torch.cat([part.weight for part in inputs]),
            f"{name}.in_proj_bias": torch.cat([part.bias for part in inputs]),
            f"{name}.out_proj.weight": attention.out.weight, f"{name}.out_proj.bias": attention.out.bias,
        }  # fmt: skip
    fed = ours.feed_forward
    norms = [ours.past.norm, *([ours.past_cross.norm] if hasattr(ours, "cross") else []), fed.past.norm]
    named = {f"norm{i + 1}": norm for i, norm in enumerate(norms)} | {"linear1": fed.inner, "linear2": fed.outer}
    weights |= {f"{name}.{kind}": getattr(part, kind) for name, part in named.items() for kind in ("weight", "bias")}
    theirs.load_state_dict(weights)


def encoder_of_torch(ours, shape):
    theirs = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(**settings_of(shape)),
        2,
        ours.norm if shape.norm == "pre" else None,
        enable_nested_tensor=False,
    )
    for layer, of_torch in zip(ours.layers, theirs.layers, strict=True):
        copied(layer, of_torch, {"self_attn": layer.attention})
    return theirs


@pytest.mark.mission("D5", "G4")
@pytest.mark.parametrize("shape", SHAPES, ids=named)
@pytest.mark.parametrize("mask", ["none", "padding", "causal", "both"])
def test_the_encoder_equals_that_of_torch(shape, mask):
    ours = made(Encoder, shape)
    theirs = encoder_of_torch(ours, shape)
    padding, causal = mask in ("padding", "both"), mask in ("causal", "both")
    seen = {"none": None, "padding": REAL[:, None], "causal": is_before(T)[None], "both": REAL[:, None] & is_before(T)}[mask]
    expected = theirs(X, mask=~is_before(T) if causal else None, src_key_padding_mask=~REAL if padding else None)
    torch.testing.assert_close(ours(X, seen)[REAL], expected[REAL], rtol=0, atol=1e-10)
    assert_gradients_agree(ours(X, seen)[REAL], expected[REAL], ours.layers[0].feed_forward.inner, theirs.layers[0].linear1)


@pytest.mark.mission("G4")
@pytest.mark.parametrize("shape", SHAPES, ids=named)
def test_the_decoder_equals_that_of_torch(shape):
    ours = made(Decoder, shape)
    theirs = nn.TransformerDecoder(
        nn.TransformerDecoderLayer(**settings_of(shape)), 2, ours.norm if shape.norm == "pre" else None
    )
    for layer, of_torch in zip(ours.layers, theirs.layers, strict=True):
        copied(layer, of_torch, {"self_attn": layer.attention, "multihead_attn": layer.cross})
    expected = theirs(X, MEMORY, tgt_mask=~is_before(T), memory_key_padding_mask=~REAL_MEMORY)
    found = ours(X, MEMORY, REAL_MEMORY)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-10)
    assert_gradients_agree(found, expected, ours.layers[0].feed_forward.inner, theirs.layers[0].linear1)


def assert_gradients_agree(found, expected, ours, theirs):
    for y in (found, expected):
        y.square().sum().backward()
    assert ours.weight.grad.abs().max() > 1e-3
    torch.testing.assert_close(ours.weight.grad, theirs.weight.grad)


@pytest.mark.parametrize("shape", SHAPES, ids=named)
@pytest.mark.parametrize("cuts", [(1, 1, 1, 1, 1), (2, 3), (4, 1), (5,)])
def test_steps_give_what_the_whole_gives(shape, cuts):
    net = made(Decoder, shape)
    said, found = net.start(MEMORY, REAL_MEMORY), []
    for part in X.split(cuts, dim=1):
        states, said = net.step(part, said)
        found.append(states)
    torch.testing.assert_close(torch.cat(found, dim=1), net(X, MEMORY, REAL_MEMORY), rtol=0, atol=1e-12)


def test_a_step_leaves_the_past_as_it_was():
    """So that several texts can go on from one."""
    net = made(Decoder)
    _, said = net.step(X[:, :2], net.start(MEMORY))
    first, _ = net.step(X[:, 2:3], said)
    net.step(X[:, 3:4], said)
    assert torch.equal(net.step(X[:, 2:3], said)[0], first)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("place", range(1, T))
def test_nothing_comes_from_later_tokens(norm, place):
    """Both in what is said and in the gradient: no earlier state moves when a later token does."""
    shape, x = LayerShape(C, H, norm=norm, dropout=0.0, attention_dropout=0.0), X.clone().requires_grad_()
    decoder, encoder = made(Decoder, shape), made(Encoder, shape)
    for run in (lambda x: decoder(x, MEMORY), lambda x: encoder(x, is_before(T)[None])):
        later = X.clone()
        later[:, place:] = X.flip(2)[:, place:]  # not shifted, which a norm would undo
        assert torch.equal(run(later)[:, :place], run(X)[:, :place])
        assert not torch.allclose(run(later)[:, place:], run(X)[:, place:])
        (gradient,) = torch.autograd.grad(run(x)[:, :place].square().sum(), x)
        assert (gradient[:, place:] == 0).all()
        assert (gradient[:, :place] != 0).any(dim=2).all()


@pytest.mark.parametrize("norm", NORMS)
def test_padding_changes_nothing(norm):
    shape = LayerShape(C, H, norm=norm)
    encoder, decoder = made(Encoder, shape).eval(), made(Decoder, shape).eval()
    states = encoder(X, REAL[:, None])
    for row, length in enumerate(REAL.sum(dim=1).tolist()):
        alone = encoder(X[row : row + 1, :length])
        torch.testing.assert_close(states[row, :length], alone[0], rtol=0, atol=1e-12)
    for row, length in enumerate(REAL_MEMORY.sum(dim=1).tolist()):
        alone = decoder(X[row : row + 1], MEMORY[row : row + 1, :length])
        torch.testing.assert_close(decoder(X, MEMORY, REAL_MEMORY)[row], alone[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("mask", [None, is_real(torch.tensor([5, 3]), 5)[:, None], is_before(5)[None]])
def test_the_first_tokens_alone_are_those_of_all(norm, mask):
    """With gradients, in which the others have their part."""
    net = made(Encoder, LayerShape(C, H, 24, norm=norm, dropout=0.0, attention_dropout=0.0))
    x = torch.randn(2, 5, C, dtype=torch.float64, requires_grad=True)
    found, expected = net(x, mask, n_asked=2), net(x, mask)[:, :2]
    torch.testing.assert_close(found, expected)
    ours, theirs = (torch.autograd.grad(y.square().sum(), [x, *net.parameters()], retain_graph=True) for y in (found, expected))
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("shape", SHAPES, ids=named)
def test_each_layer_gives_its_state_and_its_weights(shape):
    net = made(Encoder, shape)
    states, weights = net.each(X, REAL[:, None])
    assert (len(states), len(weights)) == (3, 2)
    assert torch.equal(states[0], X)
    torch.testing.assert_close(states[1], net.layers[0](X, REAL[:, None]), rtol=0, atol=1e-12)
    torch.testing.assert_close(states[2], net(X, REAL[:, None]), rtol=0, atol=1e-12)
    for one in weights:
        assert one.shape == (B, H, T, T)
        torch.testing.assert_close(one.sum(dim=3), torch.ones(B, H, T, dtype=torch.float64))
        assert (one.transpose(1, 3)[~REAL] == 0).all()


def test_dropout_is_of_what_each_part_adds():
    """All of it dropped leaves the input as it was, but for the norm at the end of the stack."""
    net = made(Encoder, LayerShape(C, H, dropout=1.0)).train()
    torch.testing.assert_close(net(X), net.norm(X))
    assert not torch.allclose(net.eval()(X), net.norm(X))


@pytest.mark.parametrize("shape", SHAPES, ids=named)
@pytest.mark.parametrize("size", [(1, IN_CACHE), (1, IN_CACHE + 1), (5, IN_CACHE // 2 + 3)], ids=str)
def test_many_tokens_are_thought_over_as_few_are(shape, size):
    torch.manual_seed(1)
    part, x = FeedForward(shape).double(), torch.randn(*size, C, dtype=torch.float64)
    with torch.no_grad():
        said = part(x)
    torch.testing.assert_close(said, part(x).detach(), atol=1e-12, rtol=0)  # with gradients, all at once


def test_what_is_computed_again_gives_the_same_gradients_from_fewer_states():
    shape, found, kept = LayerShape(C, H, 20, dropout=0.3, attention_dropout=0.3), {}, {}
    net = made(Encoder, shape, 4)
    for net.most_kept in (B * T, B * T - 1):
        is_kept = net.most_kept == B * T
        net.zero_grad()
        kept[is_kept] = 0

        def count(state, key=is_kept):
            kept[key] += state.numel()
            return state

        torch.manual_seed(2)  # of what is dropped
        with torch.autograd.graph.saved_tensors_hooks(count, lambda state: state):
            said = net(X, REAL[:, None])
        said.square().sum().backward()
        found[is_kept] = [said, *(part.grad.clone() for part in net.parameters())]
    assert all(torch.equal(one, other) for one, other in zip(found[False], found[True], strict=True))
    assert kept[False] < kept[True] / 4


def test_what_cannot_be_is_told():
    with pytest.raises(SettingsError, match="d_model is a multiple of n_heads; got 12 and 5"):
        Encoder(1, LayerShape(12, 5))
    with pytest.raises(
        SettingsError, match="activation takes one of 'sigmoid', .*, 'gelu_tanh'; got 'gelo'; did you mean 'gelu'"
    ):
        LayerShape(activation="gelo")
    with pytest.raises(SettingsError, match="norm takes one of 'pre', 'post'; got 'before'"):
        LayerShape(norm="before")
    with pytest.raises(SettingsError, match="dropout takes a number from 0 to 1; got 1.5"):
        LayerShape(dropout=1.5)
    with pytest.raises(SettingsError, match="n_layers takes a whole number from 1 on; got 0"):
        Decoder(0, LayerShape())
