"""What was read, as lines for the user: the file, each column with its guess and the reason, the target and the task."""

import unicodedata
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tenon.data.dataset import GIVEN, KINDS, Column, Dataset
from tenon.data.language import script_of
from tenon.data.long_texts import LIMIT
from tenon.data.wording import plain, shown

if TYPE_CHECKING:
    import pandas as pd

    from tenon.tasks import Task

MOST_LINES = 10  # feature columns shown one by one; more are gathered by kind
MOST_CLASSES = 6  # of the target
MOST_ALIKE = 3  # columns of a rare kind shown one by one even among many
MOST_NAMES = 6  # names on the line of a kind
MOST_WIDTH = 28  # cells of the name column
PLURAL = {"number": "numbers", "category": "categories", "date": "dates", "text": "texts", "tokens": "lists of words"}
PLURAL |= {"image": "images", "ignore": "ignored"}


def describe(dataset: Dataset, task: "Task | None" = None, task_reason: str = "", scored_by: str = "") -> list[str]:
    """Return the lines: file, columns, target with its task, how to override, and each note after "! ".

    scored_by : what the metric is called, by default that of the task.
    """
    rows = [_feature_row(dataset, column) for column in _shown_alone(dataset)] + _gathered_rows(dataset)
    rows += [_role_row(dataset, column) for column in dataset.schema.columns if column.role in ("group", "time", "weight")]
    if (target := dataset.schema.with_role("target")) is not None:
        rows.append(_target_row(dataset, target, task, task_reason, scored_by))
    width = min(MOST_WIDTH, max((_cells(name) for name, _, _ in rows), default=0))
    lines = [_file_line(dataset), *(f"  {_fitted(name, width)}  {kind:<10}  {words}" for name, kind, words in rows)]
    if _can_override(dataset):
        lines.append(f"  Wrong? --kind NAME=KIND ({', '.join(KINDS)})")
    return lines + [f"! {note}" for note in dataset.notes]


def _can_override(dataset: Dataset) -> bool:
    return any(c.role == "feature" and c.kind != "image" for c in dataset.schema.columns)


def _file_line(dataset: Dataset) -> str:
    n_columns = len(dataset.schema.columns)
    parts = [dataset.name, f"{len(dataset):,} rows", f"{n_columns:,} column{'s' if n_columns != 1 else ''}", dataset.how_read]
    if len(dataset.final_ids):
        parts.insert(2, f"{len(dataset.final_ids):,} of them final")
    return " · ".join(part for part in parts if part)


def _features(dataset: Dataset) -> list[Column]:
    return [column for column in dataset.schema.columns if column.role == "feature"]


def _shown_alone(dataset: Dataset) -> list[Column]:
    """Return every feature where there are few, else those of the rare kinds, and the only one of a kind."""
    features = _features(dataset)
    if len(features) <= MOST_LINES:
        return features
    kinds = [column.kind for column in features]
    rare = {kind for kind in kinds if kinds.count(kind) <= (1 if kind in ("number", "category") else MOST_ALIKE)}
    return [column for column in features if column.kind in rare]


def _gathered_rows(dataset: Dataset) -> list[tuple[str, str, str]]:
    alone = _shown_alone(dataset)
    by_kind: dict[str, list[Column]] = {}
    for column in _features(dataset):
        if column not in alone:
            by_kind.setdefault(column.kind, []).append(column)
    return [(f"{len(columns)} columns", PLURAL[kind], _gathered(dataset, columns)) for kind, columns in by_kind.items()]


def _gathered(dataset: Dataset, columns: list[Column]) -> str:
    def words(column: Column) -> str:
        return f"{column.name} ({dataset.frame[column.name].nunique():,})" if column.kind == "category" else column.name

    names = ", ".join(words(column) for column in columns[:MOST_NAMES])
    more = f", … {len(columns) - MOST_NAMES} more" if len(columns) > MOST_NAMES else ""
    if columns[0].kind == "ignore":
        return f"{names}{more}: {columns[0].reason}, …"
    shares = {column.name: float(dataset.frame[column.name].isna().mean()) for column in columns}
    gaps = sorted((name for name in shares if shares[name] > 0), key=lambda name: -shares[name])
    missing = ", ".join(f"{name} {_percent(shares[name])}" for name in gaps[:MOST_ALIKE])
    others = f", … {len(gaps) - MOST_ALIKE} more" if len(gaps) > MOST_ALIKE else ""
    return f"{names}{more}; missing: {missing}{others}" if gaps else names + more


def _feature_row(dataset: Dataset, column: Column) -> tuple[str, str, str]:
    cells = dataset.frame[column.name]
    if column.kind == "ignore":
        return column.name, "ignored", column.reason
    words = _WORDS[column.kind](cells.dropna(), column)
    share = 0.0 if column.kind == "tokens" else float(cells.isna().mean())
    if share:
        words += f", {_percent(share)} missing"
    return column.name, column.kind, f"{words} (--kind)" if column.reason == GIVEN else words


def _number_words(cells: "pd.Series", column: Column) -> str:
    if cells.empty:
        return "no number"
    low, middle, high = cells.min(), cells.median(), cells.max()
    joint = "–" if low >= 0 else " to "
    words = f"{_figure(low)}{joint}{_figure(high)}, median {_figure(middle)}"
    return f"{words}; {column.reason}" if "%" in column.reason else words


def _category_words(cells: "pd.Series", column: Column) -> str:
    n = cells.nunique()
    if n == 0:
        return "no value"
    counts = cells.value_counts()
    words = f"{n:,} value{'s' if n != 1 else ''}, most often {shown(counts.index[0])} ({_percent(counts.iloc[0] / len(cells))})"
    is_plain = "different value" in column.reason or column.reason == GIVEN
    return words if is_plain else f"{words}; {column.reason}"


def _date_words(cells: "pd.Series", column: Column) -> str:
    if cells.empty:
        return "no date"
    times = cells.to_numpy()
    unit = "m" if (times != times.astype("datetime64[D]")).any() else "D"
    first, last = (str(time.astype(f"datetime64[{unit}]")).replace("T", " ") for time in (times.min(), times.max()))
    return f"{first} to {last}"


def _text_words(cells: "pd.Series", column: Column) -> str:
    if cells.empty:
        return "no text"
    lengths = cells.str.len()
    words = f"{lengths.min():,}–{lengths.max():,} characters, median {lengths.median():,.0f}"
    if column.long_share:
        words += f", {_percent(column.long_share)} beyond {LIMIT} tokens"
    if script_of(cells) != "chinese":
        return words
    return f"Chinese, {words}" + ("" if find_spec("jieba") else "; for its words, too: pip install 'tenon[zh]'")


def _token_words(cells: "pd.Series", column: Column) -> str:
    lengths, what = cells.map(len), "tags" if column.role == "target" else "tokens"
    words = f"{lengths.min():,}–{lengths.max():,} {what} a row, median {lengths.median():,.0f}"
    return words + (f", {_percent(column.long_share)} beyond {LIMIT} parts of words" if column.long_share else "")


def _answer_words(cells: "pd.Series", column: Column) -> str:
    counts = cells.map(len)
    none = f", none in {_percent((counts == 0).mean())}" if (counts == 0).any() else ""
    low, high = counts.min(), counts.max()
    many = f"{low:,}–{high:,}" if low < high else f"{low:,}"
    return f"{many} answer{'' if low == high == 1 else 's'} a row{none}"


def _label_words(cells: "pd.Series", column: Column) -> str:
    counts = cells.map(len)
    of_labels = Counter(label for of_row in cells for label in of_row)
    shown = sorted(of_labels, key=lambda label: (-of_labels[label], label))[:MOST_CLASSES]
    shares = [f"{plain(label)} {_percent(of_labels[label] / len(cells))}" for label in shown]
    more = f", … {len(of_labels) - MOST_CLASSES} more" if len(of_labels) > MOST_CLASSES else ""
    none = f", none in {_percent((counts == 0).mean())}" if (counts == 0).any() else ""
    labels = f"{len(of_labels):,} label{'' if len(of_labels) == 1 else 's'}: {', '.join(shares)}{more}"
    return f"{labels}; {counts.mean():.2g} a row{none}"


_WORDS = {
    "number": _number_words,
    "category": _category_words,
    "date": _date_words,
    "text": _text_words,
    "tokens": _token_words,
    "answers": _answer_words,
    "labels": _label_words,
    "image": lambda cells, column: column.reason,
}


def _role_row(dataset: Dataset, column: Column) -> tuple[str, str, str]:
    cells = dataset.frame[column.name]
    if column.role == "group":
        return column.name, "group", f"{cells.nunique():,} groups, kept on one side of every split"
    words = _WORDS[column.kind](cells, column)
    return column.name, column.role, f"{words}; rows are trained on the past only" if column.role == "time" else words


def _target_row(dataset: Dataset, column: Column, task: "Task | None", task_reason: str, scored_by: str) -> tuple[str, str, str]:
    cells = dataset.frame[column.name]
    if task.has_classes if task else column.kind == "category":
        words = _class_words(cells)
    else:
        words = _WORDS[column.kind if column.kind in ("tokens", "text", "answers", "labels") else "number"](cells, column)
    if task is None:
        return column.name, "target", words
    is_plain = task.kind == "binary" or (task.has_classes and cells.dtype == "str")  # the classes shown are reason enough
    why = "" if not task_reason or (is_plain and "--task" not in task_reason) else f" ({task_reason})"
    metric = scored_by or task.metric.title
    return column.name, "target", f"{words}  → {task.kind}{why}, scored by {metric}      (--task, --metric)"


def _class_words(cells: "pd.Series") -> str:
    counts = cells.value_counts()
    counts = counts[sorted(counts.index, key=lambda label: (-counts[label], str(label)))]
    form = "{} ({})" if cells.dtype.kind in "iuf" else "{} {}"  # "1 69 %" would read as one number
    shares = [form.format(plain(label), _percent(count / len(cells))) for label, count in counts.iloc[:MOST_CLASSES].items()]
    more = f", … {len(counts) - MOST_CLASSES} more" if len(counts) > MOST_CLASSES else ""
    return f"{len(counts):,} class{'es' if len(counts) != 1 else ''}: {', '.join(shares)}{more}"


def _percent(share: float) -> str:
    percent = 100 * float(share)
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %" if percent >= 0.1 else "< 0.1 %"


def _figure(value: float) -> str:
    """Return a number as people write it: no comma in 2024, which may be a year, and no exponent in 1,370,000,000."""
    if abs(value) >= 1e15:
        return f"{value:.4g}"
    if abs(value) >= 1e4:
        return f"{value:,.0f}"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.4g}"


def _cells(text: str) -> int:
    """Return the width in terminal cells: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _fitted(name: str, width: int) -> str:
    while _cells(name) > width:
        name = name.rstrip("…")[:-1] + "…"
    return name + " " * (width - _cells(name))
