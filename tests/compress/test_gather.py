"""A run is compressed: what lies there afterwards, what the table tells, and what is refused in one sentence."""

import json
import shutil
from functools import partial

import numpy as np
import pandas as pd
import pytest
from tests.cli.fakes import run
from tests.explain.test_held_out import write_rows

import tenon
from tenon.compress import gather, ways
from tenon.compress.gather import n_bytes
from tenon.compress.latency import latencies
from tenon.compress.standing import is_standing
from tenon.compress.ways import WAYS
from tenon.errors import DataError, RunFolderError, SettingsError
from tenon.report.compressed import beside, size
from tenon.watch import Watch


@pytest.fixture(scope="module", autouse=True)
def _quick():
    """Measure times for a moment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gather, "latencies", partial(latencies, seconds=0.1))
        yield


@pytest.fixture(scope="module")
def forest(tmp_path_factory):
    """A run of 600 rows, of which a fifth is final."""
    where = tmp_path_factory.mktemp("run")
    data = tenon.read(write_rows(where / "行.csv", 600), "y")
    return tenon.compare(data, out=where / "run", methods="forest", splits="2x1", jobs=1, budget="quick").folder


@pytest.fixture(scope="module")
def done(forest):
    return tenon.Result(forest).compress()


def test_what_lies_there_is_what_the_table_tells(forest, done):
    table = done.table
    assert table.index.tolist() == ["original", "fewer-trees", "distilled-boosting", "onnx"]
    assert table["largest"].iloc[0] == 0
    assert table.loc["onnx", "largest"] < 1e-5 < table.loc["distilled-boosting", "largest"]
    assert set(done.content["others"]) == {way.name for way in WAYS} - set(table.index)
    final = pd.read_parquet(forest / "final" / "predictions.parquet")
    rows = tenon.read(forest.parent / "行.csv", "y").rows(final.index.to_numpy())
    for name in table.index:
        model = tenon.load(done.place(name))
        said = model.predict(rows)
        auc = scores_by_hand(rows.target.to_numpy() == "是", said.proba[:, model.task.labels.index("是")])
        assert table.loc[name, "score"] == pytest.approx(auc)
        files = [file for file in done.place(name).iterdir() if file.name != "seen.json"]
        assert table.loc[name, "bytes"] == n_bytes(done.place(name)) == sum(file.stat().st_size for file in files)
        assert (done.place(name) / "seen.json").read_text() == (forest / "model" / "seen.json").read_text()
        assert 0 < table.loc[name, "one_row_p50"] <= table.loc[name, "one_row_p95"]
    np.testing.assert_array_equal(tenon.load(forest).predict(rows).proba, final[["p_否", "p_是"]].to_numpy())
    assert json.loads((forest / "compress.json").read_text(encoding="utf-8")) == done.content


def scores_by_hand(is_yes, proba):
    """AUC: the share of pairs of a yes and a no that are in the right order; half of the ties."""
    gaps = proba[is_yes][:, None] - proba[~is_yes][None, :]
    return (gaps > 0).mean() + (gaps == 0).mean() / 2


def test_the_best_is_the_smallest_of_those_that_are_the_same(done):
    models = {one["name"]: one for one in done.content["models"]}
    same = [name for name, one in models.items() if name != "original" and one["p_worse"] <= 0.05]
    assert done.best == (min(same, key=lambda name: models[name]["bytes"]) if same else None)


def test_lines_of_the_terminal(forest):
    (forest / "compressed" / "made.json").unlink(missing_ok=True)
    said = run("compress", forest, "--only", "fewer-trees", width=90)
    assert said.exit_code == 0, said.stderr
    before, after = (n_bytes(forest / folder) for folder in ("model", "compressed/fewer-trees"))
    assert said.stderr.splitlines() == [
        f"  fewer-trees  leaving out trees: {size(after)}, {beside(before, after)}",
        "  measuring these and the original on 120 final rows",
    ]
    lines = said.stdout.splitlines()
    assert lines[0].startswith("forest and what became of it, on the 120 final rows of 行.csv")
    assert [line.split()[0] for line in lines if line.startswith("  ") and "kB" in line] == ["original", "fewer-trees"]
    assert max(map(len, lines[:-3])) <= 90
    assert lines[-2].startswith(f"lies in  {forest / 'compressed'}")
    new = run("predict", forest / "compressed" / "fewer-trees", forest.parent / "行.csv")
    assert new.exit_code == 0
    assert new.stdout.splitlines()[0].endswith("prediction,p_否,p_是")


def test_each_step_tells_how_far_it_is(forest, monkeypatch):
    told = []

    def made(way, model, train, seed, watch):
        watch.progress(3, 12)
        return ways.made(way, model, train, seed, watch)

    monkeypatch.setattr(gather, "made", made)
    (forest / "compressed" / "made.json").unlink(missing_ok=True)
    tenon.Result(forest).compress("fewer-trees,distilled-boosting", watch=Watch(told.append))
    steps = [one for one in told if one["event"] == "step"]
    assert list(dict.fromkeys(one["doing"] for one in steps)) == [
        "leaving out trees",
        "teaching boosting",
        "measuring what they say",
        "measuring how long they take for 1 row",
        "measuring how long they take for 32 rows",
        "holding them against the original",
    ]
    for doing in {one["doing"] for one in steps}:
        shares = [one["done"] / one["total"] for one in steps if one["doing"] == doing]
        assert shares == sorted(shares), doing
        assert shares[-1] <= 1, doing
        assert len(shares) > (10 if "how long" in doing else 0), doing
    teaching = [(one["done"], one["total"]) for one in steps if one["doing"] == "teaching boosting"]
    assert teaching == [(1, 2), (1.25, 2)]  # with the progress of what is learnt
    assert [one["name"] for one in told if one["event"] == "made"] == ["fewer-trees", "distilled-boosting"]


def stopped(*_):
    raise KeyboardInterrupt


def whole(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("place", ["keep_seen", "_measured", "keep_standing"])
def test_what_was_stopped_goes_on(forest, tmp_path, monkeypatch, place):
    """In the second way, when its model lies there and nothing else, or before anything is measured."""
    folder = tmp_path / "run"
    shutil.copytree(forest, folder, ignore=shutil.ignore_patterns("compressed", "compress.json"))
    tenon.Result(folder).compress("fewer-trees")
    expected = whole(folder / "compressed")
    with monkeypatch.context() as patch:
        patch.setattr(gather, place, stopped)
        done = run("compress", folder, "--only", "fewer-trees,onnx")
    assert (done.exit_code, done.stdout) == (130, "")
    assert done.stderr.splitlines()[-1] == "stopped; the same line goes on from here"
    (folder / "compressed" / ".onnx.0123abcd").mkdir()  # as a kill leaves it
    done = run("compress", folder, "--only", "fewer-trees,onnx")
    assert done.exit_code == 0, done.stderr
    told = [line.split(":")[0] for line in done.stderr.splitlines()]
    assert told[0] == "  fewer-trees  stands from before"
    assert told[1] == f"  onnx  {'stands from before' if place == '_measured' else 'writing a file of ONNX'}"
    assert {path: whole(folder / "compressed")[path] for path in expected if path.name != "made.json"} == {
        path: content for path, content in expected.items() if path.name != "made.json"
    }
    assert {path.name for path in (folder / "compressed").iterdir()} == {"fewer-trees", "onnx", "made.json"}
    assert (folder / "compressed" / "onnx" / "seen.json").is_file()


def test_half_a_model_is_made_again(forest, tmp_path):
    folder = shutil.copytree(forest, tmp_path / "run")
    place = folder / "compressed" / "fewer-trees"
    for spoil in ((place / "model.json").unlink, (place / "checksums.txt").unlink, (folder / "compressed/made.json").unlink):
        tenon.Result(folder).compress("fewer-trees")
        expected = whole(place)
        spoil()
        done = run("compress", folder, "--only", "fewer-trees")
        assert done.stderr.startswith("  fewer-trees  leaving out trees: ")
        assert whole(place) == expected


def test_the_smaller_model_of_another_is_made_again(forest, tmp_path, monkeypatch):
    folder = shutil.copytree(forest, tmp_path / "run")
    tenon.Result(folder).compress("fewer-trees")
    place, original = folder / "compressed" / "fewer-trees", folder / "model"
    assert is_standing(place, original, 0)
    assert not is_standing(place, original, 1)
    with monkeypatch.context() as patch:
        patch.setattr("tenon.compress.standing.versions", lambda: {"tenon": "another"})
        assert not is_standing(place, original, 0)
    shutil.copy(place / "checksums.txt", original)  # of other files
    assert not is_standing(place, original, 0)


def test_json_of_the_terminal(forest):
    said = run("compress", forest, "--only", "fewer-trees", "--json")
    assert [one["name"] for one in json.loads(said.stdout)["models"]] == ["original", "fewer-trees"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--only", "int9"], "no way of compressing 'int9'; did you mean 'int8'? Known: int8, "),
        (["--only", "int8"], "nothing to do for this forest model: int8 is for networks."),
        (["--only", "fewer-trees,int8"], "int8 is for networks."),
    ],
)
def test_a_way_that_is_not_for_the_model_is_refused(forest, words, says):
    said = run("compress", forest, *words, width=300)
    assert said.exit_code == 2
    assert says in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1


def test_no_run_and_no_final_rows_are_refused(tmp_path, forest):
    with pytest.raises(RunFolderError, match="is no finished run"):
        tenon.Result(tmp_path).compress()
    data = tenon.read(write_rows(tmp_path / "few.csv", 80), "y")
    few = tenon.compare(data, out=tmp_path / "few", methods="forest", splits="2x1", jobs=1, budget="quick")
    with pytest.raises(RunFolderError, match="put no final rows aside, so there are none on which"):
        few.compress()
    with pytest.raises(DataError, match="holds other rows"):
        tenon.Result(forest).compress(data=write_rows(tmp_path / "others.csv", 600, seed=1))


def test_a_model_of_which_nothing_can_be_made_smaller(tmp_path):
    data = tenon.read(write_rows(tmp_path / "rows.csv", 600), "y")
    result = tenon.compare(data, out=tmp_path / "run", methods="baseline", splits="2x1", jobs=1)
    with pytest.raises(
        SettingsError, match=r"nothing to do for this baseline model: none of int8, .* is for it; --only int8 says"
    ):
        result.compress()
    with pytest.raises(SettingsError, match=r"nothing to do for this baseline model: fewer-trees is for boosting, forests"):
        result.compress(["fewer-trees"])


class Slow:
    """A model that takes so many turns of a clock for each row."""

    def __init__(self, clock, ticks):
        self.clock, self.ticks, self.seen = clock, ticks, []

    def predict_rows(self, rows):
        self.clock[0] += self.ticks * len(rows)
        self.seen.append(rows.row_ids.tolist())


def test_times_are_those_of_the_clock_and_rows_the_same_for_all(monkeypatch, forest):
    clock = [0.0]
    monkeypatch.setattr("tenon.compress.latency.time.perf_counter", lambda: clock[0])
    rows = tenon.read(forest.parent / "行.csv", "y").without_target()
    slow, fast = Slow(clock, 3.0), Slow(clock, 1.0)
    found = latencies([slow, fast], rows, 4, seed=0)
    assert [(one.p50, one.p95) for one in found] == [(12, 12), (4, 4)]
    assert slow.seen == fast.seen
    assert len({tuple(ids) for ids in slow.seen}) > 1
    assert [len(ids) for ids in slow.seen] == [4] * (2 + 12)  # 10 seconds are over after one turn, but 12 are measured


def test_sizes_as_people_read_them():
    assert [size(n) for n in (900, 85_900, 999_600, 23_700_000, 1.23e9)] == ["0.9 kB", "85.9 kB", "1 MB", "23.7 MB", "1.23 GB"]


@pytest.mark.parametrize(
    ("after", "said"), [(25, "4 times smaller"), (99, "about as large"), (101, "about as large"), (150, "1.5 times as large")]
)
def test_a_size_beside_another_in_words(after, said):
    assert beside(100, after) == said
