"""Folders that a run cannot go into or go on in, and what happens to a run whose files were damaged."""

import fcntl
import json
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tests.bad_input.case import READ, Case
from tests.bad_input.made import LINE, run, table

from tenon.files import seal

HELD: list[IO[str]] = []  # locks that stay until the tests are over
OTHER = r"Name another folder with --out\."


def into(out: str) -> Callable[[Path], list[str]]:
    """Compare into this folder, which holds a text."""

    def make(folder: Path) -> list[str]:
        table(folder)
        (folder / "thesis").mkdir()
        (folder / "thesis" / "chapter.txt").write_text("mine", encoding="utf-8")
        return [*LINE[:-1], out]

    return make


def again(*words: str) -> Callable[[Path], list[str]]:
    """The line of a finished run with something added."""

    def make(folder: Path) -> list[str]:
        run(folder)
        return [*LINE, *words]

    return make


def with_other_data(folder: Path) -> list[str]:
    run(folder)
    text = (folder / "people.csv").read_text(encoding="utf-8")
    (folder / "people.csv").write_text(text.replace("\n9,", "\n8,", 1), encoding="utf-8")
    return LINE


def with_run_json(change: Callable[[dict], object]) -> Callable[[Path], list[str]]:
    """Another content of run.json, as somebody wrote it who knows of the checksums."""

    def make(folder: Path) -> list[str]:
        path = run(folder) / "run.json"
        path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
        seal(path.parent, ["run.json"])
        return LINE

    return make


def of_another_version(content: dict) -> dict:
    content["asked"]["versions"]["numpy"] = "1.26.4"
    return content


def damaged(*names: str, unfinished: bool = False) -> Callable[[Path], list[str]]:
    """The line of a run of which some files were cut in half."""

    def make(folder: Path) -> list[str]:
        path = run(folder)
        for name in names:
            content = (path / name).read_bytes()
            (path / name).write_bytes(content[: len(content) // 2])
        if unfinished:
            (path / "leaderboard.json").unlink()
        return LINE

    return make


def without_checksums(folder: Path) -> list[str]:
    """The line of a run whose checksums are overwritten with something else."""
    (run(folder) / "checksums.txt").write_text("chapter one\n", encoding="utf-8")
    return LINE


def in_use(folder: Path) -> list[str]:
    """The line of a run that another process is at work in."""
    lock = (run(folder) / ".lock").open("w", encoding="utf-8")
    lock.write(json.dumps({"pid": 4711, "host": "elsewhere", "since": "2026-01-31 08:00:00"}))
    lock.flush()
    fcntl.flock(lock, fcntl.LOCK_EX)
    HELD.append(lock)
    return LINE


def left_behind(folder: Path) -> list[str]:
    """The same after that process was killed: the file stands, but nobody holds it."""
    (run(folder) / ".lock").write_text(json.dumps({"pid": 1, "host": "here", "since": "long ago"}), encoding="utf-8")
    return LINE


def made_again(*names: str) -> str:
    """What stands on standard error of a run that mends itself."""
    return (
        "(?s:.*)"
        + "(?s:.*)".join(rf"! runs/people/{name} was damaged or changed; it is made again\." for name in names)
        + "(?s:.*)"
    )


PLACES = [
    Case("a-file", into("people.csv"), READ + r"tenon: people\.csv is a file; name a folder for the run with --out\."),
    Case(
        "below-a-file",
        into("people.csv/run"),
        READ + r"tenon: cannot write people\.csv/run: a part of this path is a file, no folder\. Name another place with --out\.",
    ),
    Case(
        "other-things",
        into("thesis"),
        READ + r"tenon: thesis holds other things than a run; name another folder with --out\.",
    ),
]

OTHERS = [
    Case("other-data", with_other_data, READ + rf"tenon: runs/people holds another run: the data have changed since\. {OTHER}"),
    Case("other-seed", again("--seed", "1"), READ + rf"tenon: runs/people holds another run: --seed was 0, is 1 now\. {OTHER}"),
    Case(
        "other-settings",
        again("--set", "baseline.calibrate=sigmoid"),
        READ + rf"tenon: runs/people holds another run: --set or --also: baseline was null, is .*calibrate.* now\. {OTHER}",
    ),
    Case(
        "other-version",
        with_run_json(of_another_version),
        READ + rf"tenon: runs/people holds another run: versions numpy was 1\.26\.4, is .* now\. {OTHER}",
    ),
    Case(
        "later-format",
        with_run_json(lambda content: {**content, "format": 7}),
        READ + r"tenon: runs/people is a run of a later Tenon \(format 7, known 1\); update Tenon\.",
    ),
    Case(
        "no-wishes",
        with_run_json(lambda content: {**content, "asked": None}),
        READ + r"tenon: runs/people/run\.json is damaged or was changed\. Remove the folder and run again\.",
    ),
    Case(
        "no-object",
        with_run_json(lambda content: ["run"]),
        READ + r"tenon: runs/people/run\.json is damaged or was changed\. Remove the folder and run again\.",
    ),
    Case(
        "cut-run-json",
        damaged("run.json"),
        READ + r"tenon: runs/people/run\.json is damaged or was changed\. Remove the folder and run again\.",
    ),
    Case(
        "in-use",
        in_use,
        READ + r"tenon: runs/people is in use by another process \(process 4711 on elsewhere, since 2026-01-31 08:00:00\)\. "
        r"Wait for its end, or name another folder with --out\.",
    ),
]

MENDED = [
    Case("lock-of-a-killed-run", left_behind, r"(?s:.*)", code=0),
    Case("damaged-products", damaged("verdicts.json", "leaderboard.csv"), made_again("leaderboard.csv", "verdicts.json"), code=0),
    Case(
        "damaged-trials",
        damaged("trials/baseline/0-0/result.json", "trials/baseline/0-1/predictions.parquet", "splits.parquet", unfinished=True),
        made_again("splits.parquet", "trials/baseline/0-0", "trials/baseline/0-1"),
        code=0,
    ),
    Case("damaged-model", damaged("model/estimator.skops"), made_again("model/estimator.skops"), code=0),
    Case("damaged-checksums", without_checksums, made_again("checksums.txt"), code=0),
]

CASES = [*PLACES, *OTHERS, *MENDED]
