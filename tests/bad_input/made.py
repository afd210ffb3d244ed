"""Models and runs that the cases start from, each made once and copied into the folder of a case."""

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.cli.fakes import write_model

import tenon
from tenon.catalogue import find
from tenon.tasks import infer_task

HEADER = "mean size,when,zip"
OWN = """
from sklearn.dummy import DummyClassifier

class Constant(DummyClassifier):
    pass

class Fails(DummyClassifier):
    def predict_proba(self, X):
        raise ZeroDivisionError("not on Mondays")

class Doubles(DummyClassifier):
    def predict_proba(self, X):
        return 2 * super().predict_proba(X)
"""


def table(folder: Path, name: str = "people.csv") -> Path:
    """Write 40 rows: a number, a date, a zip code and a label of two classes."""
    rows = (f"{k % 7 + (k % 2) * 5},2024-01-{k % 28 + 1:02d},0{k % 3},{'yes' if k % 2 else 'no'}" for k in range(40))
    (folder / name).write_text(f"{HEADER},label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return folder / name


@cache
def _fitted() -> Path:
    return write_model(table(Path(mkdtemp())))


def model(folder: Path) -> None:
    """Leave `run/model`, which naive Bayes fitted to `table`."""
    shutil.copytree(_fitted(), folder / "run" / "model")


def own_model(folder: Path, name: str) -> None:
    """Leave `run/model`, made by the class of this name in own.py, which is left here too."""
    (folder / "own.py").write_text(OWN, encoding="utf-8")
    data = tenon.read(table(folder), "label")
    task, _ = infer_task(data.target)
    method = find(f"own:{name}")
    method.fit(data, task, params=method.with_defaults({}), seed=0).save(folder / "run" / "model")


@cache
def _finished() -> Path:
    folder = Path(mkdtemp())
    tenon.compare(table(folder), "label", out=folder / "run", methods="baseline", splits="2x1", jobs=1)
    return folder / "run"


LINE = [
    "compare",
    "people.csv",
    "--target",
    "label",
    "--methods",
    "baseline",
    "--splits",
    "2x1",
    "--jobs",
    "1",
    "--out",
    "runs/people",
]


def run(folder: Path) -> Path:
    """Leave people.csv and in runs/people the finished run that LINE makes of it; return its folder."""
    table(folder)
    return shutil.copytree(_finished(), folder / "runs" / "people")
