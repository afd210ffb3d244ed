"""Times, sizes, plans and progress in words."""

from dataclasses import replace

import pandas as pd
import pytest
from rich.cells import cell_len
from tests.cli.fakes import PLAN

import tenon
from tenon.cli.wording import broken, clock, described, duration, plan_lines, plan_table, progress_line, size
from tenon.inner import Inner
from tenon.trials.ask import Ask
from tenon.trials.beforehand import MODEL, NESTED, RUN, SPLIT, PlannedPreparation
from tenon.trials.plan import of_rest


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.4, "0:00"), (59.6, "1:00"), (341, "5:41"), (3599.7, "1:00:00"), (3723, "1:02:03")]
)
def test_clock(seconds, expected):
    assert clock(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.1, "5 s"), (23, "25 s"), (89, "90 s"), (372, "6 min"), (5400, "1.5 h"), (36000, "10.0 h")]
)
def test_expectations_are_round(seconds, expected):
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    ("n_bytes", "expected"), [(1e6, "10 MB"), (263e6, "260 MB"), (999_999_999, "1.0 GB"), (1_240_000_000, "1.2 GB")]
)
def test_sizes(n_bytes, expected):
    assert size(n_bytes) == expected


@pytest.mark.parametrize("width", [60, 80, 120])
def test_plan(width):
    lines = plan_lines(PLAN, width)
    assert all(cell_len(line) <= width for line in lines)
    text = " ".join(" ".join(lines).split())
    assert text.startswith("Plan 2 methods × 2 trials (5x4), 1,553 final rows put aside · about 6 min, 1.2 GB · differences from")
    assert text.endswith("linear, ridge: predicts numbers only")  # one reason, said once


def test_plan_without_final_rows_or_a_known_difference():
    text = " ".join(plan_lines(replace(PLAN, n_final=0, detectable=None, rows=PLAN.rows[:1]), 200))
    assert text == "Plan  1 method × 2 trials (5x4), no final rows (from 500 rows on) · about 6 min, 1.2 GB"


def test_plan_says_on_which_rows_differences_are_told_and_what_memory_leaves_out():
    one = replace(PLAN, n_scored=80, is_judged_on_one_split=True, has_networks=True)
    said = " ".join(plan_lines(one, 300))
    assert (
        "1.2 GB beside what networks hold · differences from about .008 AUC can be told apart on the 80 rows of the one" in said
    )
    assert "on the 80 rows of the one split that all run on" in said
    few = " ".join(plan_lines(replace(one, n_scored=58, detectable=None), 300))
    assert "no verdicts: they need 60 scored rows, and the one split has 58" in few
    assert "they need 60 scored rows, and there are 58" in " ".join(plan_lines(replace(PLAN, n_scored=58, detectable=None), 300))


def test_plan_of_a_run_that_is_taken_up_again():
    said = " ".join(plan_lines(replace(PLAN, n_standing=3, seconds=20.0), 300))
    assert "put aside · 3 of 4 trials stand already, for the rest about 20 s, 1.2 GB · differences" in said


def test_plan_of_methods_on_one_split():
    def said(*n_trials, n_nested=0):
        rows = tuple(replace(PLAN.rows[0], method=f"m{k}", n_trials=n) for k, n in enumerate(n_trials))
        return plan_lines(replace(PLAN, rows=rows, n_nested=n_nested), 200)[0].partition(", 1,553 final")[0]

    assert said(20, 20, 1, 20, 1) == "Plan  3 methods × 20 trials (5x4), m2 and m4 × 1 trial (1 split)"
    assert said(20, 1, n_nested=25) == "Plan  1 method × 20 trials (5x4), m1 × 1 trial (1 split), then up to 25 on nested folds"
    assert said(20, 20, n_nested=25) == "Plan  2 methods × 20 trials (5x4), then up to 25 for each of the 2 on nested folds"
    assert said(1, n_nested=25) == "Plan  m0 × 1 trial (1 split)"
    assert said(20, 1) == "Plan  1 method × 20 trials (5x4), m1 × 1 trial (1 split)"
    assert said(1) == "Plan  m0 × 1 trial (1 split)"
    assert said(0) == "Plan  0 methods"


def test_plan_tells_what_is_prepared_and_which_texts_are_left_out():
    prepares = (
        PlannedPreparation("word2vec", ("task",), "", ("word2vec-logistic", "lstm"), {SPLIT: 20, NESTED: 25, MODEL: 1}),
        PlannedPreparation("mlm", ("domain",), "models/bert", ("bert",), {RUN: 1}),
        PlannedPreparation("mlm", ("domain", "task"), "", ("bert",), {SPLIT: 1, MODEL: 1}),
    )
    lines = plan_lines(replace(PLAN, prepares=prepares, unlabelled="3 of 6 texts are left out.", few_texts="They are few."), 200)
    assert lines[-5:] == [
        "      3 of 6 texts are left out.",
        "      word2vec prepares vectors of words for word2vec-logistic, lstm: once for each split, each nested fold and the "
        "model, 46 times in all",
        "      mlm prepares the network in models/bert on texts of the domain for bert: once",
        "      mlm prepares a small BERT on texts of the domain, then of the task for bert: once for each split and the model, 2 "
        "times in all",
        "      They are few.",
    ]


def test_plan_table_has_every_method_that_runs():
    assert plan_table(PLAN)[0].endswith("2 trials  less than 5 s each")
    assert plan_table(PLAN)[1] == "  最近邻          2 trials  about 60 s each"
    assert len(plan_table(PLAN)) == 2  # why the others do not is said above it, by reason
    assert plan_table(replace(PLAN, rows=PLAN.rows[2:])) == []


def test_plan_tells_that_a_clock_is_short():
    short = plan_lines(replace(PLAN, seconds=300.0, wanted_seconds=2400.0), 300)
    assert short[-1].strip() == (
        "all of it would take about 40 min: where --budget ends before, the dearest methods have no score. Leave some out "
        "(--methods), or raise --budget."
    )
    assert plan_lines(replace(PLAN, wanted_seconds=0.0), 300) == plan_lines(PLAN, 300)
    prepared = of_rest(replace(PLAN, prepares=(), prepare_seconds=60.0), [], {}, n_prepared=1)
    assert prepared.seconds < PLAN.seconds
    assert not any("--budget" in line for line in plan_lines(prepared, 300)), "no clock runs"


@pytest.mark.parametrize("width", [40, 79, 200])
@pytest.mark.parametrize("done", [0, 90, 180])
def test_progress(width, done):
    line = progress_line(done, 180, 170, 160, width)
    assert cell_len(line) <= max(width, 40)
    assert line.count("━") == round(cell_len(line.split(str(done))[0].strip("\n")[2:-2]) * done / 180)
    assert f"{done}/180 trials · 2:50" in line
    assert ("about 2:40 left" in line) == (done < 180)


def test_progress_without_a_bar():
    assert progress_line(1, 4, 5, None, 0) == "  1/4 trials · 0:05"
    assert progress_line(0, 0, 0, None, 0) == "  0/0 trials · 0:00"


@pytest.mark.parametrize("width", [1, 20, 37, 60, 80])
@pytest.mark.parametrize("line", ["  size   number      0–11, " + "median 5.5 " * 9, "x" * 90, "  名字很长的一列" * 9, "  short"])
def test_a_line_of_a_column_fits_the_terminal(line, width):
    pieces = broken(line, width)
    assert all(cell_len(piece) <= max(20, width) for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(line.split())  # nothing but blanks goes
    assert pieces[0] == line[: len(pieces[0])]  # and none before the break


def test_a_line_is_broken_at_a_blank():
    line = "  diagnosis   target      2 classes: benign 63 %, malignant 37 %"
    assert broken(line, 50) == ["  diagnosis   target      2 classes: benign 63 %,", "      malignant 37 %"]


@pytest.mark.parametrize(
    ("ask", "scored_by"),
    [(Ask(), "AUC"), (Ask(metric="accuracy"), "accuracy"), (Ask(inner=Inner.parse(0, "fn=5,fp=1")), "mean cost"),
     (Ask(per="user"), "GAUC per user")],
)  # fmt: skip
def test_what_a_run_is_scored_by_is_told_before_it(ask, scored_by):
    frame = pd.DataFrame({"x": range(8), "user": ["a", "b"] * 4, "y": ["no", "yes"] * 4})
    said = " ".join(" ".join(described(tenon.read(frame, target="y"), ask, 200)).split())
    assert f"→ binary, scored by {scored_by} (--task, --metric)" in said
