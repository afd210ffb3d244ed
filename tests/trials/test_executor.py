"""Whatever a method does to its process costs its own trial only."""

import json
import threading
import time

import numpy as np
import pandas as pd
import psutil
import pytest

from tenon.data.dataset import Column, Dataset, Schema
from tenon.data.splits import make_splits
from tenon.errors import LONGEST_REASON, OutputError
from tenon.files import changed
from tenon.tasks import Task
from tenon.trials.executor import Limits, Pool
from tenon.trials.job import Bench, Job
from tenon.watch import SILENT, Watch

BIG = Limits(memory_bytes=2**34)


@pytest.fixture
def bench(tmp_path):
    frame = pd.DataFrame({"x": np.arange(40.0), "y": np.arange(40) % 2})
    schema = Schema((Column("x", "number"), Column("y", "category", "target")), 40)
    data = Dataset(frame, schema)
    splits = make_splits(data, frame["y"].to_numpy(), n_folds=2, n_repeats=1, final_share=0.0, seed=0)
    splits.save(tmp_path / "run" / "splits.parquet")
    task = Task("binary", "y", (0, 1))
    from tenon.trials.compare import leave_for_workers

    leave_for_workers(Bench(data, splits, task, tmp_path / "run"), tmp_path / "shared")
    return Bench(data, splits, task, tmp_path / "run")


def run(bench, tmp_path, names, limits=BIG, n_workers=2, deadline=None, watch=SILENT):
    jobs = [Job(f"tests.trials.odd_methods:{name}", 0, fold, {}, 1, "normal") for fold in range(2) for name in names]
    with Pool(bench.run, tmp_path / "shared", n_workers, limits) as pool:
        outcomes = list(pool.map(jobs, watch, deadline))
    assert sorted(o.job.place for o in outcomes) == sorted(job.place for job in jobs)  # each job ends exactly once
    return {(o.job.method.split(":")[1], o.job.fold): o for o in outcomes}


def test_each_trial_has_its_own_fate(bench, tmp_path):
    outcomes = run(bench, tmp_path, ["fine", "raising", "dying", "chatty"])
    assert {key: outcome.status for key, outcome in outcomes.items() if key[1] == 0} == {
        ("fine", 0): "ok",
        ("raising", 0): "failed",
        ("dying", 0): "failed",
        ("chatty", 0): "ok",
    }
    assert outcomes["raising", 0].reason.startswith("ArithmeticError: cannot divide by the moon (odd_methods.py, line ")
    assert "exit code 7" in outcomes["dying", 0].reason
    assert (bench.run / "trials/tests.trials.odd_methods.fine/0-1/predictions.parquet").exists()


def test_a_hanging_method_is_stopped_with_all_its_trials(bench, tmp_path):
    outcomes = run(bench, tmp_path, ["hanging", "fine"], Limits(2**34, silence_seconds=10.0))
    assert outcomes["hanging", 0].status == outcomes["hanging", 1].status == "stopped"
    assert "no sign of life" in outcomes["hanging", 0].reason
    assert outcomes["fine", 0].status == outcomes["fine", 1].status == "ok"


def test_memory_limit(bench, tmp_path):
    outcomes = run(bench, tmp_path, ["greedy", "fine"], Limits(700 * 2**20))
    assert outcomes["greedy", 0].status == "stopped"
    assert "memory limit" in outcomes["greedy", 0].reason
    assert outcomes["fine", 1].status == "ok"


def test_the_clock_stops_what_still_runs(bench, tmp_path):
    outcomes = run(bench, tmp_path, ["fine", "hanging"], deadline=time.monotonic() + 15)
    assert outcomes["hanging", 0].status == "stopped"
    assert outcomes["fine", 0].status == "ok"


def test_events_reach_the_watch_with_their_trial(bench, tmp_path):
    heard = []
    run(bench, tmp_path, ["fine"], watch=Watch(heard.append))
    assert {
        "event": "progress",
        "done": 1,
        "total": 1,
        "method": "tests.trials.odd_methods:fine",
        "repeat": 0,
        "fold": 1,
    } in heard


def test_no_worker_outlives_the_pool(bench, tmp_path):
    run(bench, tmp_path, ["fine"])
    assert not [p for p in psutil.Process().children(recursive=True) if "tenon.trials.worker" in " ".join(p.cmdline())]


def test_a_worker_killed_from_outside_costs_nothing(bench, tmp_path):
    """The first worker that takes up a job is killed; the job gets another worker, once."""
    killed = []

    def kill_first(event):
        if not killed:
            killed.append(True)
            next(p for p in psutil.Process().children() if "tenon.trials.worker" in " ".join(p.cmdline())).kill()

    outcomes = run(bench, tmp_path, ["slow"], n_workers=1, watch=Watch(kill_first))
    assert killed
    assert {outcome.status for outcome in outcomes.values()} == {"ok"}


def test_noise_that_is_no_text_and_a_read_of_the_input_disturb_nothing(bench, tmp_path):
    assert run(bench, tmp_path, ["noisy"])["noisy", 0].status == "ok"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "filling",
            r"cannot write /scratch/mine\.tmp: the disk is full\. Free some space and run the same line again",
        ),
        ("unwritable", r"cannot write .*run/trials/tests\.trials\.odd_methods\.unwritable/0-0: File too large\."),
    ],
)
def test_what_cannot_be_written_ends_the_run(bench, tmp_path, name, said):
    """It is no fault of the method, and no other trial would fare better; what was done before stays."""
    with pytest.raises(OutputError, match=said):
        run(bench, tmp_path, ["fine", name], n_workers=1)
    done = bench.run / "trials" / "tests.trials.odd_methods.fine" / "0-0"
    assert changed(done) == []
    assert (done / "result.json").exists()
    assert not list(bench.run.glob(f"trials/*{name}/*"))


def test_what_a_method_says_at_length_is_cut_and_kept(bench, tmp_path):
    outcomes = run(bench, tmp_path, ["wordy", "counting"])
    reason = outcomes["wordy", 0].reason
    assert reason.startswith("ValueError: much much ")
    assert "… (odd_methods.py, line " in reason
    assert len(reason) < LONGEST_REASON + 60  # its type and its place
    log = (bench.run / outcomes["wordy", 0].job.place / "error.txt").read_text()
    assert log.startswith("Traceback")
    assert log.count("much ") >= 1000
    assert "and a second line" in log
    assert outcomes["counting", 0].status == "ok"
    curves = (bench.run / outcomes["counting", 0].job.place / "curves.jsonl").read_text()
    assert json.loads(curves) == {"event": "progress", "done": 1, "total": 2, "loss": 0.5}


def test_a_file_in_the_working_folder_hides_no_module(bench, tmp_path, monkeypatch):
    (tmp_path / "queue.py").write_text("1 / 0")
    monkeypatch.chdir(tmp_path)
    assert run(bench, tmp_path, ["fine"])["fine", 0].status == "ok"


def test_a_signal_while_a_lock_is_taken_back_stops_the_work(tmp_path, monkeypatch):
    """What `queue.get` makes of it, a lock that it does not hold, is no fault of its own; any other error is."""
    pool = Pool(tmp_path, tmp_path, 1, BIG)

    def stopped(timeout):
        lock = threading.Lock()
        try:
            raise KeyboardInterrupt
        finally:
            lock.release()

    monkeypatch.setattr(pool.inbox, "get", stopped)
    with pytest.raises(KeyboardInterrupt):
        pool._next_event()
    monkeypatch.setattr(pool.inbox, "get", lambda timeout: threading.Lock().release())
    with pytest.raises(RuntimeError, match="unlocked lock"):
        pool._next_event()
