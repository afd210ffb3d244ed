"""What the saved predictions of a finished run say beyond the leaderboard; nothing is fitted again.

`insights.json` holds figures, and no cell of the data but names of categories; `rows.json` a few rows with their cells.
Each section is described where it is made:

| file          | sections                                                                                                |
|---------------|---------------------------------------------------------------------------------------------------------|
| insights.json | `cost.py`, `calibration.py`, `precision_recall.py` (pr), `residuals.py`, `slices.py`, `twice.py`, `lengths.py` |
| rows.json     | `most_wrong.py`, `doubtful.py`, `label_next.py`; how a row is shown: `shown.py`                          |

A section that cannot be made is left out: {"code", "reason", "values"}, see `seen.left_out`.
"""
