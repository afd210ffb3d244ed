"""What tagged and translated sentences add to the sums of entity F1 and corpus BLEU."""

import numpy as np

from tenon.metrics.ratio import N_GRAMS


def entity_counts(true: np.ndarray, tagged: np.ndarray) -> np.ndarray:
    """(n, L) 0/1 tags -> (n, 3) hits, true and predicted entities; an entity is a run of 1, a hit has both ends right."""
    (starts, ends), (starts_too, ends_too) = _runs(true), _runs(tagged)
    hits = starts & starts_too & (ends == ends_too)
    return np.stack([hits.sum(axis=1), starts.sum(axis=1), starts_too.sum(axis=1)], axis=1).astype(float)


def _runs(tags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, L) bool where a run starts, and for every position of a run where it ends."""
    before = np.pad(tags, ((0, 0), (1, 0)))[:, :-1]
    ends = np.zeros(tags.shape, int)
    for i in range(tags.shape[1])[::-1]:
        goes_on = tags[:, i + 1] == 1 if i + 1 < tags.shape[1] else np.zeros(len(tags), bool)
        ends[:, i] = np.where(goes_on, ends[:, min(i + 1, tags.shape[1] - 1)], i)
    return (tags == 1) & (before == 0), ends


def bleu_counts(reference: np.ndarray, said: np.ndarray) -> np.ndarray:
    """(n, L) int words, 0 = no word here -> (n, 9) clipped matches of 1- to 4-grams, 1- to 4-grams said, reference words."""
    reference, said = _packed(reference), _packed(said)
    base = max(reference.max(), said.max()) + 1
    matches, totals = [], []
    for length in range(1, N_GRAMS + 1):
        (of_reference, n_reference), (of_said, n_said) = (
            np.unique(_grams(w, length, base), return_counts=True) for w in (reference, said)
        )
        place = np.minimum(np.searchsorted(of_reference, of_said), len(of_reference) - 1)
        clipped = np.where(of_reference[place] == of_said, np.minimum(n_reference[place], n_said), 0)
        sentence = of_said // base**N_GRAMS
        matches.append(np.bincount(sentence, clipped, len(said)))
        totals.append(np.bincount(sentence, n_said, len(said)))
    return np.stack([*matches, *totals, (reference > 0).sum(axis=1)], axis=1).astype(float)


def _packed(words: np.ndarray) -> np.ndarray:
    """The words of each sentence to the left, the gaps to the right."""
    return np.take_along_axis(words, np.argsort(words == 0, axis=1, kind="stable"), 1)


def _grams(words: np.ndarray, length: int, base: int) -> np.ndarray:
    """One number for each gram, different for different sentences."""
    n, width = words.shape
    windows = np.lib.stride_tricks.sliding_window_view(words, length, axis=1)  # (n, width - length + 1, length)
    codes = windows @ base ** np.arange(length) + (np.arange(n) * base**N_GRAMS)[:, None]
    return codes[(windows > 0).all(axis=2)]
