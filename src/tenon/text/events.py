"""What a language model foretells, the same for each: the units of a text, then its end; a unit that is not known is spelled out.

The probability of an unknown unit is that of the event "unknown" times that of its characters. These are foretold by 6-grams of
characters (`tenon.text.back_off`), learnt from units that the train texts hold once, and shared out among what is not known, so
that the probabilities of all texts sum to 1, whatever a method's vocabulary is: perplexities may be compared.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tenon.data.language import script_of
from tenon.data.lengths import units
from tenon.errors import DataError
from tenon.text.back_off import NGrams

END, UNKNOWN = 0, 1  # events; known units follow
N_CHARACTERS = 0x110000  # code points of Unicode
ORDER = 6  # of the n-grams of characters
LEAST = 1e-9  # that is left to what is not known, against rounding


class Events:
    """script : which tells the units; known : units with an event of their own; rare : units to learn spelling from."""

    def __init__(self, script: str, known: Sequence[str], rare: Sequence[str]):
        self.script, self.known, self.rare = script, tuple(known), tuple(rare)
        self._ids = {unit: i for i, unit in enumerate(self.known, 2)}

    @classmethod
    def learnt(cls, texts: Sequence[str], fewest: int = 2) -> "Events":
        """Return the events of train texts, with the units known that stand in them `fewest` times or more.

        Raises DataError where there is no text.
        """
        if not texts:
            raise DataError("there is no text to learn from.")
        script = script_of(texts)
        counts = Counter(unit for text in texts for unit in units(text, script))
        ranked = sorted(counts, key=lambda unit: (-counts[unit], unit))
        known, others = [one for one in ranked if counts[one] >= fewest], [one for one in ranked if counts[one] < fewest]
        return cls(script, known, others or known)

    def __len__(self) -> int:
        return len(self.known) + 2

    def encode(self, text: str) -> np.ndarray:
        """Return the events (t,) int64 of a text, the end included."""
        return np.array([*(self._ids.get(unit, UNKNOWN) for unit in units(text, self.script)), END], np.int64)

    def decode(self, events: Iterable[int]) -> str:
        """Return the text of known units."""
        return ("" if self.script == "chinese" else " ").join(self.known[event - 2] for event in events)

    def spans(self, text: str) -> np.ndarray:
        """Return from where to where each event stands in a text, (t, 2) int64; the end is behind it."""
        found, start = [], 0
        for unit in units(text, self.script):
            start = text.index(unit, start)
            found.append((start, start + len(unit)))
            start += len(unit)
        return np.array([*found, (len(text), len(text))], np.int64)

    def spelled(self, texts: Sequence[str]) -> list[np.ndarray]:
        """Return what the characters of unknown units cost, (t,) nats of each text: 0 for all other events."""
        cut = [units(text, self.script) for text in texts]
        costs = iter(self._spelling.nats([unit for own in cut for unit in own if unit not in self._ids]))
        return [np.array([*(0.0 if unit in self._ids else next(costs) for unit in own), 0.0]) for own in cut]

    @cached_property
    def _spelling(self) -> "Spelling":
        return Spelling(self.rare, ["", *self.known])

    def to_json(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"script": self.script, "known": list(self.known), "rare": list(self.rare)}


class Spelling:
    """How likely a string is, by its characters: learnt from `strings`, and given that it is none of `excluded`."""

    def __init__(self, strings: Sequence[str], excluded: Sequence[str]):
        counts = Counter(character for string in strings for character in string)
        seen = sorted(character for character, count in counts.items() if count > 1)
        self._ids = {character: i for i, character in enumerate(seen, 2)}
        self._n_others = N_CHARACTERS - len(seen)
        self._grams = NGrams.learnt(self._encoded(strings), len(seen) + 2, ORDER, "kneser-ney")
        self._left = max(LEAST, 1 - float(np.exp(-self._whole(excluded)).sum()))

    def nats(self, strings: Sequence[str]) -> np.ndarray:
        """Return what strings cost, (n,)."""
        return self._whole(strings) + np.log(self._left)

    def _whole(self, strings: Sequence[str]) -> np.ndarray:
        """Return what strings cost where none is excluded; a character that is not known is one of all others."""
        coded = self._encoded(strings)
        rows = np.repeat(np.arange(len(coded)), [len(one) for one in coded])
        n_others = np.array([np.count_nonzero(one == UNKNOWN) for one in coded], float)
        return np.bincount(rows, -np.log(self._grams.probabilities(coded)), len(coded)) + n_others * np.log(self._n_others)

    def _encoded(self, strings: Sequence[str]) -> list[np.ndarray]:
        return [np.array([*(self._ids.get(character, UNKNOWN) for character in one), END], np.int64) for one in strings]
