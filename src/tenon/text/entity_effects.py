"""What each token of a sentence does to the entities that a tagger finds in it: how sure it is with the token, and without.

Without: where something stands in its place that says nothing (occlusion, Zeiler & Fergus 2014, arXiv:1311.2901, section 4.2), so
that all others stay where they are. Of long sentences that is done with runs of tokens, not with each.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from tenon.metrics.entities import Entity, entities
from tenon.text.marked_reader import longest_part
from tenon.text.sentences import Sentences

LEAST_SHARE = 1e-12  # of a probability, and of what it lacks to 1: nearer, digits are lost


class EntityEffects(NamedTuple):
    """An entity that was found, and by how much each run of tokens raises the log odds of its tags.

    runs : (r, 2) int64, the first token of each and that behind its last; of sentences that are not long a run is one token.
    effects : (r,) float64.
    """

    entity: Entity
    runs: np.ndarray
    effects: np.ndarray


class Tagger(Protocol):
    """unread : a token that says nothing to it."""

    @property
    def unread(self) -> str: ...

    def predict(self, X: Sentences) -> list[list[str]]: ...

    def probabilities_of(self, found: Sequence[Entity], tags: Sequence[str], X: Sentences) -> np.ndarray:
        """Return how probable it is in each sentence that these entities have these tags, (n, k).

        found : entities of tags; X : sentences of as many tokens.
        """
        ...


def entity_effects(tagger: Tagger, tokens: Sequence[str]) -> list[EntityEffects]:
    """Return this of each entity that is found in a sentence."""
    [tags] = tagger.predict([list(tokens)])
    found = entities(tags)
    if not found:
        return []
    starts = np.arange(0, len(tokens), longest_part(len(tokens)))
    runs = np.column_stack([starts, [*starts[1:], len(tokens)]])
    versions = [list(tokens), *(_without(tokens, start, end, tagger.unread) for start, end in runs.tolist())]
    odds = log_odds(tagger.probabilities_of(found, tags, versions))
    return [EntityEffects(entity, runs, odds[0, k] - odds[1:, k]) for k, entity in enumerate(found)]


def log_odds(shares: np.ndarray) -> np.ndarray:
    """Return the log odds of probabilities, each as if it were LEAST_SHARE from 0 and 1 at least."""
    shares = shares.clip(LEAST_SHARE, 1 - LEAST_SHARE)
    return np.log(shares) - np.log1p(-shares)


def _without(tokens: Sequence[str], start: int, end: int, unread: str) -> list[str]:
    return [*tokens[:start], *[unread] * (end - start), *tokens[end:]]
