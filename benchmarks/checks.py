"""How long the checks before a comparison take: near copies among short texts, and all checks on a table of a million rows.

python benchmarks/checks.py [--texts 10000,100000] [--rows 1000000]

random: texts of 15 words drawn from a vocabulary; forms: one sentence with four numbers filled in, all pairs of which look
alike and few are near; phrases: four of twelve phrases in any order, nearly all of them near to one another. Seconds are
the processor's, of this process, after one small untimed call; one JSON line each.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from tenon.checks import findings_of
from tenon.data.dataset import Column, Dataset, Schema
from tenon.data.near import near_texts
from tenon.tasks import infer_task


def random_words(rng: np.random.Generator, n: int) -> list[str]:
    vocabulary = np.array(
        [f"{a}{b}{c}" for a in "bdfgklmn" for b in ("an", "el", "ir", "os") for c in ("ta", "den", "gor", "mish")]
    )
    return [" ".join(words) for words in vocabulary[rng.integers(0, len(vocabulary), (n, 15))]]


def forms(rng: np.random.Generator, n: int) -> list[str]:
    numbers = rng.integers(0, 10_000, (n, 4)).tolist()
    return [f"Payment of {a}.{b} EUR received from account {c} on {d} March, thank you" for a, b, c, d in numbers]


def phrases(rng: np.random.Generator, n: int) -> list[str]:
    known = random_words(rng, 12)
    return [", ".join(known[k][:30] for k in row) for row in rng.integers(0, 12, (n, 4)).tolist()]


KINDS: dict[str, Callable[[np.random.Generator, int], list[str]]] = {"random": random_words, "forms": forms, "phrases": phrases}


def table(n: int) -> Dataset:
    """Ten numbers, five counts and five categories, with a target of two classes."""
    rng = np.random.default_rng(0)
    columns = {f"number {k}": rng.normal(size=n) for k in range(10)} | {f"count {k}": rng.poisson(9, n) * 1.0 for k in range(5)}
    columns |= {f"category {k}": pd.Series(rng.choice(list("abcde"), n), dtype="str") for k in range(5)}
    columns |= {"y": pd.Series(rng.choice(["no", "yes"], n), dtype="str")}
    kinds = [Column(name, "category" if name[:2] == "ca" else "number") for name in columns if name != "y"]
    return Dataset(pd.DataFrame(columns), Schema((*kinds, Column("y", "category", "target")), n))


def tell(what: str, n: int, run: Callable[[], object], **more: object) -> None:
    start = time.process_time()
    run()
    figures = {"what": what, "n": n, "seconds": round(time.process_time() - start, 2), **more, "machine": platform.machine()}
    print(json.dumps(figures), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", default="10000,100000")
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    near_texts(pd.Series(random_words(np.random.default_rng(0), 100), dtype="str"))
    for n in map(int, asked.texts.split(",")):
        for kind, made in KINDS.items():
            texts = pd.Series(made(np.random.default_rng(0), n), dtype="str")
            tell(kind, n, lambda texts=texts: near_texts(texts), characters=int(texts.str.len().sum()))
    data = table(asked.rows)
    task, _ = infer_task(data.target)
    tell("all checks of a table", asked.rows, lambda: findings_of(data, task), columns=len(data.schema.columns))


if __name__ == "__main__":
    main()
