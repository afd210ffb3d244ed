"""All checks, one after the other."""

from collections.abc import Iterator

from tenon.checks.alike import alike
from tenon.checks.alone import alone
from tenon.checks.columns import empty_columns, id_columns, things, time_order
from tenon.checks.copies import copies
from tenon.checks.drift import drift
from tenon.checks.finding import Finding, Findings, in_order
from tenon.checks.identities import identities
from tenon.checks.sets import Copies
from tenon.checks.subject import Subject
from tenon.checks.target import target
from tenon.checks.words import words
from tenon.data.dataset import Dataset
from tenon.data.duplicates import with_copies
from tenon.tasks import Task


def findings_of(data: Dataset, task: Task | None) -> Findings:
    """Return what is worth knowing about the data, the gravest first; without a task only what needs no target.

    Leaks are looked for in a sample of at most 10,000 rows, drift in as many on either side; all else in every row. The
    same data give the same findings. Nothing is changed. Of sequences and label sets only what needs no target is looked for.
    """
    if task is not None and task.is_counted:
        task = None
    return in_order(list(_all(Subject(with_copies(data), task))))


def seen_of(data: Dataset) -> str:
    """Return which rows and columns were looked at, in words for the user."""
    subject = Subject(data, None)
    words = ["looked at every row"]
    if subject.is_sampled:
        words.append(f"for leaks and drift, at {len(subject.sample):,} of {len(subject.train):,}, drawn at random")
    if len(subject.looked_at) < len(subject.features):
        words.append(f"one by one, at the first {len(subject.looked_at):,} of {len(subject.features):,} columns")
    return "; ".join(words)


def _all(subject: Subject) -> Iterator[Finding]:
    same = Copies(subject)
    leaks = list(identities(subject))
    yield from leaks
    yield from alone(same.once, {name for leak in leaks for name in leak.columns})
    yield from words(same.once)
    yield from copies(same)
    yield from alike(same)
    yield from drift(subject)
    yield from target(subject)
    yield from id_columns(subject)
    yield from things(subject)
    yield from time_order(subject)
    yield from empty_columns(subject)
