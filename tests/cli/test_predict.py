"""`tenon predict`: rows come back as they were, with the prediction; whatever is wrong is said before anything is written."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console
from tests.cli.fakes import run, write_model, write_table
from tests.datasets import dataset

from tenon.catalogue import find
from tenon.checks.seen import keep_seen
from tenon.cli import bar, predicting
from tenon.data.chunks import Chunks
from tenon.data.read import read
from tenon.serve import predicted
from tenon.tasks import infer_task


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run folder with nothing but a model."""
    return write_model(write_table(tmp_path_factory.mktemp("run"))).parent


@pytest.fixture
def table(folder):
    return folder / "数据.csv"


def test_csv_on_standard_output(folder, table):
    done = run("predict", folder, table)
    assert done.exit_code == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == ["身高", "邮编", "label", "prediction", "p_否", "p_是"]
    with table.open(encoding="utf-8") as file:
        assert [{key: row[key] for key in ("身高", "邮编", "label")} for row in rows] == list(csv.DictReader(file))
    for row in rows:
        proba = {label: float(row[f"p_{label}"]) for label in "否是"}
        assert row["prediction"] == max(proba, key=proba.get)
        assert sum(proba.values()) == pytest.approx(1)  # float sums of a softmax


def test_new_rows_need_no_target_and_may_bring_more(folder, tmp_path):
    new = tmp_path / "new.csv"
    new.write_text("more,邮编,身高\nx,00,3\ny,09,\n", encoding="utf-8")
    lines = run("predict", folder, new).stdout.splitlines()
    assert lines[0].startswith("more,邮编,身高,prediction")
    assert lines[1].startswith("x,00,3,")
    assert len(lines) == 3


@pytest.mark.parametrize(("cells", "name"), [(["a good film", "a bad plot"], "logistic"), ([["a", "b"], ["c"]], "perceptron")])
def test_a_line_without_text_is_a_row(tmp_path, cells, name):
    """Of a text a line there is a prediction for each line, for texts and for sentences that are cut at blanks."""
    is_cut = name == "perceptron"
    targets = [["O", "B-X"], ["O"]] if is_cut else ["no", "yes"]
    kind = "tokens" if is_cut else "text"
    data = dataset({"t": cells * 10, "y": targets * 10}, {"t": kind, "y": "tokens" if is_cut else "category"})
    method, (task, _) = find(name), infer_task(data.target)
    method.fit(data, task, params=method.with_defaults({}), seed=0).save(tmp_path / "model")
    (tmp_path / "new.txt").write_text("a b\n\nc\n", encoding="utf-8")
    done = run("predict", tmp_path, tmp_path / "new.txt")
    assert done.exit_code == 0, done.stderr
    assert [row["t"] for row in csv.DictReader(io.StringIO(done.stdout))] == ["a b", "", "c"]


def test_file_and_message(folder, table, tmp_path):
    done = run("predict", folder, table, "-o", tmp_path / "deep" / "out.csv")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"written  {tmp_path / 'deep' / 'out.csv'}, 40 rows\n"
    assert (tmp_path / "deep" / "out.csv").read_text(encoding="utf-8") == run("predict", folder, table).stdout


def test_columns_called_like_predictions_keep_their_cells_under_another_name(folder, tmp_path):
    new = tmp_path / "new.csv"
    new.write_text("身高,邮编,prediction,p_是,p_是 (input)\n1,00,x,y,z\n", encoding="utf-8")
    done = run("predict", folder, new)
    assert done.exit_code == 0, done.stderr
    row = next(csv.DictReader(io.StringIO(done.stdout)))
    assert list(row)[2:] == ["prediction (input)", "p_是 (input) (input)", "p_是 (input)", "prediction", "p_否", "p_是"]
    assert list(row.values())[2:5] == ["x", "y", "z"]
    assert "has a column 'prediction' of its own; it is called 'prediction (input)' here." in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("身高\n1\n", "lacks 1 of the 2 columns the model was trained on: '邮编'"),
        ("身高,邮编\ntall,00\n", "'tall'"),
    ],
)
def test_bad_rows_are_refused_and_nothing_is_written(folder, tmp_path, content, said):
    new, out = tmp_path / "new.csv", tmp_path / "out.csv"
    new.write_text(content, encoding="utf-8")
    done = run("predict", folder, new, "-o", out)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not out.exists()


def test_places_that_cannot_be_used_are_refused(folder, table, tmp_path):
    done = run("predict", tmp_path, table)
    assert done.exit_code == 2
    assert "holds no model" in done.stderr
    done = run("predict", folder, table, "-o", tmp_path / "out.xlsx")
    assert done.exit_code == 2
    assert "-o takes a name that ends in .csv" in done.stderr
    (tmp_path / "file").write_text("")
    done = run("predict", folder, table, "-o", tmp_path / "file" / "out.csv")
    assert done.exit_code == 2
    assert "cannot write" in done.stderr


def test_the_file_of_the_new_rows_is_never_overwritten(folder, table, tmp_path):
    new = tmp_path / "new.csv"
    new.write_text(table.read_text(encoding="utf-8"), encoding="utf-8")
    done = run("predict", folder, new, "-o", tmp_path / "." / "new.csv")
    assert done.exit_code == 2
    assert "is the file of the new rows itself" in done.stderr
    assert new.read_text(encoding="utf-8") == table.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_one_sentence(folder, table, tmp_path):
    done = run("predict", folder, table, "-o", tmp_path / f"{'x' * 300}.csv")
    assert done.exit_code == 2
    assert "File name too long" in done.stderr


def chunks_of(n_rows, monkeypatch):
    monkeypatch.setattr(Chunks.even, "__defaults__", (n_rows, 1 << 25))


@pytest.mark.mission("B10")
def test_the_same_bytes_in_chunks(folder, table, monkeypatch):
    whole, records = run("predict", folder, table).stdout, run("predict", folder, table, "--json").stdout
    for n_rows in (1, 7, 39):
        chunks_of(n_rows, monkeypatch)
        assert run("predict", folder, table).stdout == whole
        assert run("predict", folder, table, "--json").stdout == records
    assert [row["prediction"] for row in json.loads(records)] == [row["prediction"] for row in csv.DictReader(io.StringIO(whole))]


@pytest.mark.mission("B10")
def test_a_fault_in_the_last_chunk_leaves_nothing(folder, table, tmp_path, monkeypatch):
    chunks_of(7, monkeypatch)
    new = tmp_path / "new.csv"
    new.write_text(table.read_text(encoding="utf-8") + "tall,00,是\n", encoding="utf-8")
    done = run("predict", folder, new)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "new.csv, row 41, column '身高': 'tall' is not a number" in done.stderr
    assert run("predict", folder, new, "-o", tmp_path / "out.csv").exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]


def test_a_disk_that_is_full_in_the_middle_leaves_nothing(folder, table, tmp_path, monkeypatch):
    """Files of this process may grow to 600 bytes: the third chunk does not fit."""
    import resource
    import signal

    chunks_of(7, monkeypatch)
    (tmp_path / "out.csv").write_text("as it was")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, limits[1]))
    try:
        done = run("predict", folder, table, "-o", tmp_path / "out.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert done.exit_code == 2
    assert done.stderr == f"tenon: cannot write {tmp_path / 'out.csv'}: File too large.\n"
    assert [path.read_text() for path in tmp_path.iterdir()] == ["as it was"]


@pytest.mark.parametrize("out", [True, False])
def test_a_stop_in_the_middle_leaves_nothing(folder, table, tmp_path, monkeypatch, out):
    def stopped(model, rows, which, said=predicted.said):
        if rows.row_ids[0] >= 14:
            raise KeyboardInterrupt
        return said(model, rows, which)

    chunks_of(7, monkeypatch)
    monkeypatch.setattr(predicted, "said", stopped)
    done = run("predict", folder, table, *(["-o", tmp_path / "out.csv"] if out else []))
    assert (done.exit_code, done.stderr) == (130, "stopped\n")
    assert len(done.stdout.splitlines()) == (0 if out else 15)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def seen(folder, table, tmp_path):
    """A run folder whose model knows what it has seen."""
    shutil.copytree(folder, tmp_path / "run")
    keep_seen(read(table, "label"), tmp_path / "run" / "model")
    return tmp_path / "run"


def test_rows_unlike_those_learnt_from_are_told(folder, seen, table, tmp_path):
    assert run("predict", seen, table).stderr == ""
    new = tmp_path / "new.csv"
    new.write_text("身高,邮编\n" + "".join(f"{90 + i},0{i % 3}\n" for i in range(30)), encoding="utf-8")
    done = run("predict", seen, new)
    assert done.stderr.startswith("! new rows differ from those learnt from: '身高' median 5 → 104.5 (gap 1.00). Look whether")
    assert done.stdout == run("predict", folder, new).stdout
    assert run("predict", folder, new).stderr == ""  # a model of an earlier Tenon


def test_a_bar_at_a_terminal(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(bar, "stderr", lambda: Console(file=out, force_terminal=True, width=100, color_system=None))
    with predicting.Predicting(Path("runs/reviews")) as screen:
        screen.watch.tell({"event": "loaded", "method": "logistic"})
        screen.watch.tell({"event": "looking", "n_rows": 20})
        screen._bar._progress.refresh()
        screen.watch.progress(10, 20)
    said = ("loading the model of runs/reviews", "reading the rows for logistic, 20 so far", "10 of 20 rows (50 %)")
    places = [out.getvalue().find(one) for one in said]
    assert places == sorted(places)
    assert -1 not in places
