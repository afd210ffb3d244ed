"""The run folder: what was asked, what is done, and whether the same line may go on here.

run.json              what was asked, fingerprint of the data, versions, seed, threads and memory per trial
splits.parquet        rows of every split
trials/METHOD/R-F/    result.json, predictions.parquet, curves.jsonl; a folder that stands is a finished trial
nested/METHOD/R-F-S/, curve/METHOD/R-F-SHARE/    the same on fold S, or a share, of the train rows of a trial
final/, model/        the chosen method fitted again: what it says of the final rows, and its model
leaderboard.json/.csv, verdicts.json, scores.json, timings.json, curve.json, report.html
"""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.errors import RunFolderError
from tenon.files import write_text
from tenon.trials.job import Job, Outcome

if TYPE_CHECKING:
    from tenon.data.splits import Splits

NAMES = {
    "fingerprint": "the data",
    "seed": "--seed",
    "task": "--task or --target",
    "metric": "--metric",
    "methods": "--methods",
    "settings": "--set",
    "budget": "--budget",
    "protocol": "--splits",
    "per": "--per",
    "rope": "--rope",
    "predictions": "--predictions",
    "inner": "--tune or --cost:",
    "curve": "--curve",
}


class RunFolder:
    """One run's folder, made or taken up again."""

    def __init__(self, path: Path):
        self.path = path

    def open(self, asked: dict[str, Any], about_data: dict[str, str] | None = None) -> dict[str, Any]:
        """Make the folder, or take up the run in it, and return its run.json.

        asked : what decides the results; a run that was asked something else is refused with the difference named.
        about_data : name and paths as the user gave them, for the report; they decide nothing.
        Raises RunFolderError for another run, a folder of other things, or one that cannot be written.
        """
        if (self.path / "run.json").exists():
            run = self.read("run.json")
            _same_or_refuse(self.path, run["asked"], asked)
            self._sweep()
            return run
        if self.path.is_file():
            raise RunFolderError(f"{self.path} is a file; name a folder for the run with --out.")
        if self.path.exists() and any(self.path.iterdir()):
            raise RunFolderError(f"{self.path} holds other things than a run; name another folder with --out.")
        run = {"format": 1, "asked": asked, "memory_limit_bytes": _memory_limit(), "threads_per_trial": 1}
        run["data"] = about_data or {}
        self.write("run.json", run)
        return run

    def write(self, name: str, content: Any) -> None:
        """Write JSON with sorted keys; floats read back equal."""
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
        try:
            write_text(self.path / name, text + "\n")
        except OSError as error:
            raise RunFolderError(f"cannot write {self.path / name}: {error.strerror}.") from error

    def write_csv(self, name: str, rows: list[dict[str, Any]]) -> None:
        """Write rows with the same keys as CSV; floats read back equal."""
        lines = io.StringIO()
        writer = csv.DictWriter(lines, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text(self.path / name, lines.getvalue())

    def read(self, name: str) -> Any:
        """Read a JSON file of the folder. Raises RunFolderError where it is missing or damaged."""
        path = self.path / name
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise RunFolderError(f"{self.path} is no finished run: it has no {name}.") from error
        except ValueError as error:
            raise RunFolderError(f"{path} is damaged; remove the folder and run again.") from error

    def keep_splits(self, splits: "Splits") -> None:
        """Save the splits; in a run that is taken up, check that they are those that stand."""
        path = self.path / "splits.parquet"
        if not path.exists():
            splits.save(path)
        elif not splits.same_as(type(splits).load(path)):
            raise RunFolderError(f"{path} is not what this run would make; name another folder with --out.")

    def outcome(self, job: Job) -> Outcome | None:
        """Return how a job ended whose result stands in the folder, None while it has none."""
        if not (self.path / job.place / "result.json").exists():
            return None
        result = self.read(str(job.place / "result.json"))
        seconds = result.get("fit_seconds", 0.0) + result.get("predict_seconds", 0.0)
        return Outcome(job, result["status"], result["reason"], seconds)

    def _sweep(self) -> None:
        """Remove what a killed run left half-written (its names start with a dot)."""
        for left in self.path.rglob(".*.????????"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()


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
    return f"{name} was {_short(then)}, is {_short(now)} now"


def _short(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ",".join(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
