"""`tenon check`: findings on standard output with what to type next, the data on standard error; before a comparison, a few."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.cli.fakes import PLAN, FakeCompare, run

from tenon import api
from tenon.checks import Finding, Findings, findings_of
from tenon.cli.findings import MOST_SHOWN, counts, finding_lines, short_lines
from tenon.data.read import read
from tenon.tasks import infer_task


@pytest.fixture
def rides(tmp_path):
    """Like bike_sharing: two columns whose sum is the target."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {"休闲": rng.poisson(30, 300), "registered": rng.poisson(150, 300), "temp": rng.normal(20, 5, 300).round(2)}
    )
    path = tmp_path / "租车.csv"
    rows.assign(cnt=rows["休闲"] + rows["registered"]).to_csv(path, index=False)
    return path


def finding(severity="warning", sentence="something is odd", advice="Do this."):
    return Finding("some", severity, sentence, advice)


def test_a_leak_is_shouted_but_stops_nothing(rides):
    done = run("check", rides, "--target", "cnt", width=200)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == (
        "! LEAK 休闲 + registered = cnt in every row: leave them out: --kind '休闲=ignore' --kind registered=ignore"
    )
    assert "1 leak" in lines
    assert lines[-1].startswith(f"next     tenon compare '{rides}' --target cnt --kind ")
    assert "租车.csv · 300 rows" in done.stderr
    assert "LEAK" not in done.stderr


def test_the_line_that_comes_next_leaves_the_leak_out(rides):
    said = run("check", rides, "--target", "cnt", width=200).stdout.splitlines()[-1]
    again = [word.strip("'") for word in said.removeprefix("next     tenon compare ").split(" ")]
    done = run("check", *again, width=200)
    assert done.exit_code == 0, done.stderr
    assert "LEAK" not in done.stdout
    assert "cnt  " in done.stderr


def test_json_is_what_the_library_finds(rides):
    done = run("check", rides, "--target", "cnt", "--json")
    data = read(rides, "cnt")
    assert json.loads(done.stdout) == json.loads(json.dumps(findings_of(data, infer_task(data.target)[0]).to_json()))


def test_without_a_target(rides):
    done = run("check", rides, width=200)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == f"next     tenon check '{rides}' --target COLUMN"


def test_options_reach_the_reader(tmp_path):
    for name in ("rows.csv", "final.csv"):
        lines = [f"{k},{k % 9},2024-01-{k % 28 + 1:02},{'?' if k == 3 else 'ab'[k % 2]}" for k in range(60)]
        (tmp_path / name).write_text("\n".join(["x,u,day,y", *lines]) + "\n", encoding="utf-8")
    words = [
        "--target",
        "y",
        "--group",
        "u",
        "--time",
        "day",
        "--missing",
        "?",
        "--kind",
        "x=number",
        "--final",
        tmp_path / "final.csv",
    ]
    done = run("check", tmp_path / "rows.csv", *words, width=200)
    assert done.exit_code == 0, done.stderr
    assert "118 rows" in done.stderr
    assert "of 59 final rows have the same features as others" in done.stdout
    assert run("check", tmp_path / "rows.csv", "--target", "y", "--task", "regression").exit_code == 2


def test_errors_are_one_sentence(tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n1,a\n2,a\n1,a\n", encoding="utf-8")
    done = run("check", tmp_path / "t.csv", "--target", "y")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].startswith("tenon: ")
    assert done.stdout == ""


def test_help_starts_with_an_example():
    said = run("check", "--help").stdout.splitlines()
    assert "tenon check reviews.csv --target label" in [line.strip() for line in said]


@pytest.mark.parametrize(("n_grave", "n_notes"), [(0, 0), (0, 2), (3, 0), (2, 1), (MOST_SHOWN, 1), (MOST_SHOWN + 3, 2)])
def test_a_comparison_shows_the_gravest_few(n_grave, n_notes):
    findings = Findings([finding(sentence=f"odd {k}") for k in range(n_grave)] + [finding("note")] * n_notes)
    lines = short_lines(findings, "tenon check x.csv", 80)
    assert [line for line in lines if line.startswith("! ")] == [f"! odd {k}" for k in range(min(n_grave, MOST_SHOWN))]
    rest = [word for n, word in ((max(0, n_grave - MOST_SHOWN), "warning"), (n_notes, "note")) for word in [f"{n} {word}"] if n]
    assert len(lines) == min(n_grave, MOST_SHOWN) + bool(rest)
    assert all(word in lines[-1] for word in rest)
    assert not rest or lines[-1].endswith(": tenon check x.csv")


def test_long_sentences_are_broken_and_counted():
    findings = Findings([finding("leak", "word " * 30), finding(), finding("note"), finding("note")])
    for width in (40, 80):
        assert all(
            len(line) <= width for line in [*finding_lines(findings, width), *short_lines(findings, "tenon check x", width)]
        )
    assert finding_lines(findings, 80)[-1] == counts(findings) == "1 leak, 1 warning, 2 notes"
    assert finding_lines(Findings(), 80) == ["nothing to report"]


def test_findings_stand_before_the_plan(rides, tmp_path, monkeypatch):
    found = Findings([finding("leak", "x gives y away")])
    plan = replace(PLAN, findings=found, check_line="tenon check x.csv")

    class Telling(FakeCompare):
        def __call__(self, dataset, ask, out, watch, **settings):
            watch.tell({"event": "plan", "plan": plan})
            return super().__call__(dataset, ask, out, watch, **settings)

    monkeypatch.setattr(api, "run", Telling(tmp_path / "run"))
    done = run("compare", rides, "--target", "cnt")
    assert done.stderr.index("cnt  ") < done.stderr.index("! LEAK x gives y away") < done.stderr.index("Plan")
    assert "LEAK" not in done.stdout
    monkeypatch.setattr(api, "plan", lambda data, ask, out: plan)
    only = run("compare", rides, "--target", "cnt", "--plan")
    assert "! LEAK x gives y away" in only.stderr
    assert json.loads(run("compare", rides, "--target", "cnt", "--plan", "--json").stdout)["findings"][0]["severity"] == "leak"
