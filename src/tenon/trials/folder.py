"""The run folder: what was asked, what is done, and whether the same line may go on here.

run.json              what was asked, fingerprint of the data, versions, seed, threads and memory per trial
splits.parquet        rows of every split
trials/METHOD/R-F/    result.json, predictions.parquet, curves.jsonl, error.txt; a folder that stands is a finished trial
trials/METHOD/R-F/history.json    of a network, the curves of its training
shared/KEY/           what trials begin with, such as vectors of words, with a result.json
curves/trials/METHOD/R-F/         the same for TensorBoard, while they grow
unfinished/           of networks that train for long, what a killed trial goes on from
nested/METHOD/R-F-S/, curve/METHOD/R-F-SHARE/    the same on fold S, or a share, of the train rows of a trial
final/, model/        the chosen method fitted again: what it says of the final rows, and its model
checks.json           what the checks found in the data
leaderboard.json/.csv, verdicts.json, scores.json, timings.json, curve.json, insights.json, rows.json, report.html
explain.json, explain.html    what `tenon explain` found
compress.json, compressed/NAME/    what `tenon compress` measured, and the smaller models
compressed/made.json  checksums of those that are whole
checksums.txt         of the files beside it, here and in every trial's folder and the model's: what was changed later is noticed
.lock                 while a run is at work here, who that is
"""

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.errors import OutputError, RunFolderError
from tenon.files import CHECKSUMS, changed, seal, write_text, writing
from tenon.trials.job import FINAL, Job, Outcome
from tenon.trials.lock import NAME as LOCK
from tenon.trials.lock import locked
from tenon.watch import SILENT, Watch

if TYPE_CHECKING:
    from tenon.data.splits import Splits

FORMAT = 1  # of run.json; raised when an old reader could misread a new folder
RUN, SPLITS = "run.json", "splits.parquet"
COMPRESSED = "compressed"  # folder of smaller models
WHOLE = "[!.]*"  # pattern of what is not being written
ADDED = ("explain.json", "compress.json")  # by other commands, to a finished run
NAMES = {
    "fingerprint": "the data",
    "seed": "--seed",
    "task": "--task or --target",
    "metric": "--metric",
    "methods": "--methods or --also:",
    "settings": "--set or --also:",
    "budget": "--budget",
    "protocol": "--splits",
    "one_split": "what runs on one split (--splits):",
    "per": "--per",
    "rope": "--rope",
    "predictions": "--predictions",
    "inner": "--tune or --cost:",
    "curve": "--curve",
    "unlabelled": "--unlabelled",
    "domain": "--domain",
}


class RunFolder:
    """One run's folder, made or taken up again. What is damaged in it and can be made again is told to the watch."""

    def __init__(self, path: Path, watch: Watch = SILENT):
        self.path, self._watch = path, watch

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder, so that no other process runs in it.

        Raises RunFolderError where one does, or where the folder holds other things than a run; OutputError where it
        cannot be written.
        """
        self._check_place()
        with locked(self.path):
            yield

    @contextmanager
    def locked_to_add(self) -> Iterator[None]:
        """Hold the folder of a finished run, in which something is about to be left.

        Raises RunFolderError where it is none, or another process is at work in it; OutputError where it cannot be written.
        """
        self.read("leaderboard.json")
        if not os.access(self.path, os.W_OK):
            raise OutputError(
                f"{self.path} cannot be written to, and what is found is kept there. Copy it to where you may write."
            )
        with locked(self.path, "Wait for its end."):
            self.sweep()
            yield

    def open(self, asked: dict[str, Any], about: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
        """Make the folder, or take up the run in it, and return its run.json.

        asked : what decides the results; a run that was asked something else is refused with the difference named.
        about : `data`, name and paths as the user gave them, and `given`, options; for the report, they decide nothing.
        Raises RunFolderError for another run, a damaged run.json, or a folder of other things.
        """
        self._check_place()
        if (self.path / RUN).exists():
            run = self._run()
            _same_or_refuse(self.path, run["asked"], asked)
            self.sweep()
            if about and not about.keys() <= run.keys():  # begun by an earlier Tenon
                run = about | run
                self.write(RUN, run)
            return run
        run = {"format": FORMAT, "asked": asked, "memory_limit_bytes": _memory_limit(), "threads_per_trial": 1}
        run["threads_per_dear_trial"] = os.cpu_count() or 1
        run |= about or {}
        self.write(RUN, run)
        return run

    def is_finished(self) -> bool:
        """Tell whether the run came to its end and all that it then left is whole; what is not is told.

        What other commands left is theirs to make again.
        """
        if not (self.path / "leaderboard.json").exists():
            return False
        damaged = [
            *(name for name in changed(self.path) if name not in ADDED),
            *(f"model/{name}" for name in changed(self.path / "model")),
        ]
        self._tell_damaged(damaged)
        return not damaged

    def write(self, name: str, content: Any) -> None:
        """Write JSON with sorted keys; floats read back equal. Raises OutputError where that cannot be done."""
        self._write_text(name, json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")

    def write_csv(self, name: str, rows: list[dict[str, Any]]) -> None:
        """Write rows with the same keys as CSV; floats read back equal. Raises OutputError where that cannot be done."""
        lines = io.StringIO()
        writer = csv.DictWriter(lines, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        self._write_text(name, lines.getvalue())

    def read(self, name: str) -> Any:
        """Read a JSON file of the folder. Raises RunFolderError where it is missing, or is not what was written."""
        path = self.path / name
        if self.path.exists() and not self.path.is_dir():
            raise RunFolderError(f"{self.path} is no folder; name that of a finished run.")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            if run := run_above(self.path):
                raise RunFolderError(
                    f"{self.path} holds a smaller model, which predicts and is served; for all else name its run, {run}."
                ) from error
            goes_on = " The line that began it goes on with it." if (self.path / RUN).exists() else ""
            raise RunFolderError(f"{self.path} is no finished run: it has no {name}.{goes_on}") from error
        except PermissionError as error:
            raise RunFolderError(
                f"{path} cannot be read: you have no right to. Have it given to you, or name another run."
            ) from error
        except (OSError, ValueError, RecursionError) as error:
            raise _damaged(path) from error
        if path.name in changed(path.parent, [path.name]):
            raise _damaged(path)
        return content

    def keep_splits(self, splits: "Splits") -> None:
        """Save the splits; in a run that is taken up, check that they are those that stand."""
        path = self.path / SPLITS
        if path.exists():
            standing = None if changed(self.path, [SPLITS]) else _splits_in(path, type(splits))
            if standing is not None and standing.same_as(splits):
                return
            if standing is not None:
                raise RunFolderError(f"{path} is not what this run would make. Name another folder with --out.")
            self._tell_damaged([SPLITS])
        splits.save(path)
        seal(self.path, [SPLITS])

    def splits(self) -> "Splits":
        """Return the splits of the run. Raises RunFolderError where they are missing, or are not what was written."""
        from tenon.data.splits import Splits

        path = self.path / SPLITS
        if not path.exists():
            raise RunFolderError(f"{self.path} has no {SPLITS}; run the same line again.")
        standing = None if changed(self.path, [SPLITS]) else _splits_in(path, Splits)
        if standing is None:
            raise _damaged(path)
        return standing

    def outcome(self, job: Job) -> Outcome | None:
        """Return how a job ended whose result stands whole in the folder, None while there is none.

        A result that is not whole, or of another job, is removed: it is made again.
        """
        if not (self.path / job.place).exists():
            return None
        outcome = self._whole_outcome(job)
        if outcome is None:
            self._tell_damaged([str(job.place)])
            with writing(self.path / job.place):
                shutil.rmtree(self.path / job.place)
        return outcome

    def _whole_outcome(self, job: Job) -> Outcome | None:
        place = self.path / job.place
        if not (place / CHECKSUMS).exists() or changed(place):
            return None
        try:
            result = json.loads((place / "result.json").read_text(encoding="utf-8"))
            seconds = result.get("fit_seconds", 0.0) + result.get("predict_seconds", 0.0)
            outcome = Outcome(job, result["status"], result["reason"], seconds)
            is_of_this_job = result["job"] == json.loads(json.dumps(asdict(job)))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        has_lost_model = job.repeat == FINAL and outcome.status == "ok" and not outcome.reason and not self._has_model()
        return outcome if is_of_this_job and not has_lost_model else None

    def _has_model(self) -> bool:
        return (self.path / "model" / "model.json").exists() and not changed(self.path / "model")

    def _run(self) -> dict[str, Any]:
        """Return run.json, whose form is checked: it decides whether anything else here may be used."""
        run = self.read(RUN)
        is_sound = isinstance(run, dict) and isinstance(run.get("asked"), dict)
        if not is_sound or type(run.get("format")) is not int or type(run.get("memory_limit_bytes")) is not int:
            raise _damaged(self.path / RUN)
        if run["format"] > FORMAT:
            raise RunFolderError(f"{self.path} is a run of a later Tenon (format {run['format']}, known {FORMAT}); update Tenon.")
        return run

    def _check_place(self) -> None:
        if str(self.path).encode("utf-8", "replace") != os.fsencode(self.path):  # pyarrow writes to no such place
            raise RunFolderError(f"the name {str(self.path)!r} is not in UTF-8; name another folder with --out.")
        if self.path.is_file():
            raise RunFolderError(f"{self.path} is a file; name a folder for the run with --out.")
        is_run = not self.path.exists() or (self.path / RUN).exists()
        if not is_run and any(path.name != LOCK for path in self.path.iterdir()):
            raise RunFolderError(f"{self.path} holds other things than a run; name another folder with --out.")

    def _write_text(self, name: str, text: str) -> None:
        write_text(self.path / name, text)
        seal(self.path, [name])

    def _tell_damaged(self, names: list[str]) -> None:
        for name in names:
            self._watch.note(f"{self.path / name} was damaged or changed; it is made again.")

    def sweep(self) -> None:
        """Remove what a killed run, or a trial that was ended, left half-written (its names start with a dot)."""
        with writing(self.path):
            for left in self.path.rglob(".*.????????"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def run_above(folder: Path) -> Path | None:
    """Return the folder of the run whose smaller model lies in this one, None where none does."""
    beside = folder.parent if folder.parent.name == COMPRESSED else folder.resolve().parent
    return beside.parent if beside.name == COMPRESSED and (beside.parent / RUN).exists() else None


def _splits_in(path: Path, kind: "type[Splits]") -> "Splits | None":
    """Return the splits that the file holds, None where it holds none."""
    try:
        return kind.load(path)
    except (OSError, ValueError, TypeError, LookupError, NotImplementedError):  # what a damaged file makes of Arrow, or of NumPy
        return None


def _damaged(path: Path) -> RunFolderError:
    what = "Remove the folder and run again" if path.name == RUN else "Remove it and run the same line again: what is done stays"
    return RunFolderError(f"{path} is damaged or was changed. {what}.")


def _memory_limit() -> int:
    """Bytes that one trial may hold: 60 % of this machine's memory."""
    import psutil

    return int(0.6 * psutil.virtual_memory().total)


def _same_or_refuse(path: Path, then: dict[str, Any], now: dict[str, Any]) -> None:
    differences = [_difference(key, then.get(key), now.get(key)) for key in sorted(then | now) if then.get(key) != now.get(key)]
    if differences:
        raise RunFolderError(f"{path} holds another run: {'; '.join(differences)}. Name another folder with --out.")


def _difference(key: str, then: Any, now: Any) -> str:
    if key == "fingerprint":
        return "the data have changed since"
    name = NAMES.get(key, key)
    if isinstance(then, dict) and isinstance(now, dict):
        part = next(part for part in sorted(then | now) if then.get(part) != now.get(part))
        name, then, now = f"{name} {part}", then.get(part), now.get(part)
    return f"{name} was {_short(then) or 'none'}, is {_short(now) or 'none'} now"


def _short(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ",".join(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
