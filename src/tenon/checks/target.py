"""The target: rows without one, classes too rare to learn or to judge, one class that outweighs the others."""

from collections.abc import Iterator

import numpy as np

from tenon.checks.finding import Finding
from tenon.checks.subject import Subject
from tenon.checks.wording import counted, percent, quoted

MANY_MISSING = 0.2  # share of rows without target that is worth a sentence
RARE = 10  # rows of a class, below which its score is mostly luck
UNEVEN = 0.1  # of an even share, below which the smallest class is outweighed


def target(subject: Subject) -> Iterator[Finding]:
    """Yield what the target's values alone say. A target without values, or with one only, is an error before this."""
    if subject.task is None:
        return
    yield from _unlabelled(subject)
    if subject.task.has_classes:
        assert subject.train.target is not None
        counts = np.bincount(subject.task.encode(subject.train.target), minlength=len(subject.task.labels))
        rare = list(_rare(subject, counts))
        yield from rare or _uneven(subject, counts)


def _unlabelled(subject: Subject) -> Iterator[Finding]:
    rows = subject.data.unlabelled
    n_without = len(rows) if rows is not None else 0
    n = len(subject.train) + n_without
    if n_without < MANY_MISSING * n:
        return
    assert subject.task is not None
    yield Finding(
        check="unlabelled",
        severity="warning",
        sentence=(
            f"{counted(n_without, 'row')} of {n:,} ({percent(n_without / n)}) have no {quoted(subject.task.target)}: are the "
            "others like them? If not, scores hold for those only"
        ),
        advice=(
            "Methods learn from rows with a target and are scored on such rows. Where it is missing for a reason (the sold, the "
            "ill, the newest), the scores say nothing about the rest."
        ),
        columns=(subject.task.target,),
        figures={"n": n_without, "n_rows": n},
    )


def _rare(subject: Subject, counts: np.ndarray) -> Iterator[Finding]:
    assert subject.task is not None
    order = np.argsort(counts, kind="stable")
    rare = [(subject.task.labels[k], int(counts[k])) for k in order.tolist() if counts[k] < RARE]
    if not rare:
        return
    shown = ", ".join(f"{quoted(label)} ({n})" for label, n in rare[:3]) + (", …" if len(rare) > 3 else "")
    yield Finding(
        check="rare",
        severity="warning",
        sentence=(
            f"{counted(len(rare), 'class has', 'classes have')} fewer than {RARE} rows: {shown}; "
            + ("its score is luck; merge it or find more" if len(rare) == 1 else "their scores are luck; merge them or find more")
        ),
        advice=(
            "A class of a few rows can hardly be learned, some folds hold none of it, and its own score is luck. It weighs as "
            "much as any other in macro-F1. Merge it with a class that is treated alike, leave its rows out, or label more."
        ),
        columns=(subject.task.target,),
        figures={"n_classes": len(rare), "rare": {str(label): n for label, n in rare}, "below": RARE},
    )


def _uneven(subject: Subject, counts: np.ndarray) -> Iterator[Finding]:
    assert subject.task is not None
    k, n = int(counts.argmin()), int(counts.sum())
    if counts[k] >= UNEVEN * n / len(counts):
        return
    most, commonest = percent(float(counts.max() / n)), quoted(subject.task.labels[int(counts.argmax())])
    says_little = f"accuracy says little, for always {commonest} is right in {most}"
    counts_little = "accuracy hardly counts it; macro-F1 counts it as any other"
    yield Finding(
        check="uneven",
        severity="warning",
        sentence=(
            f"class {quoted(subject.task.labels[k])} has {counts[k]:,} of {n:,} rows ({percent(float(counts[k] / n))}): "
            f"{says_little if len(counts) == 2 else counts_little}"
        ),
        advice=(
            f"Always saying the commonest class is right in {most} of the rows. Judge by AUC, macro-F1 or what mistakes cost "
            "(--cost fn=…,fp=…); try --set all.balance=weights, which lets rare classes count as much as common ones."
        ),
        columns=(subject.task.target,),
        figures={"label": str(subject.task.labels[k]), "n": int(counts[k]), "n_rows": n, "commonest": float(counts.max() / n)},
    )
