"""What stands on standard output when a comparison, or its plan, is done."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tenon.cli.findings import short_lines
from tenon.cli.terminal import put, put_data, stderr, stdout
from tenon.cli.wording import plan_lines, plan_table
from tenon.data.lines import EXTENSIONS as LINES
from tenon.data.tables import table_extension
from tenon.report.learning import no_twice_sentence, twice_sentence
from tenon.report.text import closing, lines, wrapped
from tenon.trials.folder import RunFolder
from tenon.variant import method_of


def show_plan(plan: Any, as_json: bool) -> None:
    """Print the plan, method by method."""
    if as_json:
        put_data(json.dumps({**asdict(plan), "n_trials": plan.n_trials}, indent=1, sort_keys=True, ensure_ascii=False))
        return
    console = stdout()
    found = short_lines(plan.findings, plan.check_line, stderr().width)
    put([*found, *([""] if found else [])], stderr())
    put([*plan_lines(plan, console.width), "", *plan_table(plan)], console)


def show_result(result: Any, as_json: bool, said: Sequence[str] = ()) -> None:
    """Print the leaderboard, what was chosen, where the report is, and what one may do next.

    said : notes that have been printed before. As JSON: the bytes of leaderboard.json, and nothing else on standard output.
    """
    if as_json:
        put_data((result.folder / "leaderboard.json").read_text(encoding="utf-8"))
        return
    console = stdout()
    put([*lines(result.board, console.width), "", *closing(result.board, console.width)], console)
    put([*wrapped(_more_rows(result), console.width), ""], console)
    put([f"report   {result.folder / 'report.html'}"], console)
    put([f"next     {predict_command(result)}"], console)
    headline = result.board["sentence"]  # which may say itself why there is no verdict
    for note in result.board["notes"]:
        if note not in said and note.removesuffix(": no verdict") not in headline:
            put(wrapped(f"! {note}", console.width, "  "), stderr())


def predict_command(result: Any, model: Path | None = None) -> str:
    """Return the line that predicts new rows with a run; model : folder of one that was made smaller."""
    method = method_of(result.board["chosen"])
    own = f" --methods {method}" if ":" in method else ""
    return f"tenon predict {model or result.folder} {_new_data(result.folder)}{own} -o predictions.csv"


def _new_data(run: Path) -> str:
    """Return what new rows may be called: a folder or a text file where the data of the run are one."""
    source = RunFolder(run).read("run.json").get("data", {}).get("source") or ""
    if table_extension(Path(source)) in LINES:
        return "new.txt"
    return "new/" if source and Path(source).is_dir() else "new.csv"


def _more_rows(result: Any) -> str:
    """Return what twice the labels would bring, or why that cannot be said, where --curve asked; else ""."""
    if not RunFolder(result.folder).read("run.json")["asked"].get("curve"):
        return ""
    twice = result.insights["twice"]
    return no_twice_sentence(twice["reason"]) if "reason" in twice else twice_sentence(twice, result.board)
