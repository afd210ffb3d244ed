"""Free memory is given back while a network learns: blocks between others that stay, and how often the loop looks."""

import sys

import psutil
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from tenon.training import Recipe, TensorRows, loop, train  # noqa: E402
from tenon.training.memory import give_back  # noqa: E402


@pytest.mark.skipif(sys.platform != "linux", reason="what is free can be given back in glibc alone")
def test_what_lies_free_between_blocks_that_stay_is_given_back():
    large, small = [], []
    for _ in range(2_000):
        large.append(bytearray(b"\1" * 60_000))  # below what glibc asks the system for by itself
        small.append(bytearray(b"\1" * 600))
    large.clear()
    held = psutil.Process().memory_info().rss
    give_back()
    assert held - psutil.Process().memory_info().rss > 60e6
    assert all(block[0] == 1 for block in small)


@pytest.mark.parametrize(("every", "n"), [(0.0, 12), (1e9, 0)])
def test_the_loop_gives_back_as_often_as_it_says(every, n, monkeypatch):
    seen = []
    monkeypatch.setattr(loop, "GIVE_BACK_EVERY", every)
    monkeypatch.setattr(loop, "give_back", lambda: seen.append(1))
    rows = TensorRows(torch.randn(12, 3), targets=torch.zeros(12, dtype=torch.long))
    train(nn.Linear(3, 2), rows, functional.cross_entropy, Recipe(epochs=3, batch_size=3))
    assert len(seen) == n
