"""What decides the results of a run, by which a folder knows whether the same is asked of it again."""

from importlib.util import find_spec
from typing import Any

from tenon.data.dataset import Dataset
from tenon.data.language import script_of
from tenon.data.unlabelled import CALLED
from tenon.method import versions
from tenon.trials.ask import Ask
from tenon.trials.prepare import Prepared
from tenon.trials.weights import weights_of


def asked_of(data: Dataset, ask: Ask, ready: Prepared) -> dict[str, Any]:
    """What decides the results, and nothing else: not the number of jobs, not where the file lies."""
    task = ready.bench.task
    return {
        "fingerprint": data.fingerprint(),
        "task": task.kind,
        "target": task.target,
        "metric": task.metric_name,
        "methods": [row.method for row in ready.plan.rows],
        "settings": {name: dict(given) for name, given in ask.all_settings.items()},
        "seed": ask.seed,
        "budget": ask.budget,
        "protocol": str(ready.protocol),
        "one_split": ready.names_on_one_split,
        "inner": ask.inner.to_json(),
        "curve": ask.curve,
        "per": ask.per,
        "rope": ready.rope,
        "predictions": {brought.name: brought.digest for brought in ready.brought},
        "weights": weights_of(ask),
        **{option: ready.texts[option].digest if option in ready.texts else None for option in CALLED},
        "versions": _versions(_extras(data, ask, ready)),
    }


def _versions(extras: list[str]) -> dict[str, str]:
    """Return what results depend on: versions of packages, and where networks run, what GPU they compute on, if any."""
    found = versions(*extras)
    if "torch" in extras:
        from tenon.training.device import gpu

        found |= gpu()
    return found


def _extras(data: Dataset, ask: Ask, ready: Prepared) -> list[str]:
    """Packages that may be there or not and decide results: what Chinese texts consist of, which settings are tried, networks."""
    is_chinese = any(script_of(data.frame[name].dropna()) == "chinese" for name in data.schema.features("text"))
    is_used = {
        "jieba": is_chinese,
        "optuna": ask.inner.tune > 0 and ask.inner.search == "optuna",
        "torch": any(method.needs == "deep" for method in ready.running),
        "sacrebleu": ready.bench.task.kind == "translation",
    }
    return [name for name, used in is_used.items() if used and find_spec(name)]
