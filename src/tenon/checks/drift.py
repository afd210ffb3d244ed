"""Do the final rows that a user brings come from the same world as the others? Column by column, and all together.

Each column is tested on its own, against chance (see `margins`), corrected over columns by Holm; differences too small to
matter are not told. All together: how well a forest tells final rows from others by its out-of-bag votes (Lopez-Paz & Oquab
2017, a classifier two-sample test). Dates are left out: later rows have later ones.
"""

from collections.abc import Iterator

from tenon.checks.finding import Finding
from tenon.checks.forest import told_apart
from tenon.checks.margins import FEWEST, Shift, margins, shifts, told
from tenon.checks.subject import MOST_CELLS, SAMPLE, Subject, one_of_each, some_rows
from tenon.checks.wording import quoted
from tenon.data.dataset import Column, Dataset
from tenon.data.duplicates import has_content, tied_rows


def drift(subject: Subject) -> Iterator[Finding]:
    """Yield how the user's own final rows differ from the others."""
    if not len(subject.data.final_ids):
        return
    others = looked_at(subject.train, len(subject.looked_at))
    final = looked_at(subject.data.rows(subject.data.row_ids[subject.is_final]), len(subject.looked_at))
    if min(len(others), len(final)) < FEWEST:
        return
    columns = [column for column in subject.looked_at if column.kind != "date"]
    if subject.task is not None and (target := subject.data.schema.with_role("target")):
        columns.append(target)
    found = [shift for column in columns for shift in _shifts(column, others, final)]
    differing = told(found)
    auc = told_apart(subject, others, final)
    if differing or auc is not None:
        yield _finding(differing, auc, len(columns))


def looked_at(rows: Dataset, n_columns: int) -> Dataset:
    """Return the rows that are tested, some of many: one of every group, and of every set of copies of texts or images."""
    is_tied = has_content(rows) or rows.schema.with_role("group")
    n_most = max(FEWEST, min(SAMPLE, MOST_CELLS // max(1, n_columns)))
    return some_rows(one_of_each(rows, tied_rows(rows)) if is_tied else rows, n_most)


def _shifts(column: Column, others: Dataset, final: Dataset) -> Iterator[Shift]:
    both = (margins(column.kind, part.frame[column.name], part.root) for part in (others, final))
    return shifts(column.name, *both)


def _finding(told: list[Shift], auc: float | None, n_columns: int) -> Finding:
    apart = "" if auc is None else f"told apart with AUC {auc:.2f}"
    if told:
        most = f"{quoted(told[0].name)} ({told[0].words})"
        where = f"in {most}" if len(told) == 1 else f"in {len(told)} respects, most in {most}"
        sentence = f"final rows differ from the others {where}{'; ' + apart if apart else ''}"
    else:
        sentence = f"final rows differ from the others in no single column, but all together: {apart}"
    return Finding(
        check="drift",
        severity="warning",
        sentence=sentence,
        advice=(
            "The final score then says how a model does on rows unlike those it learned from, and folds say something else. "
            "If new rows will be like the final ones, take the final score seriously and look for train rows like them."
        ),
        columns=tuple(dict.fromkeys(shift.name for shift in told)),
        figures={
            "shifts": [{"column": s.name, "gap": s.gap, "p": s.p, "words": s.words} for s in told],
            "auc": auc,
            "n_columns": n_columns,
        },
    )
