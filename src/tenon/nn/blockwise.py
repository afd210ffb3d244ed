"""Attention under a pattern, a block of queries at a time, that looks at no keys but those of blocks that the pattern names.

The answers, and their gradients, are those of dense attention under the pattern's mask, in time and memory O(n k), where k keys
stand in the blocks that a query's block sees. A text need not fill its last block. A dilated window is a plain one over every
m-th token (longformer's kernel for it is a program for GPUs of its own; here it is a matter of order). Where some tokens are seen
by all, they are taken out of the pattern and put behind its keys, so that each counts once. On a GPU the blocks are computed by
one kernel (`tenon.nn.flex`), but where weights are dropped, which it cannot.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import groupby

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from tenon.nn import flex
from tenon.nn.attention import Read
from tenon.nn.patterns import Pattern

ON_GPU = [SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
"""Kernels for blocks there: with cuDNN's, which PyTorch prefers, BigBird's gradients in bfloat16 were infinite (docs/log.md)."""
Beside = tuple[Read, Tensor]  # keys that all see: (B, H, g, D) and which of them are any, (B, g) bool


def attend(
    queries: Tensor,
    read: Read,
    patterns: Pattern | Sequence[Pattern],
    is_key: Tensor | None = None,
    beside: Beside | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """Return what keys answer to queries, (B, H, T, D) all, with scores over sqrt(D); zeros where a query sees no key.

    patterns : of all heads, or one a head. is_key : (B, T) bool, which tokens may be seen, None: all. beside : more keys, which
    all queries see. dropout : of the weights.
    """
    if isinstance(patterns, Pattern):
        return _dilated(queries, read, patterns, is_key, beside, dropout)
    answers, first = [], 0
    for pattern, same in groupby(patterns):
        heads = slice(first, first := first + len(list(same)))
        own = None if beside is None else (_of_heads(beside[0], heads), beside[1])
        answers.append(_dilated(queries[:, heads], _of_heads(read, heads), pattern, is_key, own, dropout))
    return torch.cat(answers, dim=1)


def _of_heads(read: Read, heads: slice) -> Read:
    return Read(read.keys[:, heads], read.values[:, heads])


def _dilated(
    queries: Tensor, read: Read, pattern: Pattern, is_key: Tensor | None, beside: Beside | None, dropout: float
) -> Tensor:
    """Return the same for one pattern: as so many texts of every m-th token as its dilation says."""
    m, n = pattern.dilation, queries.shape[2]
    if m == 1:
        return _together(queries, read, pattern, is_key, beside, dropout)
    n_each = -(-n // m)
    is_key = queries.new_ones(len(queries), n, dtype=torch.bool) if is_key is None else is_key
    is_key = functional.pad(is_key, (0, m * n_each - n)).unflatten(1, (n_each, m)).transpose(1, 2).flatten(0, 1)
    queries, keys, values = (_every(part, m, n_each) for part in (queries, *read))
    if beside is not None:
        others, is_any = beside
        beside = Read(*(part.repeat_interleave(m, dim=0) for part in others)), is_any.repeat_interleave(m, dim=0)
    said = _together(queries, Read(keys, values), pattern, is_key, beside, dropout)
    return said.unflatten(0, (-1, m)).permute(0, 2, 3, 1, 4).flatten(2, 3)[:, :, :n]


def _every(x: Tensor, m: int, n_each: int) -> Tensor:
    """Return tokens (B, H, T, D) as (B m, H, n_each, D): those at places 0, m, 2m … of each text, those at 1, m + 1 …"""
    filled = functional.pad(x, (0, 0, 0, m * n_each - x.shape[2]))
    return filled.unflatten(2, (n_each, m)).permute(0, 3, 1, 2, 4).flatten(0, 1)


def _together(
    queries: Tensor, read: Read, pattern: Pattern, is_key: Tensor | None, beside: Beside | None, dropout: float
) -> Tensor:
    """Return the same where there is no dilation."""
    if flex.takes(queries, pattern, dropout):
        return flex.attend_by_tiles(queries, read, pattern, is_key, beside)
    with sdpa_kernel(ON_GPU) if queries.is_cuda else nullcontext():
        return _joined(list(_answers(queries, read, pattern, is_key, beside, dropout)))


def _answers(
    queries: Tensor, read: Read, pattern: Pattern, is_key: Tensor | None, beside: Beside | None, dropout: float
) -> Iterator[Tensor]:
    """Return the answers to each block of queries, (B, H, b, D)."""
    n = queries.shape[2]
    side, places = pattern.side(n), torch.arange(n, device=queries.device)
    for i, seen in enumerate(pattern.blocks(n)):
        here, runs = slice(i * side, (i + 1) * side), _runs(seen, side)
        own = torch.cat([places[run] for run in runs])
        mask = pattern.sees(places[here, None], own, n)[None]
        if is_key is not None:
            mask = mask & is_key[:, None, own]
        found_keys, found_values = ([part[:, :, run] for run in runs] for part in read)
        if beside is not None:
            (more_keys, more_values), is_any = beside
            mask = torch.cat([mask.expand(len(is_any), -1, -1), is_any[:, None].expand(-1, mask.shape[1], -1)], dim=2)
            found_keys, found_values = [*found_keys, more_keys], [*found_values, more_values]
        yield functional.scaled_dot_product_attention(
            queries[:, :, here], _joined(found_keys), _joined(found_values), mask[:, None], dropout
        )


def _runs(blocks: Sequence[int], side: int) -> list[slice]:
    """Return where blocks of so many tokens stand, those that follow one another as one."""
    starts = [i for i, block in enumerate(blocks) if not i or block != blocks[i - 1] + 1]
    ends = [*starts[1:], len(blocks)]
    return [slice(blocks[start] * side, (blocks[end - 1] + 1) * side) for start, end in zip(starts, ends, strict=True)]


def _joined(parts: list[Tensor]) -> Tensor:
    """Return parts (B, H, t, D) behind one another, held by token as they come, which is the fastest; one alone is not copied."""
    return parts[0] if len(parts) == 1 else torch.cat([part.transpose(1, 2) for part in parts], dim=1).transpose(1, 2)
