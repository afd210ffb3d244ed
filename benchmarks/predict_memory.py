"""How much memory `tenon predict` takes for files of growing size, and whether it says the same of each row as of a small file.

python benchmarks/predict_memory.py [--mb 10,100,1000] [--sample breast-cancer]

Fits naive Bayes to the rows of a sample, writes these rows again and again into a CSV, and predicts it in a process of its own.
Prints a JSON line a size: `peak_mb` is what the system says was the peak of that process, `above_mb` how much of it lies above
that of the sample itself; the script fails where a prediction differs from that of the same row in the sample.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from itertools import cycle
from pathlib import Path

import tenon
from tenon.catalogue import find
from tenon.data.samples import write_sample
from tenon.tasks import infer_task

MB = 1e6
TARGETS = {"breast-cancer": "diagnosis", "iris": "species"}


def predicted(folder: Path, table: Path, out: Path) -> float:
    """Predict a file and return the most memory that this took, in MB."""
    child = subprocess.Popen([sys.executable, "-m", "tenon", "predict", str(folder), str(table), "-o", str(out)])
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, f"ended with status {status}"
    return usage.ru_maxrss * 1024 / MB


def repeated(table: Path, to: Path, n_bytes: float) -> None:
    """Write the rows of a table again and again, up to this size."""
    names, *rows = table.read_text(encoding="utf-8").splitlines(keepends=True)
    with to.open("w", encoding="utf-8") as file:
        file.write(names)
        for row in cycle(rows):
            file.write(row)
            if file.tell() >= n_bytes:
                break


def check_same(small: Path, large: Path) -> int:
    """Return how many rows there are, each written as the same row of the small file."""
    wanted = small.read_text(encoding="utf-8").splitlines()
    n = 0
    with large.open(encoding="utf-8") as file:
        assert next(file).rstrip("\n") == wanted[0]
        for line, expected in zip(file, cycle(wanted[1:]), strict=False):
            assert line.rstrip("\n") == expected, f"row {n + 1:,} differs"
            n += 1
    return n


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mb", default="10,100,1000")
    parser.add_argument("--sample", choices=TARGETS, default="breast-cancer")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        [table] = write_sample(asked.sample, folder)
        data = tenon.read(table, TARGETS[asked.sample])
        task, _ = infer_task(data.target)
        method = find("naive-bayes")
        method.fit(data, task, params=method.with_defaults({}), seed=0).save(folder / "model")
        small = predicted(folder, table, folder / "small.csv")
        for mb in map(float, asked.mb.split(",")):
            repeated(table, folder / "big.csv", mb * MB)
            peak = predicted(folder, folder / "big.csv", folder / "out.csv")
            n_rows = check_same(folder / "small.csv", folder / "out.csv")
            print(json.dumps({"mb": mb, "rows": n_rows, "peak_mb": round(peak), "above_mb": round(peak - small)}), flush=True)


if __name__ == "__main__":
    main()
