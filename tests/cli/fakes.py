"""A comparison that takes no time: the events of a real one, and a finished folder."""

from pathlib import Path

import typer.testing
from tests.report.boards import binary_board
from tests.report.folders import write_run

from tenon.api import Result
from tenon.catalogue import find
from tenon.cli.app import app
from tenon.data.read import read
from tenon.tasks import infer_task
from tenon.trials.plan import Plan, PlanRow

PLAN = Plan(
    protocol="5x4",
    rows=(
        PlanRow("logistic-tfidf", "ok", "", 2),
        PlanRow("最近邻", "ok", "", 2),
        PlanRow("linear", "declined", "predicts numbers only", 0),
        PlanRow("ridge", "declined", "predicts numbers only", 0),
    ),
    n_final=1553,
    n_scored=6212,
    seconds=372.0,
    n_bytes=1_240_000_000,
    detectable=0.0081,
    metric="AUC",
    wanted_seconds=372.0,
    trial_seconds={"logistic-tfidf": 0.4, "最近邻": 61.0},
)


def run(*words: str, width: int = 100) -> typer.testing.Result:
    """Run the command line in this process, as a terminal of so many cells would."""
    return typer.testing.CliRunner(env={"COLUMNS": str(width), "NO_COLOR": "1"}).invoke(app, [str(word) for word in words])


def write_table(folder: Path) -> Path:
    """Write a table of 40 rows, a number and a category, with Chinese names and a leading zero."""
    lines = ["身高,邮编,label", *(f"{k % 7 + (k % 2) * 5},0{k % 3},{'是' if k % 2 else '否'}" for k in range(40))]
    path = folder / "数据.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_model(table: Path, name: str = "naive-bayes", target: str | None = "label") -> Path:
    """Fit a method to a data file, with its defaults; write it beside the file and return its folder."""
    data, method = read(table, target), find(name)
    task, _ = infer_task(data.target)
    method.fit(data, task, params=method.with_defaults({}), seed=0).save(table.parent / "model")
    return table.parent / "model"


class FakeCompare:
    """Stands in for api.run: remembers what it was asked, tells a plan, two trials a method, and a note."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.asked: dict = {}

    def __call__(self, dataset, ask, out, watch, *, lang, no_rows) -> Result:
        self.asked = {"data": dataset, "out": out, "lang": lang, "no_rows": no_rows, **vars(ask)}
        tell = watch.tell
        tell({"event": "plan", "plan": PLAN})
        done = 0
        for method, score in (("logistic-tfidf", 0.95), ("最近邻", 0.9)):
            for fold in range(2):
                done += 1
                tell({"event": "trial", "method": method, "repeat": 0, "fold": fold, "status": "ok", "reason": ""})
                tell({"event": "progress", "done": done, "total": 4, "seconds_left": 61.0})
                tell({"event": "board", "rows": [{"method": method, "score": score, "low": score - 0.01, "high": score + 0.01}]})
        tell({"event": "note", "text": "memory was short: fewer trials ran at once"})
        return Result(write_run(self.folder, binary_board()))
