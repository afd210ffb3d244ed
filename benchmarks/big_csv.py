"""How much memory a large CSV takes: makes one, works on it in fresh processes, prints a JSON line each.

python benchmarks/big_csv.py [--mb 1000] [--shape mixed] [--do read,describe,conform,pandas] [--jobs 2]

read: `tenon.read`; describe: also the lines about it; conform: the rows as new ones, as `tenon predict` reads them, for the
schema that a `read` before has found; pandas: pandas.read_csv(dtype=str), for comparison; compare=METHODS: a comparison of
these methods, with its workers.

Peak memory is the largest sum, over the process and its children, of the memory each holds, with pages that several map
counted once (proportional set size), looked at every 0.1 s; where the process runs alone it is what the system says was the
peak. `ratio` is peak / size of the file.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

ROWS = 50_000  # made and written at a time
LOOK_EVERY = 0.1  # seconds
MB = 1e6


def mixed(rng: np.random.Generator, n: int) -> dict[str, object]:
    """Eight numbers, three categories, a date and a note: what tables in companies look like."""
    floats = {f"amount {i}": np.round(rng.lognormal(6, 2, n), 2) for i in range(5)}
    whole = {f"count {i}": rng.integers(0, 10 ** (i + 2), n) for i in range(3)}
    cities = np.array([f"city {i}" for i in range(400)])
    days = np.datetime64("2015-01-01") + rng.integers(0, 3650, n)
    texts = {
        "city": cities[rng.integers(0, 400, n)],
        "plan": np.array(["basic", "standard", "premium"])[rng.integers(0, 3, n)],
        "is_new": np.array(["yes", "no"])[rng.integers(0, 2, n)],
        "day": days.astype(str),
        "note": words(rng, n, 6),
    }
    return floats | whole | texts | {"left": np.array(["stays", "leaves"])[(floats["amount 0"] > 900).astype(int)]}


def numbers(rng: np.random.Generator, n: int) -> dict[str, object]:
    """Twenty numbers with six decimals."""
    columns = {f"x{i}": np.round(rng.normal(size=n), 6) for i in range(20)}
    return columns | {"left": np.array(["stays", "leaves"])[(columns["x0"] > 0).astype(int)]}


def few(rng: np.random.Generator, n: int) -> dict[str, object]:
    """Three columns, nearly all of whose cells differ: a number, an identifier, and a number again."""
    ids = np.char.mod("%09x", rng.integers(0, 16**9, n))
    return {"x": np.round(rng.normal(size=n), 6), "key": ids, "y": np.round(rng.normal(size=n), 6), "left": rng.integers(0, 2, n)}


def texts(rng: np.random.Generator, n: int) -> dict[str, object]:
    """A text of about 60 words and a label."""
    return {"text": words(rng, n, 60), "left": np.array(["stays", "leaves"])[rng.integers(0, 2, n)]}


def digits(rng: np.random.Generator, n: int) -> dict[str, object]:
    """Thirty whole numbers from 0 to 999: a float64 takes twice the room of such a cell."""
    return {f"d{i}": rng.integers(0, 1000, n) for i in range(30)} | {"left": rng.integers(0, 2, n)}


SHAPES: dict[str, Callable[[np.random.Generator, int], dict[str, object]]] = {
    shape.__name__: shape for shape in (mixed, numbers, few, texts, digits)
}


def words(rng: np.random.Generator, n: int, length: int) -> pa.Array:
    """Return n texts of `length` words out of 5,000, the frequent ones first, as in language."""
    known = np.array(["".join(chr(97 + (i * k) % 26) for k in (3, 5, 7, 11, 13)[: 2 + i % 4]) + str(i % 10) for i in range(5000)])
    drawn = known[np.minimum(rng.zipf(1.3, n * length) - 1, 4999)]
    offsets = pa.array(np.arange(0, n * length + 1, length, dtype=np.int32))
    return pa.compute.binary_join(pa.ListArray.from_arrays(offsets, pa.array(drawn)), " ")


def write_csv(path: Path, shape: str, n_bytes: float) -> int:
    """Write at least n_bytes of CSV and return the number of rows."""
    rng, n = np.random.default_rng(0), 0
    with path.open("wb") as out:
        while out.tell() < n_bytes:
            table = pa.table(SHAPES[shape](rng, ROWS))
            pa.csv.write_csv(table, out, pa.csv.WriteOptions(include_header=n == 0, quoting_style="needed"))
            n += ROWS
    return n


def work(what: str, path: Path, jobs: int) -> None:
    """Do one thing with the file; runs in a process of its own."""
    if what == "pandas":
        import pandas as pd

        pd.read_csv(path, dtype=str)
        return
    import tenon
    from tenon.data.dataset import Schema

    about = path.with_suffix(".json")
    if what == "conform":
        from tenon.data.new_rows import open_new

        for _ in open_new(path, Schema.from_json(json.loads(about.read_text()))).read():
            pass
        return
    data = tenon.read(path, "left")
    about.write_text(json.dumps(data.schema.to_json()))
    if what == "describe":
        from tenon.data.describe import describe

        describe(data)
    elif what.startswith("compare="):
        tenon.compare(data, methods=what.split("=")[1], out=path.parent / "run", jobs=jobs, splits="2x1")


def measured(what: str, path: Path, jobs: int) -> dict[str, object]:
    """Run `work` in a fresh process and return seconds and peak memory of it and its children."""
    start, seen, n_processes = time.perf_counter(), 0, 1
    child = subprocess.Popen([sys.executable, __file__, "--work", what, "--file", str(path), "--jobs", str(jobs)])
    while True:
        ended, status, usage = os.wait4(child.pid, os.WNOHANG)
        if ended:
            break
        held, n = family_bytes(child.pid) if what.startswith("compare=") else (0, 1)
        seen, n_processes = max(seen, held), max(n_processes, n)
        time.sleep(LOOK_EVERY)
    seconds = time.perf_counter() - start
    assert status == 0, f"{what} ended with status {status}"
    peak = max(seen, usage.ru_maxrss * 1024)
    return {"do": what, "seconds": round(seconds, 1), "peak_mb": round(peak / MB), "processes": n_processes}


def family_bytes(pid: int) -> tuple[int, int]:
    """Return (bytes held by a process and its children, how many they are)."""
    total, n = 0, 0
    try:
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            total, n = total + process.memory_full_info().pss, n + 1
    except psutil.NoSuchProcess:  # one of them has just ended
        pass
    return total, n


def main() -> None:
    """Make the file, measure each thing that was asked for, print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mb", type=float, default=1000)
    parser.add_argument("--shape", choices=SHAPES, default="mixed")
    parser.add_argument("--do", default="read,describe,conform,pandas")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        work(asked.work, asked.file, asked.jobs)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.csv"
        n_rows = write_csv(path, asked.shape, asked.mb * MB)
        n_bytes = path.stat().st_size
        for what in asked.do.split(","):
            row = measured(what, path, asked.jobs)
            ratio = round(row["peak_mb"] * MB / n_bytes, 2)
            print(
                json.dumps({"shape": asked.shape, "mb": round(n_bytes / MB), "rows": n_rows, **row, "ratio": ratio}), flush=True
            )


if __name__ == "__main__":
    main()
