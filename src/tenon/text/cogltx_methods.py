"""CogLTX on the board, for documents longer than an encoder reads at once; PyTorch is loaded only when it is fitted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenon.data.dataset import Dataset
from tenon.method import Method, Param
from tenon.tasks import Task
from tenon.text.bert_cost import LEARNING, seconds_to_read, tokens_of_row
from tenon.text.bert_settings import FINE_TUNING, OF_ENCODER, on_encoder
from tenon.text.long_methods import of_long_texts

Params = Mapping[str, Any]
ROWS_OF_STEP = 16  # of few rows
EPOCHS = (1, 2, 4)  # of both networks in a round: quick, normal, thorough


def _cogltx(task: Task, params: Params, seed: int) -> Any:
    from tenon.text.cogltx import CogltxClassifier, CogltxRegressor

    whole = {name: round(params[name]) for name in ("longest", "block", "rounds", "fewest_steps")}
    kept = (round(params["kept"]),) if params["kept"] else ()
    common = {**{name: params[name] for name in ("checkpoint", "judge", "rate", "epochs")}, **whole, "kept": kept}
    return CogltxRegressor(**common, random_state=seed) if task.is_regression else CogltxClassifier(**common, random_state=seed)


def _read_cogltx(folder: Path) -> Any:
    from tenon.text.cogltx import CogltxClassifier

    return CogltxClassifier.read_files(folder)


def _seconds(data: Dataset, n_rows: float, settings: Params, budget: str) -> float:
    """Return how long all rounds take: what both networks learn from, what the judge reads, and interventions."""
    longest = settings["longest"]
    n_blocks = longest / (1 + settings["block"])  # of a row
    n_rows_of_text = max(1.0, tokens_of_row(data) / longest)
    of_row = seconds_to_read(data, 1, settings, budget)
    learnt = 2 * max(2 * settings["epochs"] * n_rows, settings["fewest_steps"] * ROWS_OF_STEP)
    recalled = n_rows * n_rows_of_text * (1 + bool(settings["kept"]) * n_blocks / max(1.0, n_blocks - settings["kept"]))
    missed = n_rows * n_blocks * (settings["rounds"] - 1) / settings["rounds"]
    return settings["rounds"] * of_row * (LEARNING * learnt + recalled + missed)


METHODS = (
    Method(
        cost_rank=105,
        params={
            **{name: FINE_TUNING[name] for name in (*OF_ENCODER, "rate", "fewest_steps")},
            "longest": Param(512, 256, 512, log=True),
            "block": Param(62, 8, 126, is_tuned=False),
            "kept": Param(3, 0, 6, is_tuned=False),
            "rounds": Param(2, 1, 4, is_tuned=False),
            "judge": Param(None, is_tuned=False),
        },
        **{**of_long_texts(on_encoder("cogltx", _cogltx, _read_cogltx, work={"epochs": EPOCHS})), "takes": _seconds},
    ),
)
