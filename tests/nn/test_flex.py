"""The kernel for GPUs against dense attention under the pattern's mask: what it is told, and, on a GPU, what it computes."""

import pytest

torch = pytest.importorskip("torch")

from torch.nn.attention import flex_attention as theirs  # noqa: E402

from tenon.nn import flex  # noqa: E402
from tenon.nn.attention import Read, attention_weights, is_real  # noqa: E402
from tenon.nn.blockwise import attend  # noqa: E402
from tenon.nn.long_attention import LongAttention, Seen  # noqa: E402
from tenon.nn.patterns import Everything, RandomBlocks, Segments, ShiftedParts, Window  # noqa: E402
from tenon.text.bert import Bert  # noqa: E402
from tenon.text.bert_config import BertConfig  # noqa: E402

B, H, D = 3, 2, 16
LENGTHS = (1, 7, 127, 128, 129, 300)
PATTERNS = {
    "everything": Everything(),
    "causal": Everything(is_causal=True),
    "window": Window(100, block=64),
    "wide window": Window(200),
    "causal window": Window(40, is_causal=True, block=32),
    "itself": Window(0),
    "segments": Segments(50, 30),
    "causal segments": Segments(90, 60, is_causal=True),
    "own part": ShiftedParts(3),
    "next part": ShiftedParts(2, 1),
    "random": RandomBlocks(1, seed=3, block=20),
    "blocks of 64": RandomBlocks(2, seed=1, block=64),
}
BY_NAME = pytest.mark.parametrize("name", PATTERNS)
ON_GPU = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"),
    pytest.mark.filterwarnings("ignore"),  # of PyTorch's compiler
]


def drawn(n, *, texts=B, heads=H, kind=torch.float64):
    chance = torch.Generator().manual_seed(n)
    return [torch.randn(texts, heads, n, D, dtype=kind, generator=chance, requires_grad=True) for _ in range(3)]


def dense(queries, keys, values, mask):
    """The definition, with all weights held. mask : (B or 1, H or 1, T, S)."""
    return attention_weights(queries @ keys.transpose(2, 3) / D**0.5, mask) @ values


def listed(counts, places):
    """Which tiles are listed, (1, 1, rows, columns) bool: of each row so many of its places."""
    is_listed = torch.arange(places.shape[3]) < counts[..., None]
    return torch.zeros_like(places, dtype=torch.bool).scatter(3, places.long(), is_listed)


def by_lists(queries, keys, values, block_mask):
    """What the kernel is told to do, with all weights held: only pairs of listed tiles are seen, and of those that are not full
    only pairs that the rule grants."""
    asked = listed(block_mask.kv_num_blocks, block_mask.kv_indices)
    full = listed(block_mask.full_kv_num_blocks, block_mask.full_kv_indices)
    assert not (asked & full).any()
    for forwards, counts, places in (
        (asked, block_mask.q_num_blocks, block_mask.q_indices),
        (full, block_mask.full_q_num_blocks, block_mask.full_q_indices),
    ):  # what gradients of keys go by
        assert torch.equal(listed(counts, places), forwards.transpose(2, 3))
    text, query, key = torch.arange(len(queries)), torch.arange(queries.shape[2]), torch.arange(keys.shape[2])
    granted = block_mask.mask_mod(text[:, None, None, None], torch.tensor(0), query[:, None], key)
    asked, full = (tiles.repeat_interleave(flex.SIDE, 2).repeat_interleave(flex.SIDE, 3) for tiles in (asked, full))
    assert asked.shape[2:] == granted.shape[2:] == (queries.shape[2], keys.shape[2])
    return dense(queries, keys, values, full | asked & granted)


def asked(n, g=0):
    """Padding, and keys beside, some of which are none."""
    is_key = is_real(torch.tensor([n, max(1, n // 2), 0]), n)
    *_, keys, values = drawn(g)
    return is_key, (Read(keys, values), is_real(torch.tensor([g, 1, 0]), g)) if g else None


def expected(queries, keys, values, masks, is_key, beside):
    """masks : (n, n), or (H, n, n)."""
    n = queries.shape[2]
    mask = masks.expand(1, H, n, n) & (torch.ones(B, n, dtype=torch.bool) if is_key is None else is_key)[:, None, None]
    if beside is not None:
        (more_keys, more_values), is_any = beside
        keys, values = torch.cat([keys, more_keys], dim=2), torch.cat([values, more_values], dim=2)
        mask = torch.cat([mask, is_any[:, None, None].expand(-1, H, n, -1)], dim=3)
    return dense(queries, keys, values, mask)


def assert_same(found, wanted, leaves, atol=1e-12):
    torch.testing.assert_close(found, wanted, rtol=0, atol=atol)
    lost = torch.randn(found.shape, dtype=found.dtype, generator=torch.Generator().manual_seed(9))
    for one, other in zip(*(torch.autograd.grad(y, leaves, lost) for y in (found, wanted)), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=atol)


@pytest.mark.parametrize("n", LENGTHS)
@BY_NAME
def test_runs_are_what_the_mask_holds(name, n):
    mask = torch.zeros(n, n, dtype=torch.int64)
    for first, end in flex.runs_of(PATTERNS[name], n):
        keys = torch.arange(n)
        mask += (keys >= first[:, None]) & (keys < end[:, None])
    assert torch.equal(mask, PATTERNS[name].mask(n).long())


@pytest.mark.parametrize("n", LENGTHS)
@BY_NAME
def test_the_kernel_is_told_what_the_mask_does(name, n, monkeypatch):
    monkeypatch.setattr(flex, "flex_attention", by_lists)
    queries, keys, values = leaves = drawn(n)
    for is_key, beside in ((None, None), *(asked(n, g) for g in (0, 3, 130)), (None, asked(n, 2)[1])):
        found = flex.attend_by_tiles(queries, Read(keys, values), PATTERNS[name], is_key, beside)
        more = [] if beside is None else [*beside[0]]
        assert_same(found, expected(queries, keys, values, PATTERNS[name].mask(n), is_key, beside), [*leaves, *more])


@pytest.mark.parametrize("g", [0, 3])
@pytest.mark.parametrize("m", [2, 3])
def test_heads_of_their_own_and_dilation_go_the_same_way(m, g, monkeypatch):
    monkeypatch.setattr(flex, "flex_attention", by_lists)
    monkeypatch.setattr(flex, "takes", lambda *_: True)
    n = 301
    patterns = [Window(30, dilation=m), RandomBlocks(1, seed=2, block=30)]
    queries, keys, values = leaves = drawn(n)
    is_key, beside = asked(n, g)
    found = attend(queries, Read(keys, values), patterns, is_key, beside)
    masks = torch.stack([pattern.mask(n) for pattern in patterns])
    assert_same(found, expected(queries, keys, values, masks, is_key, beside), leaves)


def test_of_a_window_most_tiles_are_passed_over_and_some_not_asked():
    """1,024 tokens that see 256 to either side are 8 tiles: those beside the middle one are full, at the ends of it are not."""
    tiles, runs = flex._tiles(Window(256), 1_024, 0, True, torch.device("cpu"))
    assert tiles.kv_num_blocks[0, 0].tolist() == [1, 1, 2, 2, 2, 2, 1, 1]
    assert tiles.full_kv_num_blocks[0, 0].tolist() == [2, 3, 3, 3, 3, 3, 3, 2]
    assert len(runs) == 2
    padded, _ = flex._tiles(Window(256), 1_024, 0, False, torch.device("cpu"))
    assert padded.kv_num_blocks[0, 0].tolist() == [3, 4, 5, 5, 5, 5, 4, 3]
    assert not padded.full_kv_num_blocks.any()


@pytest.mark.filterwarnings("ignore")  # PyTorch's compiler meets many of its own
@pytest.mark.parametrize("name", ["window", "random", "next part"])
def test_their_plain_program_gives_what_the_mask_does(name, monkeypatch):
    """It refuses gradients on a CPU, though it has them."""
    monkeypatch.setattr(theirs, "_validate_device", lambda *_: None)
    torch._dynamo.reset()
    n = 129
    queries, keys, values = leaves = drawn(n)
    is_key, beside = asked(n, 3)
    found = flex.attend_by_tiles(queries, Read(keys, values), PATTERNS[name], is_key, beside)
    assert_same(found, expected(queries, keys, values, PATTERNS[name].mask(n), is_key, beside), leaves, 1e-6)


def test_what_is_kept_serves_learning_after_reading():
    flex._tiles.cache_clear()
    with torch.inference_mode():
        tiles, runs = flex._tiles(Window(5), 200, 0, True, torch.device("cpu"))
    assert not any(part.is_inference() for part in (tiles.kv_indices, tiles.q_indices, *runs[0]))


def test_a_cpu_looks_block_by_block():
    queries, *_ = drawn(300, kind=torch.float32)
    assert not flex.takes(queries, PATTERNS["window"], 0.0)


def on_gpu(parts, kind):
    return [part.detach().to("cuda", kind).requires_grad_() for part in parts]


def assert_near(found, wanted, most):
    """That they differ by no more than this share of their length; NaN does not pass."""
    distance = torch.linalg.vector_norm(found.detach().cpu().double() - wanted.detach()) / torch.linalg.vector_norm(
        wanted.detach()
    )
    assert distance < most


class TestOnGpu:
    pytestmark = ON_GPU

    @pytest.mark.parametrize(("kind", "most"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)], ids=str)
    def test_gives_what_a_cpu_does(self, kind, most):
        """In float64, of the same numbers. One test of all, since each kernel is compiled but once."""
        for name in ("window", "causal window", "segments", "own part", "next part", "random", "blocks of 64"):
            for n, g in ((300, 0), (256, 3), (300, 130), (1_000, 1)):
                is_key, beside = asked(n, g)
                parts = [*drawn(n), *(() if beside is None else beside[0])]
                parts = [part.detach().to(kind).double().requires_grad_() for part in parts]
                theirs = on_gpu(parts, kind)
                said = []
                for place, (queries, keys, values, *more) in (("cpu", parts), ("cuda", theirs)):
                    own = (Read(*more), beside[1].to(place)) if more else None
                    asking = [None if g == 130 else is_key.to(place), own]
                    assert flex.takes(queries, PATTERNS[name], 0.0) == (place == "cuda")
                    said.append(attend(queries, Read(keys, values), PATTERNS[name], *asking))
                lost = torch.randn(said[0].shape, dtype=torch.float64, generator=torch.Generator().manual_seed(n)).to(kind)
                assert_near(said[1], said[0], most)
                wanted = torch.autograd.grad(said[0], parts, lost.double())
                found = torch.autograd.grad(said[1], theirs, lost.cuda())
                for one, other in zip(found, wanted, strict=True):
                    assert_near(one, other, most)

    def test_long_attention_gives_what_a_cpu_does(self):
        torch.manual_seed(0)
        layer = LongAttention(4 * D, 4, [*[Window(60)] * 3, Window(20, dilation=3)])
        x, is_key = torch.randn(3, 900, 4 * D), is_real(torch.tensor([900, 700, 130]), 900)
        is_global = torch.arange(900)[None] < torch.tensor([[1], [2], [0]])
        wanted = layer(x, seen=Seen(is_key, is_global))[is_key]
        of_weights = torch.autograd.grad(wanted.square().sum(), layer.parameters())
        layer.cuda()
        found = layer(x.cuda(), seen=Seen(is_key.cuda(), is_global.cuda()))[is_key.cuda()]
        assert_near(found, wanted.double(), 1e-5)
        for one, other in zip(torch.autograd.grad(found.square().sum(), layer.parameters()), of_weights, strict=True):
            assert_near(one, other.double(), 1e-4)

    @pytest.mark.parametrize("kind", ["longformer", "big_bird", "blockbert"])
    def test_networks_say_what_they_say_on_a_cpu(self, kind):
        torch.manual_seed(0)
        of_kind = {"longformer": {"windows": (40, 100)}, "big_bird": {"block": 32, "n_random": 1}, "blockbert": {}}[kind]
        config = BertConfig(
            kind=kind, vocab_size=50, d_model=64, n_layers=2, n_heads=4, d_hidden=64, n_positions=1_000, **of_kind
        )
        net = Bert(config).eval()
        ids, is_any = torch.randint(1, 50, (3, 900)), is_real(torch.tensor([900, 700, 290]), 900)
        with torch.inference_mode():
            wanted = net(ids, is_any, global_attention_mask=torch.arange(900).expand(3, -1) < 2)[is_any]
            net.cuda()
            found = net(ids.cuda(), is_any.cuda(), global_attention_mask=torch.arange(900).cuda().expand(3, -1) < 2)
        assert_near(found[is_any.cuda()], wanted.double(), 1e-5)

    def test_lengths_of_all_kinds_are_one_kernel(self):
        """Once for texts of some lengths, it is compiled for others no more."""
        torch._dynamo.reset()
        with torch.inference_mode():
            for n in (300, 500):
                attend(*self.of_length(n))
            before = torch._dynamo.utils.counters["stats"]["unique_graphs"]
            for n in (400, 700, 1_100):
                attend(*self.of_length(n))
        assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == before

    @staticmethod
    def of_length(n):
        queries, keys, values = on_gpu(drawn(n), torch.float32)
        return queries, Read(keys, values), PATTERNS["window"]


@pytest.mark.filterwarnings("ignore")  # once a process PyTorch says that its plain program is slow
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_a_kernel_that_fails_or_is_wrong_is_not_taken(monkeypatch, kind):
    def fails(*given, **more):
        raise RuntimeError("no such card")

    ways = {"right": flex.flex_attention, "fails": fails, "wrong": lambda queries, *given, **more: 0 * queries}
    found = {}
    for name, kernel in ways.items():
        monkeypatch.setattr(flex, "flex_attention", kernel)
        flex.works.cache_clear()
        found[name] = flex.works(torch.device("cpu"), kind)
    flex.works.cache_clear()
    assert found == {"right": True, "fails": False, "wrong": False}
