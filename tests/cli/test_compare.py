"""`tenon compare`: what was typed reaches the library; results and progress go each their own way."""

import json

import pytest
from tests.cli.fakes import PLAN, FakeCompare, run, write_table
from tests.report.boards import binary_board
from tests.report.folders import write_full_run, write_run

from tenon import api
from tenon.api import Result
from tenon.cli.result import show_result
from tenon.inner import Cost, Inner
from tenon.trials.folder import RunFolder


@pytest.fixture
def table(tmp_path):
    return write_table(tmp_path)


@pytest.fixture
def fake(tmp_path, monkeypatch):
    fake = FakeCompare(tmp_path / "runs" / "数据")
    monkeypatch.setattr(api, "run", fake)
    return fake


def test_results_on_standard_output_progress_on_standard_error(table, fake):
    done = run("compare", table, "--target", "label")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0].split()[0] == "AUC"
    assert "logistic-tfidf  .949 ±.004" in done.stdout
    assert "cannot be told apart. Chosen: logistic-tfidf" in done.stdout
    assert f"report   {fake.folder / 'report.html'}" in done.stdout
    assert f"next     tenon predict {fake.folder} new.csv" in done.stdout
    for said in ("数据.csv", "Plan", "2 methods × 2 trials", "memory was short", "212 rows have no target"):
        assert said in done.stderr
        assert said not in done.stdout.replace("runs/数据", "")


def test_new_rows_of_a_folder_are_a_folder(tmp_path, capsys):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos.csv").touch()
    run_folder = write_run(tmp_path / "run", binary_board())
    about = RunFolder(run_folder).read("run.json")
    for source, new in (("photos", "new/"), ("photos.csv", "new.csv"), ("gone", "new.csv"), ("said.txt.gz", "new.txt")):
        RunFolder(run_folder).write("run.json", about | {"data": {"source": str(tmp_path / source)}})
        show_result(Result(run_folder), as_json=False)
        assert f"predict {run_folder} {new} -o predictions.csv" in capsys.readouterr().out


def test_the_next_line_names_a_method_of_ones_own_without_its_settings(tmp_path, capsys):
    for chosen, said in (("own:Mine x=1", "new.csv --methods own:Mine -o"), ("transfer checkpoint=C:/a", "new.csv -o")):
        run_folder = write_run(tmp_path / chosen[:3], binary_board() | {"chosen": chosen})
        show_result(Result(run_folder), as_json=False)
        assert said in " ".join(capsys.readouterr().out.split())


def test_a_learning_curve_is_answered_where_it_was_asked_for(tmp_path, capsys):
    folder = RunFolder(write_full_run(tmp_path / "run", binary_board()))
    about = folder.read("run.json")
    show_result(Result(folder.path), as_json=False)
    assert "twice the labels" not in capsys.readouterr().out
    folder.write("run.json", about | {"asked": about["asked"] | {"curve": True}})
    show_result(Result(folder.path), as_json=False)
    assert "With twice the labels (9,938 train rows) logistic-tfidf may be expected" in " ".join(capsys.readouterr().out.split())
    folder.write("insights.json", {"twice": {"code": "no_rise", "reason": "more rows have not clearly made the method better"}})
    show_result(Result(folder.path), as_json=False)
    assert "What twice the labels would bring cannot be said: more rows have not" in " ".join(capsys.readouterr().out.split())


def test_a_note_is_not_said_twice(tmp_path, capsys):
    result = Result(write_run(tmp_path / "run", binary_board()))
    show_result(result, as_json=False, said=binary_board()["notes"])
    assert capsys.readouterr().err == ""
    why = "one repeat does not show how much methods that draw random numbers vary"
    board = binary_board() | {"notes": [f"{why}: no verdict"], "sentence": f"No verdict: {why}. a scores best; chosen: b."}
    show_result(Result(write_run(tmp_path / "none", board)), as_json=False)
    assert capsys.readouterr().err == ""


def test_json_is_the_leaderboard_and_nothing_else(table, fake):
    done = run("compare", table, "--target", "label", "--json")
    assert json.loads(done.stdout) == binary_board()
    assert done.stdout.rstrip("\n") == (fake.folder / "leaderboard.json").read_text(encoding="utf-8").rstrip("\n")
    assert "Plan" in done.stderr


def test_every_option_reaches_the_library(table, fake, tmp_path):
    words = "--target label --task binary --metric accuracy --methods logistic,knn --seed 7 --jobs 2 --budget quick --splits 5x2"
    more = ["--set", "knn.k=7", "--set", "knn.weights=uniform", "--set", "logistic.C=0.5", "--out", tmp_path / "run"]
    more += ["--also", "knn.k=9", "--also", "logistic.C=2,balance=weights"]
    kinds = ["--kind", "身高=category", "--missing", "0", "--missing", "n.v.t."]
    more += ["--tune", "20:grid", "--cost", "fn=5,fp=1,positive=是", "--curve", "--lang", "zh", "--no-rows"]
    assert run("compare", table, *words.split(), *more, *kinds).exit_code == 0
    asked = fake.asked
    wanted = {"task": "binary", "metric": "accuracy", "methods": "logistic,knn", "seed": 7, "jobs": 2, "budget": "quick"}
    assert {key: asked[key] for key in wanted} == wanted
    assert asked["splits"] == "5x2"
    assert asked["inner"] == Inner(tune=20, search="grid", cost=Cost(5, 1, "是"))
    assert asked["curve"] is True
    assert (asked["lang"], asked["no_rows"]) == ("zh", True)
    assert asked["settings"] == {"knn": {"k": 7, "weights": "uniform"}, "logistic": {"C": 0.5}}
    assert list(asked["also"]) == ["knn.k=9", "logistic.C=2,balance=weights"]
    assert asked["out"] == tmp_path / "run"
    column = asked["data"].schema["身高"]
    assert column.kind == "category"
    assert {"0", "n.v.t."} <= set(column.missing)
    assert asked["data"].schema.with_role("target").name == "label"


def test_roles_and_final_rows_reach_the_library(tmp_path, fake):
    table, final = tmp_path / "rows.csv", tmp_path / "final.csv"
    lines = [f"{k * 7 % 11},2024-01-{k % 28 + 1:02},{k % 5},{1 + k % 2},{'a' if k % 2 else 'b'}" for k in range(30)]
    for path in (table, final):
        path.write_text("\n".join(["x,day,user,w,label", *lines]) + "\n", encoding="utf-8")
    words = ["--target", "label", "--group", "user", "--time", "day", "--kind", "w=weight", "--final", final]
    done = run("compare", table, *words)
    assert done.exit_code == 0, done.stderr
    data = fake.asked["data"]
    assert {role: data.schema.with_role(role).name for role in ("group", "time", "weight")} == {
        "group": "user",
        "time": "day",
        "weight": "w",
    }
    assert len(data.final_ids) == 30


def test_plan_does_nothing(table, fake, monkeypatch):
    monkeypatch.setattr(api, "plan", lambda data, ask, out: PLAN)
    done = run("compare", table, "--target", "label", "--plan")
    assert done.exit_code == 0
    assert fake.asked == {}
    assert "2 methods × 2 trials (5x4), 1,553 final rows put aside" in done.stdout
    assert "differences from about .008 AUC can be told apart" in " ".join(done.stdout.split())
    assert done.stdout.count("linear") == 1  # of those that do not run, why, once
    raw = json.loads(run("compare", table, "--target", "label", "--plan", "--json").stdout)
    assert raw["n_trials"] == 4
    assert raw["rows"][2] == {
        "method": "linear",
        "status": "declined",
        "reason": "predicts numbers only",
        "n_trials": 0,
        "splits": "",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--kind", "zip"], "--kind takes NAME=KIND, such as zip=category; got 'zip'"),
        (["--set", "k=7"], "--set takes METHOD.param=value, such as knn.k=7; got 'k=7'"),
        (["--also", "k=7"], "--also takes METHOD.param=value, such as knn.k=7"),
        (["--also", "lenet.views=yes", "--methods", "knn"], "lenet is not among --methods; name it there, too"),
        (["--tune", "many"], "--tune takes a number of configurations, such as 20 or 20:optuna; got 'many'"),
        (["--cost", "fn=5"], "--cost"),
        (["--jobs", "0"], "--jobs takes 1 to 1024 worker processes, best one per core; got 0"),
        (["--budget", "soon"], "--budget takes quick, normal, thorough or a duration"),
    ],
)
def test_options_that_mean_nothing_are_refused(table, fake, words, said):
    done = run("compare", table, "--target", "label", *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert fake.asked == {}


def test_the_real_thing(tmp_path, monkeypatch):
    """From a file to predictions, through worker processes, with nothing faked."""
    monkeypatch.chdir(tmp_path)
    table = write_table(tmp_path)
    words = ["compare", table, "--target", "label", "--methods", "naive-bayes", "--splits", "2x2", "--jobs", "1", "-o", "run"]
    done = run(*words)
    assert done.exit_code == 0, done.stderr
    assert "naive-bayes" in done.stdout
    assert "<html" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    again = run(*words, "--json")
    assert json.loads(again.stdout) == json.loads((tmp_path / "run" / "leaderboard.json").read_text(encoding="utf-8"))

    predicted = run("predict", "run", table, "-o", "out.csv")
    assert predicted.exit_code == 0, predicted.stderr
    assert predicted.stdout == ""
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "身高,邮编,label,prediction,p_否,p_是"
    assert len(lines) == 41
    assert lines[2].startswith("6,01,是,")  # cells as they came in, the zero too
    assert "\n".join(lines) + "\n" == run("predict", "run", table).stdout
    records = json.loads(run("predict", "run", table, "--json").stdout)
    assert [record["prediction"] for record in records] == [line.split(",")[3] for line in lines[1:]]
