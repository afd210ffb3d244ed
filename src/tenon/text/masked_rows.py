"""Rows of a file of tokens as batches: what a network reads, and what it is asked, masked tokens and pairs, or the next token."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from copy import copy

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from tenon.nn.attention import is_real
from tenon.text.marked import MarkedTokens
from tenon.text.masking import Masking
from tenon.text.next_rows import PADDING
from tenon.text.token_file import TokenFile
from tenon.training.rows import Batch


class FileRows(ABC):
    """Rows that lie in a file of tokens, as it was cut; their chance depends on their number in it alone.

    cuts : (n, 2) int64, from where to where each row goes, or (n, 4), both parts of a pair.
    """

    def __init__(self, file: TokenFile, cuts: np.ndarray, tokens: MarkedTokens):
        self.file, self.tokens, self.cuts, self.numbers = file, tokens, cuts, np.arange(len(cuts))
        self.n_marks = 1 + cuts.shape[1] // 2  # one before all, one behind each part

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def lengths(self) -> Tensor:
        cuts = self.cuts[self.numbers]
        return torch.from_numpy((cuts[:, 1::2] - cuts[:, ::2]).sum(axis=1) + self.n_marks)

    @abstractmethod
    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        """Return rows ids (b,) int64 on the device."""

    def part(self, which: np.ndarray) -> "FileRows":
        """Return these rows; which : (n,) bool, or places."""
        found = copy(self)
        found.numbers = self.numbers[which]
        return found

    def parts(self, number: int) -> list[slice]:
        """Return where the parts of a row stand in the file."""
        bounds = self.cuts[number].tolist()
        return [slice(*bounds[i : i + 2]) for i in range(0, len(bounds), 2)]


class MaskedRows(FileRows):
    """Rows with some tokens masked. kinds : (n,) int64, of pairs, NEXT or ELSEWHERE; None: of rows that are no pairs."""

    def __init__(
        self, file: TokenFile, cuts: np.ndarray, tokens: MarkedTokens, masking: Masking, kinds: np.ndarray | None = None
    ):  # fmt: skip
        super().__init__(file, cuts, tokens)
        self.masking, self.kinds, self.epoch = masking, kinds, 0

    def of_epoch(self, epoch: int) -> "MaskedRows":
        """Return the rows as they are masked in an epoch."""
        found = copy(self)
        found.epoch = epoch
        return found

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        """Return what a BERT with a head for masked tokens is called with, and what stood in the places (k,).

        Of pairs, what each is follows these, (k + b,).
        """
        numbers = self.numbers[ids.numpy()]
        rows = [self._row(number) for number in numbers]
        read, segments, places, true = (
            pad_sequence([torch.from_numpy(part) for part in column], batch_first=True, padding_value=filler)
            for column, filler in zip(zip(*rows, strict=True), (self.tokens.tokens.pad, 0, False, 0), strict=True)
        )
        lengths = torch.tensor([len(row[0]) for row in rows])
        mask = None if (lengths == lengths[0]).all() else is_real(lengths, read.shape[1]).to(device)
        asked = true[places] if self.kinds is None else torch.cat([true[places], torch.from_numpy(self.kinds[numbers])])
        return (read.to(device), mask, segments.to(device), places.to(device)), asked.to(device)

    def _row(self, number: int) -> Sequence[np.ndarray]:
        """Return what is read, segments, places and what stood there of a row."""
        parts, (start, end) = self.parts(number), ([self.tokens.start], [self.tokens.end])
        ids = np.concatenate([start, *(piece for part in parts for piece in (self.file.tokens[part], end))]).astype(np.int64)
        is_start = np.concatenate([[True], *(piece for part in parts for piece in (self.file.is_start[part], [True]))])
        segments = np.repeat(np.arange(len(parts)), [part.stop - part.start + 1 for part in parts])
        is_free = ~np.isin(ids, self.tokens.marks)
        is_start[1:] |= ~is_free[:-1]  # behind a mark a word begins, though the row may cut it
        read, places = self.masking.masked(ids, is_free, is_start, int(number), self.epoch)
        return read, np.insert(segments, 0, 0), places, ids


class NextTokenRows(FileRows):
    """Rows that are asked for each token after those before it; at the end of a document for its end, too."""

    def __init__(self, file: TokenFile, cuts: np.ndarray, tokens: MarkedTokens):
        super().__init__(file, cuts, tokens)
        self.n_marks = 1
        self.is_last = np.isin(cuts[:, 1], file.document_bounds)

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        """Return tokens (b, T), and those asked for (b, T), PADDING where there are none."""
        numbers = self.numbers[ids.numpy()]
        texts = [self.file.tokens[self.parts(number)[0]].astype(np.int64) for number in numbers]
        ends = [self.tokens.end if self.is_last[number] else PADDING for number in numbers]
        read = [torch.from_numpy(np.append(self.tokens.start, text)) for text in texts]
        asked = [torch.from_numpy(np.append(text, end)) for text, end in zip(texts, ends, strict=True)]
        read_ids = pad_sequence(read, batch_first=True, padding_value=self.tokens.tokens.pad)
        return (read_ids.to(device),), pad_sequence(asked, batch_first=True, padding_value=PADDING).to(device)
