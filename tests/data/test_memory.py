"""What reading a large file takes, in a process of its own; benchmarks/big_csv.py measures more."""

import subprocess
import sys

import numpy as np
import pytest

CODE = """
import resource, sys, tenon
tenon.read(sys.argv[1], "y")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def peak(path):
    """Bytes that the process held at most."""
    return int(subprocess.run([sys.executable, "-c", CODE, str(path)], check=True, capture_output=True, text=True).stdout)


@pytest.mark.slow
def test_a_large_table_takes_less_than_three_times_its_size(tmp_path):
    rng = np.random.default_rng(0)
    names = ",".join([*(f"x{i}" for i in range(12)), "k", "y"])
    rows = [
        ",".join([*map(str, row), f"city {row[0] % 50}", "pq"[row[1] % 2]])
        for row in rng.integers(0, 10**6, (20_000, 12)).tolist()
    ]
    block = "\n".join(rows) + "\n"
    for name, repeats in (("small", 1), ("large", 100)):
        (tmp_path / f"{name}.csv").write_text(f"{names}\n{block * repeats}")
    n_bytes = (tmp_path / "large.csv").stat().st_size
    assert peak(tmp_path / "large.csv") - peak(tmp_path / "small.csv") < 2.8 * n_bytes
