"""Dates as numbers, against the calendar of the standard library."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from tenon.features.dates import PARTS, DateNumbers

MOMENTS = [datetime(1931, 12, 24, 18, 30), datetime(1970, 1, 1), datetime(2000, 2, 29, 23, 59), datetime(2024, 12, 30, 6)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_parts(moment):
    frame = pd.DataFrame({"d": pd.Series([moment], dtype="datetime64[us]")})
    ours = dict(zip(PARTS, DateNumbers().fit_transform(frame)[0], strict=True))
    days = ours.pop("days")
    assert ours == {
        "year": moment.year, "month": moment.month, "day": moment.day, "weekday": moment.weekday(), "hour": moment.hour
    }  # fmt: skip
    assert days == pytest.approx((moment - datetime(1970, 1, 1)).total_seconds() / 86400, rel=1e-15)


def test_missing_dates_are_nan_and_marked():
    frame = pd.DataFrame({"a": pd.to_datetime(["2024-01-01", None]), "b": pd.to_datetime([None, "2024-01-01"])})
    ours = DateNumbers(marks_missing=True).fit_transform(frame)
    assert ours.shape == (2, 14)
    assert (np.isnan(ours) == [[0] * 7 + [1] * 6 + [0], [1] * 6 + [0] * 8]).all()
    assert ours[:, [6, 13]].tolist() == [[0, 1], [1, 0]]
    assert len(DateNumbers(marks_missing=True).get_feature_names_out(["a", "b"])) == 14
