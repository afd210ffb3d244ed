"""New rows that do not go with the model, and models that cannot be used."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.bad_input.case import Case
from tests.bad_input.given import PIXEL
from tests.bad_input.made import HEADER, model, own_model, table

RUN = "the model of run, own:"


def new_rows(*lines: str, out: str = "") -> Callable[[Path], list[str]]:
    """Predict a file of these lines."""

    def make(folder: Path) -> list[str]:
        model(folder)
        (folder / "new.csv").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return ["predict", "run", "new.csv", *(["-o", out] if out else [])]

    return make


def by_own(name: str, *words: str) -> Callable[[Path], list[str]]:
    """Predict with a model of a class in own.py."""

    def make(folder: Path) -> list[str]:
        own_model(folder, name)
        return ["predict", "run", "people.csv", *words]

    return make


def images(folder: Path) -> list[str]:
    """Predict a folder of images with a model of a table."""
    model(folder)
    (folder / "pictures").mkdir()
    (folder / "pictures" / "1.png").write_bytes(PIXEL.getvalue())
    return ["predict", "run", "pictures"]


def empty_folder(folder: Path) -> list[str]:
    """Predict a folder that is called as a file."""
    model(folder)
    (folder / "new.csv").mkdir()
    return ["predict", "run", "new.csv"]


def texts(folder: Path) -> list[str]:
    """Predict a folder with nothing but texts a line."""
    model(folder)
    (folder / "letters").mkdir()
    (folder / "letters" / "may.txt").write_text("one\ntwo\n", encoding="utf-8")
    return ["predict", "run", "letters"]


def no_run(folder: Path) -> list[str]:
    table(folder)
    return ["predict", "run", "people.csv"]


def no_model(folder: Path) -> list[str]:
    (folder / "run").mkdir()
    return no_run(folder)


def unfinished(folder: Path) -> list[str]:
    (folder / "run").mkdir()
    (folder / "run" / "run.json").write_text("{}", encoding="utf-8")
    return no_run(folder)


def changed_model(name: str, change: Callable[[str], str]) -> Callable[[Path], list[str]]:
    """Predict with a model one of whose files was changed."""

    def make(folder: Path) -> list[str]:
        model(folder)
        path = folder / "run" / "model" / name
        path.write_text(change(path.read_text(encoding="latin-1")), encoding="latin-1")
        return no_run(folder)

    return make


def without(name: str) -> Callable[[Path], list[str]]:
    """Predict with a model that lacks one of its files."""

    def make(folder: Path) -> list[str]:
        model(folder)
        (folder / "run" / "model" / name).unlink()
        return no_run(folder)

    return make


def unsealed(name: str, change: Callable[[str], str]) -> Callable[[Path], list[str]]:
    """The same for somebody who took away the checksums, too."""

    def make(folder: Path) -> list[str]:
        words = changed_model(name, change)(folder)
        (folder / "run" / "model" / "checksums.txt").unlink()
        return words

    return make


def of_another_model(folder: Path) -> list[str]:
    """The parts of a model of own.py under the description of naive Bayes."""
    own_model(folder, "Constant")
    parts = (folder / "run" / "model" / "estimator.skops").read_bytes()
    shutil.rmtree(folder / "run")
    model(folder)
    (folder / "run" / "model" / "estimator.skops").write_bytes(parts)
    (folder / "run" / "model" / "checksums.txt").unlink()
    return no_run(folder)


AGAIN = r"Make the run again, or take the folder from a copy\."
ROWS = [
    Case(
        "missing-column",
        new_rows("mean_size,when,zip", "1,2024-01-01,00"),
        r"tenon: new\.csv lacks 1 of the 3 columns the model was trained on: 'mean size'\.\n"
        r"  Columns that look alike: 'mean_size'\. Rename them, or train without it: tenon compare … --kind 'mean size=ignore'",
    ),
    Case(
        "all-columns-missing",
        new_rows("a,b", "1,2"),
        r"tenon: new\.csv lacks 3 of the 3 columns the model was trained on: 'mean size', 'when', 'zip'\.",
    ),
    Case(
        "text-for-a-number",
        new_rows(HEADER, "1,2024-01-01,00", "tall,2024-01-01,00"),
        r"tenon: new\.csv, row 2, column 'mean size': 'tall' is not a number; correct the cell, or leave it empty where the "
        r"value is not known\.",
    ),
    Case(
        "text-for-a-date",
        new_rows(HEADER, "1,soon,00"),
        r"tenon: new\.csv, row 1, column 'when': 'soon' is not a date; correct the cell, or leave it empty where the value is "
        r"not known\.",
    ),
    Case(
        "infinite-number",
        new_rows(HEADER, "inf,2024-01-01,00"),
        r"tenon: new\.csv, row 1, column 'mean size': 'inf' is not a number; .*",
    ),
    Case(
        "huge-number",
        new_rows(HEADER, "1e200,2024-01-01,00"),
        r"tenon: new\.csv, row 1, column 'mean size' holds a number beyond 1e\+100, too large to calculate with; .*",
    ),
    Case("no-rows", new_rows(HEADER), r"tenon: new\.csv holds only the names of its columns; there are no rows\."),
    Case(
        "images-for-a-table",
        images,
        r"tenon: pictures holds images, but the model was trained on a table with the columns 'mean size', 'when', 'zip'\.",
    ),
    Case(
        "empty-folder",
        empty_folder,
        r"tenon: new\.csv is a folder with nothing to read: no table in it, and no images \(.*\) in it or below\.",
    ),
    Case("folder-of-texts", texts, r"tenon: letters is a folder of text files; name the one to predict\."),
]

PLACES = [
    Case(
        "over-the-new-rows",
        new_rows(HEADER, "1,2024-01-01,00", out="new.csv"),
        r"tenon: -o new\.csv is the file of the new rows itself; give the predictions a name of their own\.",
    ),
    Case(
        "over-a-file-of-the-run",
        new_rows(HEADER, "1,2024-01-01,00", out="run/model/model.json"),
        r"tenon: -o run/model/model\.json is a file of the run in that folder; give the predictions a name of their own\.",
    ),
    Case(
        "another-form",
        new_rows(HEADER, "1,2024-01-01,00", out="out.xlsx"),
        r"tenon: -o takes a name that ends in \.csv \(or \.json, with --json\); got 'out\.xlsx'\.",
    ),
    Case(
        "below-a-file",
        new_rows(HEADER, "1,2024-01-01,00", out="new.csv/out.csv"),
        r"tenon: cannot write new\.csv/out\.csv: a part of this path is a file, no folder\. Name another place with --out\.",
    ),
]

MODELS = [
    Case("no-folder", no_run, r"tenon: run is no folder; name that of a finished run\."),
    Case("no-model", no_model, r"tenon: run holds no model: it has no model\.json, nor a folder model with one\."),
    Case(
        "unfinished-run",
        unfinished,
        r"tenon: the run in run is not finished, so it has no model yet; the line that began it goes on with it\.",
    ),
    Case(
        "own-method-not-given",
        by_own("Constant"),
        r"tenon: run/model was made by the method 'own:Constant', which is not Tenon's own; pass it again: "
        r"load\(folder, methods=\[\.\.\.\]\), or --methods own:Constant\.",
    ),
    Case(
        "own-method-fails",
        by_own("Fails", "--methods", "own:Fails"),
        rf"tenon: {RUN}Fails, fails on these rows: ZeroDivisionError: not on Mondays \(own\.py, line 9\)\.",
    ),
    Case(
        "own-method-with-no-probabilities",
        by_own("Doubles", "--methods", "own:Doubles"),
        rf"tenon: {RUN}Doubles, cannot be used for these rows: its probabilities of a row do not add up to 1\.",
    ),
]

TAMPERED = [
    Case(
        "cut-description",
        changed_model("model.json", lambda text: text[:100]),
        rf"tenon: run/model/model\.json is damaged or missing: it cannot be read\. {AGAIN}",
    ),
    Case(
        "later-format",
        changed_model("model.json", lambda text: text.replace('"format": 1', '"format": 99')),
        r"tenon: run/model was written by a later Tenon \(format 99, known 1\); update Tenon\.",
    ),
    Case(
        "no-format",
        changed_model("model.json", lambda text: text.replace('"format": 1', '"format": "1"')),
        rf"tenon: run/model/model\.json is damaged or missing: it has no format number\. {AGAIN}",
    ),
    Case(
        "import-path-for-a-method",
        changed_model("model.json", lambda text: text.replace('"naive-bayes"', '"os:system"')),
        r"tenon: run/model was made by the method 'os:system', which is not Tenon's own; pass it again: .*",
    ),
    Case(
        "another-method",
        changed_model("model.json", lambda text: text.replace('"naive-bayes"', '"logistic"')),
        rf"tenon: run/model/model\.json is damaged or was changed, and a model is never loaded from such files\. {AGAIN}",
    ),
    Case(
        "unknown-kind-of-column",
        changed_model("model.json", lambda text: text.replace('"kind": "number"', '"kind": "numbers"')),
        rf"tenon: run/model/model\.json is damaged or missing: a column has no name of its own, or no kind or role that is "
        rf"known\. {AGAIN}",
    ),
    Case(
        "no-schema",
        changed_model("model.json", lambda text: text.replace('"schema"', '"scheme"')),
        rf"tenon: run/model/model\.json is damaged or missing: its schema or its task is none\. {AGAIN}",
    ),
    Case(
        "number-for-a-method",
        changed_model("model.json", lambda text: text.replace('"method": "naive-bayes"', '"method": 5')),
        rf"tenon: run/model/model\.json is damaged or missing: it names no method\. {AGAIN}",
    ),
    Case(
        "changed-label",
        changed_model("model.json", lambda text: text.replace('"yes"', '"no!"')),
        rf"tenon: run/model/model\.json is damaged or was changed, and a model is never loaded from such files\. {AGAIN}",
    ),
    Case(
        "changed-parts",
        changed_model("estimator.skops", lambda text: text[:200] + "?" + text[201:]),
        rf"tenon: run/model/estimator\.skops is damaged or was changed, and a model is never loaded from such files\. {AGAIN}",
    ),
    Case(
        "changed-checksums",
        changed_model("checksums.txt", lambda text: "!" + text[1:]),
        rf"tenon: run/model/.* is damaged or was changed, and a model is never loaded from such files\. {AGAIN}",
    ),
    Case(
        "no-parts",
        without("estimator.skops"),
        rf"tenon: run/model/estimator\.skops is missing\. {AGAIN}",
    ),
    Case(
        "cut-parts-without-checksums",
        unsealed("estimator.skops", lambda text: text[: len(text) // 2]),
        r"tenon: run/model/estimator\.skops is damaged \(BadZipFile: .*\); the run has to be made again\.",
    ),
    Case(
        "parts-of-another-model",
        of_another_model,
        r"tenon: run/model/estimator\.skops holds own\.Constant, which no model of this method holds; not loaded\.",
    ),
]

CASES = [*ROWS, *PLACES, *MODELS, *TAMPERED]
