"""Texts of the domain, then of the task, then the task: what each stage reads, and which rows tell what it earns."""

import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pandas as pd
import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import small_encoder  # noqa: E402
from tests.trials.prepared_runs import leaderboard  # noqa: E402

import tenon  # noqa: E402
from tenon.catalogue import find  # noqa: E402
from tenon.errors import SettingsError  # noqa: E402
from tenon.report.words import also_sentences  # noqa: E402
from tenon.text import prepared  # noqa: E402
from tenon.trials.ask import Ask  # noqa: E402
from tenon.trials.job import Job  # noqa: E402
from tenon.trials.prepare import prepare  # noqa: E402
from tenon.trials.shared import preparations, run_preparation, with_prepared  # noqa: E402
from tenon.trials.stages import Step  # noqa: E402
from tenon.watch import SILENT  # noqa: E402

N = 520
DOMAIN, MORE = [f"a film of the domain {k}" for k in range(30)], [f"a film without a label {k}" for k in range(20)]
NONE, TASK = "bert stages=none", "bert stages=task"


def text_of(k: int) -> str:
    return f"a {('fine', 'dull')[k % 2]} film {k}"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Texts of both kinds, each file with labelled rows among them, which have other marks."""
    folder = tmp_path_factory.mktemp("texts")
    for name, texts, n in (("domain.txt", DOMAIN, N), ("more.txt", MORE, 7)):
        (folder / name).write_text("\n".join([*(f"{text_of(k).upper()}!" for k in range(n)), *texts]), encoding="utf-8")
    return {"domain": str(folder / "domain.txt"), "unlabelled": str(folder / "more.txt")}


@pytest.fixture(scope="module")
def data():
    return tenon.read(
        pd.DataFrame({"review": map(text_of, range(N)), "y": ["yes", "no"] * (N // 2)}), "y", kinds={"review": "text"}
    )


def learnt(ready, row, monkeypatch):
    """Return what is learnt before two trials of a row: for each preparation its folder, the texts it reads, and how."""
    found = []

    def learn(train, others, folder, seed, budget, watch, **how):
        found.append((sorted(train), list(others), how))

    monkeypatch.setitem(prepared.OBJECTIVES, "mlm", replace(prepared.OBJECTIVES["mlm"], learn=learn))
    jobs = [with_prepared(Job(row, 0, fold, ready.ask.settings_of(row), 1, "quick"), ready) for fold in (0, 1)]
    before = [job for job in preparations(jobs, ready.by_name) if job.key]
    for job in before:
        assert run_preparation(job, ready.bench, SILENT).status == "ok"
    return {job.key: (job.method, *told) for job, told in zip(before, found, strict=True)}, jobs


@pytest.mark.mission("G8")
def test_what_each_stage_reads(data, files, tmp_path, monkeypatch):
    """The domain is read once for all splits, and the rows of a split are added by its task alone."""
    ready = prepare(data, Ask(methods="bert", splits="2x1", **files), tmp_path)
    splits = ready.bench.splits
    train = [sorted(text_of(k) for k in splits.train(0, fold)) for fold in (0, 1)]
    assert not any(set(texts) & {text_of(k) for k in splits.final()} for texts in train)

    found, jobs = learnt(ready, "bert", monkeypatch)
    domain, first, second = found
    assert found[domain] == ("mlm stage=domain", [], DOMAIN, {"stage": "domain"})
    start = {"start": str(tmp_path / "shared" / domain)}
    assert [found[first], found[second]] == [("mlm", texts, MORE, start) for texts in train]
    assert [job.prepared["checkpoint"] for job in jobs] == [first, second]
    assert first.startswith(f"{domain}.task-")

    found, _ = learnt(ready, TASK, monkeypatch)
    assert [*found.values()] == [("mlm", texts, MORE, {}) for texts in train]
    assert [f"{domain}.{key}" for key in found] == [first, second], "the same texts and seeds as behind the domain"
    found, _ = learnt(ready, NONE, monkeypatch)
    assert [*found.values()] == [("mlm stage=none", texts, MORE, {"stage": "none"}) for texts in train]


def test_a_checkpoint_is_where_the_first_stage_begins(data, files, tmp_path, monkeypatch):
    folder = str(small_encoder(tmp_path / "net", texts=["a film of the domain without a label fine dull"] * 2))
    ready = prepare(data, Ask(methods="bert", splits="2x1", checkpoint=folder, **files), tmp_path / "run")
    found, _ = learnt(ready, "bert", monkeypatch)
    assert [how for *_, how in found.values()] == [
        {"stage": "domain", "start": folder},
        *[{"start": str(tmp_path / "run/shared" / next(iter(found)))}] * 2,
    ]
    found, _ = learnt(ready, TASK, monkeypatch)
    assert [how for *_, how in found.values()] == [{"start": folder}] * 2
    assert learnt(ready, NONE, monkeypatch)[0] == {}
    assert [(one.stages, one.start, one.methods) for one in ready.plan.prepares] == [
        (("domain",), folder, ("bert",)),
        (("domain", "task"), folder, ("bert",)),
        (("task",), folder, ("bert stages=task",)),
    ]


@pytest.mark.parametrize(
    ("wish", "names", "steps"),
    [
        ({"domain": 1, "unlabelled": 1}, ["bert", NONE, TASK], [Step("domain", "bert", TASK), Step("task", TASK, NONE)]),
        ({"domain": 1}, ["bert", NONE, TASK], [Step("domain", "bert", TASK), Step("task", TASK, NONE)]),
        ({"unlabelled": 1}, ["bert", NONE], [Step("task", "bert", NONE)]),
        ({}, ["bert"], []),
        ({"also": ["bert.stages=none"]}, ["bert", NONE], [Step("task", "bert", NONE)]),
        ({"domain": 1, "also": ["bert.stages=task"]}, ["bert", TASK, NONE],
         [Step("domain", "bert", TASK), Step("task", TASK, NONE)]),
        ({"unlabelled": 1, "settings": {"bert": {"stages": "none"}}, "methods": "bert,lstm"}, ["bert", "lstm"], []),
        ({"unlabelled": 1, "methods": "bert-frozen,prototypes"}, ["bert-frozen", "bert-frozen stages=none", "prototypes"],
         [Step("task", "bert-frozen", "bert-frozen stages=none")]),
    ],
)  # fmt: skip
def test_which_rows_stand_on_the_board_unasked(data, files, wish, names, steps, tmp_path):
    given = {name: files[name] if name in files else value for name, value in wish.items()}
    ready = prepare(data, Ask(**{"methods": "bert"} | given), tmp_path)
    assert [method.name for method in ready.methods] == ["baseline", *names]
    assert list(ready.steps) == steps


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"settings": {"bert": {"stages": "domain+task"}}}, r"bert\.stages is domain\+task; give the texts of the domain: --dom"),
        ({"settings": {"bert": {"stages": "both"}}}, "no value of bert.stages 'both'"),
        ({"domain": 1, "methods": "logistic,lstm"}, "--domain is for prototypes, bert-frozen, .*none of which runs here"),
        ({"domain": 1, "settings": {"bert": {"stages": "task"}}}, "--domain is for .*none of which"),
    ],
)  # fmt: skip
def test_stages_without_texts_and_texts_without_readers(data, files, wish, message, tmp_path):
    given = {name: files[name] if name in files else value for name, value in wish.items()}
    with pytest.raises(SettingsError, match=message):
        prepare(data, Ask(**{"methods": "bert"} | given), tmp_path)


def test_a_method_outside_a_run_has_no_domain(data):
    method = find("bert")
    params, task = method.with_defaults({"stages": "domain+task"}), Ask().task_of(data.target)[0]
    with pytest.raises(SettingsError, match=r"texts of a domain are read in a comparison alone \(--domain FILE\)"):
        method.fit(data, task, params=params, seed=0)


SMALL = {"bert": {"fewest_steps": 4, "longest": 16}}
GIVEN = {"methods": "bert", "splits": "2x1", "budget": "quick", "seed": 3}


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    return str(small_encoder(tmp_path_factory.mktemp("net"), texts=[*map(text_of, range(9)), *DOMAIN, *MORE]))


@pytest.fixture(scope="module")
def done(data, files, start, tmp_path_factory):
    """A finished run with one job."""
    out = tmp_path_factory.mktemp("runs") / "one"
    return tenon.compare(data, out=out, jobs=1, settings=SMALL, checkpoint=start, **GIVEN, **files)


@pytest.mark.mission("G8")
def test_what_each_stage_earned_is_said(done):
    entries = [(entry["stage"], entry["method"], entry["of"]) for entry in done.board["also"]]
    assert entries == [("domain", "bert", TASK), ("task", TASK, NONE)]
    pairs = done.verdicts.set_index(["method_a", "method_b"])
    for entry in done.board["also"]:
        names = entry["method"], entry["of"]
        sign, pair = (1, pairs.loc[names]) if names in pairs.index else (-1, pairs.loc[names[::-1]])
        assert (entry["effect"], entry["p_value"]) == (sign * pair["effect"], pair["p_corrected"])
    told = [entry | {"verdict": "cannot tell"} for entry in done.board["also"]]  # one repeat of a random method has no verdict
    said = also_sentences({"also": told})
    assert ["texts of the domain" in said[0], "texts of the task" in said[1]] == [True, True]
    assert "520 of 550 texts of the domain in domain.txt equal labelled rows and are left out." in done.board["notes"]
    assert "7 of 27 unlabelled texts in more.txt equal labelled rows and are left out." in done.board["notes"]
    page = (done.folder / "report.html").read_text(encoding="utf-8")
    assert "30 of domain.txt, none of which equals a labelled row" in page
    timings = json.loads((done.folder / "timings.json").read_text())
    assert {"mlm", "mlm stage=domain"} < set(timings)


@pytest.mark.slow
@pytest.mark.mission("H5")
@pytest.mark.parametrize("kind", ["bert", "longformer"])
def test_a_longformer_is_adapted_in_stages(kind, files, tmp_path):
    """From a BERT, whose places are stretched behind the stages, or from a Longformer, whose windows read in them, too."""
    more = {"kind": "longformer", "windows": (4, 4), "n_segments": 1} if kind == "longformer" else {}
    texts = [*map(text_of, range(9)), *DOMAIN, *MORE]
    start = small_encoder(tmp_path / "net", texts=texts, **more)
    longer = pd.DataFrame(
        {"review": [text_of(k) + " film" * 520 * (k % 16 == 0) for k in range(N)], "y": ["yes", "no"] * (N // 2)}
    )
    data = tenon.read(longer, "y", kinds={"review": "text"})
    wishes = GIVEN | {"methods": "longformer", "settings": {"longformer": {"fewest_steps": 4, "longest": 512, "window": 32}}}
    done = tenon.compare(data, out=tmp_path / "run", jobs=1, checkpoint=str(start), **wishes, **files)
    entries = [(entry["stage"], entry["method"], entry["of"]) for entry in done.board["also"]]
    rows = ["longformer", "longformer stages=task", "longformer stages=none"]
    assert entries == [("domain", rows[0], rows[1]), ("task", rows[1], rows[2])]
    read = [json.loads(path.read_text())["model_type"] for path in (tmp_path / "run/shared").glob("*/config.json")]
    assert set(read) == {kind}


def test_two_jobs_give_the_same_bytes_and_a_run_goes_on_with_what_was_prepared(data, files, start, done, tmp_path):
    wishes = {"settings": SMALL, "checkpoint": start, **GIVEN, **files}
    two = tenon.compare(data, out=tmp_path / "two", jobs=2, **wishes)
    assert leaderboard(two.folder) == leaderboard(done.folder)
    copy = shutil.copytree(done.folder, tmp_path / "stopped")
    for place in ("leaderboard.json", "final", "trials/bert/0-0"):
        shutil.rmtree(copy / place) if (copy / place).is_dir() else (copy / place).unlink()
    kept = {path: (path / "result.json").stat().st_mtime_ns for path in (copy / "shared").iterdir()}
    again = tenon.compare(data, out=copy, jobs=1, **wishes)
    assert leaderboard(again.folder) == leaderboard(done.folder)
    assert {path: (path / "result.json").stat().st_mtime_ns for path in kept} == kept


def test_without_stages_it_is_plain_fine_tuning(data, start, done, tmp_path):
    plain = tenon.compare(data, out=tmp_path / "plain", jobs=1, settings=SMALL, checkpoint=start, **GIVEN)
    for fold in (0, 1):
        of_row = {row: (run.folder / "trials" / row / f"0-{fold}" / "predictions.parquet").read_bytes()
                  for row, run in ((NONE, done), (TASK, done), ("bert", plain))}  # fmt: skip
        assert of_row[NONE] == of_row["bert"] != of_row[TASK]


@pytest.mark.slow
def test_a_run_that_is_killed_in_each_preparation_goes_on_to_the_same_board(files, tmp_path):
    """Killed once within the domain, the task behind it, what chance draws, and the task alone; then left alone."""
    rows = "".join(f"{text_of(k)},{('yes', 'no')[k % 2]}\n" for k in range(N))
    (tmp_path / "films.csv").write_text(f"review,y\n{rows}", encoding="utf-8")
    line = [sys.executable, "-m", "tenon", "compare", str(tmp_path / "films.csv"), "--target=y", "--kind=review=text"]
    line += ["--methods=bert", "--budget=quick", "--jobs=1", "--set=bert.fewest_steps=0"]
    line += [f"--{name}={path}" for name, path in files.items()]
    killed = [
        killed_within(f".{begins}", [*line, f"--out={tmp_path / 'killed'}"], tmp_path / "killed/shared")
        for begins in ("domain-????????????????.????????", "domain-*.task-*", "none-*", "task-*")
    ]
    assert len(set(killed)) == 4
    for folder in ("killed", "whole"):
        subprocess.run([*line, f"--out={tmp_path / folder}"], check=True, capture_output=True)
    assert leaderboard(tmp_path / "killed") == leaderboard(tmp_path / "whole")
    assert sorted(path.name for path in (tmp_path / "killed/shared").iterdir()) == sorted(
        path.name for path in (tmp_path / "whole/shared").iterdir()
    )


def killed_within(pattern, line, shared):
    """Start a run, kill it while a preparation is being made, and return the name of its folder."""
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    before = {*shared.glob(".*")}
    while not (begun := {*shared.glob(pattern)} - before):
        assert process.poll() is None, f"ended before {pattern} was begun"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    [folder] = begun
    return folder.name
