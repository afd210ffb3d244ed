"""Rows that are there more than once: copies, near copies, copies with another label, final rows among the train rows."""

from collections.abc import Iterator

import numpy as np

from tenon.checks.finding import Finding
from tenon.checks.sets import MOST_SETS, Copies, as_rows, shown, such
from tenon.checks.subject import Subject
from tenon.checks.wording import counted, percent, quoted
from tenon.data.duplicates import CONTENT, has_content, tied_rows

WORDS = {"text": "text", "tokens": "sentence", "image": "image"}  # what copies have in common


def copies(found: Copies) -> Iterator[Finding]:
    """Yield everything about rows that stand more than once; nothing where there are no features to be the same in."""
    if not found.subject.features:
        return
    yield from _repeated(found)
    yield from _contradictions(found)
    if len(found.subject.data.final_ids):
        yield from _in_final(found)


def _repeated(found: Copies) -> Iterator[Finding]:
    subject, train = found.subject, found.train
    near, same = found.near[train], found.same_content[train]
    is_copy = np.bincount(near)[near] > 1
    n, n_same = int(is_copy.sum()), int((is_copy & (np.bincount(same)[same] > 1)).sum())
    if not n:
        return
    sets = found.sets(found.near, train[is_copy])
    figures = {"n": n, "n_same": n_same, "n_rows": len(train), "sets": sets}
    if not has_content(subject.data):
        yield Finding(
            check="repeated",
            severity=found.severity(n, len(train)),
            sentence=f"{n:,} of {len(train):,} rows are the same as others in all features: rows {shown(sets)}",
            advice=(
                "If the same thing was written down twice, remove the copies: on both sides of a split they are known by heart. "
                "If different things look the same in these columns, leave them."
            ),
            rows=as_rows(sets),
            figures=figures,
        )
        return
    how = _how(n, n_same)
    n_apart = _n_apart(found)
    side = "kept on one side of every split" if not n_apart else f"{n_apart:,} of them cannot be kept on one side of every split"
    yield Finding(
        check="repeated",
        severity="warning" if n_apart else found.severity(n, len(train)),
        sentence=f"{n:,} rows have {how}the same {_content(subject)}, {such(sets)}: {side}",
        advice=_why_apart(subject)
        if n_apart
        else f"Copies on both sides of a split would be known by heart. {_when_near(subject)}",
        rows=as_rows(sets),
        figures=figures | {"n_apart": n_apart, "what": _content(subject)},
    )


def _when_near(subject: Subject) -> str:
    """Return which texts or images are nearly the same, and which rows go together then."""
    sentences = []
    if subject.data.schema.features("text", "tokens"):
        sentences.append(
            "Texts are nearly the same if they share three quarters of their pieces of five characters. Rows with a long text in "
            "common go together whatever else they hold, rows with a short text only if all else is the same."
        )
    if subject.data.schema.features("image"):
        sentences.append(
            "Images are nearly the same if small pictures of them are all but equal. Rows with an image in common go together "
            "whatever else they hold."
        )
    return " ".join(sentences)


def _how(n: int, n_same: int) -> str:
    return "" if n == n_same else "the same or nearly " if n_same else "nearly "


def _content(subject: Subject) -> str:
    """Return what copies have in common, in one word."""
    words = [WORDS[kind] for kind in CONTENT if subject.data.schema.features(kind)]
    return " or ".join(words) or "features"


def _n_apart(found: Copies) -> int:
    """Return how many train rows have a copy that may be on another side of a split."""
    subject = found.subject
    if time := subject.data.schema.with_role("time"):
        tied = np.unique(subject.data.frame[time.name].to_numpy(), return_inverse=True)[1]
    else:
        tied = tied_rows(subject.data)
    near = found.near[found.train]
    pairs = np.unique(np.stack([near, tied[found.train]]), axis=1)[0]  # one entry for every side that a set is on
    return int((np.bincount(pairs, minlength=near.max() + 1)[near] > 1).sum())


def _why_apart(subject: Subject) -> str:
    if subject.data.schema.with_role("time"):
        return (
            "Splits follow the time, and copies come back later. If they will do so in use, scores are right; else remove them."
        )
    return (
        "So many rows are like one another, as forms are that were filled in, or copies stand in so many groups, that one side "
        "would get nearly all of them. Equal rows, or groups, are kept together instead. If these rows are copies of a few "
        "originals, remove them, or name the original in a column and give that as --group."
    )


def _contradictions(found: Copies) -> Iterator[Finding]:
    subject = found.subject
    if subject.task is None or not subject.task.has_classes or subject.train.target is None:
        return
    y, same = subject.task.encode(subject.train.target), found.same[found.train]
    n_labels = np.bincount(np.unique(np.stack([same, y]), axis=1)[0], minlength=same.max() + 1)
    rows = np.flatnonzero(n_labels[same] > 1)
    if not len(rows):
        return
    counts = np.unique(np.stack([same[rows], y[rows]]), axis=1, return_counts=True)
    most = np.zeros(same.max() + 1, np.int64)
    np.maximum.at(most, counts[0][0], counts[1])
    n_wrong = len(rows) - int(most.sum())
    sets = found.sets(found.same, found.train[rows])
    target = quoted(subject.task.target)
    yield Finding(
        check="contradiction",
        severity=found.severity(len(rows), len(y)),
        sentence=f"{len(rows):,} rows with the same features differ in {target}: rows {shown(sets)}",
        advice=(
            f"No model can be right about all of them: at least {counted(n_wrong, 'row')} of {len(y):,} "
            f"({percent(n_wrong / len(y))}) will be wrong. See which label is right, or which column would tell these rows apart."
        ),
        columns=(subject.task.target,),
        rows=as_rows(sets),
        figures={"n": len(rows), "n_wrong": n_wrong, "n_rows": len(y), "sets": sets},
    )


def _in_final(found: Copies) -> Iterator[Finding]:
    is_final = found.subject.is_final
    seen = np.isin(found.near, found.near[~is_final]) & is_final
    n, n_final = int(seen.sum()), int(is_final.sum())
    if not n:
        return
    same = found.same_content
    n_same = int((np.isin(same, same[~is_final]) & seen).sum())
    how = _how(n, n_same)
    is_same_file = np.array_equal(found.same[is_final], found.same[~is_final])
    first = np.flatnonzero(seen)[:MOST_SETS]
    twins = [int(np.flatnonzero((found.near == found.near[place]) & ~is_final)[0]) for place in first.tolist()]
    sets = [
        [found.subject.name_of(twin), found.subject.name_of(place)] for place, twin in zip(first.tolist(), twins, strict=True)
    ]
    yield Finding(
        check="seen",
        severity="warning" if is_same_file else found.severity(n, n_final),
        sentence=(
            f"{n:,} of {n_final:,} final rows have {how}the same {_content(found.subject)} as others, {such(sets)}: "
            "the final score flatters"
        ),
        advice=(
            "The chosen model was fitted to rows that are all but the same, so it may know these by heart. Remove them "
            "from the final rows, or from the others."
        ),
        rows=as_rows(sets),
        figures={"n": n, "n_same": n_same, "n_rows": n_final, "sets": sets},
    )
