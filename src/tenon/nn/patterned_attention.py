"""Self-attention whose pattern goes by where a text ends: each text of a batch is looked at for itself, as if it were alone.

For BigBird, of which the last block sees all (Zaheer et al. 2020, arXiv:2007.14062), and for BlockBERT, which parts a text into
so many blocks (Qiu et al. 2020, arXiv:1911.02972). Over a padded batch at once, padding would move both.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from tenon.nn.attention import Attention, Read
from tenon.nn.blockwise import attend
from tenon.nn.long_attention import Seen
from tenon.nn.patterns import Pattern, ShiftedParts


class PatternedAttention(Attention):
    """Several heads that look by patterns, one of all heads or one a head. dropout : of the weights."""

    def __init__(self, d_model: int, n_heads: int, patterns: Pattern | Sequence[Pattern], dropout: float = 0.0):
        super().__init__(d_model, n_heads, dropout=dropout)
        self.patterns = patterns

    def forward(self, x: Tensor, memory: Tensor | None = None, seen: Seen = Seen()) -> Tensor:  # type: ignore[override]  # noqa: B008
        """x: (B, T, C) float; memory: (B, S, C), None: x, of which x are the first; padding stands behind texts.

        Returns (B, T, C); that of padding has no meaning.
        """
        memory, n = x if memory is None else memory, x.shape[1]
        asked, (keys, values) = self.heads(self.query(memory)), self.read(memory)
        dropout = self.dropout.p if self.training else 0.0
        lengths = [memory.shape[1]] * len(memory) if seen.is_key is None else seen.is_key.sum(dim=1).tolist()
        said = []
        for i, length in enumerate(lengths):
            own = slice(i, i + 1), slice(None), slice(max(1, length))  # of padding alone one token, without meaning
            answers = attend(asked[own], Read(keys[own], values[own]), self.patterns, dropout=dropout)[:, :, :n]
            said.append(functional.pad(answers, (0, 0, 0, n - answers.shape[2])))
        return self.joined(torch.cat(said))


def parts_by_head(n_heads: int, n_parts: int) -> list[Pattern]:
    """Return BlockBERT's patterns: a sixth of the heads sees each of the other parts, and those that are left see their own.

    Of 12 heads that is 10 : 2 or 8 : 2 : 2, the paper's best (section 4.3). Where heads are few, the last parts are seen by none.
    """
    n_each = max(1, n_heads // 6)
    shifts = [shift for shift in range(1, n_parts) for _ in range(n_each)][: n_heads - 1]
    return [ShiftedParts(n_parts, shift) for shift in (*([0] * (n_heads - len(shifts))), *shifts)]
