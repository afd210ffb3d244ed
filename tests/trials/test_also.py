"""A method a second time on the board, with settings of its own: the same as if these were those of the method."""

import json
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier
from tests.trials.small_run import rows

import tenon
from tenon.api import Result
from tenon.catalogue import find, of_row, resolve
from tenon.errors import RunFolderError, SettingsError
from tenon.inner import Inner
from tenon.report.asked import command_line
from tenon.trials.ask import Ask
from tenon.trials.choice import choose
from tenon.trials.job import place_of, seed_of
from tenon.trials.prepare import prepare

TREES = "sklearn.ensemble:ExtraTreesClassifier"
SETTINGS = {"knn": {"k": 101, "weights": "uniform"}, TREES: {"n_estimators": 5}}
ALSO = ("knn.k=3,scaling=minmax", f"{TREES}.max_depth=1")
NAMES = ("knn k=3 scaling=minmax", f"{TREES} max_depth=1")


@pytest.fixture(scope="module")
def frame():
    """Classes in stripes: many neighbours know nothing, three nearly all."""
    x = np.random.default_rng(0).uniform(-3, 3, size=300)
    return pd.DataFrame({"x": x, "y": np.where(np.sin(4 * x) > 0, "yes", "no")})


def compared(frame: pd.DataFrame, out: Path, jobs: int = 1, **more) -> Result:
    wishes = {"methods": f"knn,{TREES}", "settings": SETTINGS, "also": ALSO, "splits": "2x2"} | more
    return tenon.compare(frame, "y", out=out, jobs=jobs, **wishes)


@pytest.fixture(scope="module")
def done(frame, tmp_path_factory):
    return compared(frame, tmp_path_factory.mktemp("runs") / "one", curve=True)


def predictions(folder: Path, row: str) -> list[bytes]:
    places = [place_of(row, repeat, fold) for repeat in (0, 1) for fold in (0, 1)]
    return [(folder / place / "predictions.parquet").read_bytes() for place in places]


def test_a_variant_is_its_method_with_these_settings(frame, done, tmp_path):
    """Those of --set are its own, too, and the seeds are those of the method."""
    settings = {"knn": {"k": 3, "weights": "uniform", "scaling": "minmax"}, TREES: {"n_estimators": 5, "max_depth": 1}}
    other = compared(frame, tmp_path / "set", settings=settings, also=())
    for method, row in zip(settings, NAMES, strict=True):
        assert predictions(done.folder, row) == predictions(other.folder, method)
        assert predictions(done.folder, row) != predictions(done.folder, method)


def test_two_jobs_give_the_same_bytes(frame, done, tmp_path):
    two = compared(frame, tmp_path / "two", jobs=2, curve=True)
    for name in ("leaderboard.json", "verdicts.json", "curve.json"):
        assert (two.folder / name).read_bytes() == (done.folder / name).read_bytes()
    assert set(NAMES) < set(json.loads((two.folder / "curve.json").read_text()))


def test_the_same_line_goes_on(frame, done, tmp_path):
    copy = shutil.copytree(done.folder, tmp_path / "run")
    (copy / "leaderboard.json").unlink()
    place = copy / place_of(NAMES[0], 1, 0)
    shutil.rmtree(place)
    kept = copy / place_of(NAMES[1], 1, 0) / "result.json"
    before = kept.stat().st_mtime_ns
    compared(frame, copy, curve=True)
    assert (copy / "leaderboard.json").read_bytes() == (done.folder / "leaderboard.json").read_bytes()
    assert place.exists()
    assert kept.stat().st_mtime_ns == before
    with pytest.raises(RunFolderError, match=r"--methods or --also: was baseline,knn,knn k=3 .* is baseline,knn,sklearn"):
        compared(frame, copy, also=())


def test_a_variant_that_was_chosen_is_a_model_like_any_other(frame, done):
    """It is refitted, loaded and explained; its folder asks for nothing but the method."""
    assert done.board["chosen"] == NAMES[0]
    about = json.loads((done.folder / "model" / "model.json").read_text(encoding="utf-8"))
    assert about["method"] == "knn"
    model = tenon.load(done.folder)
    assert model.estimator.k == 3
    new = np.array([-2.7, -1.9, 0.4, 1.2])  # in the middle of stripes
    assert model.predict(pd.DataFrame({"x": new})).value.tolist() == np.where(np.sin(4 * new) > 0, "yes", "no").tolist()
    assert done.explain(data=frame).content["method"] == NAMES[0]


def test_a_variant_of_ones_own_method_is_loaded_by_the_method(frame, tmp_path):
    result = compared(frame, tmp_path / "run", methods=TREES, settings={TREES: {"max_depth": 1}}, also=f"{TREES}.max_depth=9")
    assert result.board["chosen"] == f"{TREES} max_depth=9"
    assert not [note for note in result.board["notes"] if "cannot be loaded" in note]
    assert result.model.estimator.max_depth == tenon.load(result.folder, methods=TREES).estimator.max_depth == 9


def test_what_a_setting_does_is_said(done):
    """Entry by entry the pair of verdicts.json, seen from the variant."""
    verdicts = done.verdicts.set_index(["method_a", "method_b"])
    assert [entry["method"] for entry in done.board["also"]] == list(NAMES)
    first, second = done.board["also"]
    pair = verdicts.loc[(NAMES[0], "knn")]  # the better one stands first
    assert (first["of"], first["effect"], first["low"], first["high"]) == ("knn", pair["effect"], pair["low"], pair["high"])
    assert (first["verdict"], first["p_value"]) == ("better", pair["p_corrected"])
    pair = verdicts.loc[(TREES, NAMES[1])]
    assert (second["of"], second["effect"], second["low"], second["high"]) == (
        TREES,
        -pair["effect"],
        -pair["high"],
        -pair["low"],
    )
    assert (second["verdict"], pair["verdict"]) == ("worse", "better")


def test_the_line_to_run_again_has_the_variants(done):
    words = shlex.split(command_line(json.loads((done.folder / "run.json").read_text()), {}))
    given = [words[i + 1] for i, word in enumerate(words) if word == "--also"]
    assert given == list(ALSO)
    assert [words[i + 1] for i, word in enumerate(words) if word == "--set"] == [
        "knn.k=101",
        "knn.weights=uniform",
        f"{TREES}.n_estimators=5",
    ]


def test_what_is_set_is_not_tuned_and_may_be_what_every_method_has(frame, tmp_path):
    also = ["knn.k=15", "knn.calibrate=sigmoid"]
    result = compared(frame, tmp_path / "run", methods="knn", settings={}, also=also, tune=3, splits="2x1")
    fixed, calibrated, free = (
        [json.loads((result.folder / place_of(row, 0, fold) / "result.json").read_text())["inner"] for fold in (0, 1)]
        for row in ("knn k=15", "knn calibrate=sigmoid", "knn")
    )
    assert {inner["tuned"]["k"] for inner in fixed} == {15}
    assert not any("k" in one["params"] for inner in fixed for one in inner["tries"])
    assert all("k" in one["params"] for inner in (*free, *calibrated) for one in inner["tries"])
    assert [inner.get("calibrate") for inner in (*fixed, *calibrated, *free)] == [None, None, "sigmoid", "sigmoid", None, None]


def test_a_method_that_another_process_would_not_find(frame, tmp_path):
    tree = DecisionTreeClassifier(max_depth=1)
    result = compared(frame, tmp_path / "run", methods=[tree], settings={}, also=["DecisionTreeClassifier.max_depth=9"], jobs=2)
    assert result.board["chosen"] == "DecisionTreeClassifier max_depth=9"
    assert result.model.estimator.max_depth == 9


def test_rows_stand_behind_their_method_in_its_place_of_cost(tmp_path):
    ask = Ask(methods="logistic,knn", also=["knn.k=9", "logistic.balance=weights", "knn.k=3"])
    ready = prepare(rows("binary", 90), ask, tmp_path)
    names = [method.name for method in ready.methods]
    assert names == ["baseline", "logistic", "logistic balance=weights", "knn", "knn k=9", "knn k=3"]
    assert [row.method for row in ready.plan.rows] == names
    assert ready.cost_rank("knn k=3") == ready.cost_rank("knn") == find("knn").cost_rank
    assert choose(names[3:], [ready.cost_rank(name) for name in names[3:]], np.ones(3, bool)) == "knn"
    assert of_row("knn k=3").fit is find("knn").fit


def test_seeds_are_those_of_the_method():
    assert seed_of(3, "knn k=3", 1, 2) == seed_of(3, "knn", 1, 2) != seed_of(3, "ridge", 1, 2)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"also": ["knm.k=3"]}, "no method 'knm'; did you mean 'knn'"),
        ({"also": ["ridge.alpha=3"]}, r"--also ridge\.alpha=3: ridge is not among --methods; name it there, too"),
        ({"also": ["knn.kk=3"]}, "no setting of knn 'kk'; did you mean 'k'"),
        ({"also": ["knn.k=0"]}, r"knn\.k takes a whole number from 1 on; got 0"),
        ({"also": ["knn.weights=far"]}, r"no value of knn\.weights 'far'"),
        ({"also": ["knn.balance=evenly"]}, "no way to balance 'evenly'"),
        ({"also": ["knn.k=3", "knn.k=3"]}, r"--also knn\.k=3 was given twice"),
        ({"also": ["knn.k=3", "knn.k=3.0"]}, r"--also knn\.k=3\.0: knn k=3 has just these settings; give other values"),
        ({"also": ["knn.k=15"]}, r"--also knn\.k=15: knn has just these settings"),
        ({"also": ["knn.k=3"], "settings": {"knn": {"k": 3}}}, r"--also knn\.k=3: knn has just these settings"),
        ({"also": ["knn.k=3"], "settings": {"knn k=3": {"k": 5}}}, "no method on this board 'knn k=3'"),
        ({"also": ["knn.k=3"], "predictions": {"knn k=3": "old.csv"}}, "a method has that name; call the model otherwise"),
    ],
)
def test_what_cannot_be_is_refused(wish, message, tmp_path):
    with pytest.raises(SettingsError, match=message):
        prepare(rows("binary", 90), Ask(methods="knn", **wish), tmp_path)


def test_what_a_setting_means_that_says_nothing_is_no_variant(tmp_path):
    """Without other texts a network begins with nothing, with them with what is learnt from them: so says the empty setting."""
    frame = pd.DataFrame({"text": [f"a fine film {k}" for k in range(90)], "y": ["yes", "no"] * 45})
    data = tenon.read(frame, "y", kinds={"text": "text"})
    more = tmp_path / "more.txt"
    more.write_text("another film\n", encoding="utf-8")
    for same, other, unlabelled in (("none", "prepared", ""), ("prepared", "none", str(more))):
        asked = {"methods": "lstm", "unlabelled": unlabelled}
        for inner in (Inner(), Inner(tune=3)):  # which leaves this setting as it is, said or not
            with pytest.raises(SettingsError, match=f"--also lstm.vectors={same}: lstm has just these settings"):
                prepare(data, Ask(also=[f"lstm.vectors={same}"], inner=inner, **asked), tmp_path)
            assert (
                f"lstm vectors={other}"
                in prepare(data, Ask(also=[f"lstm.vectors={other}"], inner=inner, **asked), tmp_path).by_name
            )


def test_what_a_method_has_anyway_may_be_held_against_tuning(tmp_path):
    ask = Ask(methods="knn", also=["knn.k=15"], inner=Inner(tune=3))
    assert "knn k=15" in prepare(rows("binary", 90), ask, tmp_path).by_name


def test_no_name_of_a_method_looks_like_a_variant():
    with pytest.raises(SettingsError, match="the name of a method has no blank; call 'knn k=3' otherwise"):
        resolve([replace(find("knn"), name="knn k=3")])


def test_python_takes_texts(frame):
    with pytest.raises(SettingsError, match="also takes a list of texts; got 3"):
        tenon.compare(frame, "y", also=3)
    with pytest.raises(SettingsError, match=r"also takes a text; got \{"):
        tenon.compare(frame, "y", also=[{"knn": {"k": 3}}])


def test_folders_are_safe_and_each_row_has_its_own():
    assert place_of("knn k=3", 0, 1) == Path("trials/knn k=3/0-1")
    assert place_of("my.module:Mine depth=3", 0, 1) == Path("trials/my.module.Mine depth=3/0-1")
    values = [
        "C:/weights.pth",
        "C:/weights-pth",
        "C/weights.pth",
        "C?weights.pth",
        "C|weights.pth",
        "a.",
        "a-",
        "x" * 300,
        "x" * 301,
    ]
    folders = [place_of(f"transfer checkpoint={value}", 0, 0).parent.name for value in values]
    assert len({folder.lower() for folder in folders}) == len(values)
    assert not any(set(folder) & set('<>:"/\\|?*') or folder[-1] in " ." or len(folder) > 100 for folder in folders)
