"""Sentences as numbers for a tagger: names of tokens (the words, or characters with their neighbours), spellings, tags."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from tenon.text.tagger_net import PADDING, UNKNOWN
from tenon.text.word_lists import are_spelled, named
from tenon.training.rows import Batch

LONGEST = 20  # characters of a token that are read: its first ten and its last ten
NOWHERE = "\n"  # stands before and behind a sentence; no token is a line end


@dataclass(frozen=True)
class Lexicon:
    """What is known of tokens. names : a vocabulary for each column of names; characters : of spellings, none where tokens are
    single characters, whose pairs with their neighbours are names instead.
    """

    names: tuple[tuple[str, ...], ...]
    characters: tuple[str, ...]

    @classmethod
    def of(cls, sentences: Sequence[Sequence[str]], min_count: int) -> "Lexicon":
        """Return the names that stand min_count times or more, and all characters."""
        is_spelled = are_spelled(sentences)
        columns = [_names(tokens, is_spelled) for tokens in sentences]
        names = tuple(_frequent((name for rows in columns for name in rows[i]), min_count) for i in range(1 if is_spelled else 3))
        return cls(names, tuple(sorted(set().union(*chain(*sentences)))) if is_spelled else ())

    @property
    def words(self) -> list[str]:
        """What each id of the first column says; of padding and of unknown words nothing."""
        return ["", "", *self.names[0]]

    @property
    def n_ids(self) -> list[int]:
        return [len(known) + 2 for known in self.names]

    @property
    def n_characters(self) -> int:
        return len(self.characters) + 2 if self.characters else 0

    def coded(self, sentences: Sequence[Sequence[str]]) -> tuple[list[Tensor], list[Tensor]]:
        """Return for each sentence names (T, c) and spellings (T, L) int64; L is 0 where none are read."""
        places = [{name: i for i, name in enumerate(known, 2)} for known in self.names]
        names = [
            torch.tensor([[known.get(name, UNKNOWN) for name in column] for known, column in zip(places, columns, strict=True)]).T
            for columns in (_names(tokens, bool(self.characters)) for tokens in sentences)
        ]
        return names, self._spelled(sentences)

    def _spelled(self, sentences: Sequence[Sequence[str]]) -> list[Tensor]:
        if not self.characters:
            return [torch.zeros(len(tokens), 0, dtype=torch.int64) for tokens in sentences]
        place = {character: i for i, character in enumerate(self.characters, 2)}
        words = {word: i for i, word in enumerate(dict.fromkeys(word for tokens in sentences for word in tokens))}
        table = np.full((len(words), LONGEST), PADDING)
        for word, i in words.items():
            read = word if len(word) <= LONGEST else word[: LONGEST // 2] + word[-LONGEST // 2 :]
            table[i, : len(read)] = [place.get(character, UNKNOWN) for character in read]
        return [torch.from_numpy(table[[words[word] for word in tokens]]) for tokens in sentences]


def _names(tokens: Sequence[str], is_spelled: bool) -> list[list[str]]:
    """Return the columns of names: words in lower case with digits as 0; else the characters and both pairs they are in."""
    if is_spelled:
        return [named(tokens, is_spelled)]
    before, after = [NOWHERE, *tokens[:-1]], [*tokens[1:], NOWHERE]
    return [
        named(tokens, is_spelled),
        [a + b for a, b in zip(before, tokens, strict=True)],
        [a + b for a, b in zip(tokens, after, strict=True)],
    ]


def _frequent(names: Iterable[str], min_count: int) -> tuple[str, ...]:
    return tuple(sorted(name for name, n in Counter(names).items() if n >= min_count))


class SentenceRows:
    """Coded sentences of one token or more, and their tags (T,) int64, to train on or to judge by; padded batch by batch."""

    def __init__(self, names: Sequence[Tensor], spellings: Sequence[Tensor], tags: Sequence[Tensor]):
        self.names, self.spellings, self.tags = names, spellings, tags
        self.lengths = torch.tensor([len(one) for one in tags])

    def __len__(self) -> int:
        return len(self.tags)

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        """Return names (b, T, c), spellings (b, T, L) and tags (b, T), -1 on padding, of rows ids (b,)."""
        names, spellings = (padded([of[i] for i in ids.tolist()]).to(device) for of in (self.names, self.spellings))
        tags = pad_sequence([self.tags[i] for i in ids.tolist()], batch_first=True, padding_value=-1)
        return (names, spellings), tags.to(device)


def padded(sentences: Sequence[Tensor]) -> Tensor:
    """Return (b, T, …) of tensors (t, …), PADDING behind those that are shorter."""
    return pad_sequence(list(sentences), batch_first=True, padding_value=PADDING)
