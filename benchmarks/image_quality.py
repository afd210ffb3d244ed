"""What image networks reach on Fashion-MNIST: with their defaults, and from few rows with and without images changed by chance.

python benchmarks/image_quality.py defaults resnet        all 10,000 train rows
python benchmarks/image_quality.py few lenet              1,000 of them, three seeds, each augmentation
python benchmarks/image_quality.py page                   what results/images.jsonl holds into docs/benchmarks.md

Accuracy on the 10,000 test images, of the image as it is and of the mean over views; seconds are the processor's, of the
fit with one thread.
Each fit is a line of results/images.jsonl. The data are read from TENON_DATA, or shared/data beside the repository.
"""

import os
import platform
import sys
import time
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from pages import add_result, results, write_part

from tenon.data.idx import read_idx_folder
from tenon.features.pixels import Pictures
from tenon.image import Augmentation, ImageClassifier

RESULTS = Path(__file__).parent / "results" / "images.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
CHANGES = {  # of images while the network learns
    "none": Augmentation(mirror=False, shift=0.0),
    "moved": Augmentation(mirror=False, shift=0.1),
    "moved, mirrored": Augmentation(mirror=True, shift=0.1),
    "moved, mirrored, erased": Augmentation(mirror=True, shift=0.1, erasing=0.3),
}


def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Train pictures and classes, then test pictures and classes."""
    import pandas as pd

    found = read_idx_folder(DATA / "fashion_mnist")
    read = Pictures("x").fit(pd.DataFrame({"x": found.images[:1]}))
    train, test = (read.transform(pd.DataFrame({"x": images})) for images in (found.images, found.final_images))
    return train, np.array(found.labels), test, np.array(found.final_labels)


def run(part: str, net: str, n_rows: int, changes: str, seed: int) -> None:
    """Fit once and write what came out."""
    X, y, X_test, y_test = rows()
    model = ImageClassifier(net, augmentation=CHANGES.get(changes), n_jobs=1, random_state=seed)
    kept = np.random.default_rng(seed).permutation(len(X))[:n_rows]
    start = time.process_time()
    model.fit(X[kept], y[kept])
    seconds = time.process_time() - start
    accuracy = float(model.score(X_test, y_test))
    model.views = True
    found = {
        "part": part, "net": net, "rows": n_rows, "changes": changes, "seed": seed, "accuracy": accuracy,
        "of_views": float(model.score(X_test, y_test)), "epochs": model._recipe(n_rows).epochs, "cpu_seconds": round(seconds, 1),
        "weights": sum(parameter.numel() for parameter in model.net_.parameters()), "threads": torch.get_num_threads(),
        "torch": torch.__version__, "machine": platform.machine(),
    }  # fmt: skip
    add_result(RESULTS, found)


def page() -> None:
    found = results(RESULTS)
    lines = [
        *("## Image networks on Fashion-MNIST", ""),
        "Written by `benchmarks/image_quality.py`: 28x28 grey images, accuracy on the 10,000 test images. Processor seconds",
        "are of one thread.",
        *("", "With their defaults, 10,000 train rows:", ""),
        *("| network | weights | passes | accuracy | mean over views | CPU s |", "|---|---|---|---|---|---|"),
    ]
    for one in found:
        if one["part"] == "defaults":
            figures = f"{one['accuracy']:.4f} | {one['of_views']:.4f} | {one['cpu_seconds']:.0f}"
            lines.append(f"| {one['net']} | {one['weights']:,} | {one['epochs']} | {figures} |")
    lines += ["", "1,000 train rows, images changed by chance while the network learns; mean over seeds, lowest and highest:", ""]
    lines += ["| network | images | seeds | accuracy | mean over views |", "|---|---|---|---|---|"]
    few = [one for one in found if one["part"] == "few"]
    for net, changes in dict.fromkeys((one["net"], one["changes"]) for one in few):
        these = [one for one in few if (one["net"], one["changes"]) == (net, changes)]
        accuracy = [one["accuracy"] for one in these]
        spread = f"{mean(accuracy):.4f} ({min(accuracy):.4f} to {max(accuracy):.4f})"
        lines.append(f"| {net} | {changes} | {len(these)} | {spread} | {mean(one['of_views'] for one in these):.4f} |")
    write_part("image_quality", lines)


def main(what: str, nets: list[str]) -> None:
    if what == "page":
        page()
    for net in nets:
        if what == "defaults":
            run("defaults", net, 10_000, "its own", 0)
        else:
            for changes in CHANGES:
                for seed in range(3):
                    run("few", net, 1_000, changes, seed)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
