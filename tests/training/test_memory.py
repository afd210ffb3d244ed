"""Free memory is given back while a network learns: blocks between others that stay, and how often the loop looks."""

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from tenon.training import Recipe, TensorRows, loop, train  # noqa: E402

FREE_BETWEEN = """
import psutil
from tenon.training.memory import give_back
large, small = [], []
for _ in range(2_000):
    large.append(bytearray(b"x" * 60_000))  # below what glibc asks the system for by itself
    small.append(bytearray(b"x" * 600))
large.clear()
held = psutil.Process().memory_info().rss
give_back()
print(held - psutil.Process().memory_info().rss, all(block == b"x" * 600 for block in small))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what is free can be given back in glibc alone")
def test_what_lies_free_between_blocks_that_stay_is_given_back():
    """In a process of its own, whose heap has no holes that the small blocks would go to."""
    done = subprocess.run([sys.executable, "-c", FREE_BETWEEN], check=True, capture_output=True, text=True)
    n_bytes, are_whole = done.stdout.split()
    assert int(n_bytes) > 60e6
    assert are_whole == "True"


@pytest.mark.parametrize(("every", "n"), [(0.0, 12), (1e9, 0)])
def test_the_loop_gives_back_as_often_as_it_says(every, n, monkeypatch):
    seen = []
    monkeypatch.setattr(loop, "GIVE_BACK_EVERY", every)
    monkeypatch.setattr(loop, "give_back", lambda: seen.append(1))
    rows = TensorRows(torch.randn(12, 3), targets=torch.zeros(12, dtype=torch.long))
    train(nn.Linear(3, 2), rows, functional.cross_entropy, Recipe(epochs=3, batch_size=3))
    assert len(seen) == n
