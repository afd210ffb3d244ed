"""A finished run read again: its model, its splits, and its data from where they were, which must be the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenon.catalogue import load_model
from tenon.data.dataset import GIVEN, Dataset
from tenon.data.splits import Splits
from tenon.errors import DataError
from tenon.method import Method, Model
from tenon.trials.folder import RunFolder


@dataclass(frozen=True)
class FinishedRun:
    """A finished run and its data."""

    folder: RunFolder
    run: dict[str, Any]  # run.json
    chosen: str  # row of the board
    data: Dataset
    splits: Splits
    model: Model  # the chosen one, of all rows that were not put aside


def read_run(path: Path, given: Any, methods: Sequence[Method]) -> FinishedRun:
    """Return the run in a folder.

    given : the data, where they moved: a Dataset, or what `read` reads. methods : of one's own. Raises RunFolderError for no
    finished run, DataError where the data are not there any more or are others, ModelFileError where there is no model.
    """
    folder = RunFolder(path)
    board, run = folder.read("leaderboard.json"), folder.read("run.json")
    model = load_model(path / "model", methods)
    data = data_of(path, run, model, given)
    return FinishedRun(folder, run, board["chosen"], data, folder.splits(), model)


def data_of(path: Path, run: dict[str, Any], model: Model, given: Any) -> Dataset:
    """Return the data of a run, as its model was told of them. Arguments and errors as of `read_run`; run : run.json."""
    about = run.get("data", {})
    if isinstance(given, Dataset):
        data = given
    else:
        source = about.get("source") if given is None else given
        if source is None or (isinstance(source, str) and not source):
            raise DataError(f"{path} was made from a frame; hand it over again, as `data`.")
        data = _read_again(source, run, model) if given is not None else _read_where_they_were(path, source, run, model)
    if data.fingerprint() != run["asked"]["fingerprint"]:
        name = about.get("name") or "the data"
        raise DataError(f"{name} holds other rows, or is read otherwise, than when {path} was made; run the comparison again.")
    return data


def _read_where_they_were(path: Path, source: str, run: dict[str, Any], model: Model) -> Dataset:
    try:
        return _read_again(source, run, model)
    except DataError as error:
        of_final = " Final rows of a file of their own are looked for where they were." if run["data"].get("final_source") else ""
        raise DataError(
            f"the data of {path} cannot be read again: {error} --data DATA says where they are now (in Python, data=).{of_final}"
        ) from error


def _read_again(source: Any, run: dict[str, Any], model: Model) -> Dataset:
    """Read with what was said of columns then."""
    from tenon.data.read import read

    asked, columns = run["asked"], model.schema.columns
    roles = {role: column.name for role in ("group", "time", "weight") if (column := model.schema.with_role(role))}
    kinds = {column.name: column.kind for column in columns if column.reason == GIVEN and column.role == "feature"}
    kinds |= {column.name: "id" for column in columns if column.role == "id"}
    missing = sorted({cell for column in columns for cell in column.missing})
    about = run.get("data", {})
    target = model.schema.features()[0] if asked["task"] == "language" else asked["target"]  # lengths are no column of the file
    return read(
        source, target, kinds=kinds, task=asked["task"], missing=missing, final=about.get("final_source") or None,
        quoting=about.get("quoting", True), **roles,
    )  # fmt: skip
