"""What text networks reach with their defaults on real texts, from train rows to test rows, beside TF-IDF and a logistic model.

python benchmarks/text_quality.py trec text-cnn lstm      a data set, and networks or tfidf-logistic
python benchmarks/text_quality.py page                    what results/texts.jsonl holds into docs/benchmarks.md

Accuracy on test rows; seconds are the processor's, of the fit. Each fit is a line of results/texts.jsonl. The data are read from
TENON_DATA, or shared/data beside the repository.
"""

import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from pages import add_result, results, write_part

from tenon.text import TextClassifier

RESULTS = Path(__file__).parent / "results" / "texts.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")


def rows(name: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Texts and labels."""
    table = pd.read_csv(DATA / name / f"{part}.csv.gz", keep_default_na=False)
    return table["text"].to_numpy(object), table["label"].to_numpy()


def run(name: str, net: str, seed: int) -> None:
    """Fit once and write what came out."""
    (X, y), (X_test, y_test) = rows(name, "train"), rows(name, "test")
    model = tfidf_logistic() if net == "tfidf-logistic" else TextClassifier(net, n_jobs=1, random_state=seed)
    start = time.process_time()
    model.fit(X, y)
    found = {
        "data": name, "net": net, "seed": seed, "rows": len(X), "test_rows": len(X_test),
        "cpu_seconds": round(time.process_time() - start, 1), "accuracy": float(model.score(X_test, y_test)),
        **(of_network(model) if net != "tfidf-logistic" else {}), "torch": torch.__version__, "machine": platform.machine(),
    }  # fmt: skip
    add_result(RESULTS, found)


def tfidf_logistic() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from tenon.features.tfidf import TextTfidf

    return make_pipeline(TextTfidf(), LogisticRegression(max_iter=1000))


def of_network(model: Any) -> dict[str, Any]:
    history = model.history_
    return {
        "units": model.tokens_.to_json().get("units"), "vocabulary": len(model.tokens_), "cut_share": model.cut_share_,
        "weights": sum(parameter.numel() for parameter in model.net_.parameters()), "best_epoch": history.best_epoch,
        "epochs": len(history.held_out),
    }  # fmt: skip


def page() -> None:
    found = results(RESULTS)
    lines = [
        *("## Text networks", ""),
        "Written by `benchmarks/text_quality.py`: train rows to test rows, with defaults, beside TF-IDF and logistic regression;",
        "± is half of the 95 % interval of a share of the test rows. Processor seconds of a shared machine say little.",
        *("", "| data | network | seed | passes | accuracy | ± | CPU s |", "|---|---|---|---|---|---|---|"),
    ]
    for one in sorted(found, key=lambda one: (one["data"], -one["accuracy"])):
        half = 1.96 * (one["accuracy"] * (1 - one["accuracy"]) / one["test_rows"]) ** 0.5
        figures = f"{one.get('epochs', '')} | {one['accuracy']:.3f} | {half:.3f} | {one['cpu_seconds']:.0f}"
        lines.append(f"| {one['data']} | {one['net']} | {one['seed']} | {figures} |")
    write_part("text_quality", lines)


if __name__ == "__main__":
    if sys.argv[1] == "page":
        page()
    else:
        for net in sys.argv[2:]:
            run(sys.argv[1], net, 0)
