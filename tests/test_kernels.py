"""Kernels on disk: what processes that compile at the same time leave there."""

import os
import subprocess
import sys

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
