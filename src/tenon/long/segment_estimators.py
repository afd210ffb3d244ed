"""SegmentsClassifier and SegmentsRegressor: an encoder that reads long texts whole, segment by segment, fine-tuned on them."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenon import ranges
from tenon.long.pooled import BertForSegments, Pool
from tenon.long.segment_reader import Cut, SegmentReader
from tenon.text.bert import Bert
from tenon.text.bert_config import BertConfig
from tenon.text.bert_estimators import LONGEST, FineTuned
from tenon.text.fine_tuning import FEWEST_STEPS, SHARE, Learns
from tenon.text.marked import Marked, MarkedTokens
from tenon.text.marked_rows import MarkedRows
from tenon.text.net_of_texts import NetOfTexts
from tenon.text.token_rows import UnequalRows, of_like_length, texts_of
from tenon.training.device import lent
from tenon.training.estimators import NetClassifier, NetRegressor
from tenon.training.threads import threads

MOST_SEGMENTS = 64  # of a text: 16 k tokens by 256
TEXTS_AT_ONCE = 256  # whose segments are vectors at a time


class _Segments(FineTuned):
    """What both share."""

    reader_: SegmentReader

    @staticmethod
    def _kinds() -> Sequence[type[NetOfTexts]]:
        return SegmentsClassifier, SegmentsRegressor

    def _check(self) -> None:
        super()._check()
        ranges.whole("most_segments", self.most_segments, 1)

    def _start(self, X: Any, y: np.ndarray, is_out: np.ndarray) -> list[str]:
        tokens = MarkedTokens.from_pretrained(self.checkpoint)
        self._made_of(tokens, Bert.from_pretrained(self.checkpoint))
        return texts_of(X)

    def _made_of(self, tokens: MarkedTokens, bert: Bert) -> None:
        self.net_ = BertForSegments(bert, self.pool, self.target_.n_out)
        self.reader_ = SegmentReader(tokens, min(self.longest, bert.config.longest), self.most_segments, self.cut, self.overlap)

    def _longest(self, rows: UnequalRows) -> int | None:
        return None  # the network parts what is too much

    @torch.no_grad()
    def _outputs(self, read: Sequence[tuple[Marked, ...]], width: int | None = None) -> Tensor:
        """A segment that several texts have, as versions of one do, is read once."""
        said = [torch.zeros(0, self.target_.n_out)]
        with threads(self.n_jobs):
            for start in range(0, len(read), TEXTS_AT_ONCE):
                said.append(self._said(read[start : start + TEXTS_AT_ONCE]))
        return torch.cat(said)

    def _said(self, texts: Sequence[tuple[Marked, ...]]) -> Tensor:
        different = {id(one): one for text in texts for one in text}
        place_of = {key: i for i, key in enumerate(different)}
        rows = MarkedRows(list(different.values()), torch.zeros(0), self.tokens_.tokens.pad)
        vectors = torch.zeros(len(rows), self.net_.bert.config.d_model)
        with lent(self.net_, len(rows)) as device:
            for places in of_like_length(rows.lengths, self.tokens_at_once):
                vectors[places] = self.net_.vectors(*rows.inputs(places, device)).to(vectors.device)
        of_texts = torch.tensor([place_of[id(one)] for text in texts for one in text])
        return self.net_.answers(vectors[of_texts], torch.tensor([len(text) for text in texts]))

    def _words(self) -> dict[str, Any]:
        return {"tokens": self.tokens_.tokens.to_json(), "network": asdict(self.net_.bert.config)}

    def _build(self, words: dict[str, Any]) -> None:
        config = BertConfig(**words["network"])
        self._made_of(MarkedTokens.from_json(words["tokens"], config), Bert(config))


class SegmentsClassifier(NetClassifier, _Segments):
    """A BERT for classes of long texts, X (n,) str, which it reads in segments.

    Parameters
    ----------
    checkpoint : folder of an encoder as Hugging Face lays it out. pool : how segments are made one, see `tenon.long.pooled`.
    longest : tokens of a segment, at most what the encoder knows; most_segments : that are read of a text; cut, overlap : see
        `tenon.long.segment_reader`.
    The others, and what is learnt, are as of `BertClassifier`.
    """

    def __init__(
        self, checkpoint: "Path | str" = "", pool: Pool = "max", longest: int = LONGEST, most_segments: int = MOST_SEGMENTS,
        cut: Cut = "length", overlap: int = 0, epochs: int = 4, fewest_steps: int = FEWEST_STEPS, batch_size: int | None = None,
        rate: float | None = None, decay: float = 0.01, layer_share: float = SHARE, frozen_layers: int = 0,
        learns: Learns = "all", smoothing: float = 0.0, n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.pool, self.longest, self.most_segments, self.cut = checkpoint, pool, longest, most_segments, cut
        self.overlap, self.epochs, self.fewest_steps, self.batch_size = overlap, epochs, fewest_steps, batch_size
        self.rate, self.decay, self.layer_share, self.frozen_layers = rate, decay, layer_share, frozen_layers
        self.learns, self.smoothing, self.n_jobs, self.random_state = learns, smoothing, n_jobs, random_state


class SegmentsRegressor(NetRegressor, _Segments):
    """The same for numbers, by squared error of the standardised target. Parameters and attributes as for SegmentsClassifier."""

    def __init__(
        self, checkpoint: "Path | str" = "", pool: Pool = "max", longest: int = LONGEST, most_segments: int = MOST_SEGMENTS,
        cut: Cut = "length", overlap: int = 0, epochs: int = 4, fewest_steps: int = FEWEST_STEPS, batch_size: int | None = None,
        rate: float | None = None, decay: float = 0.01, layer_share: float = SHARE, frozen_layers: int = 0,
        learns: Learns = "all", n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.checkpoint, self.pool, self.longest, self.most_segments, self.cut = checkpoint, pool, longest, most_segments, cut
        self.overlap, self.epochs, self.fewest_steps, self.batch_size = overlap, epochs, fewest_steps, batch_size
        self.rate, self.decay, self.layer_share, self.frozen_layers = rate, decay, layer_share, frozen_layers
        self.learns, self.n_jobs, self.random_state = learns, n_jobs, random_state
