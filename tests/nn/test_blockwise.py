"""Patterns against rules written out for each pair, and their kernel against dense attention under the mask, with gradients."""

import itertools

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from tenon.errors import SettingsError  # noqa: E402
from tenon.nn.attention import Read, attention_weights, is_real  # noqa: E402
from tenon.nn.blockwise import attend  # noqa: E402
from tenon.nn.patterns import Everything, RandomBlocks, Segments, ShiftedParts, Window  # noqa: E402

B, H, D = 3, 2, 4
LENGTHS = (1, 2, 7, 16, 23)
RULES = {
    "everything": (Everything(), lambda i, j, n: True),
    "causal": (Everything(is_causal=True), lambda i, j, n: j <= i),
    "window": (Window(3, block=4), lambda i, j, n: abs(i - j) <= 3),
    "wide window": (Window(9, block=2), lambda i, j, n: abs(i - j) <= 9),
    "causal window": (Window(3, is_causal=True, block=2), lambda i, j, n: 0 <= i - j <= 3),
    "itself": (Window(0, block=3), lambda i, j, n: i == j),
    "dilated": (Window(2, dilation=3, block=2), lambda i, j, n: abs(i - j) in (0, 3, 6)),
    "dilated causal": (Window(1, is_causal=True, dilation=5, block=4), lambda i, j, n: i - j in (0, 5)),
    "segments": (Segments(5, 3), lambda i, j, n: i // 5 * 5 - 3 <= j < i // 5 * 5 + 5),
    "causal segments": (Segments(4, 6, is_causal=True), lambda i, j, n: i // 4 * 4 - 6 <= j <= i),
    "own part": (ShiftedParts(3), lambda i, j, n: i // -(-n // 3) == j // -(-n // 3)),
    "next part": (
        ShiftedParts(2, 1),
        lambda i, j, n: (i // -(-n // 2) != j // -(-n // 2)) if n > 1 else True,
    ),
}  # fmt: skip
PATTERNS = {name: pattern for name, (pattern, _) in RULES.items()} | {"random": RandomBlocks(1, seed=3, block=3)}
BY_NAME = pytest.mark.parametrize("name", PATTERNS)


def drawn(n: int, *, heads: int = H) -> list[torch.Tensor]:
    chance = torch.Generator().manual_seed(n)
    return [torch.randn(B, heads, n, D, dtype=torch.float64, generator=chance, requires_grad=True) for _ in range(3)]


def dense(queries, keys, values, mask):
    """The definition, with all weights held. mask : (B or 1, H or 1, T, S)."""
    return attention_weights(queries @ keys.transpose(2, 3) / D**0.5, mask) @ values


def assert_same(ours, theirs, leaves):
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)
    wanted = torch.randn(ours.shape, dtype=ours.dtype, generator=torch.Generator().manual_seed(9))
    for found, expected in zip(*(torch.autograd.grad(y, leaves, wanted) for y in (ours, theirs)), strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("name", RULES)
def test_the_mask_is_the_rule(name, n):
    pattern, rule = RULES[name]
    assert pattern.mask(n).tolist() == [[rule(i, j, n) for j in range(n)] for i in range(n)]


@pytest.mark.parametrize("n", LENGTHS)
def test_random_blocks_see_ends_neighbours_and_some_others(n):
    pattern = RandomBlocks(2, seed=1, block=2)
    n_blocks = -(-n // 2)
    for i, seen in enumerate(pattern.blocks(n)):
        fixed = {j for j in (0, i - 1, i, i + 1, n_blocks - 1) if 0 <= j < n_blocks}
        assert seen == sorted(set(seen))
        assert fixed <= set(seen)
        is_end = i in (0, n_blocks - 1)
        assert len(seen) == (n_blocks if is_end else min(n_blocks, len(fixed) + 2))
        for query, key in itertools.product(range(2 * i, min(n, 2 * i + 2)), range(n)):
            assert bool(pattern.mask(n)[query, key]) == (key // 2 in seen)
    assert pattern.blocks(n) == RandomBlocks(2, seed=1, block=2).blocks(n)


def test_random_blocks_differ_by_seed():
    assert len({str(RandomBlocks(2, seed, 2).blocks(60)) for seed in range(5)}) == 5


@pytest.mark.mission("H6")
@pytest.mark.parametrize("n", LENGTHS)
@BY_NAME
def test_the_kernel_gives_what_the_mask_does(name, n):
    queries, keys, values = leaves = drawn(n)
    lengths = torch.tensor([n, max(1, n // 2), 0])
    is_key = is_real(lengths, n)
    for seen, own in ((None, torch.ones(1, 1, 1, n, dtype=torch.bool)), (is_key, is_key[:, None, None])):
        ours = attend(queries, Read(keys, values), PATTERNS[name], seen)
        assert_same(ours, dense(queries, keys, values, PATTERNS[name].mask(n) & own), leaves)


@BY_NAME
def test_keys_beside_are_seen_by_all(name):
    n, g = 11, 3
    queries, keys, values = drawn(n)
    *_, more_keys, more_values = drawn(g)
    is_any = torch.tensor([[True, True, True], [True, False, False], [False, False, False]])
    is_key = is_real(torch.tensor([n, 6, 0]), n)
    ours = attend(queries, Read(keys, values), PATTERNS[name], is_key, (Read(more_keys, more_values), is_any))
    own = (PATTERNS[name].mask(n) & is_key[:, None]), is_any[:, None].expand(-1, n, -1)
    both = [torch.cat(parts, dim=2) for parts in ((keys, more_keys), (values, more_values))]
    assert_same(ours, dense(queries, *both, torch.cat(own, dim=2)[:, None]), [queries, keys, values, more_keys, more_values])


def test_heads_may_have_patterns_of_their_own():
    n, names = 13, ("window", "window", "dilated", "random", "window")
    queries, keys, values = leaves = drawn(n, heads=len(names))
    mask = torch.stack([PATTERNS[name].mask(n) for name in names])[None]
    ours = attend(queries, Read(keys, values), [PATTERNS[name] for name in names], torch.ones(B, n, dtype=torch.bool))
    assert_same(ours, dense(queries, keys, values, mask), leaves)


@pytest.mark.parametrize("name", ["window", "dilated causal", "random"])
def test_gradients_are_those_of_differences(name):
    queries, keys, values = (part[:1, :, :7].detach().requires_grad_() for part in drawn(7))
    assert torch.autograd.gradcheck(lambda q, k, v: attend(q, Read(k, v), PATTERNS[name]), (queries, keys, values))


def test_a_window_looks_at_few_keys(monkeypatch):
    """1,000 tokens, 16 to each side, blocks of 32: at most 32 queries and 96 keys at a time."""
    asked = []
    kernel = functional.scaled_dot_product_attention

    def watched(queries, keys, *rest):
        asked.append((queries.shape[2], keys.shape[2]))
        return kernel(queries, keys, *rest)

    monkeypatch.setattr(functional, "scaled_dot_product_attention", watched)
    queries, keys, values = drawn(1_000)
    attend(queries, Read(keys, values), Window(16, block=32))
    assert sum(n for n, _ in asked) == 1_000
    assert max(n for n, _ in asked) == 32
    assert max(n for _, n in asked) == 96


def test_dropout_leaves_means_as_they_are():
    """A share of .5 of the weights at twice their size: over 4,000 draws of values of 1, answers are 1 within .05."""
    ones = torch.ones(4_000, 1, 3, 1)
    torch.manual_seed(0)
    said = attend(ones, Read(ones, ones), Window(1, block=2), dropout=0.5)
    assert 0.95 < said.mean() < 1.05
    assert set(said[:, 0, 0, 0].unique().tolist()) == {0.0, 1.0, 2.0}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Window(-1), "width .* -1"),
        (lambda: Window(1, dilation=0), "dilation .* 0"),
        (lambda: Segments(0, 1), "length .* 0"),
        (lambda: RandomBlocks(-1), "n_random .* -1"),
        (lambda: ShiftedParts(2, 2), "shift .* 2"),
    ],
)
def test_what_is_out_of_range_is_refused(make, said):
    with pytest.raises(SettingsError, match=said):
        make()
