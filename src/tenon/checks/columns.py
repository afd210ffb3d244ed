"""Single columns, whatever the target: nearly empty ones, names and numbers of rows, things that come back, the order of time."""

from collections.abc import Iterator

import numpy as np

from tenon.checks.finding import Finding
from tenon.checks.subject import Subject
from tenon.checks.wording import counted, names, percent, quoted
from tenon.data.dataset import Column
from tenon.data.infer import ID_NAME, UNIX_TIMES
from tenon.data.wording import option

MOSTLY = 0.5  # share of missing cells that makes a column mostly empty
NEARLY_ALL = 0.9  # that makes it worth a warning
NAMES = 0.5  # different values in the present cells, as a share, from which a category is a name
FEWEST_ROWS = 50
FEWEST_STEPS = 20  # different values of a column in whose order the rows stand
COMES_BACK = 1.5  # rows a value on average


def empty_columns(subject: Subject) -> Iterator[Finding]:
    """Yield one finding on all columns that are mostly empty."""
    wanted = [column.name for column in subject.features if column.kind != "tokens"]
    shares = dict(zip(wanted, subject.train.frame[wanted].isna().mean().tolist(), strict=True))
    empty = sorted((name for name, share in shares.items() if share > MOSTLY), key=lambda name: -shares[name])
    if not empty:
        return
    shown = ", ".join(f"{quoted(name)} ({percent(shares[name])})" for name in empty[:3]) + (", …" if len(empty) > 3 else "")
    yield Finding(
        check="empty",
        severity="warning" if shares[empty[0]] >= NEARLY_ALL else "note",
        sentence=f"{counted(len(empty), 'column is', 'columns are')} mostly empty: {shown}; does an empty cell mean something?",
        advice=(
            "If it means something (no garage, never ill), the column may stay: methods see that a cell is empty. If it is "
            f"empty because nobody wrote it down, leave it out: {option('kind', f'{empty[0]}=ignore')}."
        ),
        columns=tuple(empty),
        figures={"shares": {name: shares[name] for name in empty}},
    )


def id_columns(subject: Subject) -> Iterator[Finding]:
    """Yield features that name or number the rows, so that nothing can be learned from them."""
    if len(subject.train) < FEWEST_ROWS:
        return
    alike = [column.name for column in subject.looked_at if _is_name(subject, column) or _is_counter(subject, column)]
    if not alike:
        return
    one = len(alike) == 1
    yield Finding(
        check="id",
        severity="warning",
        sentence=f"{names(alike)} {'looks' if one else 'look'} like names or numbers of the rows: little to learn for new ones; "
        f"leave {'it' if one else 'them'} out: {option('kind', f'{alike[0]}=ignore')}",
        advice=(
            "Nearly every row has its own value, or the values rise from row to row. What a method learns about them is known by "
            "heart, not for new rows. A time is better given as --time, a text as --kind NAME=text."
        ),
        columns=tuple(alike),
        options=tuple(option("kind", f"{name}=ignore") for name in alike),
        figures={"n_different": {name: int(subject.train.frame[name].nunique()) for name in alike}},
    )


def _is_name(subject: Subject, column: Column) -> bool:
    """Say whether a category has nearly as many values as rows, and they do not come back."""
    if column.kind != "category":
        return False
    cells = subject.cells(column).dropna()
    return len(cells) >= FEWEST_ROWS and cells.nunique() > NAMES * len(cells)


def _is_counter(subject: Subject, column: Column) -> bool:
    """Say whether whole numbers, all different, rise or fall from row to row; times apart."""
    if column.kind != "number":
        return False
    values = subject.cells(column).to_numpy(np.float64)
    steps = np.diff(values)
    is_in_order = bool((steps > 0).all() or (steps < 0).all())  # never with a missing cell
    return is_in_order and bool((values == np.round(values)).all()) and not _is_unix_time(values)


def _is_unix_time(values: np.ndarray) -> bool:
    return any(start <= np.nanmin(values) and np.nanmax(values) < end for start, end in UNIX_TIMES)


def things(subject: Subject) -> Iterator[Finding]:
    """Yield columns that name things which come back in other rows: users, films, shops."""
    if subject.data.schema.with_role("group") or subject.data.schema.with_role("time"):
        return
    counts = {}
    for column in subject.looked_at:
        if column.kind == "category" and ID_NAME.search(column.name):
            n = subject.cells(column).nunique()
            if FEWEST_STEPS < n <= len(subject.train) / COMES_BACK:
                counts[column.name] = n
    if not counts:
        return
    found = sorted(counts, key=lambda name: -counts[name])
    one = len(found) == 1
    shown = " and ".join(f"{counts[name]:,}" for name in found[:3])
    yield Finding(
        check="things",
        severity="warning",
        sentence=(
            f"{names(found)} {'names' if one else 'name'} things that come back ({shown} of them): scores are for known ones; "
            f"for new ones {option('group', found[0])}"
        ),
        advice=(
            "Rows of one user, patient or shop are alike. With some of them among the train rows a method may know the thing "
            "itself. That is right if the same ones come again; if new ones come, --group keeps their rows on one side of "
            "every split. --per scores inside each of them."
        ),
        columns=tuple(found),
        options=(option("group", found[0]),),
        figures={"n_different": {name: counts[name] for name in found}},
    )


def time_order(subject: Subject) -> Iterator[Finding]:
    """Yield the date or Unix time in whose order the rows stand, where splits do not follow it."""
    if subject.data.schema.with_role("time"):
        return
    for column in subject.looked_at:
        if column.kind not in ("date", "number"):
            continue
        cells = subject.cells(column)
        values = cells.to_numpy()
        is_time = column.kind == "date" or (len(values) > 0 and not cells.isna().all() and _is_unix_time(values))
        if is_time and cells.nunique() >= FEWEST_STEPS and (cells.is_monotonic_increasing or cells.is_monotonic_decreasing):
            yield _order_finding(column)
            return


def _order_finding(column: Column) -> Finding:
    return Finding(
        check="order",
        severity="warning",
        sentence=f"rows stand in the order of {quoted(column.name)}: to score on what comes later, {option('time', column.name)}",
        advice=(
            "Splits are made at random, so a method may learn from rows that come after those it is scored on. If new rows will "
            "be later ones, scores are better than what you will see; --time trains on the past only."
        ),
        columns=(column.name,),
        options=(option("time", column.name),),
        figures={},
    )
