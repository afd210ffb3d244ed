"""Settings proposed by Optuna's tree-structured Parzen estimator (Bergstra et al. 2011; Akiba et al. 2019)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tenon.inner.search import PATIENCE, Search, Settings, Space, ends, is_whole
from tenon.method import Param


class OptunaSearch(Search):
    """The same seed and scores give the same proposals. A choice is known to Optuna by its number."""

    def __init__(self, space: Space, seed: int):
        import optuna

        super().__init__(space)
        self._kinds = {name: _distribution(param) for name, param in space.items()}
        with _quiet():
            self._study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
        self._asked: Any = None  # Optuna's trial of the settings that were proposed last

    def next(self) -> Settings | None:
        for _ in range(PATIENCE):
            self._asked = self._study.ask(self._kinds)
            settings = {name: self._read(name, value) for name, value in self._asked.params.items()}
            if not self.is_seen(settings):
                return settings
            self._study.tell(self._asked, state=_state("FAIL"))  # what was tried already teaches nothing
        return None

    def tell(self, settings: Settings, level: float | None) -> None:
        super().tell(settings, level)
        if self._asked is not None:
            self._study.tell(self._asked, level, state=_state("FAIL") if level is None else None)
            self._asked = None
        elif level is not None and all(_is_within(settings[name], param) for name, param in self.space.items()):
            self._add(settings, level)

    def _add(self, settings: Settings, level: float) -> None:
        """Teach what was not proposed: the defaults."""
        import optuna

        params = {name: self._written(name, value) for name, value in settings.items()}
        self._study.add_trial(optuna.trial.create_trial(params=params, distributions=self._kinds, value=level))

    def _read(self, name: str, value: Any) -> Any:
        choices = self.space[name].choices
        return choices[value] if choices else value

    def _written(self, name: str, value: Any) -> Any:
        choices = self.space[name].choices
        return choices.index(value) if choices else value


def _distribution(param: Param) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if param.choices:
        return CategoricalDistribution(range(len(param.choices)))
    low, high = ends(param)
    return IntDistribution(int(low), int(high), log=param.log) if is_whole(param) else FloatDistribution(low, high, log=param.log)


def _is_within(value: Any, param: Param) -> bool:
    if param.choices:
        return value in param.choices
    low, high = ends(param)
    return isinstance(value, int | float) and low <= value <= high


def _state(name: str) -> Any:
    from optuna.trial import TrialState

    return TrialState[name]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from telling about a new study; the caller's verbosity comes back."""
    from optuna import logging

    before = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        yield
    finally:
        logging.set_verbosity(before)
