"""Patterns of attention: which positions see which, said twice: as a rule for each pair, and as blocks that hold all such pairs.

The rule gives the dense mask, which is the definition; the blocks let `tenon.nn.blockwise` look at few other keys. Windows are
those of Longformer (Beltagy et al. 2020, arXiv:2004.05150, section 3.1), random blocks those of BigBird (Zaheer et al. 2020,
arXiv:2007.14062, section 2), shifted parts those of BlockBERT (Qiu et al. 2020, arXiv:1911.02972, section 3), segments those of
Transformer-XL (Dai et al. 2019, arXiv:1901.02860, section 3.2).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from tenon import ranges


class Pattern(ABC):
    """Which positions of a text of n tokens see which.

    dilation : m; above 1 a text falls into m, each of which holds every m-th token; rule and blocks are of one of these alone.
    """

    dilation: int = 1

    @abstractmethod
    def side(self, n: int) -> int:
        """Return how many tokens a block has; the last may have fewer."""

    @abstractmethod
    def blocks(self, n: int) -> list[list[int]]:
        """Return for each block of queries the blocks of keys of which it may see any, each once."""

    @abstractmethod
    def sees(self, queries: Tensor, keys: Tensor, n: int) -> Tensor:
        """Return whether places see places, bool; queries, keys : int64, of shapes that broadcast to the answer's."""

    def mask(self, n: int) -> Tensor:
        """Return the definition: (n, n) bool, rows see columns."""
        mask = torch.zeros(n, n, dtype=torch.bool)
        for start in range(min(self.dilation, n)):
            part = torch.arange(start, n, self.dilation)
            own = torch.arange(len(part))
            mask[part[:, None], part] = self.sees(own[:, None], own, len(part))
        return mask


@dataclass(frozen=True)
class Everything(Pattern):
    """All see all, or nothing that comes later."""

    is_causal: bool = False

    def side(self, n: int) -> int:
        return n

    def blocks(self, n: int) -> list[list[int]]:
        return [[0]]

    def sees(self, queries: Tensor, keys: Tensor, n: int) -> Tensor:
        return keys <= queries if self.is_causal else torch.ones_like(queries - keys, dtype=torch.bool)


@dataclass(frozen=True)
class Window(Pattern):
    """Each sees `width` tokens to either side, to the left alone where nothing may come from later; only every `dilation`-th."""

    width: int
    is_causal: bool = False
    dilation: int = 1
    block: int = 128

    def __post_init__(self) -> None:
        for name, least in (("width", 0), ("dilation", 1), ("block", 1)):
            ranges.whole(name, getattr(self, name), least)

    def side(self, n: int) -> int:
        return self.block

    def blocks(self, n: int) -> list[list[int]]:
        n_blocks, reach = -(-n // self.block), -(-self.width // self.block)
        ends = (i + 1 if self.is_causal else min(n_blocks, i + reach + 1) for i in range(n_blocks))
        return [list(range(max(0, i - reach), end)) for i, end in enumerate(ends)]

    def sees(self, queries: Tensor, keys: Tensor, n: int) -> Tensor:
        ago = queries - keys
        return (ago <= self.width) & (ago >= (0 if self.is_causal else -self.width))


@dataclass(frozen=True)
class Segments(Pattern):
    """Each sees its segment of `length` tokens, or what of it has come, and the `n_before` tokens that stand before it."""

    length: int
    n_before: int
    is_causal: bool = False

    def __post_init__(self) -> None:
        ranges.whole("length", self.length, 1)
        ranges.whole("n_before", self.n_before, 0)

    def side(self, n: int) -> int:
        return self.length

    def blocks(self, n: int) -> list[list[int]]:
        reach = -(-self.n_before // self.length)
        return [list(range(max(0, i - reach), i + 1)) for i in range(-(-n // self.length))]

    def sees(self, queries: Tensor, keys: Tensor, n: int) -> Tensor:
        start = queries - queries % self.length
        return (keys >= start - self.n_before) & (keys <= queries if self.is_causal else keys < start + self.length)


class Blocks(Pattern):
    """Blocks of which each sees the whole of some: `sees` follows from `blocks`."""

    def sees(self, queries: Tensor, keys: Tensor, n: int) -> Tensor:
        side = self.side(n)
        return _table(self, n).to(queries.device)[queries // side, keys // side]


@lru_cache(maxsize=64)
def _table(pattern: Blocks, n: int) -> Tensor:
    """Return which blocks see which, (n_blocks, n_blocks) bool."""
    seen = pattern.blocks(n)
    table = torch.zeros(len(seen), len(seen), dtype=torch.bool)
    for i, others in enumerate(seen):
        table[i, others] = True
    return table


@dataclass(frozen=True)
class RandomBlocks(Blocks):
    """The first and the last block see all and are seen by all; others see themselves, their neighbours, and some by chance.

    whole : of texts of up to so many tokens, all sees all.
    """

    n_random: int = 3
    seed: int = 0
    block: int = 64
    whole: int = 0

    def __post_init__(self) -> None:
        ranges.whole("n_random", self.n_random, 0)
        ranges.whole("block", self.block, 1)
        ranges.whole("whole", self.whole, 0)

    def side(self, n: int) -> int:
        return n if n <= self.whole else self.block

    def blocks(self, n: int) -> list[list[int]]:
        if n <= self.whole:
            return [[0]]
        n_blocks, chance = -(-n // self.block), np.random.default_rng(self.seed)
        last, seen = n_blocks - 1, list[list[int]]()
        for i in range(n_blocks):
            fixed = {0, i - 1, i, i + 1, last} if 0 < i < last else set(range(n_blocks))
            others = sorted(set(range(n_blocks)) - fixed)
            drawn = chance.choice(np.array(others, np.int64), min(self.n_random, len(others)), replace=False)
            seen.append(sorted({*fixed, *drawn.tolist()}))
        return seen


@dataclass(frozen=True)
class ShiftedParts(Blocks):
    """A text falls into `n_parts`, a short one into fewer, each of which sees the one `shift` parts further, counted round."""

    n_parts: int = 2
    shift: int = 0

    def __post_init__(self) -> None:
        ranges.whole("n_parts", self.n_parts, 1)
        ranges.whole("shift", self.shift, 0, self.n_parts - 1)

    def side(self, n: int) -> int:
        return -(-n // self.n_parts)

    def blocks(self, n: int) -> list[list[int]]:
        n_blocks = -(-n // self.side(n))
        return [[(i + self.shift) % n_blocks] for i in range(n_blocks)]
