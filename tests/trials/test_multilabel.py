"""From a file to predictions, a report and an explanation, where each row has a set of labels: seeded rows and real sentences."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, f1_score
from tests.cli.fakes import run as tenon_line

import tenon
from tenon.errors import DataError, SettingsError
from tenon.metrics.entities import entities

WORDS = {"sport": "ball goal", "art": "paint brush", "法律": "court judge"}


@pytest.fixture(scope="module")
def rows():
    """Numbers and a text that the labels of a row hang on; some rows have none."""
    rng = np.random.default_rng(0)
    n = 150
    numbers = rng.normal(size=(n, 3))
    labels = [[label for label, one in zip(WORDS, row, strict=True) if one > 0.5] for row in numbers]
    noise = [rng.choice("the a of to and in".split(), 6).tolist() for _ in range(n)]
    texts = [
        " ".join(rng.permutation([*" ".join(WORDS[one] for one in of).split(), *more]))
        for of, more in zip(labels, noise, strict=True)
    ]
    return pd.DataFrame({"size": numbers[:, 0] + 0.4 * rng.normal(size=n), "text": texts, "tags": labels})


@pytest.fixture(scope="module")
def run(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("multilabel")
    rows.to_json(folder / "rows.jsonl", orient="records", lines=True, force_ascii=False)
    tenon.compare(str(folder / "rows.jsonl"), "tags", methods="baseline,logistic", splits="3x2", jobs=1, out=folder / "run")
    return folder


def test_the_board_is_by_micro_f1_of_all_folds_together(rows, run):
    board = json.loads((run / "run" / "leaderboard.json").read_text())
    assert (board["task"], board["metric"]) == ("multilabel", "micro_f1")
    for row in board["rows"]:
        of_repeats = []
        for repeat in range(2):
            paths = sorted((run / "run" / "trials" / row["method"]).glob(f"{repeat}-*/predictions.parquet"))
            said = pd.concat([pd.read_parquet(path) for path in paths]).sort_index()["prediction"]
            has, guess = (np.array([[one in cell for one in WORDS] for cell in cells]) for cells in (rows["tags"], said))
            of_repeats.append(f1_score(has, guess, average="micro"))
        assert row["score"] == pytest.approx(np.mean(of_repeats), rel=1e-12)
    metrics = json.loads((run / "run" / "scores.json").read_text())["metrics"]
    assert set(metrics) == {"micro_f1", "macro_f1_of_labels", "hamming_loss", "subset_accuracy"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_page_and_explanation_are_whole(run, lang):
    done = tenon_line("explain", run / "run", "--row", "2", "--lang", lang)
    assert done.exit_code == 0, done.stderr
    page = (run / "run" / "explain.html").read_text(encoding="utf-8")
    assert "micro-F1" in page if lang == "en" else "微平均 F1" in page
    content = json.loads((run / "run" / "explain.json").read_text())
    falls = {name: one["fall"] for one in content["importance"]["columns"] for name in one["columns"]}
    assert falls["text"] > max(0.05, falls["size"])
    assert content["row"]["of"] in WORDS
    words = {side["answer"]: [word for word, _ in side["words"][:2]] for side in content["words"]}
    assert {label: set(found) for label, found in words.items()} == {label: set(told.split()) for label, told in WORDS.items()}
    insights = json.loads((run / "run" / "insights.json").read_text())
    rows = json.loads((run / "run" / "rows.json").read_text())
    assert insights["calibration"]["code"] == "sets"
    assert {curve["label"] for curve in insights["pr"]["curves"]} == set(WORDS)
    assert rows["most_wrong"]["rows"]
    assert "code" not in rows["most_wrong"]


def test_predictions_are_lists_of_labels_that_are_read_again(rows, run):
    out = run / "new.csv"
    assert tenon_line("predict", run / "run", run / "rows.jsonl", "-o", out).exit_code == 0
    said = pd.read_csv(out)
    assert list(said) == ["size", "text", "tags", "prediction", *(f"p_{label}" for label in sorted(WORDS))]
    given = [json.loads(cell) for cell in said["prediction"]]
    least = tenon.load(run / "run").threshold
    likely = [[label for label in sorted(WORDS) if row[f"p_{label}"] >= least] for _, row in said.iterrows()]
    assert given == likely
    again = tenon.read(str(out), "tags", task="multilabel")
    assert [sorted(cell) for cell in again.target] == [sorted(cell) for cell in rows["tags"]]


LOADING = """
import sys, json, pandas as pd, tenon
said = tenon.load(sys.argv[1]).predict(pd.read_json(sys.argv[2], lines=True))
print(json.dumps(said.value.tolist()), json.dumps(said.proba.tolist()), sep="\\n")
"""


def test_the_model_says_the_same_in_a_new_process(run):
    done = subprocess.run(
        [sys.executable, "-c", LOADING, run / "run", run / "rows.jsonl"], capture_output=True, text=True, check=True
    )
    value, proba = map(json.loads, done.stdout.splitlines())
    said = tenon.load(run / "run").predict(pd.read_json(run / "rows.jsonl", lines=True))
    assert value == [list(one) for one in said.value]
    assert (np.array(proba) == said.proba).all()


def test_settings_are_tuned_by_micro_f1(rows, tmp_path):
    result = tenon.compare(rows, "tags", methods="logistic", tune=3, splits="2x1", jobs=1, out=tmp_path / "run")
    inside = json.loads((tmp_path / "run" / "trials" / "logistic" / "0-0" / "result.json").read_text())["inner"]
    assert len(inside["tries"]) == 3
    assert all(0 < one["score"] <= 1 for one in inside["tries"])
    assert result.leaderboard["score"].notna().all()


@pytest.mark.parametrize("name", ["calibrate", "balance"])
def test_what_is_for_classes_is_refused(rows, tmp_path, name):
    value = {"calibrate": "sigmoid", "balance": "weights"}[name]
    with pytest.raises(SettingsError, match=rf"{name}={value} is for tasks with classes, .* this one is multilabel"):
        tenon.compare(rows, "tags", methods="logistic", settings={"logistic": {name: value}}, out=tmp_path / "run")


@pytest.mark.parametrize(("folder", "between"), [("wnut17", " "), ("weibo_ner", "")])
def test_types_of_entities_in_real_sentences(tenon_data, tmp_path, folder, between):
    """English and Chinese sentences, each with the types of the entities in it as labels: words rank them better than shares."""
    path = next(path for path in sorted((tenon_data / folder).rglob("*")) if "train" in path.name and path.is_file())
    data = tenon.read(str(path))
    tokens = data.frame[data.schema.features("tokens")[0]]
    texts = [between.join(one) for one in tokens][:1000]
    types = [sorted({kind for kind, _, _ in entities(tags)}) for tags in data.target][:1000]
    pd.DataFrame({"text": texts, "types": types}).to_json(tmp_path / "t.jsonl", orient="records", lines=True, force_ascii=False)
    asked = ("--target", "types", "--methods", "baseline,naive-bayes,logistic", "--splits", "3x1", "--jobs", 1)
    done = tenon_line("compare", tmp_path / "t.jsonl", *asked, "--out", tmp_path / "run")
    assert done.exit_code == 0, done.stderr
    board = json.loads((tmp_path / "run" / "leaderboard.json").read_text())
    assert board["task"] == "multilabel"
    labels = sorted({kind for of_row in types for kind in of_row})
    paths = (tmp_path / "run" / "trials" / "logistic").glob("*/predictions.parquet")
    said = pd.concat([pd.read_parquet(path) for path in paths])
    has = np.array([[label in types[row] for label in labels] for row in said.index])
    proba = said[[f"p_{label}" for label in labels]].to_numpy()
    by_shares = average_precision_score(has, np.tile(has.mean(axis=0), (len(has), 1)), average="micro")
    assert average_precision_score(has, proba, average="micro") > 1.1 * by_shares
    done = tenon_line("predict", tmp_path / "run", tmp_path / "t.jsonl", "-o", tmp_path / "new.csv")
    assert done.exit_code == 0, done.stderr


def test_predictions_from_elsewhere_stand_on_the_board_and_are_judged(rows, run, tmp_path):
    """What `tenon predict` wrote is read again; its micro-F1 is scikit-learn's. Two files are judged against the truth."""
    said = tenon.load(run / "run").predict(rows)
    frame = pd.DataFrame({"prediction": [json.dumps(list(one)) for one in said.value]})
    frame.to_csv(tmp_path / "old.csv", index=False)
    frame.assign(prediction="[]").to_csv(tmp_path / "none.csv", index=False)
    old = {"old": str(tmp_path / "old.csv")}
    result = tenon.compare(rows, "tags", methods="baseline", predictions=old, splits="3x1", jobs=1, out=tmp_path / "run")
    has, guess = (np.array([[one in cell for one in WORDS] for cell in cells]) for cells in (rows["tags"], said.value))
    assert result.leaderboard["score"]["old"] == pytest.approx(f1_score(has, guess, average="micro"))
    rows[["tags"]].to_json(tmp_path / "truth.jsonl", orient="records", lines=True, force_ascii=False)
    judged = tenon.verdict([tmp_path / "old.csv", tmp_path / "none.csv"], tmp_path / "truth.jsonl")
    assert judged.task.kind == "multilabel"
    assert judged.to_json()[0]["effect"] == pytest.approx(f1_score(has, guess, average="micro"))  # none finds nothing: 0


@pytest.mark.parametrize(
    ("cell", "said"),
    [("", r"'' is no list of labels; one of none is \[\]"), ('["x"]', r"holds a label that is none of 'art', 'sport', '法律'")],
)
def test_predictions_that_are_no_label_sets_are_refused(rows, tmp_path, cell, said):
    cells = ["[]"] * (len(rows) - 1) + [cell]
    with pytest.raises(DataError, match=said):
        tenon.compare(
            rows, "tags", methods="baseline", predictions={"old": pd.DataFrame({"prediction": cells})}, out=tmp_path / "run"
        )
