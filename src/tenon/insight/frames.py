"""rows.json as frames, for people who work in Python."""

from typing import TYPE_CHECKING

from tenon.insight.seen import Section

if TYPE_CHECKING:
    import pandas as pd

SECTIONS = ("most_wrong", "doubtful", "label_next")
ORDER = ("label", "prediction", "suggested", "p_label", "p_prediction", "residual", "loss", "z", "agreement")  # then the others
CELL = " (cell)"  # after the name of a column of the data that is called like one of ours


def row_frames(rows: Section) -> "dict[str, pd.DataFrame]":
    """Return a frame a section, indexed by row number; rows : content of rows.json. Pictures are left out.

    p_label and p_prediction are the probabilities of the two. A section that is left out gives an empty frame.
    """
    return {name: _frame(rows[name].get("rows", []), rows["columns"]) for name in SECTIONS}


def _frame(rows: list[Section], columns: list[str]) -> "pd.DataFrame":
    import pandas as pd

    if not rows:
        return pd.DataFrame(index=pd.Index([], dtype="int64", name="row"))
    own = [{key: row[key] for key in row if key not in ("proba", "cells", "pictures")} | _probabilities(row) for row in rows]
    frame = pd.DataFrame(own).set_index("row").dropna(axis=1, how="all")
    frame = frame[sorted(frame.columns, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))]
    cells = pd.DataFrame([row["cells"] for row in rows], index=frame.index)
    cells = cells[[name for name in columns if name in cells]]
    return pd.concat([frame, cells.rename(columns={name: name + CELL for name in frame.columns})], axis=1)


def _probabilities(row: Section) -> Section:
    return {f"p_{of}": value for of, value in (row["proba"] or {}).items() if value is not None}
