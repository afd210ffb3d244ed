"""Attention under a pattern as one kernel of a GPU, FlexAttention (Dong et al. 2024, arXiv:2412.05496), with its gradients.

It goes through tiles of SIDE queries and SIDE keys that hold any pair that sees, and asks in them, pair by pair, unless all do.
What it asks is the same for every pattern, so that it is compiled once and not for each: the keys that a query sees fall into
runs, of a window one, of a BigBird's blocks a few, and a key is seen that lies within one. Tokens are filled up to whole tiles;
keys that all see stand in tiles of their own behind the others, as one more run. It has no dropout of weights: where that is
asked for, `tenon.nn.blockwise` looks block by block.
"""

import os
from collections.abc import Callable
from copy import copy
from functools import cache, lru_cache
from importlib.util import find_spec
from shutil import which
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.attention.flex_attention import BlockMask, and_masks, flex_attention, or_masks

from tenon.nn.attention import Read
from tenon.nn.patterns import Pattern, Window

SIDE = 128  # tokens of a tile, to which those that the kernel computes at once come up
WIDTHS = range(16, 257)  # of a head, which the kernel knows
KINDS = (torch.float32, torch.bfloat16, torch.float16)
MOST_KERNELS = 64  # compiled ones: of each number of heads, their width, kind of number, one text or more, with gradients or not
Seen = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]  # text, head, query, key -> bool


def takes(queries: Tensor, pattern: Pattern, dropout: float) -> bool:
    """Return whether the kernel is for these queries (B, H, T, D): on a GPU where it works, more than one block, no dropout."""
    n, d_head = queries.shape[2:]
    return (
        queries.is_cuda and not dropout and pattern.side(n) < n
        and d_head in WIDTHS and queries.dtype in KINDS and _can_compile() and works(queries.device, queries.dtype)
    )  # fmt: skip


def attend_by_tiles(
    queries: Tensor, read: Read, pattern: Pattern, is_key: Tensor | None = None, beside: tuple[Read, Tensor] | None = None
) -> Tensor:
    """Return what `tenon.nn.blockwise.attend` does, of one pattern; its dilation is seen to there.

    On a CPU it is PyTorch's plain program of the same, which holds all weights, for tests.
    """
    n = queries.shape[2]
    own = queries.new_ones(len(queries), n, dtype=torch.bool) if is_key is None else is_key
    keys, values, own = _filled(read.keys, 2), _filled(read.values, 2), _filled(own, 1)
    n_more = 0
    if beside is not None:
        (more_keys, more_values), is_any = beside
        more_keys, more_values, is_any = _filled(more_keys, 2), _filled(more_values, 2), _filled(is_any, 1)
        n_more = more_keys.shape[2]
        keys, values = torch.cat([keys, more_keys], dim=2), torch.cat([values, more_values], dim=2)
        own = torch.cat([own, is_any], dim=1)
    all_are_keys = is_key is None and beside is None
    tiles, runs = _tiles(pattern, n, n_more, all_are_keys, queries.device)
    mask = copy(tiles)
    mask.mask_mod = and_masks(_any(own), or_masks(*(_within(run) for run in runs)))
    kernel: Any = _compiled() if queries.is_cuda else flex_attention
    return kernel(_filled(queries, 2), keys, values, block_mask=mask)[:, :, :n]


def _filled(x: Tensor, dim: int) -> Tensor:
    """Return x with 0, or False, behind it along dim, 1 or 2 of (B, T) or (B, H, T, D), up to whole tiles."""
    more = -x.shape[dim] % SIDE
    return functional.pad(x, (0, 0) * (x.ndim - 1 - dim) + (0, more)) if more else x


class Run(NamedTuple):
    """Where the keys that each query sees begin and end, (T,) int32, the end not among them; 0 and 0: there are none."""

    first: Tensor
    end: Tensor


def _any(is_key: Tensor) -> Seen:
    def seen(text: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        return is_key[text, key]

    return seen


def _within(run: Run) -> Seen:
    first, end = run

    def seen(text: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        return (key >= first[query]) & (key < end[query])

    return seen


@lru_cache(maxsize=128)
@torch.inference_mode(False)  # what is kept must serve learning, too
def _tiles(pattern: Pattern, n: int, n_more: int, all_are_keys: bool, device: torch.device) -> tuple[BlockMask, list[Run]]:
    """Return which tiles are looked at, and the runs, filled up to whole tiles, n_more keys behind them as one more.

    all_are_keys : whether a tile of which the pattern sees all pairs is not asked.
    """
    runs = [Run(*(_filled(part[None], 1)[0] for part in run)) for run in runs_of(pattern, n)]
    is_query, n_filled = _filled(torch.ones(1, n, dtype=torch.int32), 1)[0], n + -n % SIDE
    runs.append(Run(n_filled * is_query * bool(n_more), (n_filled + n_more) * is_query * bool(n_more)))
    runs += [Run(0 * is_query, 0 * is_query)] * ((1 << (len(runs) - 1).bit_length()) - len(runs))  # few numbers to compile for
    starts = torch.arange(0, n_filled + n_more, SIDE, dtype=torch.int32)
    n_pairs = torch.zeros(n_filled // SIDE, len(starts), dtype=torch.int64)
    for first, end in runs:
        overlap = torch.minimum(end[:, None], starts + SIDE) - torch.maximum(first[:, None], starts)
        n_pairs += overlap.clamp(min=0).unflatten(0, (-1, SIDE)).sum(dim=1)
    is_full = (n_pairs == SIDE**2) & all_are_keys
    tiles = BlockMask.from_kv_blocks(*_ordered((n_pairs > 0) & ~is_full, device), *_ordered(is_full, device), SIDE)
    return tiles, [Run(first.to(device), end.to(device)) for first, end in runs]


def _ordered(is_seen: Tensor, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return how many columns of each row are seen, (1, 1, rows) int32, and all, those first, (1, 1, rows, columns) int32."""
    order = is_seen.int().argsort(dim=1, descending=True, stable=True)
    return is_seen.sum(dim=1).int()[None, None].to(device), order.int()[None, None].to(device)


def runs_of(pattern: Pattern, n: int) -> list[Run]:
    """Return the runs of keys that each of n queries sees, the first of each, the second …, as many as one has at most."""
    side, places, found = pattern.side(n), torch.arange(n), []
    for i, blocks in enumerate(pattern.blocks(n)):
        queries = places[i * side : (i + 1) * side]
        keys = torch.cat([places[j * side : (j + 1) * side] for j in sorted(blocks)])
        sees = functional.pad(pattern.sees(queries[:, None], keys, n), (1, 1))
        follows = functional.pad(keys[1:] == keys[:-1] + 1, (1, 1))
        begins = (sees[:, 1:-1] & ~(sees[:, :-2] & follows[:-1])).nonzero()
        ends = (sees[:, 1:-1] & ~(sees[:, 2:] & follows[1:])).nonzero()
        found.append(torch.stack([queries[begins[:, 0]], keys[begins[:, 1]], keys[ends[:, 1]] + 1]))
    query, first, end = torch.cat(found, dim=1)
    counts = query.bincount(minlength=n)
    number = torch.arange(len(query)) - (counts.cumsum(0) - counts)[query]  # of a run among those of its query
    held = torch.zeros(2, int(counts.max()), n, dtype=torch.int32)
    held[:, number, query] = torch.stack([first, end]).int()
    return [Run(*run) for run in held.unbind(1)]


@cache
def _compiled() -> Callable[..., Tensor]:
    """Return the kernel, compiled when it is first called, for texts of any length."""
    config = torch._dynamo.config
    config.recompile_limit = max(config.recompile_limit, MOST_KERNELS)  # beyond which it would hold all weights
    return torch.compile(flex_attention, dynamic=True)


@cache
def _can_compile() -> bool:
    """Return whether Triton is there, and the C compiler that it asks."""
    return find_spec("triton") is not None and any(which(name) for name in (os.environ.get("CC", "cc"), "gcc", "clang"))


@cache
@torch.no_grad()
def works(device: torch.device, kind: torch.dtype) -> bool:
    """Return whether the kernel says there what plain attention does, of one short text.

    Drivers, compilers and cards differ in more than can be asked; where it does not even compile, it does not work.
    """
    pattern, n = Window(40), 2 * SIDE + 1
    chance = torch.Generator().manual_seed(0)
    queries, keys, values = (torch.randn(1, 1, n, 64, generator=chance).to(device, kind) for _ in range(3))
    true = functional.scaled_dot_product_attention(queries, keys, values, pattern.mask(n).to(device))
    try:
        said = attend_by_tiles(queries, Read(keys, values), pattern)
    except Exception:  # of a compiler, which raises what it likes
        return False
    return bool((said - true).abs().max() < (1e-3 if kind == torch.float32 else 0.05))
