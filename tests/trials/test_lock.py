"""Two runs never work in one folder at once; what a killed run leaves behind stops nobody."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from tenon.errors import RunFolderError
from tenon.trials.lock import NAME, locked

HOLD = "import sys, time; from pathlib import Path; from tenon.trials.lock import locked\nwith locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"  # noqa: E501


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, encoding="utf-8")
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_the_lock_says_who_holds_it_and_goes_away(tmp_path):
    with locked(tmp_path / "run"):
        who = json.loads((tmp_path / "run" / NAME).read_text())
        assert (who["pid"], who["host"]) == (os.getpid(), socket.gethostname())
    assert list((tmp_path / "run").iterdir()) == []


def test_another_process_is_named(tmp_path, holder):
    with pytest.raises(
        RunFolderError, match=rf"is in use by another process \(process {holder.pid} on .*, since .*\)\. Wait for its"
    ):
        locked(tmp_path).__enter__()
    assert json.loads((tmp_path / NAME).read_text())["pid"] == holder.pid


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_lock_of_a_killed_process_is_none(tmp_path, holder, how):
    holder.send_signal(how)
    holder.wait()
    assert (tmp_path / NAME).exists()
    with locked(tmp_path):
        assert json.loads((tmp_path / NAME).read_text())["pid"] == os.getpid()


def test_two_runs_of_one_process_are_kept_apart(tmp_path):
    with locked(tmp_path), pytest.raises(RunFolderError, match=rf"in use by another process \(process {os.getpid()} on"):
        locked(tmp_path).__enter__()
    with locked(tmp_path):
        pass


def test_an_error_lets_go_of_the_lock(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        raise ZeroDivisionError
    with locked(tmp_path):
        pass


def test_of_many_that_start_at_once_one_gets_it(tmp_path):
    """Also where a file was left behind; they all hold on to what they get until the last one has tried."""
    (tmp_path / NAME).write_text("{}")
    code = (
        "import sys; from pathlib import Path; from tenon.errors import RunFolderError; from tenon.trials.lock import locked\n"
        "try:\n    with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()\n"
        "except RunFolderError: print('refused', flush=True)"
    )
    line = [sys.executable, "-c", code, str(tmp_path)]
    started = [subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") for _ in range(6)]
    said = sorted(process.stdout.readline() for process in started)
    for process in started:
        process.communicate()
    assert said == ["held\n"] + ["refused\n"] * 5
