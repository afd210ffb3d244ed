"""Words that give the class away: "[spam]" left in by whoever gathered the texts, the heading of one source."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from tenon.checks.alone import GIVEN_AWAY, NEARLY
from tenon.checks.finding import Finding
from tenon.checks.subject import Subject
from tenon.checks.wording import percent, quoted
from tenon.data.dataset import Column

MOST_TEXTS = 2_000  # that are looked at
ENDS = 500  # characters looked at of each text, at its start and at its end
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2}|[^\W\u3040-\u30ff\u3400-\u9fff]+|[^\w\s]")  # words, pairs of Han, signs
FEWEST_ROWS = 20  # of the class, and of all others


def words(subject: Subject) -> Iterator[Finding]:
    """Yield the word of each text column that follows a class most closely, where it gives that class away."""
    task, y = subject.task, subject.y
    if task is None or y is None or not task.has_classes:
        return
    rows = np.unique(np.linspace(0, len(y) - 1, MOST_TEXTS).astype(np.int64))
    for column in subject.looked_at:
        if column.kind == "text":
            texts = subject.sample.frame[column.name].iloc[rows].fillna("").tolist()
            word, code, share = telling_word(texts, y[rows])
            if share >= NEARLY:
                yield _finding(column, word, task.labels[code], share, len(rows))


def telling_word(texts: Sequence[str], y: np.ndarray) -> tuple[str, int, float]:
    """Return (word, class, share): the word whose presence or absence tells one class from the others best.

    y : (n,) int64. share : of the errors of "never this class" or "always this class", whichever are fewer, at most 1; 0 where no
    class has enough rows. Words are compared in small letters.
    """
    n_all, n_of = len(y), np.bincount(y)
    seen = [Counter[str]() for _ in n_of]
    for text, code in zip(texts, y.tolist(), strict=True):
        seen[code].update(set(WORD.findall(_ends(text).lower())))
    total: Counter[str] = Counter()
    for counts in seen:
        total.update(counts)
    best = ("", 0, 0.0)
    for code, counts in enumerate(seen):
        n_class = int(n_of[code])
        fewest = min(n_class, n_all - n_class)
        if fewest < FEWEST_ROWS:
            continue
        for word, n_with in counts.items():
            n_wrong = total[word] - n_with + n_class - n_with
            share = 1 - n_wrong / fewest
            if (share, word) > (best[2], best[0]):
                best = (word, code, share)
    return best


def _ends(text: str) -> str:
    return text if len(text) <= 2 * ENDS else f"{text[:ENDS]} {text[-ENDS:]}"


def _finding(column: Column, word: str, label: object, share: float, n_texts: int) -> Finding:
    return Finding(
        check="word",
        severity="leak" if share >= GIVEN_AWAY else "warning",
        sentence=(
            f"the word {quoted(word)} in {quoted(column.name)} tells {quoted(label)} from the rest: if it was put in, take it out"
        ),
        advice=(
            f"Whether this word stands in a text takes away {percent(share)} of the errors about that class. A method that reads "
            "it needs to read nothing else, and fails on texts that come without it."
        ),
        columns=(column.name,),
        figures={"word": word, "label": str(label), "share": share, "n_texts": n_texts},
    )
