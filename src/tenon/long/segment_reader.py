"""All of a long text, in segments that a BERT reads one by one: as many tokens each, or cut where the text pauses.

Neighbours may overlap, so that what stands at a cut is read with what is around it (Joshi et al. 2019, arXiv:1908.09091). Of a
text with too many segments so many are read, evenly spread, since what matters may stand anywhere.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from torch import Tensor

from tenon import ranges
from tenon.errors import SettingsError
from tenon.long.pooled import SegmentedRows
from tenon.text.blocks import block_ends, cut_costs
from tenon.text.marked import Marked, MarkedTokens
from tenon.text.marked_reader import SHORTEST_PART, parts_of, spans_of, without
from tenon.text.readers import Reader
from tenon.text.token_rows import texts_of
from tenon.text.tokens import Encoded
from tenon.watch import Watch

Cut = Literal["length", "pauses"]


class Segments(NamedTuple):
    """Segments of a text that are read, how many of its tokens stand in them, and how many it has."""

    read: tuple[Marked, ...]
    n_read: int
    n_tokens: int


class SegmentReader(Reader[str, Segments]):
    """longest : tokens of a segment, its marks among them; most : segments that are read of a text.

    cut : each as long as that, or where the text pauses; overlap : tokens that a segment has in common with the one before, where
    they are cut by length.
    """

    def __init__(self, tokens: MarkedTokens, longest: int, most: int, cut: Cut = "length", overlap: int = 0):
        ranges.whole("longest", longest, 4)
        ranges.whole("most", most, 1)
        ranges.one_of("cut", cut, get_args(Cut))
        ranges.whole("overlap", overlap, 0, longest - 3)
        if overlap and cut != "length":
            raise SettingsError("overlap is of segments that are cut by length; take cut=length, or no overlap.")
        self.tokens, self.longest, self.most, self.cut, self.overlap = tokens, longest, most, cut, overlap
        self.room = most * (longest - 2)

    def texts(self, X: Any) -> list[str]:
        return texts_of(X)

    def encoded(self, text: str) -> Segments:
        whole = self.tokens.tokens.encode(text)
        starts, ends = self._places(text, whole)
        if len(ends) > self.most:
            chosen = np.linspace(0, len(ends) - 1, self.most).round().astype(np.int64)
            starts, ends = starts[chosen], ends[chosen]
        segments = (Encoded(*(part[start:end] for part in whole)) for start, end in zip(starts, ends, strict=True))
        n_twice = np.maximum(ends[:-1] - starts[1:], 0).sum()
        return Segments(tuple(map(self.tokens.row, segments)), int((ends - starts).sum() - n_twice), len(whole.ids))

    def _places(self, text: str, whole: Encoded) -> tuple[np.ndarray, np.ndarray]:
        """Return from where to where segments go, (k,) int64 each; a text without tokens has one, which is empty."""
        n, room = len(whole.ids), self.longest - 2
        if self.cut == "length":
            step = room - self.overlap
            starts = step * np.arange(1 + -(-max(0, n - room) // step))
            return starts, np.minimum(starts + room, n)
        ends = block_ends(cut_costs(text, whole), room) if n else np.zeros(1, np.int64)
        return np.append(0, ends[:-1]), ends

    def n_tokens(self, found: Segments) -> int:
        return found.n_tokens

    def read(self, found: Segments) -> tuple[Marked, ...]:
        return found.read

    def rows(self, read: Sequence[tuple[Marked, ...]], targets: Tensor) -> SegmentedRows:
        return SegmentedRows(read, targets, self.tokens.tokens.pad)

    def told(self, texts: Sequence[str], watch: Watch) -> tuple[list[tuple[Marked, ...]], float]:
        found = [self.encoded(one) for one in texts]
        share = float(np.mean([one.n_read < one.n_tokens for one in found]))
        if share:
            watch.note(f"{100 * share:.3g} % of the texts have more than {self.most} segments, of which no more are read.")
        return [one.read for one in found], share

    def share(self, texts: Sequence[str]) -> float:
        found = np.array([self.encoded(one)[1:] for one in texts], np.int64).reshape(-1, 2).sum(axis=0)
        return float(found[0] / found[1]) if found[1] else 1.0

    def without_each(self, text: str) -> tuple[np.ndarray, list[tuple[Marked, ...]]]:
        """Leaves out parts of segments, of about a sentence."""
        segments = self.encoded(text).read
        spans, versions = [], [segments]
        for i, segment in enumerate(segments):
            parts = parts_of(text, segment, np.arange(1, len(segment.ids) - 1), SHORTEST_PART)
            spans.append(spans_of(segment.spans, parts))
            versions += [(*segments[:i], without(segment, part), *segments[i + 1 :]) for part in parts]
        return np.concatenate(spans), versions
