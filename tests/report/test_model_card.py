"""The card of a run's model: its figures are those of the run, its sentences are in Chinese, its cells can be left out."""

import hashlib
import json
import re

import pytest
from tests.cli.fakes import run

import tenon
from tenon.report.model_card import card_text

ROWS = [(k % 7 + (k % 2) * 3 + k % 3, ("red", "b|ue")[k % 3 > 0], ("no", "yes")[k % 2]) for k in range(90)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished run, on columns whose names mean something in Markdown."""
    place = tmp_path_factory.mktemp("card")
    lines = ["*size*,col|our,label", *(",".join(map(str, row)) for row in ROWS)]
    (place / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    methods = "baseline,logistic,naive-bayes"
    tenon.compare(place / "t.csv", "label", methods=methods, budget="quick", splits="3x2", jobs=1, out=place / "run")
    return place / "run"


def test_its_figures_are_those_of_the_run(folder):
    card, board = card_text(folder), json.loads((folder / "leaderboard.json").read_text(encoding="utf-8"))
    chosen = board["chosen"]
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))["metrics"]
    table = dict(re.findall(r"^\| (.+?) \| (\S+) ±\S+ \|$", card, flags=re.M))
    assert len(table) == len(scores)
    for name, score in table.items():
        metric = {"AUC": "auc", "accuracy": "accuracy", "macro-F1": "macro_f1", "log loss, lower is better": "log_loss"}[name]
        assert float(score) == pytest.approx(scores[metric][chosen]["score"], abs=0.006)
    assert list(table)[0] == "AUC"
    for file in ("model.json", "estimator.skops"):
        assert f"{hashlib.sha256((folder / 'model' / file).read_bytes()).hexdigest()}  {file}" in card
    assert card.startswith(f"# {chosen} predicts label\n")
    assert "- labels: no, yes\n" in card
    assert "--methods baseline,logistic,naive-bayes" in card


def test_names_of_columns_mean_nothing_in_markdown(folder):
    assert r"- reads: \*size\* (number); col\|our (category)" in card_text(folder)


def test_in_chinese_only_names_are_left(folder):
    card = re.sub(r"```.*?```|（.*?）", "", card_text(folder, "zh"), flags=re.S)
    names = {"logistic", "naive", "bayes", "baseline", "label", "no", "yes", "size", "our", "col", "csv", "AUC"}
    versions = {"numpy", "pandas", "python", "scikit", "learn", "scipy", "tenon"}
    found = set(re.findall(r"[A-Za-z]{2,}", card))
    assert {word for word in found if not re.fullmatch("[0-9a-f]+", word)} <= names | versions


def test_without_cells_it_has_none(folder):
    assert "b|ue" not in card_text(folder, no_rows=True).replace("\\", "")


def test_the_command_writes_it_beside_the_run_or_where_it_is_told(folder, tmp_path):
    done = run("card", folder)
    assert (done.exit_code, (folder / "card.md").read_text(encoding="utf-8")) == (0, card_text(folder))
    assert run("card", folder, "-o", tmp_path / "mine.md", "--lang", "zh").exit_code == 0
    assert (tmp_path / "mine.md").read_text(encoding="utf-8") == card_text(folder, "zh")
    for path, said in ((tmp_path / "card.html", "-o takes a name that ends in .md"), (tmp_path, "ends in .md")):
        done = run("card", folder, "-o", path)
        assert (done.exit_code, said in done.stderr) == (2, True)
    done = run("card", tmp_path)
    assert (done.exit_code, "is no finished run" in done.stderr) == (2, True)
