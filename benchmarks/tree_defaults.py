"""Which default of a setting does best in five folds of the train parts of several data sets; the test parts are not read.

python benchmarks/tree_defaults.py METHOD SETTING VALUE …   such as: id3 alpha 0.5 1 2.5 5

Prints the cross-validated loss of each value on each data set (Brier score of classes, mean squared error over the target's
variance), and its mean excess over the best value of that data set. Of large data sets a part of the train rows is used.
"""

import argparse

import numpy as np
from sklearn.model_selection import KFold
from tree_quality import DATA, split

from tenon.catalogue import find
from tenon.data.dataset import Dataset
from tenon.tasks import Task, infer_task

MOST_ROWS = 3000
FOLDS = 5
LITTLE = 0.01  # below it, losses count as nearly equal: a data set without noise would decide alone
TRAIN = DATA | {
    "mushroom": lambda: split("mushroom/data.csv.gz", "class"),
    "trec": lambda: split("trec/train.csv.gz", "label", kinds={"fine_label": "ignore"}),
}


def loss(name: str, settings: dict[str, float], train: Dataset, task: Task) -> float:
    """Return the loss over all rows, each predicted by the fold that does not hold it."""
    method, total = find(name), 0.0
    for fit, out in KFold(FOLDS, shuffle=True, random_state=0).split(train.row_ids):
        model = method.fit(train.rows(train.row_ids[fit]), task, params=method.with_defaults(settings), seed=0)
        held_out = train.rows(train.row_ids[out])
        said = model.predict(held_out.without_target())
        if task.is_regression:
            each = ((said.value - np.asarray(held_out.target, float)) ** 2).mean() / task.target_sd**2
        else:
            each = ((said.proba - np.eye(len(task.labels))[task.encode(held_out.target)]) ** 2).sum(axis=1).mean()
        total += each * len(out)
    return total / len(train)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("method")
    parser.add_argument("setting")
    parser.add_argument("values", type=float, nargs="+")
    parser.add_argument("--only", nargs="+", choices=TRAIN, default=list(TRAIN))
    asked = parser.parse_args()
    table = []
    for name in asked.only:
        train, _ = TRAIN[name]()
        task, _ = infer_task(train.target)
        train = train.rows(np.sort(np.random.default_rng(0).permutation(train.row_ids)[:MOST_ROWS]))
        if find(asked.method).accepts(train.schema, task):
            continue
        losses = [loss(asked.method, {asked.setting: value}, train, task) for value in asked.values]
        table.append((np.array(losses) + LITTLE) / (min(losses) + LITTLE) - 1)
        print(f"{name:20}", "  ".join(f"{one:.4f}" for one in losses), flush=True)
    print(f"{'mean excess':20}", "  ".join(f"{one:.4f}" for one in np.mean(table, axis=0)))
    print(f"{asked.setting:20}", "  ".join(f"{value:<6g}" for value in asked.values))


if __name__ == "__main__":
    main()
