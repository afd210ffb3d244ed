"""`tenon methods` and `tenon sample`: tables that fit the terminal and hold everything there is."""

import pytest
from rich.cells import cell_len
from tests.cli.fakes import run

from tenon.catalogue import METHODS, card, find
from tenon.cli.listing import card_lines, first_sentence, predicts, table
from tenon.data.samples import SAMPLES


@pytest.mark.parametrize("width", [80, 120])
def test_methods_are_listed_in_the_order_of_the_catalogue(width):
    done = run("methods", width=width)
    assert done.exit_code == 0
    listed, _, of_every = done.stdout.partition("\n\n")
    names = [line.split()[0] for line in listed.splitlines() if line[:3].strip()]
    assert names == ["method", *(method.name for method in METHODS)]
    assert all(cell_len(line) <= width for line in done.stdout.splitlines())
    settings = "balance (weights, over, under), calibrate (sigmoid, isotonic) and augment (eda, eda-synonyms)"
    assert settings in " ".join(of_every.split())


def test_what_a_method_predicts_is_what_it_accepts():
    by_name = {method.name: predicts(method) for method in METHODS}
    assert by_name["logistic"] == ["classes"]
    assert by_name["ridge"] == ["numbers"]
    assert by_name["baseline"] == ["everything"]
    assert by_name["lenet"] == ["classes", "numbers"]
    assert by_name["perceptron"] == ["tags"]


def test_a_card_is_shown_whole():
    text = run("methods", "logistic").stdout
    assert text.startswith("# ")
    assert len(text.splitlines()) > 3


@pytest.mark.parametrize("width", [40, 79, 160])
def test_a_card_fits_the_terminal(width):
    text = card(find("ridge"))
    lines = card_lines(text, width)
    assert "\n".join(lines).split() == text.split()
    assert max(map(cell_len, lines)) <= width
    starts = [line for line in lines if line.startswith(("Source: ", "When to use: ", "Cost: ", "    y = b + w·x"))]
    assert len(starts) == 4  # each begins a line of its own


def test_a_card_is_filled_anew():
    text = "# name\nOne sentence that\ngoes on.\n\n    x =  1\n\nCost: none.\nMore."
    assert card_lines(text, 40) == ["# name", "One sentence that goes on.", "", "    x =  1", "", "Cost: none.", "More."]


def test_an_unknown_method_is_answered_with_the_nearest():
    done = run("methods", "logistik")
    assert done.exit_code == 2
    assert "no method 'logistik'; did you mean 'logistic'?" in done.stderr


def test_first_sentence():
    assert first_sentence("# Name\nOne sentence,\nbroken. Another.\n\nMore.") == "One sentence, broken."
    assert first_sentence("# Name\n\nUnder a blank line.\n") == "Under a blank line."
    assert first_sentence("# Name\n\nNo full stop") == "No full stop"
    assert first_sentence("") == ""


def test_a_table_breaks_only_its_last_column():
    lines = table([("a", "what"), ("名字", "one two three four five six seven")], 26)
    assert lines == ["  a     what", "  名字  one two three four", "        five six seven"]


def test_samples_are_listed_and_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert all(name in run("sample").stdout for name in SAMPLES)
    done = run("sample", "iris")
    assert done.exit_code == 0
    assert done.stderr == "written  iris.csv\nnext     tenon compare iris.csv --target species\n"
    assert len((tmp_path / "iris.csv").read_text(encoding="utf-8").splitlines()) == 151


def test_an_unknown_sample_is_answered_with_the_nearest():
    done = run("sample", "irish")
    assert done.exit_code == 2
    assert "did you mean 'iris'?" in done.stderr
