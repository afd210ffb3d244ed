"""What a finished run's folder holds for its report."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenon.insight.gather import FORMAT
from tenon.report.language import Language
from tenon.trials.folder import RunFolder
from tenon.trials.still_learning import history_of


@dataclass(frozen=True)
class Kept:
    """The JSON files of a run folder, and what is wished of the page.

    Files that are not there are empty. Rows are not read where there are to be no cells.
    """

    board: dict[str, Any]
    run: dict[str, Any]
    schema: dict[str, Any]
    task: dict[str, Any]  # of model.json
    scores: dict[str, Any]
    verdicts: list[dict[str, Any]]
    curves: dict[str, Any]
    timings: dict[str, Any]
    histories: dict[str, Any]  # of each network on the board, the curves of its first trial
    insights: dict[str, Any]
    rows: dict[str, Any]
    checks: list[dict[str, Any]]
    has_cells: bool
    language: Language

    def section(self, name: str) -> dict[str, Any] | None:
        """Return a section of insights.json; None where it is left out."""
        found = self.insights.get(name)
        return None if not found or "reason" in found else found


def read_kept(path: Path, has_cells: bool, to: Language) -> Kept:
    """Read the files. Raises RunFolderError where run.json or leaderboard.json is missing, or any is damaged.

    Insights of another version's format are as if they were not there: `compare` makes them again before it asks for a report.
    """
    folder = RunFolder(path)

    def read_if_there(name: str, default: Any) -> Any:
        return folder.read(name) if (path / name).exists() else default

    def insights(name: str) -> dict[str, Any]:
        content: dict[str, Any] = read_if_there(name, {})
        return content if content.get("format") == FORMAT else {}

    board, model = folder.read("leaderboard.json"), read_if_there("model/model.json", {})
    return Kept(
        board=board,
        run=folder.read("run.json"),
        schema=model.get("schema", {}),
        task=model.get("task", {}),
        scores=read_if_there("scores.json", {}),
        verdicts=read_if_there("verdicts.json", []),
        curves=read_if_there("curve.json", {}),
        timings=read_if_there("timings.json", {}),
        histories={row["method"]: history for row in board["rows"] if (history := history_of(folder, row["method"]))},
        insights=insights("insights.json"),
        rows=insights("rows.json") if has_cells else {},
        checks=read_if_there("checks.json", []),
        has_cells=has_cells,
        language=to,
    )
