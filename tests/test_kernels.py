"""Kernels on disk: what processes that compile at the same time leave there."""

import os
import subprocess
import sys

import numpy as np

from tenon.kernels import compiled_bare, compiled_bare_inline, compiled_reordered

SCRIPT = """
import sys, time
from tenon.kernels import compiled
import kernel_of_test
kernel = compiled(kernel_of_test.twice)
save = kernel._cache._cache_file._save_index

def slowly(overloads):  # between choosing a name and writing the file, so that the other process chooses its own
    time.sleep(1.0)
    save(overloads)

kernel._cache._cache_file._save_index = slowly
kernel(int(sys.argv[1]) if sys.argv[2] == "int" else float(sys.argv[1]))
"""


def test_two_processes_that_compile_at_once_do_not_mix_their_code(tmp_path):
    """One compiles for whole numbers, the other for floats; what either left is the code of its own arguments."""
    (tmp_path / "kernel_of_test.py").write_text("def twice(x):\n    return x * 2\n")
    (tmp_path / "script.py").write_text(SCRIPT)
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    both = [subprocess.Popen([sys.executable, str(tmp_path / "script.py"), "1", kind], env=env) for kind in ("int", "float")]
    assert [one.wait() for one in both] == [0, 0]
    left = sorted(path.name for path in (tmp_path / "cache").rglob("*.nbc"))
    assert len(left) == 2, left


def test_who_has_a_function_compiled_first_changes_no_bit_of_it():
    """A sum whose order may change has a product and a sum compiled first; they stay two steps, each rounded."""

    @compiled_bare_inline
    def line(x, slope, start):
        return x * slope + start

    @compiled_reordered
    def total_of(x, slope, start):
        total = np.float32(0.0)
        for i in range(len(x)):
            total += line(x[i], slope, start)
        return total

    @compiled_bare
    def loose(x, slope, start):
        return total_of(x, slope, start)

    @compiled_bare
    def strict(x, slope, start, out):
        for i in range(len(x)):
            out[i] = line(x[i], slope, start)

    for kernel in (line, total_of, loose, strict):
        kernel._cache.disable()  # or what an earlier run left on disk would be looked at
    x, slope, start = np.random.default_rng(0).normal(size=1000).astype(np.float32), np.float32(1.1), np.float32(-0.7)
    out = np.empty_like(x)
    loose(x, slope, start)
    strict(x, slope, start, out)
    assert np.array_equal(out, x * slope + start)
