"""What of a text matters most, as much as an encoder reads at once: its blocks that fit what is looked for, or each other."""

import numpy as np

from tenon.text.blocks import LONGEST, block_ends, cut_costs
from tenon.text.ranking import bm25, textrank
from tenon.text.tokens import Encoded

Row = tuple[int, ...]  # places of blocks, in the order in which they are read


def selected(text: str, encoded: Encoded, room: int, telling: np.ndarray | None) -> Encoded:
    """Return the tokens of the blocks that matter most, up to the first that does not fit, in the text's order.

    room : tokens that fit, 1 or more; telling : ids (m,) that matter (`bm25`), None: by how much blocks share (`textrank`).
    """
    ends = block_ends(cut_costs(text, encoded), min(LONGEST, room))
    blocks = np.split(np.arange(len(encoded.ids)), ends[:-1])
    said = [encoded.ids[block] for block in blocks]
    scores = textrank(said) if telling is None else bm25(telling, said)
    chosen = fill(np.array([len(block) for block in blocks]), (), scores, room)
    places = np.concatenate([blocks[i] for i in chosen])
    return Encoded(encoded.ids[places], encoded.spans[places])


def fill(sizes: np.ndarray, kept: Row, scores: np.ndarray, room: int) -> Row:
    """Return what is kept and the best others, up to the first that does not fit, in the document's order."""
    chosen, taken = set(kept), int(sizes[list(kept)].sum())
    for i in np.argsort(-scores, kind="stable").tolist():
        if i in chosen:
            continue
        if taken + sizes[i] > room:
            break
        chosen.add(i)
        taken += int(sizes[i])
    return tuple(sorted(chosen))
