"""The names that `tenon.metrics` offers, and what loading them loads."""

import subprocess
import sys

import pytest

import tenon.metrics


def test_every_public_name_is_there():
    for name in tenon.metrics.__all__:
        assert getattr(tenon.metrics, name) is not None
    assert set(tenon.metrics.__all__) <= set(dir(tenon.metrics))
    assert callable(tenon.metrics.gauc)


def test_unknown_name():
    with pytest.raises(AttributeError, match="has no attribute 'aucc'"):
        tenon.metrics.aucc  # noqa: B018 - reading it is the test


def test_metrics_load_nothing_heavy():
    code = (
        "import sys; from tenon.metrics import METRICS, Metric, gather, judge, gauc, judge_fixed;"
        "print([name for name in ('scipy', 'sklearn', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
