"""What a BERT reads of texts, or of pairs of texts: marked rows, of which what is too much is left out.

By default that is the end. What says most may stand there, too: of what fits, Sun et al. 2019 (arXiv:1905.05583, section 5.3.1)
take about a quarter from the head of a text and the others from its tail; or the blocks that matter most are kept (`selected`).
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from torch import Tensor

from tenon import ranges
from tenon.data.wording import enumeration
from tenon.errors import DataError
from tenon.text.bert_config import LONG, BertConfig
from tenon.text.blocks import block_ends, cut_costs
from tenon.text.looks import MOST_SHOWN, Looks
from tenon.text.marked import Marked, MarkedTokens
from tenon.text.marked_rows import MarkedRows
from tenon.text.readers import Reader
from tenon.text.selected import selected
from tenon.text.token_rows import texts_of
from tenon.text.tokens import Encoded

if TYPE_CHECKING:
    from tenon.text.bert import Bert

Keeps = Literal["head", "tail", "ends", "bm25", "textrank"]
LONGER = ("bert-head-tail", "bert-pool-mean", "longformer", "cogltx")  # some methods for long texts
OF_HEAD = 0.25  # of what is kept of both ends, 128 of 510 tokens
BETWEEN = "\n"  # the texts of a pair, where they are shown as one

MOST_ALONE = 256  # tokens of a row that are left out one by one; of longer ones, parts are
PARTS = 64  # of these, about, each of SHORTEST_PART tokens or more
SHORTEST_PART = 32

KNOWS_MORE = "tenon pretrain --objective mlm --set mlm.longest=512"
Texts = tuple[str, ...]  # of one row, one or two
Cut = tuple[tuple[str, Encoded], ...]  # the same with their tokens


class MarkedReader(Reader[Texts, Cut]):
    """n_texts : of each row, 1 or 2; longest : tokens of a row, the marks among them; keeps : what of a text that is too long.

    That is its head, its tail, both ends, or the blocks that fit telling terms (bm25), or each other (textrank). Of a pair the
    longer one is cut first, then both, as transformers' "longest_first" does. telling : ids (m,) int64, which bm25 looks for.
    """

    def __init__(self, tokens: MarkedTokens, longest: int, n_texts: int, keeps: Keeps = "head", telling: Sequence[int] = ()):
        ranges.one_of("keeps", keeps, get_args(Keeps))
        self.tokens, self.longest, self.n_texts, self.keeps = tokens, longest, n_texts, keeps
        self.telling, self.room = np.array(telling, np.int64), longest - tokens.n_marks(n_texts)
        if n_texts == 1 and keeps == "head":
            self.advice = f"a larger `longest` (most encoders know 512) reads more, and {enumeration(LONGER)} read on"

    def texts(self, X: Any) -> list[Texts]:
        """X: (n,) str, or of pairs (n, 2)."""
        n_texts, found = texts_a_row(X)
        if found and n_texts != self.n_texts:
            raise DataError(f"each row had {_counted(self.n_texts)} where it was learnt; here it has {_counted(n_texts)}.")
        return found

    def encoded(self, text: Texts) -> Cut:
        return tuple((one, self.tokens.tokens.encode(one)) for one in text)

    def n_tokens(self, found: Cut) -> int:
        return sum(len(one.ids) for _, one in found)

    def read(self, found: Cut) -> Marked:
        kept = _kept([len(one.ids) for _, one in found], self.room)
        return self.tokens.row(*(self._kept_of(text, one, n) for (text, one), n in zip(found, kept, strict=True)))

    def _kept_of(self, text: str, encoded: Encoded, n: int) -> Encoded:
        """Return n tokens of a text at most."""
        if len(encoded.ids) <= n:
            return encoded
        if self.keeps in ("bm25", "textrank"):
            return selected(text, encoded, n, self.telling if self.keeps == "bm25" else None)
        n_first = {"head": n, "tail": 0, "ends": round(OF_HEAD * n)}[self.keeps]
        last = slice(len(encoded.ids) - (n - n_first), None)
        return Encoded(*(np.concatenate([part[:n_first], part[last]]) for part in encoded))

    def rows(self, read: Sequence[Marked], targets: Tensor) -> MarkedRows:
        return MarkedRows(read, targets, self.tokens.tokens.pad)

    def without_each(self, text: Texts) -> tuple[np.ndarray, list[Marked]]:
        """Places of the second text are those in the row shown as one text, with BETWEEN in between."""
        row = self.read(self.encoded(text))
        spans = row.spans + row.segments[:, None] * (len(text[0]) + len(BETWEEN))
        parts = [part for number, one in enumerate(text) for part in self._parts(one, row, number)]
        return spans_of(spans, parts), [row, *(without(row, part) for part in parts)]

    def _parts(self, text: str, row: Marked, number: int) -> list[np.ndarray]:
        """Return the places in a row of each token of one of its texts; of long rows, of its parts."""
        n = sum(len(places_of_text(row, one)) for one in range(self.n_texts))
        return parts_of(text, row, places_of_text(row, number), longest_part(n))


def places_of_text(row: Marked, number: int) -> np.ndarray:
    """Return where in a row the tokens of one of its texts stand, (t,) int64, counted from 0; marks stand nowhere in it."""
    return np.flatnonzero((row.spans[:, 1] > 0) & (row.segments == number))


def longest_part(n: int) -> int:
    """Return how many tokens of a row of n are left out together, to see what they do."""
    return 1 if n <= MOST_ALONE else max(SHORTEST_PART, -(-n // PARTS))


def parts_of(text: str, row: Marked, places: np.ndarray, longest: int) -> list[np.ndarray]:
    """Return places (t,) of tokens of a text in a row in parts of at most `longest`, which end where it pauses.

    No part goes over what was left out of the text between two tokens.
    """
    spans, parts = row.spans[places], list[np.ndarray]()
    gaps = [i for i in range(1, len(places)) if text[spans[i - 1, 1] : spans[i, 0]].strip()]
    for run in np.split(places, gaps) if len(places) else []:
        ends = block_ends(cut_costs(text, Encoded(row.ids[run], row.spans[run])), longest)
        parts += np.split(run, ends[:-1])
    return parts


def spans_of(spans: np.ndarray, parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return from where to where parts stand, (len(parts), 2) int64; spans : (t, 2) of the tokens at their places."""
    return np.array([(spans[part[0], 0], spans[part[-1], 1]) for part in parts], np.int64).reshape(-1, 2)


def without(row: Marked, part: np.ndarray) -> Marked:
    """Return a row without the tokens at these places."""
    return Marked(*(np.delete(of_all, part, axis=0) for of_all in row))


def texts_a_row(X: Any) -> tuple[int, list[Texts]]:
    """Return how many texts each row of X holds, 1 or 2, and these. Raises DataError for anything else."""
    shape = np.shape(X)
    if len(shape) < 2:
        return 1, [(one,) for one in texts_of(X)]
    if len(shape) > 2 or shape[1] not in (1, 2):
        raise DataError(f"a BERT reads a text a row, (n,), or a pair, (n, 2); got {shape}.")
    columns = [texts_of(column) for column in zip(*X, strict=True)]
    return shape[1], list(zip(*columns, strict=True))


def reader_from(
    folder: "Path | str", config: BertConfig, longest: int, n_texts: int, keeps: Keeps = "head"
) -> MarkedReader:  # fmt: skip
    """Return what reads rows of so many texts for the network in a folder, and advises by how many tokens that knows."""
    reader = MarkedReader(MarkedTokens.from_pretrained(folder), min(longest, config.longest), n_texts, keeps)
    if reader.advice and config.longest <= longest:
        reader.advice = f"this network knows no more ({KNOWS_MORE} learns one that does), and {enumeration(LONGER)} read on"
    return reader


def words_of(reader: MarkedReader, config: BertConfig) -> dict[str, Any]:
    """Return what `reader_of` makes both of again, ready for JSON."""
    return {
        "tokens": reader.tokens.tokens.to_json(), "n_texts": reader.n_texts, "longest": reader.longest, "keeps": reader.keeps,
        "telling": reader.telling.tolist(), "network": asdict(config),
    }  # fmt: skip


def reader_of(words: dict[str, Any]) -> tuple[MarkedReader, BertConfig]:
    """Return the reader and the network's settings that `words_of` told of."""
    longest, n_texts, keeps = (words[name] for name in ("longest", "n_texts", "keeps"))
    config = BertConfig(**words["network"])
    tokens = MarkedTokens.from_json(words["tokens"], config)
    return MarkedReader(tokens, longest, n_texts, keeps, words.get("telling", ())), config


def looks_of(bert: "Bert", reader: MarkedReader, X: Any) -> list[Looks]:
    """Return whom the tokens of each text look at; none of a network for long texts, or of rows that are too long to be shown."""
    if bert.config.kind in LONG or reader.longest > MOST_SHOWN:
        return []
    return [bert.looks(reader.read(reader.encoded(one)), reader.tokens.tokens.words) for one in reader.texts(X)]


def _kept(lengths: Sequence[int], room: int) -> list[int]:
    """Return how many tokens are read of each text of a row."""
    if sum(lengths) <= room or len(lengths) == 1:
        return [min(n, room) for n in lengths]
    first, second = lengths
    shorter = min(first, second, room // 2)
    return [shorter, room - shorter] if first <= second else [room - shorter, shorter]


def _counted(n: int) -> str:
    return "one text" if n == 1 else "two texts"
