"""`tenon explain`: the lines, the page and the errors, on a small run."""

import json
import shutil

import pytest
from tests.cli.fakes import run
from tests.explain.test_held_out import write_rows

import tenon
from tenon.cli.explain import worst_row
from tenon.report.page import write_report


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of 600 rows, of which a fifth is final."""
    where = tmp_path_factory.mktemp("cli")
    data = tenon.read(write_rows(where / "rows.csv", 600), "y")
    return tenon.compare(data, out=where / "run", methods="logistic", splits="2x1", jobs=1).folder


def test_lines_and_the_page(folder):
    done = run("explain", folder, width=80)
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("logistic goes by x most: with its cells dealt anew, AUC gets worse by .")
    assert "Found on 120 final rows, which the model did not see." in " ".join(lines)
    [bar] = [line for line in lines if line.startswith("  x ")]
    assert "├" in bar
    assert lines[-1] == f"next     tenon explain {folder} --row 1"
    assert (folder / "explain.html").read_text(encoding="utf-8").startswith("\n<!DOCTYPE html>".strip())


def test_the_page_is_in_the_language_of_the_report(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "run")
    for words, html in (([], "en"), (["--lang", "zh"], "zh-Hans"), ([], "en")):
        assert run("explain", copy, *words).exit_code == 0
        assert f'<html lang="{html}">' in (copy / "explain.html").read_text(encoding="utf-8")
    write_report(copy, "zh")
    for words, html in (([], "zh-Hans"), (["--lang", "en"], "en")):
        assert run("explain", copy, *words).exit_code == 0
        assert f'<html lang="{html}">' in (copy / "explain.html").read_text(encoding="utf-8")


def test_a_row_and_json(folder):
    done = run("explain", folder, "--row", "7", "--json")
    content = json.loads(done.stdout)
    assert content["row"]["row"] == 7
    assert content == json.loads((folder / "explain.json").read_text(encoding="utf-8"))
    said = run("explain", folder, "--row", "7", width=100).stdout
    assert "Row 7: logistic predicts " in said
    assert "━" in said
    assert said.splitlines()[-2:] == [
        f"page     {folder / 'explain.html'}",
        f"next     tenon predict {folder} new.csv -o predictions.csv",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--row", "601"], "rows.csv has no row 601; rows are counted from 1 to 600."),
        (["--row", "0"], "rows.csv has no row 0; rows are counted from 1 to 600."),
        (["--lang", "de"], "no language 'de'"),
        (["--data", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_errors_are_one_sentence(folder, words, said):
    done = run("explain", folder, *words)
    assert done.exit_code == 2
    assert done.stderr.startswith("tenon: ")
    assert said in done.stderr


def test_no_run(tmp_path):
    done = run("explain", tmp_path)
    assert done.exit_code == 2
    assert "is no finished run" in done.stderr


def test_no_cell_on_a_page_without_rows(folder):
    assert run("explain", folder, "--row", "7", "--no-rows").exit_code == 0
    page = (folder / "explain.html").read_text(encoding="utf-8")
    assert "蓝" not in page
    assert "red<" not in page
    assert run("explain", folder, "--row", "7").exit_code == 0
    assert "red" in (folder / "explain.html").read_text(encoding="utf-8")


def test_the_row_that_is_asked_about_next_is_the_worst():
    placed, sequences = {"rows": [{"row": 9}, {"row": 2}]}, {"rows": [{"row": 4}]}
    assert worst_row({"placed": placed, "sequences": None}) == 9
    assert worst_row({"placed": None, "sequences": sequences}) == 4
    assert worst_row({"placed": None, "sequences": None}) == worst_row({"placed": None, "sequences": {"rows": []}}) == 1
