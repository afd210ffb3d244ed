"""Which tag may follow which, so that a sequence of tags is one of entities; `tenon.metrics.entities` reads them from the tags.

B-X begins an entity of kind X and I-X goes on with it (Ramshaw & Marcus 1995); in IOBES, E-X ends it and S-X is one of a single
token. Any other tag, such as O or a part of speech, belongs to no entity and may follow every tag.
"""

from collections.abc import Iterable, Sequence

import numpy as np

BEGINS = {"I-": "B-", "E-": "S-"}  # marks inside of an entity, and those of tokens that such an entity would begin with


def may_follow(tag: str, before: str | None) -> bool:
    """Whether the tag may stand behind the one before it, None where a sentence begins: I-X and E-X need a B-X or an I-X."""
    return tag[:2] not in BEGINS or before in (f"B-{tag[2:]}", f"I-{tag[2:]}")


def repaired(tags: Iterable[str]) -> list[str]:
    """Return the tags with another mark for every I- and E- that begins an entity; the entities stay the same."""
    right: list[str] = []
    for tag in tags:
        right.append(tag if may_follow(tag, right[-1] if right else None) else BEGINS[tag[:2]] + tag[2:])
    return right


def transitions(tags: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return which tag may follow which, (K, K) bool from row to column, and which may begin a sentence, (K,) bool."""
    follows = [[may_follow(tag, before) for tag in tags] for before in tags]
    return np.array(follows, bool), np.array([may_follow(tag, None) for tag in tags], bool)
