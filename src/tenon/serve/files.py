"""A file of rows as the body of a request: what is taken, and the predictions of all of its rows as a file again."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from tenon.data.dataset import Dataset, Schema
from tenon.data.new_rows import open_new
from tenon.data.tables import TEXTS
from tenon.serve.limits import TooManyRows
from tenon.serve.predicted import with_predictions
from tenon.serve.served import Served
from tenon.serve.written import as_csv, as_json_lines
from tenon.watch import Watch

if TYPE_CHECKING:
    from tenon.serve.written import Rows

CSV, JSON_LINES = "text/csv", "application/x-ndjson"
FORMS: "Mapping[str, Callable[[Iterable[Rows]], Iterator[str]]]" = {CSV: as_csv, JSON_LINES: as_json_lines}  # of answers


class NotTaken(HTTPException):
    """A body of a type that is not taken, or of which the model's rows cannot come."""

    def __init__(self, why: str):
        super().__init__(415, why)


def check_taken(name: str, schema: Schema) -> None:
    """Raise NotTaken for a file whose name has another ending than those that are read, and where the model reads images."""
    if Path(name).suffix.lower() not in TEXTS:
        raise NotTaken(f"{name}: a file of rows is wanted, as it is, not packed; its name ends in {', '.join(TEXTS)}")
    if images := schema.features("image"):  # whose cells would be paths on this machine
        raise NotTaken(f"the model reads images (column {images[0]!r}); POST /predict takes them, in Base64, and no file")


def form_of_answer(accept: str) -> str:
    """Return the media type of the answer for who accepts these: JSON lines where they are named, CSV by default."""
    return JSON_LINES if JSON_LINES in accept else CSV


def predicted_file(served: Served, name: str, body: bytes, most_rows: int, form: str, watch: Watch) -> list[str]:
    """Return the parts of the file that `tenon predict --out` would write, in one of FORMS; watch is told how far it is.

    The file that came lies on the disk meanwhile alone. Raises TooManyRows, DataError for what is wrong with the file, and
    ModelFileError where the model fails on its rows.
    """
    n_rows = 0

    def count(chunk: Dataset) -> None:
        nonlocal n_rows
        n_rows += len(chunk)
        if n_rows > most_rows:
            raise TooManyRows(name, most_rows)

    with TemporaryDirectory(prefix="tenon-") as folder:
        path = Path(folder) / name
        path.write_bytes(body)
        rows = open_new(path, served.model.schema, count)
        return list(FORMS[form](with_predictions(served.model, rows, f"the model of {served.name}", watch, name)))
