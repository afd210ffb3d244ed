"""Attention whose pattern goes by where a text ends, against dense attention of each text alone under the pattern's mask."""

import pytest

torch = pytest.importorskip("torch")

from tenon.nn.attention import Attention, is_real  # noqa: E402
from tenon.nn.long_attention import Seen  # noqa: E402
from tenon.nn.patterned_attention import PatternedAttention, parts_by_head  # noqa: E402
from tenon.nn.patterns import RandomBlocks, ShiftedParts  # noqa: E402

D, H, N = 12, 3, 29
LENGTHS = [29, 17, 5, 1]
PATTERNS = {"random blocks": RandomBlocks(1, seed=2, block=2, whole=4), "parts": parts_by_head(H, 2)}
EACH = pytest.mark.parametrize("name", PATTERNS)


def made(patterns):
    torch.manual_seed(0)
    return PatternedAttention(D, H, patterns).double()


def texts():
    return torch.randn(len(LENGTHS), N, D, dtype=torch.float64, generator=torch.Generator().manual_seed(1), requires_grad=True)


@EACH
def test_each_text_is_looked_at_as_if_it_were_alone(name):
    patterns, net, x = PATTERNS[name], made(PATTERNS[name]), texts()
    of_head = patterns if isinstance(patterns, list) else [patterns] * H
    plain = Attention(D, H, score="dot").double()  # holds all weights
    plain.load_state_dict(net.state_dict())
    found = net(x, seen=Seen(is_real(torch.tensor(LENGTHS), N)))
    for text, answer, n in zip(x, found, LENGTHS, strict=True):
        mask = torch.stack([pattern.mask(n) for pattern in of_head])
        queries, (keys, values) = plain.heads(plain.query(text[None, :n])) / (D / H) ** 0.5, plain.read(text[None, :n])
        scores = (queries @ keys.transpose(2, 3)).masked_fill(~mask, float("-inf"))
        expected = plain.joined(scores.softmax(dim=3) @ values)[0]
        torch.testing.assert_close(answer[:n], expected, rtol=0, atol=1e-12)
        gradients = (torch.autograd.grad(one.square().sum(), x, retain_graph=True)[0] for one in (answer[:n], expected))
        torch.testing.assert_close(*gradients, rtol=0, atol=1e-12)


@EACH
def test_the_first_tokens_alone_are_answered_alike(name):
    net, x, seen = made(PATTERNS[name]), texts(), Seen(is_real(torch.tensor(LENGTHS), N))
    torch.testing.assert_close(net(x[:, :1], x, seen), net(x, seen=seen)[:, :1], rtol=0, atol=0)


def test_weights_are_left_out_in_training_alone():
    patterns, x = PATTERNS["parts"], texts()
    net = PatternedAttention(D, H, patterns, dropout=0.5).double()
    assert not torch.equal(net(x), net(x))
    net.eval()
    assert torch.equal(net(x), net(x))


@pytest.mark.parametrize(
    ("n_heads", "n_parts", "shifts"),
    [
        (12, 2, [0] * 10 + [1] * 2),
        (12, 3, [0] * 8 + [1, 1, 2, 2]),
        (4, 2, [0, 0, 0, 1]),
        (1, 2, [0]),
        (2, 3, [0, 1]),
        (4, 1, [0] * 4),
    ],
)
def test_heads_see_parts_as_the_papers_best(n_heads, n_parts, shifts):
    assert parts_by_head(n_heads, n_parts) == [ShiftedParts(n_parts, shift) for shift in shifts]


def test_short_texts_are_seen_whole():
    pattern = RandomBlocks(0, block=2, whole=12)
    assert pattern.mask(12).all()
    assert not pattern.mask(13).all()
