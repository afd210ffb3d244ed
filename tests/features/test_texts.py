"""Whole texts for networks: one of each row, several columns a line each."""

import pandas as pd

from tenon.features.origins import origins
from tenon.features.texts import WholeTexts

FRAME = pd.DataFrame({"title": ["a", ""], "n": [1, 2], "body": ["b\nc", "d"]}).astype({"title": object, "body": object})


def test_one_column_is_as_it_is_and_several_stand_below_one_another():
    assert WholeTexts(["body"]).fit_transform(FRAME).tolist() == ["b\nc", "d"]
    made = WholeTexts(["title", "body"]).fit(FRAME)
    assert made.transform(FRAME).tolist() == ["a\nb\nc", "\nd"]
    assert made.transform(FRAME[:0]).shape == (0,)
    assert origins(made) == []
