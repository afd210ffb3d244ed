"""Attention for long texts against that of transformers' Longformer, for tokens around and global ones, and their gradients."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from transformers import LongformerConfig  # noqa: E402
from transformers.models.longformer.modeling_longformer import LongformerSelfAttention  # noqa: E402

from tenon.errors import SettingsError  # noqa: E402
from tenon.nn.long_attention import LongAttention, Seen  # noqa: E402
from tenon.nn.patterns import Window  # noqa: E402

B, T, C, H, W = 3, 48, 16, 4, 6  # heads of 4 numbers; theirs takes texts that fill its windows of 2 W
LENGTHS = (48, 31, 13)
GLOBAL = {
    "none": ([], [], []),
    "the first": ([0], [0], [0]),
    "two": ([0, 47], [5, 30], [2, 12]),
    "five": ([0, 1, 9, 30, 31], [0, 7, 8, 20, 30], [8, 9, 10, 11, 12]),
    "anywhere": ([0, 20, 47], [5], [2, 3]),
    "some have none": ([0, 20, 47], [], [1]),
    "more than a head has numbers": ([0, 1, 2, 9, 30, 31], [0, 30], [12]),
}


def theirs_and_ours():
    torch.manual_seed(0)
    config = LongformerConfig(hidden_size=C, num_attention_heads=H, attention_window=[2 * W], num_hidden_layers=1)
    theirs, ours = LongformerSelfAttention(config, 0).double().eval(), LongAttention(C, H, Window(W, block=7)).double().eval()
    for name in ("query", "key", "value"):
        getattr(ours.local, name).load_state_dict(getattr(theirs, name).state_dict())
        getattr(ours, f"global_{name}").load_state_dict(getattr(theirs, f"{name}_global").state_dict())
    with torch.no_grad():
        ours.local.out.weight.copy_(torch.eye(C))
        ours.local.out.bias.zero_()
    return theirs, ours


@pytest.mark.mission("H5")
@pytest.mark.parametrize("which", GLOBAL)
def test_equals_that_of_transformers(which):
    theirs, ours = theirs_and_ours()
    x = torch.randn(B, T, C, dtype=torch.float64, requires_grad=True)
    marks = torch.zeros(B, T)  # theirs: below 0 padding, above 0 global
    for row, (length, places) in enumerate(zip(LENGTHS, GLOBAL[which], strict=True)):
        marks[row, length:] = -10_000.0
        marks[row, places] = 10_000.0
    is_key, is_global = marks >= 0, marks > 0
    expected = theirs(x, marks.double(), is_index_masked=~is_key, is_index_global_attn=is_global,
                      is_global_attn=bool(is_global.any()))[0]  # fmt: skip
    found = ours(x, None, Seen(is_key, is_global))
    torch.testing.assert_close(found[is_key], expected[is_key], rtol=0, atol=1e-6)  # their softmax is in float32
    if len({*map(len, GLOBAL[which])}) > 1 or which == "none":
        return  # gradients of theirs are no numbers where texts have global tokens in unlike numbers, or padding sees no key
    wanted = torch.randn(int(is_key.sum()), C, dtype=torch.float64)
    leaves = [(x, x)] + [
        (getattr(own, prefix + name).weight, getattr(theirs, name + suffix).weight)
        for own, prefix, suffix in ((ours.local, "", ""), (ours, "global_", "_global"))
        for name in ("query", "key", "value")
    ]
    ways = ((found, 0), (expected, 1))
    for own, other in zip(
        *(torch.autograd.grad(y[is_key], [pair[side] for pair in leaves], wanted) for y, side in ways), strict=True
    ):
        torch.testing.assert_close(own, other, rtol=0, atol=1e-5)


def test_padding_changes_nothing_and_a_text_need_not_fill_a_window():
    _, ours = theirs_and_ours()
    x, is_global = torch.randn(1, 5, C, dtype=torch.float64), torch.tensor([[True, False, False, True, False]])
    alone = ours(x, None, Seen(None, is_global))
    filled = torch.cat([x, torch.randn(1, 40, C, dtype=torch.float64)], dim=1)
    is_key = torch.arange(45)[None] < 5
    among = ours(filled, None, Seen(is_key, is_key & torch.nn.functional.pad(is_global, (0, 40), value=True)))
    torch.testing.assert_close(among[:, :5], alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("places", [[], [0], [0, 9], list(range(5))], ids=str)
@pytest.mark.parametrize("n", [1, 3])
def test_the_first_tokens_say_what_they_say_among_all(places, n):
    _, ours = theirs_and_ours()
    x, is_global = torch.randn(B, T, C, dtype=torch.float64), torch.zeros(B, T, dtype=torch.bool)
    is_global[:, places] = True
    seen = Seen(torch.arange(T) < torch.tensor(LENGTHS)[:, None], is_global)
    torch.testing.assert_close(ours(x[:, :n], x, seen), ours(x, None, seen)[:, :n], rtol=0, atol=1e-12)


def test_weights_are_left_out_in_training_alone():
    ours = LongAttention(C, H, Window(W), dropout=0.5)
    x, seen = torch.randn(1, 30, C), Seen(None, torch.arange(30)[None] < 2)
    assert not torch.equal(ours(x, None, seen), ours(x, None, seen))
    ours.eval()
    assert torch.equal(ours(x, None, seen), ours(x, None, seen))


def test_patterns_are_one_or_one_a_head():
    assert LongAttention(C, H, [Window(w) for w in range(H)])(torch.randn(1, 9, C)).shape == (1, 9, C)
    with pytest.raises(SettingsError, match="one for all heads, or one a head; got 3 for 4 heads"):
        LongAttention(C, H, [Window(2)] * 3)


@pytest.mark.parametrize("n_global", [1, 3, 12])
def test_half_precision_says_nearly_the_same(n_global):
    torch.manual_seed(0)
    layer, x = LongAttention(32, 4, Window(2, block=4)), torch.randn(2, 12, 32)
    is_global = torch.arange(12).expand(2, -1) < n_global
    with torch.autocast("cpu", torch.bfloat16):
        said = layer(x, seen=Seen(None, is_global))
    assert (said - layer(x, seen=Seen(None, is_global))).abs().max() < 0.02
