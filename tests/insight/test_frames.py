"""rows.json as frames."""

from tenon.insight.frames import row_frames


def row(number, **more):
    return {"row": number, "proba": {"label": 0.1, "prediction": 0.9}, "cells": {"b": "x", "label": "u"}, "pictures": {}, **more}


def test_columns_of_ours_come_first_and_keep_their_names():
    rows = [
        row(7, suggested="v", agreement=1.0, prediction="v", label="w"),
        row(3, suggested="w", agreement=0.8, prediction="w", label="v"),
    ]
    frames = row_frames(
        {"columns": ["label", "b"], "most_wrong": {"reason": "…"}, "doubtful": {"rows": rows}, "label_next": {"rows": []}}
    )
    frame = frames["doubtful"]
    assert frame.index.tolist() == [7, 3]
    assert list(frame.columns) == [
        "label",
        "prediction",
        "suggested",
        "p_label",
        "p_prediction",
        "agreement",
        "label (cell)",
        "b",
    ]
    assert frame.loc[7, "label"] == "w"
    assert frame.loc[7, "label (cell)"] == "u"
    assert frames["most_wrong"].empty
    assert frames["label_next"].empty


def test_what_no_row_has_is_no_column():
    rows = [{**row(1, prediction=2.0, label=3.0, residual=1.0, suggested=None), "proba": None}]
    frame = row_frames({"columns": ["b"], "most_wrong": {"rows": rows}, "doubtful": {"rows": []}, "label_next": {"rows": []}})
    assert list(frame["most_wrong"].columns) == ["label", "prediction", "residual", "b"]
