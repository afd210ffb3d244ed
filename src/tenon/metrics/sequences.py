"""Metrics of tagged sentences, translations, language models, answers and label sets: what a row adds to the sums, and their
function.

Entity F1 by the rules of CoNLL-2003 (`entities.py`). BLEU with the words of sacrebleu (Post 2018, arXiv:1804.08771): its 13a, or
zh where the reference has Chinese characters. Perplexity is exp of the nats a text costs over its length, end included. F1 and
exact match of answers (`answers.py`) are means over rows. Micro-F1 is of labels as entity F1 is of entities (`label_sets.py`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numpy as np

from tenon.errors import NeedsExtra
from tenon.metrics.answers import answer_scores
from tenon.metrics.entities import entity_counts, tag_counts
from tenon.metrics.label_sets import all_right, label_sums, macro_f1_level, marks, measure_macro_f1, minus_share_wrong, n_wrong
from tenon.metrics.ratio import N_GRAMS, bleu, f1, of_sums, ratio
from tenon.metrics.scores import KAPPA_OF_MEANS, KAPPA_OF_OTHERS, METRICS, Metric, Weights, mean_of

CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
MOST_NATS = 300.0  # that a unit of text counts: exp of more, and its slopes, leave float64


def minus_perplexity(sums: np.ndarray) -> tuple[float, np.ndarray]:
    """-exp(A / B) and its gradient; undefined where B is 0. sums : nats, and units of text."""
    rate, slope = ratio(sums)
    value = float(np.exp(min(rate, MOST_NATS)))
    return -value, -value * slope


def n_gram_counts(references: Iterable[str], said: Iterable[str]) -> np.ndarray:
    """Return (n, 9) float64 for `ratio.bleu`: matches and numbers of 1- to 4-grams of each text, and the reference's words.

    Raises NeedsExtra without sacrebleu.
    """
    return np.array([_n_grams(*pair) for pair in zip(references, said, strict=True)], np.float64).reshape(-1, 2 * N_GRAMS + 1)


def surprise(lengths: np.ndarray, nats: np.ndarray) -> np.ndarray:
    """Return (n, 2) float64: what each text cost, and its length."""
    return np.column_stack([np.asarray(nats, np.float64), lengths])


def missed(counts: np.ndarray, reads: str) -> np.ndarray:
    """Return (..., ) how wrong each row is, from its counts (..., q) of this name: from 0, all right.

    Entities or labels missed or too many; wrong tags; the share of word sequences that the reference lacks; 1 - F1 of an answer;
    nats per unit of text.
    """
    match reads:
        case "labels":
            return n_wrong(counts)
        case "entities":
            return counts[..., 1] + counts[..., 2] - 2 * counts[..., 0]
        case "tags":
            return counts[..., 1] - counts[..., 0]
        case "n_grams":
            matches, totals = (counts[..., i : i + N_GRAMS].sum(axis=-1) for i in (0, N_GRAMS))
            return 1 - matches / np.maximum(totals, 1)
        case "answers":
            return 1 - counts[..., 0]
    return counts[..., 0] / np.maximum(counts[..., 1], 1)


def _f1_of_row(y: np.ndarray, scores: np.ndarray, weights: Weights) -> np.ndarray:
    return scores[:, 0]


def _match_of_row(y: np.ndarray, scores: np.ndarray, weights: Weights) -> np.ndarray:
    return scores[:, 1]


def _n_grams(reference: str, said: str) -> list[int]:
    cut = _words("zh" if CHINESE.search(reference) else "13a")
    wanted, found = cut(reference).split(), cut(said).split()
    counts = []
    for n in range(1, N_GRAMS + 1):
        ours, theirs = (Counter(zip(*(words[i:] for i in range(n)), strict=False)) for words in (found, wanted))
        counts.append(((ours & theirs).total(), ours.total()))
    return [*(matches for matches, _ in counts), *(total for _, total in counts), len(wanted)]


@cache
def _words(name: str) -> Callable[[str], str]:
    try:
        from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
        from sacrebleu.tokenizers.tokenizer_zh import TokenizerZh
    except ImportError as error:
        raise NeedsExtra("BLEU cuts texts into words by sacrebleu: pip install 'tenon[deep]'.") from error
    return {"13a": Tokenizer13a, "zh": TokenizerZh}[name]()


COUNTED: dict[str, Callable[[Any, Any], np.ndarray]] = {  # what a metric reads -> (truth, predictions) -> counts (n, q)
    "entities": entity_counts,
    "tags": tag_counts,
    "n_grams": n_gram_counts,
    "nats": surprise,
    "answers": answer_scores,
    "labels": marks,  # of indicator matrices
}
_ALL = (
    Metric("entity_f1", "entity F1", "entities", True, KAPPA_OF_OTHERS, *of_sums(f1), is_share=True),
    Metric("tag_accuracy", "tag accuracy", "tags", True, KAPPA_OF_OTHERS, *of_sums(ratio), is_share=True),
    Metric("bleu", "BLEU", "n_grams", True, KAPPA_OF_OTHERS, *of_sums(bleu), is_share=True),
    Metric("perplexity", "perplexity", "nats", False, KAPPA_OF_OTHERS, *of_sums(minus_perplexity)),
    Metric("answer_f1", "answer F1", "answers", True, KAPPA_OF_MEANS, *mean_of(_f1_of_row), is_share=True),
    Metric("exact_match", "exact match", "answers", True, KAPPA_OF_MEANS, *mean_of(_match_of_row), is_zero_one=True),
    Metric("micro_f1", "micro-F1", "labels", True, KAPPA_OF_OTHERS, *of_sums(f1, label_sums), is_share=True),
    Metric(
        "macro_f1_of_labels",
        "macro-F1",
        "labels",
        True,
        KAPPA_OF_OTHERS,
        macro_f1_level,
        measure_macro_f1,
        is_share=True,
        is_macro=True,
    ),
    Metric("hamming_loss", "Hamming loss", "labels", False, KAPPA_OF_MEANS, *mean_of(minus_share_wrong)),
    Metric("subset_accuracy", "subset accuracy", "labels", True, KAPPA_OF_MEANS, *mean_of(all_right), is_zero_one=True),
)
SEQUENCE_METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
EVERY_METRIC = METRICS | SEQUENCE_METRICS
