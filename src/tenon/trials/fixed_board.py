"""A verdict on predictions that one already has: files against the truth, nothing trained.

The answer is about these models as they are and other rows like these (question 2 of docs/verdicts.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.sources import open_source
from tenon.data.wording import listed, no_column
from tenon.errors import DataError, SettingsError
from tenon.method import proba_names
from tenon.metrics.fixed import judge_fixed
from tenon.metrics.verdict import Board
from tenon.tasks import Task, check_rope, infer_task
from tenon.trials.answers import ID, Answers, Keys, keys_of, places, read_answers
from tenon.trials.guesses import as_guess
from tenon.trials.per import per_group, split_per

if TYPE_CHECKING:
    import pandas as pd

    Given = str | Path | pd.DataFrame

WITHOUT_PROBA = "accuracy"  # takes the place of a metric that needs probabilities which a file does not have


@dataclass(frozen=True)
class FixedResult:
    """What can be said about fixed models."""

    board: Board  # in the order of the files
    task: Task
    n_rows: int
    rope: float
    notes: tuple[str, ...]  # what was decided on the way, and what to be careful about

    @property
    def verdicts(self) -> "pd.DataFrame":
        """One row a pair: effect, interval, p values, posterior, verdict in words, rows needed."""
        import pandas as pd

        return pd.DataFrame(self.to_json())

    def to_json(self) -> list[dict[str, Any]]:
        """Return the pairs, the better one first, as verdicts.json of a run has them."""
        return [pair.to_json() for pair in self.board.pairs]


@dataclass(frozen=True)
class _Truth:
    """The truth file as read: its name, what tells its rows apart, its cells, and the target without gaps."""

    file: str
    keys: Keys
    frame: "pd.DataFrame"
    target: "pd.Series"

    @cached_property
    def labels(self) -> tuple[Any, ...]:
        """Different values of the target, sorted."""
        return tuple(sorted(self.target.unique().tolist()))


@dataclass(frozen=True)
class FixedAsk:
    """What a verdict on fixed models was asked for; "" and None mean: by Tenon's own judgement."""

    target: str | None = None
    task: str = ""
    metric: str = ""
    per: str = ""
    group: str | None = None
    rope: float | None = None

    def __post_init__(self) -> None:
        check_rope(self.rope)


def judge_files(files: "Sequence[Given] | Mapping[str, Given]", truth: "Given", ask: FixedAsk) -> FixedResult:
    """Judge prediction files, at least two, against the truth.

    Raises DataError for files that do not go together and cells that cannot be read, SettingsError for a metric that the
    files cannot be scored by.
    """
    named = files if isinstance(files, Mapping) else _named(files)
    if len(named) < 2:
        raise SettingsError("a verdict needs at least two files of predictions.")
    about = _read_truth(truth, ask)
    answers = [read_answers(name, given) for name, given in named.items()]
    place = [places(one.keys, about.keys) for one in answers]
    task, said = _task(about, answers, ask)
    frames = [one.frame(task, about.labels if task.has_classes else ()).iloc[at] for one, at in zip(answers, place, strict=True)]
    rope = task.rope if ask.rope is None else ask.rope
    y = task.encode(about.target)
    board = judge_fixed(
        task.metric,
        [one.name for one in answers],
        y,
        [as_guess(frame, task.metric.reads, task, y) for frame in frames],
        rope=rope,
        groups=_groups(about, ask.group),
        per=per_group(about.file, about.frame, ask.per),
    )
    if about.keys.ids is None:
        said.append("no file has a column 'id': rows were matched by their order.")
    return FixedResult(board, task, len(about.target), rope, (*said, *([board.reason] if board.reason else []), *board.notes))


def _named(files: "Sequence[Given]") -> "dict[str, Given]":
    """Name models by the stem of their file, or by the whole path where two stems are alike."""
    if strange := [type(given).__name__ for given in files if not isinstance(given, (str, Path))]:
        raise SettingsError(f"give frames a name: verdict({{'old': frame, 'new': frame}}, …); got a bare {strange[0]}.")
    paths = [Path(given) for given in files if isinstance(given, (str, Path))]
    stems = [path.name.split(".")[0] for path in paths]
    names = [stem if stems.count(stem) == 1 else str(path) for stem, path in zip(stems, paths, strict=True)]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise SettingsError(f"{twice} was given twice.")
    return dict(zip(names, paths, strict=True))


def _read_truth(given: "Given", ask: FixedAsk) -> _Truth:
    from tenon.data.cells import convert, is_list_of_text
    from tenon.data.target import convert_target

    source = open_source(given)
    file = source.name if isinstance(given, (str, Path)) else "the truth"
    names = source.table.column_names
    others = [name for name in (ask.group, split_per(ask.per)[0]) if name]
    for name in [*([ask.target] if ask.target else []), *others]:
        if name not in names:
            raise no_column(file, name, names)
    left = [name for name in names if name != ID and name not in others]
    if ask.target is None and len(left) != 1:
        raise DataError(f"{file} has {len(left)} columns that could be the truth: {listed(left)}; name it with --target.")
    name = ask.target or left[0]
    task = ask.task or ("multilabel" if is_list_of_text(source.table[name].type) else "")
    target = convert_target(file, source.table[name], name, task=task)
    if len(target.values) < source.table.num_rows:
        row = int(np.setdiff1d(np.arange(source.table.num_rows), target.values.index)[0])
        raise DataError(f"{file}, row {row + 1:,}, column {target.values.name!r} is empty; every row needs its true value.")
    import pandas as pd

    frame = pd.DataFrame({name: convert(source.table[name], "category").values for name in others})
    return _Truth(file, keys_of(file, source.table), frame, target.values.reset_index(drop=True))


def _task(about: _Truth, answers: Sequence[Answers], ask: FixedAsk) -> tuple[Task, list[str]]:
    """Return the task and what was decided about it: classes come from the truth, and from files that have them too."""
    task, _ = infer_task(about.target, ask.task, ask.metric)
    if not task.has_classes:
        return task, []
    more = {label for one in answers for label in one.other_labels(task.labels)} - set(task.labels)
    if more:
        task = Task("multiclass", task.target, tuple(sorted([*task.labels, *more])), ask.metric)
    without = [one.keys.file for one in answers if not one.has_proba(about.labels)]
    if task.metric.reads != "proba" or not without:
        return task, []
    has = "has" if len(without) == 1 else "have"
    why = (
        f"{task.metric.title} needs probabilities (columns {listed(proba_names(about.labels))}), and {listed(without)} {has} none"
    )
    if ask.metric:
        raise SettingsError(f"{why}; --metric accuracy needs none.")
    return Task(task.kind, task.target, task.labels, WITHOUT_PROBA), [f"scored by accuracy: {why}."]


def _groups(about: _Truth, column: str | None) -> np.ndarray | None:
    if column is None:
        return None
    cells = about.frame[column]
    if cells.isna().any():
        row = int(np.flatnonzero(cells.isna())[0])
        raise DataError(f"{about.file}, row {row + 1:,}, column {column!r} is empty, but every row needs its group.")
    return cells.to_numpy()
