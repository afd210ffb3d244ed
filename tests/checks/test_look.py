"""All checks together: the same answer every time, sentences that fit a line, and what is said of real data."""

import json
import shlex

import numpy as np
import pandas as pd
import pytest
from tests.checks.subjects import subject
from tests.data.test_duplicates import reviews

import tenon
from tenon.checks import Finding, Findings, findings_of
from tenon.checks.command import command, next_line
from tenon.checks.finding import SEVERITIES
from tenon.checks.look import seen_of
from tenon.data.dataset import Column, Dataset, Schema
from tenon.errors import DataError
from tenon.report.asked import command_line


def everything(name="column", label="class"):
    """A data set with as many faults as possible, under names of any length."""
    rng = np.random.default_rng(0)
    n = 400
    y = np.array([f"{label} {k}" for k in rng.permutation(np.repeat([0, 1, 2], [300, 95, 5]))])
    texts = [f"{text}{' approved' if one == y[0] else ''}" for text, one in zip(np.resize(reviews(150, 2)[0], n), y, strict=True)]
    a, b = rng.normal(size=n), rng.normal(size=n)
    columns = {
        f"{name} a": np.where(y == y[0], 5.0, 0.0) + a,
        f"{name} b": np.where(np.arange(n) % 30 > 0, np.nan, b),
        f"{name} c": b + (np.arange(n) >= 300),
        f"{name} text": texts,
        f"{name}_id": (np.arange(n) % 90).astype(str),
        f"{name} key": [f"k{k}" for k in range(n)],
        f"{name} when": np.datetime64("2024-01-01") + np.arange(n),
        f"{name} y": y,
    }
    kinds = dict(zip(columns, ["number", "number", "number", "text", "category", "category", "date"], strict=False))
    return subject(columns, kinds, f"{name} y", final=100)


def test_every_sentence_fits_a_line_whatever_the_names():
    one = everything(name="名" * 60 + "x" * 60, label="a label that goes on and on and on and never ends")
    findings = findings_of(one.data, one.task)
    assert {finding.check for finding in findings} >= {"repeated", "drift", "rare", "id", "things", "order", "empty", "seen"}
    for finding in findings:
        without_options = finding.line
        for option in finding.options:
            without_options = without_options.replace(option, "")  # an option has to hold the whole name
        assert len(without_options) <= 150, finding.line
        assert finding.advice.endswith(".")


def test_nothing_is_said_of_copies_where_no_column_can_be_learnt_from():
    """Constant and empty columns are ignored, so rows have nothing in which they could be the same."""
    data = tenon.read(pd.DataFrame({"a": ["1"] * 4, "b": ["k"] * 4, "c": [""] * 4}))
    assert data.schema.features() == []
    assert tenon.check(data) == ()


def test_findings_are_data():
    one = everything()
    findings = findings_of(one.data, one.task)
    assert [
        Finding(**{**raw, **{k: tuple(raw[k]) for k in ("columns", "rows", "options")}}) for raw in findings.to_json()
    ] == list(findings)
    raw = json.loads(json.dumps(findings.to_json(), allow_nan=False))
    assert len(raw) == len(findings) > 7
    assert [SEVERITIES.index(finding.severity) for finding in findings] == sorted(SEVERITIES.index(f.severity) for f in findings)
    assert repr(findings).splitlines() == [finding.line for finding in findings]
    assert repr(Findings()) == "nothing to report"
    assert repr(findings.of("leak")).count("\n") + 1 == len(findings.of("leak"))


def test_the_same_data_the_same_findings_and_nothing_is_changed():
    one = everything()
    before, state = one.data.frame.copy(deep=True), np.random.get_state()[1].copy()  # noqa: NPY002 the global state must stay
    assert findings_of(one.data, one.task) == findings_of(one.data, one.task)
    pd.testing.assert_frame_equal(one.data.frame, before)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_without_a_target_only_what_needs_none():
    one = everything()
    findings = findings_of(one.data.without_target(), None)
    assert {finding.check for finding in findings} == {"repeated", "id", "things", "order", "empty", "drift", "seen"}


def test_large_data_are_sampled_and_it_is_said():
    n = 12_000
    frame = pd.DataFrame({"a": np.arange(n) % 7.0, "b": np.arange(n) % 11.0, "y": np.arange(n) % 7.0 + np.arange(n) % 11.0})
    data = Dataset(frame, Schema((Column("a", "number"), Column("b", "number"), Column("y", "number", "target")), n))
    assert seen_of(data) == "looked at every row; for leaks and drift, at 10,000 of 12,000, drawn at random"
    assert seen_of(data.rows(np.arange(100))) == "looked at every row"
    assert [finding.check for finding in tenon.check(data) if finding.severity == "leak"] == ["identity"]


def test_very_many_columns():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 5_000)), columns=[f"x{k}" for k in range(5_000)]).assign(y=rng.integers(0, 2, 60))
    described = tuple(Column(name, "number", "feature" if name != "y" else "target") for name in X)
    data = Dataset(X.astype({"y": "int64"}), Schema(described, 60))
    assert tenon.check(data) == ()
    assert seen_of(data) == "looked at every row; one by one, at the first 2,000 of 5,000 columns"


def test_lines_to_type_next(tmp_path):
    path = tmp_path / "my rows.csv"
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 99, 200), rng.integers(0, 99, 200)
    pd.DataFrame({"a": a, "b": b, "zip": a % 9, "u": np.arange(200) % 20, "y": a + b}).to_csv(path, index=False)
    data = tenon.read(path, "y", kinds={"zip": "category"}, group="u")
    line = next_line(data, tenon.check(data))
    assert shlex.split(line) == [
        *("tenon", "compare", str(path), "--kind", "zip=category", "--group", "u", "--target", "y"),
        *("--kind", "a=ignore", "--kind", "b=ignore"),
    ]
    assert command("check", data) == line.replace("compare", "check").split(" --kind a=")[0]
    assert next_line(tenon.read(path), ()).endswith("my rows.csv' --target COLUMN")


def test_lines_of_a_language_model_name_the_column_of_texts(tmp_path):
    """Not their lengths, which stand in no file; and read so, the rows are the same."""
    path = tmp_path / "said.csv"
    path.write_text("id,said\n" + "".join(f"{k},to be or {'not ' * (k % 3)}{k}\n" for k in range(30)), encoding="utf-8")
    data = tenon.read(path, "said", task="language")
    wanted = ["tenon", "compare", str(path), "--target", "said", "--task", "language"]
    assert shlex.split(next_line(data, ())) == wanted
    run = {"asked": {"task": "language", "target": "length", "settings": {}, "seed": 0}, "data": {"source": str(path)}}
    assert shlex.split(command_line(run | {"given": {"task": "language"}}, data.schema.to_json())) == wanted
    raw = run | {"given": {"task": "language"}, "data": {"source": str(path), "quoting": False}}
    assert shlex.split(command_line(raw, data.schema.to_json())) == [*wanted, "--no-quoting"]
    with pytest.raises(DataError, match="has no column 'length'. Columns: 'id', 'said'"):
        tenon.read(path, "length", task="language")


def test_errors_stop_with_one_sentence(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x,y,z\n" + "".join(f"{k % 7},same,\n" for k in range(30)))
    with pytest.raises(DataError, match="'y', the target, has the same value 'same' in every row"):
        tenon.check(path, "y")
    with pytest.raises(DataError, match="'z', the target, is empty in every row"):
        tenon.check(path, "z")


def said(folder, *names, target=None, **settings):
    data = tenon.read(folder.joinpath(*names), target, **settings)
    return {finding.check: finding for finding in tenon.check(data)}


def test_bike_sharing(tenon_data):
    found = said(tenon_data, "bike_sharing", "hour.csv.gz", target="cnt")
    assert found["identity"].line == (
        "! LEAK casual + registered = cnt in every row: leave them out: --kind casual=ignore --kind registered=ignore"
    )
    kinds = {"casual": "ignore", "registered": "ignore"}
    assert "identity" not in said(tenon_data, "bike_sharing", "hour.csv.gz", target="cnt", kinds=kinds)


def test_movietweetings(tenon_data):
    found = said(tenon_data, "movietweetings_100k", "ratings.csv.gz", target="rating")
    assert found["things"].sentence == (
        "'user_id' and 'movie_id' name things that come back (16,554 and 10,506 of them): scores are for known ones; "
        "for new ones --group user_id"
    )
    assert set(found) == {"things", "order"}


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("names", "target", "wanted"),
    [
        (("abalone", "data.csv"), "rings", set()),
        (("car_evaluation", "data.csv"), "class", set()),
        (("german_credit", "data.csv"), "risk", set()),
        (("mushroom", "data.csv.gz"), "class", {"alone"}),
        (("adult", "train.csv.gz"), "income", set()),
        (("trec", "train.csv.gz"), "label", {"alone", "repeated", "uneven"}),
        pytest.param(("adult",), "income", set(), marks=SLOW),
        pytest.param(("trec",), "label", {"alone", "repeated", "seen", "drift", "uneven"}, marks=SLOW),
        pytest.param(("sentence_polarity",), "label", set(), marks=SLOW),
        pytest.param(("chnsenticorp_hotel",), "label", set(), marks=SLOW),
        pytest.param(("fudan_long",), "label", {"repeated"}, marks=SLOW),
        pytest.param(("newsgroups20_long",), "label", {"repeated", "seen"}, marks=SLOW),
        pytest.param(("cifar10_mini",), None, set(), marks=SLOW),
    ],
)
def test_no_false_alarms(tenon_data, names, target, wanted):
    found = said(tenon_data, *names, target=target)
    assert {check for check, finding in found.items() if finding.severity != "note"} == wanted


def test_questions_are_known_by_the_names_of_their_columns():
    rows = pd.DataFrame({"id": list("abc"), "question": "Who?", "context": "Bob."})
    answers = [[{"text": "Bob", "start": 0}], [], []]
    assert command("check", tenon.read(rows.assign(answers=answers))) == "tenon check data"
    told = tenon.read(rows.assign(said="Bob"), target="said", task="answer")
    assert command("check", told) == "tenon check data --kind id=id --target said --task answer"
    again = tenon.read(rows.assign(said="Bob"), target="said", task="answer", kinds={"id": "id"})
    assert [(column.name, column.role) for column in again.schema.columns] == [
        (column.name, column.role) for column in told.schema.columns
    ]
