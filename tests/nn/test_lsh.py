"""Attention by buckets against transformers' Reformer, against the definition token by token, and what buckets are for."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from transformers import ReformerConfig  # noqa: E402
from transformers.models.reformer.modeling_reformer import LSHSelfAttention  # noqa: E402

from tenon.errors import SettingsError  # noqa: E402
from tenon.nn.lsh import LshAttention, attend_alike, buckets_of  # noqa: E402

B, C, H, CHUNK = 2, 12, 3, 8


def pair(n_rounds: int, is_causal: bool, n_buckets: int = 4):
    """Theirs and ours with the same weights and directions."""
    torch.manual_seed(0)
    config = ReformerConfig(
        hidden_size=C, num_attention_heads=H, attention_head_size=C // H, num_buckets=n_buckets, num_hashes=n_rounds,
        lsh_attn_chunk_length=CHUNK, is_decoder=is_causal, hash_seed=5, lsh_attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    theirs = LSHSelfAttention(config, 0).double().eval()
    ours = LshAttention(C, H, n_buckets, n_rounds, CHUNK, is_causal).double().eval()
    ours.query_key.load_state_dict(theirs.query_key.state_dict())
    ours.value.load_state_dict(theirs.value.state_dict())
    torch.manual_seed(5)
    ours.rotations = torch.randn(ours.rotations.shape, dtype=torch.float64)
    with torch.no_grad():
        ours.out.weight.copy_(torch.eye(C))
    return theirs, ours


@pytest.mark.mission("H6")
@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("n_rounds", [1, 3])
@pytest.mark.parametrize("lengths", [None, (40, 23)], ids=["full", "padded"])
def test_equals_that_of_transformers(n_rounds, is_causal, lengths):
    theirs, ours = pair(n_rounds, is_causal)
    x = torch.randn(B, 40, C, dtype=torch.float64, requires_grad=True)
    is_key = torch.ones(B, 40, dtype=torch.bool) if lengths is None else torch.arange(40) < torch.tensor(lengths)[:, None]
    expected = theirs(x, is_key.long()).hidden_states
    found = ours(x, None if lengths is None else is_key)
    torch.testing.assert_close(found[is_key], expected[is_key], rtol=0, atol=1e-9)
    wanted = torch.randn(int(is_key.sum()), C, dtype=torch.float64)
    leaves = ([x, net.query_key.weight, net.value.weight] for net in (ours, theirs))
    both = (torch.autograd.grad(y[is_key], of, wanted) for y, of in zip((found, expected), leaves, strict=True))
    for own, other in zip(*both, strict=True):
        torch.testing.assert_close(own, other, rtol=0, atol=1e-9)


def by_definition(vectors, values, buckets, chunk, is_key, is_causal):
    """Token by token, for one text and one head: (T, D), (T, D), (R, T)."""
    n, d = vectors.shape
    rounds = []
    for of_round in buckets.tolist():
        order = sorted(range(n), key=lambda i: (of_round[i], i))
        rounds.append([order[first : first + chunk] for first in range(0, n, chunk)])
    chunks = [(r, part) for r, parts in enumerate(rounds) for part in parts]
    said, totals = torch.zeros(len(rounds), n, values.shape[1], dtype=values.dtype), torch.zeros(len(rounds), n)
    totals = totals.to(values.dtype)
    for place, (r, part) in enumerate(chunks):
        for i in part:
            seen = [j for j in [*chunks[place - 1][1], *part] if i != j and is_key[j] and (j <= i or not is_causal)]
            if not seen:
                said[r, i], totals[r, i] = values[i], -1e5
                continue
            scores = torch.stack([vectors[i] @ vectors[j] / vectors[j].norm() for j in seen])
            said[r, i], totals[r, i] = scores.softmax(0) @ values[seen], scores.logsumexp(0)
    return (totals.softmax(0)[..., None] * said).sum(0)


@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("n", [1, 7, 16, 21])
def test_texts_need_not_fill_chunks(n, is_causal):
    """What fills the last chunk is no token. 1e-4: keys of a mean square of 1 or less are a little short, by NEARLY_0."""
    chance = torch.Generator().manual_seed(n)
    vectors, values = (torch.randn(1, 2, n, 4, dtype=torch.float64, generator=chance) for _ in range(2))
    buckets = torch.randint(0, 3, (1, 2, 2, n), generator=chance)
    is_key = torch.arange(n) < max(1, n - 3)
    found = attend_alike(vectors, values, buckets, 8, is_key[None], is_causal)
    for head in range(2):
        expected = by_definition(vectors[0, head], values[0, head], buckets[0, head], 8, is_key.tolist(), is_causal)
        torch.testing.assert_close(found[0, head][is_key], expected[is_key], rtol=0, atol=1e-4)


def test_vectors_that_point_alike_share_a_bucket():
    """Four directions, each with noise of a hundredth: of 200 tokens, those of a direction are together in nearly all rounds."""
    chance = torch.Generator().manual_seed(0)
    centres = torch.randn(4, 16, generator=chance)
    kind = torch.arange(200) % 4
    vectors = centres[kind] + 0.01 * torch.randn(200, 16, generator=chance)
    found = buckets_of(vectors[None, None], torch.randn(1, 16, 8, 4, generator=chance))[0, 0]
    usual = torch.stack([found[:, kind == k].mode(dim=1).values for k in range(4)])  # (4, rounds)
    for k in range(4):
        assert (found[:, kind == k] == usual[k][:, None]).float().mean() > 0.95
    assert all(len(of_round.unique()) > 1 for of_round in usual.T)
    scaled = buckets_of(7 * vectors[None, None], torch.randn(1, 16, 8, 4, generator=torch.Generator().manual_seed(1)))
    assert torch.equal(
        scaled, buckets_of(vectors[None, None], torch.randn(1, 16, 8, 4, generator=torch.Generator().manual_seed(1)))
    )


def test_half_precision_stays_finite():
    net = LshAttention(8, 2, 4, chunk=4).to(torch.bfloat16)
    assert net(torch.randn(1, 1, 8, dtype=torch.bfloat16)).isfinite().all()
    vectors = torch.randn(1, 2, 5, 4).half()
    assert attend_alike(vectors, vectors, torch.zeros(1, 2, 1, 5, dtype=torch.int64), 2, is_causal=True).isfinite().all()


def test_same_seed_same_buckets():
    torch.manual_seed(1)
    nets = [LshAttention(8, 2, 4, seed=seed) for seed in (3, 3, 4)]
    assert torch.equal(nets[0].rotations, nets[1].rotations)
    assert not torch.equal(nets[0].rotations, nets[2].rotations)
    assert torch.isfinite(nets[0](torch.randn(1, 5, 8))).all()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"n_buckets": 3}, "n_buckets is even, since each direction parts off two; got 3"),
        ({"n_buckets": 4, "chunk": 0}, "chunk .* 0"),
        ({"n_buckets": 4, "n_heads": 5}, "multiple of n_heads.* 8 and 5"),
    ],
)
def test_what_is_out_of_range_is_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        LshAttention(**{"d_model": 8, "n_heads": 2, **given})
