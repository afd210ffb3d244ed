"""Runs whose methods begin with something prepared: their data, their leaderboard, and one that is killed once."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

import tenon

N = 520


def given(method: str) -> dict[str, Any]:
    return {"methods": method, "splits": "2x1", "budget": "quick", "seed": 3}


def data_of(frame: pd.DataFrame) -> Any:
    return tenon.read(frame, target="y", kinds={"review": "text"})


def leaderboard(folder: Path) -> bytes:
    return (folder / "leaderboard.json").read_bytes()


def killed_once_prepared(method: str, frame: pd.DataFrame, folder: Path) -> Path:
    """Kill a run in the folder as soon as something is prepared, let it go on to its end, and return its folder."""
    frame.to_parquet(folder / "data.parquet")
    line = [
        sys.executable,
        "-m",
        "tenon",
        "compare",
        str(folder / "data.parquet"),
        "--target=y",
        "--kind=review=text",
        "--jobs=1",
    ]
    line += [*(f"--{name}={value}" for name, value in given(method).items()), f"--out={folder / 'run'}"]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (made := list((folder / "run/shared").glob("[!.]*"))):
        assert process.poll() is None, "ended before anything was prepared"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "run/leaderboard.json").exists(), "killed too late to show anything"
    written = (made[0] / "result.json").stat().st_mtime_ns
    subprocess.run(line, check=True, capture_output=True)
    assert (made[0] / "result.json").stat().st_mtime_ns == written
    return folder / "run"
