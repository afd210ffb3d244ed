"""What chooses the epoch of a tagger: the entities that it finds in held-out sentences, as it is scored in the end.

The loss is not it: it rises with the certainty of the few wrong tags, long before the entities that are found become fewer.
"""

from collections.abc import Sequence
from typing import Protocol

from tenon.metrics.entities import entities, entity_counts
from tenon.metrics.ratio import f1
from tenon.text.sentences import Sentences
from tenon.training.loop import Judge


class Tagger(Protocol):
    def predict(self, X: Sentences) -> list[list[str]]: ...


def missed(tagger: Tagger, X: Sentences, y: Sentences) -> Judge:
    """Return what an epoch of this tagger is judged by on held-out sentences X with tags y.

    It is 1 less entity F1. While no entity is found, all tags may be the commonest one: then it is 1 more the loss, so that what
    is still on its way is better than what has just begun. Without entities among y, such as of parts of speech, it is the share
    of wrong tags.
    """
    has_entities = any(map(entities, y))

    def judge(loss: float) -> float:
        said = tagger.predict(X)
        if not has_entities:
            return wrong_share(y, said)
        found = f1(entity_counts(y, said).sum(axis=0))[0]
        return 1.0 - found if found > 0 else 1.0 + loss

    return judge


def wrong_share(y: Sequence[Sequence[str]], said: Sequence[Sequence[str]]) -> float:
    """Return the share of wrong tags over all sentences; 0 of none.

    >>> wrong_share([["A", "B"], ["A"]], [["A", "A"], ["A"]])
    0.3333333333333333
    """
    pairs = [pair for true, own in zip(y, said, strict=True) for pair in zip(true, own, strict=True)]
    return sum(true != own for true, own in pairs) / max(len(pairs), 1)
