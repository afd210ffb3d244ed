"""The chosen model of a finished run in every way that makes it smaller, with a table of what that gains and costs."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.catalogue import load_model
from tenon.checks.seen import FILE as SEEN
from tenon.checks.seen import keep_seen
from tenon.compress.judge import ORIGINAL, SAME, judged
from tenon.compress.latency import BATCH, latencies
from tenon.compress.onnx_model import METHOD as ONNX
from tenon.compress.onnx_model import largest_difference
from tenon.compress.standing import is_standing, keep_standing
from tenon.compress.ways import Way, made, named, parted
from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.errors import RunFolderError
from tenon.files import writing
from tenon.method import Method, Model, Predictions
from tenon.trials.again import FinishedRun, read_run
from tenon.trials.folder import COMPRESSED
from tenon.watch import SILENT, Watch, in_turn

if TYPE_CHECKING:
    import pandas as pd

NAME = "compress.json"


@dataclass(frozen=True)
class Compressed:
    """What became of the chosen model of a run."""

    folder: Path
    content: dict[str, Any]  # of compress.json

    @cached_property
    def table(self) -> "pd.DataFrame":
        """One row a model, the original first: bytes, seconds, score with its interval, and the verdict.

        largest : difference from what the original says, in probabilities, or in standard deviations of its numbers.
        """
        import pandas as pd

        return pd.json_normalize(self.content["models"], sep="_").set_index("name")

    @property
    def best(self) -> str | None:
        """Name of the smallest model that is the same as the original in practice; None where none is."""
        same = [one for one in self.content["models"][1:] if one["verdict"] == SAME]
        return min(same, key=lambda one: one["bytes"])["name"] if same else None

    def place(self, name: str) -> Path:
        """Return the folder of a model, which `tenon predict` and `tenon.load` take."""
        return place_of(self.folder, name)


def compress_run(
    path: Path, names: Sequence[str] = (), data: Any = None, methods: Sequence[Method] = (), watch: Watch = SILENT
) -> dict[str, Any]:
    """Make the chosen model smaller, leave each smaller one in compressed/NAME, write compress.json and return its content.

    What stands whole from before, such as of work that was stopped, is not made again.
    names : of ways; none: all that are for the model. data : where the data are now, if they moved. methods : of one's own.
    Raises SettingsError for a way that is unknown or not for this model, RunFolderError for a run without final rows, and as
    `read_run` does.
    """
    named(names)
    found = read_run(path, data, methods)
    if not found.splits.is_final.any():
        raise RunFolderError(
            f"{path} put no final rows aside, so there are none on which a smaller model could be held against the original; "
            "compare again with --final FILE."
        )
    train = found.data.rows(found.splits.working())
    ways, others = parted(found.model, train, names)
    smaller: dict[str, Model] = {}
    for i, way in enumerate(ways):
        watch.step(way.what, i, len(ways))
        smaller[way.name] = _left(way, found, train, methods, watch.of_step(way.what, i, len(ways)))
    content = {**_about(found), "models": _measured(found, smaller, watch), "others": others}
    found.folder.write(NAME, content)
    return content


def _left(way: Way, found: FinishedRun, train: Dataset, methods: Sequence[Method], watch: Watch) -> Model:
    """Make a smaller model and save it, where none stands whole from before, and return what can be loaded again."""
    place, original = (place_of(found.folder.path, name) for name in (way.name, ORIGINAL))
    seed, what = int(found.run["asked"]["seed"]), "stands from before"
    if not is_standing(place, original, seed):
        model, what = made(way, found.model, train, seed, watch), way.what
        if place.exists():  # which may be half of a model
            with writing(place):
                shutil.rmtree(place)
        model.save(place)
        keep_seen(train, place)
        keep_standing(place, original, seed)
    watch.tell({"event": "made", "name": way.name, "what": what, "bytes": n_bytes(place), "of_original": n_bytes(original)})
    return load_model(place, (ONNX, *methods))


def place_of(path: Path, name: str) -> Path:
    """Return the folder of a model of a run: of the original, or what a way left."""
    return path / "model" if name == ORIGINAL else path / COMPRESSED / name


def _about(found: FinishedRun) -> dict[str, Any]:
    asked, task = found.run["asked"], found.model.task
    return {
        "method": found.chosen,
        "data": found.data.name,
        "target": task.target,
        "kinds": sorted({found.model.schema[name].kind for name in found.model.schema.features()}),  # of columns that it reads
        "labels": list(task.labels),
        "metric": asked["metric"],
        "rope": asked["rope"],
        "rows": int(found.splits.is_final.sum()),
        "batch": BATCH,
    }


def _measured(found: FinishedRun, smaller: dict[str, Model], watch: Watch) -> list[dict[str, Any]]:
    """Return what the table tells of the original and of each smaller model."""
    models, seed = {ORIGINAL: found.model, **smaller}, int(found.run["asked"]["seed"])
    rows = found.data.rows(found.splits.final())
    read, names = conform(rows, found.model.schema), list(models)
    watch.tell({"event": "doing", "text": f"measuring these and the original on {len(rows):,} final rows"})
    said = {
        name: models[name].predict_rows(read).checked(models[name].task, read.row_ids)
        for name in in_turn(names, "measuring what they say", watch)
    }
    times = {size: latencies(list(models.values()), read, size, seed, watch) for size in (1, BATCH)}
    table = []
    for i, name in enumerate(in_turn(names, "holding them against the original", watch)):
        of_times = {"one_row": asdict(times[1][i]), "of_batch": asdict(times[BATCH][i])}
        found_out = asdict(judged(found, rows, said[ORIGINAL], said[name]))
        about = {"bytes": n_bytes(place_of(found.folder.path, name)), "largest": _largest(said[ORIGINAL], said[name])}
        table.append({"name": name, **about, **of_times, **found_out})
    return table


def _largest(said: Predictions, others: Predictions) -> float | None:
    """Return the largest difference of what two models say; None of tags, texts and answers, which differ or do not."""
    is_a_number = said.proba is not None or said.value.dtype != object
    return largest_difference(said, others) if is_a_number else None


def n_bytes(folder: Path) -> int:
    """Return how many bytes the files of a model hold, without what it has seen, which nothing needs to predict."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file() and file.name != SEEN)
