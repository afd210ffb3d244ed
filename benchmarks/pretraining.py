"""Networks that learn from texts without labels: what rows that were held out cost before and after, and what it takes.

python benchmarks/pretraining.py [--only NAME …] [--anew]   writes benchmarks/results/pretraining.jsonl, a line a training, and
its part of docs/benchmarks.md. A line that is there is not made again but with --anew. Minutes a line on one core.

Corpora, from TENON_DATA or shared/data beside the repository: the test file of WikiText-2, a novel in English and one in Chinese,
and articles in Chinese. Masked tokens are learnt on all of them, the other objectives on WikiText-2 and the Chinese novel. Each
network is `tiny`, two layers of 128 numbers, with budget quick, 4 passes; one thread, one seed. Costs are nats a token that is
asked for; those of other masks are other questions.
"""

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pages import asked_for, write_part

from tenon.text.pretrain import pretrain

RESULTS = Path(__file__).parent / "results" / "pretraining.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
CORPORA = {
    "English": "corpus_en_wikitext2/test.txt.gz", "Chinese": "corpus_zh_novels/hongloumeng.txt.gz",
    "English novel": "corpus_en_novels/Stevenson_Treasure_1883.txt.gz", "Chinese articles": "corpus_zh_fudan/articles.txt.gz",
}  # fmt: skip
LEARNT = (("mlm", "tokens"), ("ar", ""), ("mlm", "words"), ("mlm+nsp", "tokens"), ("mlm", "spans"))
TRAININGS = {
    f"{corpus}, {objective}{f', {masks}' if masks else ''}": (corpus, objective, masks)
    for objective, masks in LEARNT
    for corpus in CORPORA
    if (objective, masks) == LEARNT[0] or corpus in ("English", "Chinese")
}
BUDGET, SEED = "quick", 0


def measured(name: str) -> dict[str, Any]:
    """Train one network in a folder that is thrown away."""
    corpus, objective, masks = TRAININGS[name]
    settings = {objective: {"masks": masks}} if masks else {}
    began = time.process_time()
    with TemporaryDirectory() as folder:
        found = pretrain(DATA / CORPORA[corpus], Path(folder) / "net", objective, settings, seed=SEED, budget=BUDGET)
    return {"name": name, "budget": BUDGET, "cpu_seconds": time.process_time() - began, **found.to_json()}


def page(rows: list[dict[str, Any]]) -> list[str]:
    """Return the part of the page."""
    lines = [
        "## Networks that learn from texts without labels",
        "",
        "Written by `benchmarks/pretraining.py`, whose first lines say what is learnt from what: tiny networks, one seed.",
        "Nats a token that is asked for, in rows that were held out; processor seconds, which a shared machine makes more.",
        "",
        "| corpus, objective | tokens | passes | nats before | after | tokens found | pairs told | CPU s |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for row in rows:
        pairs = row["after"]["pairs"]
        lines.append(
            f"| {row['name']} | {row['n_tokens']:,} | {row['settings']['epochs']} | {row['before']['nats']:.2f} "
            f"| {row['after']['nats']:.2f} | {100 * row['after']['accuracy']:.0f} % "
            f"| {'' if pairs is None else f'{100 * pairs:.0f} %'} | {row['cpu_seconds']:.0f} |"
        )
    return lines


def main() -> None:
    known = asked_for(__doc__, list(TRAININGS), RESULTS, measured)
    write_part("pretraining", page([known[name] for name in TRAININGS if name in known]))


if __name__ == "__main__":
    main()
