"""What a comparison was asked for, beside the data."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.caller import typed_whole
from tenon.catalogue import METHODS, find, resolve
from tenon.data.unlabelled import CALLED
from tenon.errors import SettingsError
from tenon.inner.settings import Inner
from tenon.method import BUDGETS, Method
from tenon.tasks import Task, check_rope, infer_task
from tenon.variant import Variant, method_of

if TYPE_CHECKING:
    import pandas as pd

CHECKPOINT = "checkpoint"  # the setting that --checkpoint is
ALL = "all"  # in the place of a method's name, for the settings that every method has
OPTIONS = (
    "task",
    "metric",
    "methods",
    "seed",
    "budget",
    "unlabelled",
    "domain",
    "splits",
    "per",
    "rope",
)  # of one word, decide results
MOST_JOBS = 1024  # no machine of today has more cores, and a worker process takes some 100 MB
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}  # of a budget that is a duration


@dataclass(frozen=True)
class Ask:
    """Every field has a default; "" and None mean: by Tenon's own judgement."""

    task: str = ""
    metric: str = ""
    methods: str | Sequence[str | Method] = "all"
    seed: int = 0
    jobs: int | None = None  # worker processes; None = one per core
    budget: str = "normal"  # quick, normal, thorough: amounts of work; or a duration: 90s, 10m, 2h
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # method -> setting -> value
    also: Sequence[str] = ()  # methods that stand a second time on the board, as Variant reads them: knn.k=7
    checkpoint: str = ""  # file or folder of weights to start from, for every method that takes one
    unlabelled: str = ""  # file of texts without labels, for every method that begins with what is learnt from texts
    domain: str = ""  # file of texts of the domain, which methods on an encoder read before those of the task
    splits: str = ""  # folds x repeats, such as 5x4
    inner: Inner = field(default_factory=Inner)  # what happens inside the train rows: tuning, costs
    curve: bool = False  # also train on smaller shares of the train rows
    per: str = ""  # column that the metric is computed per; "user_id:groups" counts groups alike
    rope: float | None = None  # differences smaller than this do not matter, in units of the metric
    predictions: "Mapping[str, str | Path | pd.DataFrame]" = field(default_factory=dict)  # models that one already has

    def __post_init__(self) -> None:
        if self.jobs is not None and not 1 <= self.jobs <= MOST_JOBS:
            raise SettingsError(f"--jobs takes 1 to {MOST_JOBS} worker processes, best one per core; got {self.jobs}.")
        if self.seed < 0:
            raise SettingsError(f"--seed takes a whole number from 0 on; got {self.seed}.")
        check_rope(self.rope)
        work_and_seconds(self.budget)
        chosen = self.chosen()  # an unknown name is told before any data are read
        if self.checkpoint and not Path(self.checkpoint).exists():
            raise SettingsError(f"--checkpoint {self.checkpoint}: there is no such file or folder.")
        if self.checkpoint and not any(map(self._starts, chosen)):
            readers, kind = ", ".join(method.name for method in METHODS if self._starts(method)), self._kind_of_checkpoint()
            raise SettingsError(f"--checkpoint with a {kind} is for {readers}, which --methods leaves out.")
        _check_variants(self.variants, [method.name for method in chosen])

    def given(self) -> dict[str, str | int | float]:
        """Return those of OPTIONS that are not left to their default, as one would type them."""
        values = {name: getattr(self, name) for name in OPTIONS if getattr(self, name) != getattr(Ask, name)}
        if not isinstance(values.get("methods", ""), str):
            values["methods"] = ",".join(one if isinstance(one, str) else one.name for one in self.methods)
        return values

    def task_of(self, target: "pd.Series") -> tuple[Task, str]:
        """Return the task of this target column, with the metric and costs that were asked for, and the reason for the guess."""
        cost = self.inner.cost
        task, reason = infer_task(target, self.task, "" if cost else self.metric)
        return (cost.applied(task, self.metric) if cost else task), reason

    def chosen(self) -> tuple[Method, ...]:
        """Return the methods that were asked for."""
        return resolve(self.methods, (CHECKPOINT,) if self._kind_of_checkpoint() == "file" else ())

    def _kind_of_checkpoint(self) -> str:
        """Return "file", as networks for images start from, "folder", as encoders of texts lie in, or "" without one."""
        return ("folder" if Path(self.checkpoint).is_dir() else "file") if self.checkpoint else ""

    def _starts(self, method: Method) -> bool:
        """Tell whether the method takes the checkpoint."""
        is_folder = self._kind_of_checkpoint() == "folder"
        return CHECKPOINT in method.params and bool(method.params[CHECKPOINT].objective) == is_folder

    @property
    def texts(self) -> dict[str, str]:
        """Files of texts without labels, by the options that bring them."""
        return {option: path for option in CALLED if (path := getattr(self, option))}

    @property
    def variants(self) -> tuple[Variant, ...]:
        """What `also` says, in its order."""
        return tuple(map(Variant.parse, self.also))

    def on_board(self) -> tuple[Method, ...]:
        """Return the methods that were asked for, each followed by its variants under the names of their rows."""
        rows: list[Method] = []
        for method in self.chosen():
            mine = (variant for variant in self.variants if variant.method == method.name)
            rows += [method, *(replace(method, name=variant.name) for variant in mine)]
        return tuple(rows)

    @property
    def all_settings(self) -> dict[str, dict[str, Any]]:
        """The settings, with the checkpoint as one of each method that takes one, and those of each variant alone."""
        readers = [method.name for method in self.chosen() if self._starts(method)] if self.checkpoint else []
        started = {name: {CHECKPOINT: self.checkpoint} for name in readers}
        names = dict.fromkeys([*self.settings, *started])
        of_methods = {name: {**started.get(name, {}), **self.settings.get(name, {})} for name in names}
        return of_methods | {variant.name: dict(variant.settings) for variant in self.variants}

    def settings_of(self, row: str) -> dict[str, Any]:
        """Settings given for this row of the board, over those given for its method, over those given for all."""
        given = self.all_settings
        return {**self.settings.get(ALL, {}), **given.get(method_of(row), {}), **given.get(row, {})}

    @property
    def n_jobs(self) -> int:
        """Worker processes to start."""
        return self.jobs or os.cpu_count() or 1


def _check_variants(variants: Sequence[Variant], methods: Sequence[str]) -> None:
    """Raise SettingsError for a variant of a method that is not on the board, and for one that was given twice."""
    for i, variant in enumerate(variants):
        if variant.method not in methods:
            find(variant.method)  # tells of one that there is not
            raise SettingsError(f"--also {variant.typed}: {variant.method} is not among --methods; name it there, too.")
        if variant.name in [other.name for other in variants[:i]]:
            raise SettingsError(f"--also {variant.typed} was given twice.")


def work_and_seconds(budget: str) -> tuple[str, float | None]:
    """Return the amount of work (one of BUDGETS) and the seconds on the clock, None without one."""
    if budget in BUDGETS:
        return budget, None
    if (number := typed_whole(budget[:-1])) and budget[-1] in UNITS:
        return "normal", number * UNITS[budget[-1]]
    raise SettingsError(f"--budget takes {', '.join(BUDGETS)} or a duration such as 90s, 10m, 2h; got {budget!r}.")
