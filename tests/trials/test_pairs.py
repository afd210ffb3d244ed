"""Pairs of texts from a file to predictions: which methods take them, what they are asked for, the pages in both languages."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.cli.fakes import run

import tenon
from tenon.catalogue import METHODS
from tenon.data.dataset import Column, Schema
from tenon.errors import DataError
from tenon.tasks import Task

RNG = np.random.default_rng(0)
COLOURS, THINGS = ["red", "blue", "green"], ["box", "ball", "lamp", "door"]


@pytest.fixture
def table(tmp_path):
    """The label is whether the claim names the colour of the thing in the text: no text alone tells."""
    colour, thing = RNG.choice(COLOURS, 160), RNG.choice(THINGS, 160)
    said = np.where(RNG.random(160) < 0.5, colour, RNG.choice(COLOURS, 160))
    texts = [f"there is a {c} {t} in room {i}" for i, (c, t) in enumerate(zip(colour, thing, strict=True))]
    claims = [f"the {t} is {s}" for t, s in zip(thing, said, strict=True)]
    labels = np.where(colour == said, "follows", "differs")
    pd.DataFrame({"premise": texts, "claim": claims, "label": labels}).to_csv(tmp_path / "pairs.csv", index=False)
    return tmp_path / "pairs.csv"


def test_methods_that_take_classes_of_texts_take_pairs():
    columns = (Column("a", "text"), Column("b", "text"), Column("y", "category", "target"))
    two, pair = Task("binary", "y", ("no", "yes")), Task("pair", "y", ("no", "yes"))
    taken = {m.name: [m.accepts(Schema(columns, 100), task) is None for task in (two, pair)] for m in METHODS}
    assert all(of_two == of_pair for of_two, of_pair in taken.values())
    assert all(taken[name][1] for name in ("logistic", "naive-bayes", "boosting", "lstm", "prototypes", "bert-frozen", "bert"))


def test_from_a_file_to_pages_and_predictions(table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ("--target", "label", "--task", "pair", "--kind", "claim=text")
    compare = ("compare", "pairs.csv", *asked, "--methods", "logistic,naive-bayes", "--splits", "3x1", "-o", "run", "--jobs", "1")
    done = run(*compare)
    assert done.exit_code == 0, done.stderr
    board = json.loads((tmp_path / "run/leaderboard.json").read_text(encoding="utf-8"))
    assert (board["task"], board["metric"]) == ("pair", "macro_f1")
    assert {row["status"] for row in board["rows"]} == {"ok"}
    assert "label (pair)" in (tmp_path / "run/report.html").read_text(encoding="utf-8")
    predicted = run("predict", "run", "pairs.csv", "-o", "out.csv")
    assert predicted.exit_code == 0, predicted.stderr
    assert {"premise", "claim", "prediction", "p_follows"} <= set(pd.read_csv("out.csv").columns)
    explained = run("explain", "run", "--row", "3")
    assert explained.exit_code == 0, explained.stderr
    again = run(*compare, "--lang", "zh")
    assert again.exit_code == 0, again.stderr
    assert "label（文本对分类）" in (tmp_path / "run/report.html").read_text(encoding="utf-8")


def test_a_pair_is_two_columns_of_texts(table, tmp_path):
    data = tenon.read(table, target="label", task="pair", kinds={"claim": "text"})
    assert tenon.check(data, task="pair") is not None
    columns = tuple(replace(column, kind="ignore") if column.name == "claim" else column for column in data.schema.columns)
    fewer = replace(data, schema=Schema(columns, len(data)))
    said = r"--task pair is about two columns of texts; there is 1, 'premise'\. --kind NAME=text makes a column one, =ignore"
    for ask in (lambda: tenon.check(fewer, task="pair"), lambda: tenon.compare(fewer, task="pair", out=tmp_path / "run")):
        with pytest.raises(DataError, match=said):
            ask()
