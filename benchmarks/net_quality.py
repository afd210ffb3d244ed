"""Perceptrons with their defaults beside scikit-learn's, on the same split of the same tables; and pretraining beside none.

python benchmarks/net_quality.py [--only german_credit …]   measures again and writes its part of docs/benchmarks.md

Splits, scores and intervals as in tree_quality.py. Scikit-learn reads numbers scaled and filled, categories one-hot, and for
numbers a target scaled to mean 0 and deviation 1.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before the packages are loaded

import argparse  # noqa: E402
from importlib.metadata import version  # noqa: E402
from typing import Any  # noqa: E402

from pages import write_part  # noqa: E402
from sklearn.compose import TransformedTargetRegressor  # noqa: E402
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from tree_quality import HERE, Peer, again, compared, table  # noqa: E402

from tenon.features.recipes import native, scaled  # noqa: E402
from tenon.tabular import mlp as tabular  # noqa: E402

RESULTS = HERE / "results" / "net_quality.jsonl"
TABLES = ("adult", "bike_sharing", "abalone", "german_credit", "car_evaluation")
PEERS = {
    "mlp": Peer(
        lambda: MLPClassifier(random_state=0),
        lambda: TransformedTargetRegressor(MLPRegressor(random_state=0), transformer=StandardScaler()),
        scaled,
    ),
    "mlp-autoencoder": Peer(  # beside the same network without pretraining
        lambda: tabular.MLPClassifier(n_jobs=1, random_state=0), lambda: tabular.MLPRegressor(n_jobs=1, random_state=0), native
    ),
}


def write_page(rows: list[dict[str, Any]]) -> None:
    lines = [
        "## Perceptrons with their defaults",
        "",
        f"Written by `benchmarks/net_quality.py`; scikit-learn {version('scikit-learn')}, torch {version('torch')}. Accuracy, or",
        "R²; the difference is ours less theirs with its 95 % interval; CPU seconds of the fit with the features.",
        "",
        *table(rows),
    ]
    write_part("net_quality", lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=TABLES, default=list(TABLES))
    write_page(again(RESULTS, parser.parse_args().only, lambda data: compared(data, PEERS)))


if __name__ == "__main__":
    main()
