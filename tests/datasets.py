"""Small seeded data sets, built by hand so that tests of methods do not hang on the readers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from tenon.data.dataset import Column, Dataset, Schema
from tenon.data.label_sets import as_cells
from tenon.tasks import Task

DTYPES = {"number": "float64", "category": "str", "text": "str", "date": "datetime64[us]"}


def dataset(
    columns: dict[str, Any],
    kinds: dict[str, str],
    target: str = "y",
    roles: dict[str, str] | None = None,
    root: Path | None = None,
) -> Dataset:
    """Return a data set of these columns; kinds are of the columns but the target, roles of those that are no features."""
    frame = pd.DataFrame({name: pd.Series(cells, dtype=DTYPES.get(kinds.get(name, ""))) for name, cells in columns.items()})
    roles = {target: "target", **(roles or {})}
    described = tuple(Column(name, kinds.get(name, "category"), roles.get(name, "feature")) for name in columns)
    return Dataset(frame, Schema(described, len(frame)), root=root)


def target_of(kind: str, signal: np.ndarray, labels: tuple[Any, ...] = ()) -> np.ndarray:
    """Return a target that follows the signal (n,): itself, classes cut at its quantiles, or all labels whose cut is below it."""
    if kind == "regression":
        return 10.0 + 3.0 * signal
    if kind == "multilabel":
        return as_cells([labels[: np.searchsorted([-0.5, 0.2, 0.9], one)] for one in signal])
    cuts = np.quantile(signal, np.linspace(0, 1, len(labels) + 1)[1:-1])
    return np.array(labels)[np.searchsorted(cuts, signal)]


def of_target(kind: str) -> dict[str, str]:
    """Return the kind of the column y where it is not a category."""
    return {"y": "labels"} if kind == "multilabel" else {}


def labels_of(kind: str) -> tuple[Any, ...]:
    return {"binary": ("no", "yes"), "multiclass": (1, 2, 5), "multilabel": ("art", "law", "体育"), "regression": ()}[kind]


def table(kind: str = "binary", n: int = 90, seed: int = 0, labels: tuple[Any, ...] | None = None) -> tuple[Dataset, Task]:
    """Numbers, categories, a date and a text, with missing cells in each, and columns no method may read."""
    rng = np.random.default_rng(seed)
    size, age = rng.normal(size=n), rng.normal(40, 10, n)
    colour = rng.choice(["red", "green", "蓝"], n)
    signal = size + (colour == "red") + 0.3 * rng.normal(size=n)
    words = np.where(signal > 0.4, "a very good one", "rather bad") + rng.choice([" indeed", " today", ""], n).astype(object)
    columns: dict[str, Any] = {
        "size": np.where(rng.random(n) < 0.1, np.nan, size),
        "age": age,
        "colour": np.where(rng.random(n) < 0.1, None, colour.astype(object)),
        "when": pd.Timestamp("2024-01-31") + pd.to_timedelta(rng.integers(0, 900, n), unit="h"),
        "remark": np.where(rng.random(n) < 0.1, None, words),
        "user": rng.choice(["u1", "u2", "u3"], n),
        "importance": rng.uniform(0.5, 2.0, n),
        "junk": rng.normal(size=n),
        "y": target_of(kind, signal, labels_of(kind) if labels is None else labels),
    }
    columns["when"] = pd.Series(columns["when"]).mask(rng.random(n) < 0.1)
    kinds = {"size": "number", "age": "number", "colour": "category", "when": "date", "remark": "text", "junk": "ignore"}
    kinds |= {"importance": "number", **of_target(kind)}
    data = dataset(columns, kinds, roles={"user": "group", "importance": "weight"})
    return data, task_of(kind, data, labels)


CHINESE = (("很好", "干净舒适", "服务热情", "推荐入住"), ("很差", "又脏又吵", "态度恶劣", "不会再来"))
ENGLISH = (("a warm and witty film", "truly moving", "great acting"), ("dull and slow", "a lifeless mess", "I left early"))


def texts(kind: str = "binary", language: str = "en", n: int = 60, seed: int = 0) -> tuple[Dataset, Task]:
    """One column of short reviews whose words follow the target; some are missing. Methods for long texts take them for such."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=n)
    good, bad = CHINESE if language == "zh" else ENGLISH
    mark = "，" if language == "zh" else ", "
    remarks = [mark.join(rng.choice(good if s > 0 else bad, 3)) for s in signal]
    remarks[3] = None
    data = dataset({"评论": remarks, "y": target_of(kind, signal, labels_of(kind))}, {"评论": "text", **of_target(kind)})
    return as_if_long(data), task_of(kind, data)


def as_if_long(data: Dataset) -> Dataset:
    """Return the data with all texts, and sentences of tokens, told to be too long to be read at once."""
    columns = tuple(replace(c, long_share=float(c.kind in ("text", "tokens"))) for c in data.schema.columns)
    return replace(data, schema=replace(data.schema, columns=columns))


def images(folder: Path, kind: str = "binary", n: int = 36, seed: int = 0) -> tuple[Dataset, Task]:
    """PNG files of 6 x 5 colour pixels (every ninth larger), brighter where the target is higher."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=n)
    folder.mkdir(parents=True, exist_ok=True)
    for i, s in enumerate(signal):
        noise = rng.integers(0, 80, (10, 12, 3) if i % 9 == 8 else (5, 6, 3))
        Image.fromarray((noise + 80 + 40 * np.clip(s, -2, 2)).astype(np.uint8)).save(folder / f"{i}.png")
    columns = {"image": [f"{i}.png" for i in range(n)], "y": target_of(kind, signal, labels_of(kind))}
    data = dataset(columns, {"image": "image", **of_target(kind)}, root=folder)
    return data, task_of(kind, data)


def task_of(kind: str, data: Dataset, labels: tuple[Any, ...] | None = None) -> Task:
    if kind == "regression":
        return Task(kind, "y", target_sd=float(data.target.std()))
    return Task(kind, "y", labels_of(kind) if labels is None else labels)


TAGS = {"Anna": "B-PER", "Bob": "B-PER", "巴黎": "B-LOC", "sees": "O", "in": "O", "😀": "O"}
FACTS = {"Anna": ("Paris", "1998"), "Bob": ("Rome", "12"), "张三": ("北京", "1,200")}
GERMAN = {"red": "rote", "cat": "Katze", "dog": "Hund", "runs": "rennt", "and": "und", "you": "du"}


def sequences(kind: str, n: int = 60, seed: int = 0) -> tuple[Dataset, Task]:
    """Sentences with a tag a token, pairs of texts, texts with their lengths, or questions on contexts, taken for long ones."""
    rng = np.random.default_rng(seed)
    if kind == "answer":
        return as_if_long(questions(n, rng)), Task(kind, "y")
    words = [rng.choice(list(TAGS if kind == "tagging" else GERMAN), rng.integers(2, 8)).tolist() for _ in range(n)]
    said = [" ".join(one) for one in words]
    if kind == "tagging":
        tags = [[TAGS[word] for word in one] for one in words]
        return as_if_long(dataset({"x": words, "y": tags}, {"x": "tokens", "y": "tokens"})), Task(kind, "y")
    if kind == "translation":
        target: list[Any] = [" ".join(GERMAN[word] for word in one) for one in words]
    else:
        target = [1.0 + len(one) for one in words]
    return dataset({"x": said, "y": target}, {"x": "text", "y": "text" if kind == "translation" else "number"}), Task(kind, "y")


def questions(n: int, rng: np.random.Generator) -> Dataset:
    """Where somebody lives, or how old they are, which the context says of some; 😀 takes two units of UTF-16."""
    rows: list[tuple[str, str, list[dict[str, Any]]]] = []
    for _ in range(n):
        told, asked = rng.permutation(list(FACTS))[:2], str(rng.choice(list(FACTS)))
        context = " ".join(
            f"{name} 😀 lives in {FACTS[name][0]}. The house of {name} cost {FACTS[name][1]} crowns." for name in told
        )
        place = int(rng.integers(2))
        question = f"Where does {asked} live?" if place == 0 else f"How many crowns did the house of {asked} cost?"
        text = FACTS[asked][place]
        answers = [{"text": text, "start": context.index(text), "script": "other"}] if asked in told else []
        rows.append((question, context, answers))
    columns = dict(zip(("question", "context", "y"), map(list, zip(*rows, strict=True)), strict=True))
    return dataset(columns, {"question": "text", "context": "text", "y": "answers"})
