"""Targets that cannot be learnt are told before a training begins, and not by its loss."""

import numpy as np
import pytest

pytest.importorskip("torch")

from tenon.errors import DataError  # noqa: E402
from tenon.training.targets import Classes, Numbers  # noqa: E402


@pytest.mark.parametrize("y", [np.array(["a", None], object), np.array(["a", np.nan], object), np.array([1.0, np.nan])])
def test_a_missing_class_is_refused(y):
    with pytest.raises(DataError, match=r"y holds no class in 1 of 2 rows; leave them out\."):
        Classes.of(y)


@pytest.mark.parametrize("bad", [np.nan, np.inf, None, "a"])
def test_what_is_no_finite_number_is_refused(bad):
    with pytest.raises(DataError, match=r"y holds no finite number in 2 of 3 rows; leave them out\."):
        Numbers.of(np.array([1.5, bad, bad], object if bad in (None, "a") else float))
    assert Numbers.of(np.array([1, 3])) == Numbers(2.0, 1.0)
