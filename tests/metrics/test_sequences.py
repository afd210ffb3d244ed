"""Metrics of sequences against sacrebleu and figures worked by hand."""

import sys

import numpy as np
import pytest

from tenon.errors import NeedsExtra
from tenon.metrics.ratio import bleu
from tenon.metrics.sequences import EVERY_METRIC, _words, missed, n_gram_counts, surprise

ENGLISH = [
    ("The cat sat on the mat, didn't it?", "The cat sat on a mat, did it?"),
    ("It costs $3.50 (about 3,000 lire).", "It costs 3.50 $ (about 3,000 lire)."),
    ('He said: "No!" & left.', 'He said "no" & left.'),
    ("To be or not to be", ""),
]
CHINESE = [("我不知道他是谁。", "我不知道他是什么人。"), ("价格是 3.50 元 (OK)", "价格是3.50元(OK)"), ("你好！", "你好")]


@pytest.mark.mission("A6")
@pytest.mark.parametrize(("pairs", "words"), [(ENGLISH, "13a"), (CHINESE, "zh")])
def test_bleu_is_that_of_sacrebleu(pairs, words):
    sacrebleu = pytest.importorskip("sacrebleu")
    references, said = map(list, zip(*pairs, strict=True))
    expected = sacrebleu.corpus_bleu(said, [references], tokenize=words, smooth_method="none").score
    assert 0 < expected < 100
    assert bleu(n_gram_counts(references, said).sum(axis=0))[0] == pytest.approx(expected / 100, rel=1e-12)


def test_the_words_of_a_sentence_do_not_depend_on_its_neighbours():
    pytest.importorskip("sacrebleu")
    references, said = map(list, zip(*ENGLISH, *CHINESE, strict=True))
    apart = [n_gram_counts([reference], [one])[0] for reference, one in zip(references, said, strict=True)]
    np.testing.assert_array_equal(n_gram_counts(references, said), apart)


def test_bleu_without_sacrebleu_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sacrebleu.tokenizers.tokenizer_13a", None)
    _words.cache_clear()
    with pytest.raises(NeedsExtra, match="BLEU cuts texts into words by sacrebleu: pip install 'tenon.deep.'"):
        n_gram_counts(["a"], ["a"])


def test_perplexity_of_words_that_are_all_alike_is_their_number():
    lengths, counts = np.array([3.0, 5.0]), surprise(np.array([3.0, 5.0]), np.log(50) * np.array([3.0, 5.0]))
    assert EVERY_METRIC["perplexity"].score(lengths, counts) == pytest.approx(50, rel=1e-12)


def test_perplexity_is_of_all_units_together():
    counts = surprise(np.array([1.0, 3.0]), np.array([0.0, 4 * np.log(2)]))
    assert EVERY_METRIC["perplexity"].score(np.array([1.0, 3.0]), counts) == pytest.approx(2, rel=1e-12)
    folds = EVERY_METRIC["perplexity"].measure(np.zeros(2), counts, np.array([0, 1])).folds
    np.testing.assert_allclose(-folds, [1, 2 ** (4 / 3)], rtol=1e-12)


def test_a_text_that_no_model_could_say_has_a_finite_perplexity():
    assert np.isfinite(EVERY_METRIC["perplexity"].score(np.ones(1), surprise(np.ones(1), np.array([1e9]))))


def test_how_wrong_single_rows_are():
    assert missed(np.array([[1, 2, 2], [2, 2, 2]]), "entities").tolist() == [2, 0]  # one missed, one too many
    assert missed(np.array([[3, 4]]), "tags").tolist() == [1]
    assert missed(np.array([[2, 1, 0, 0, 4, 3, 2, 1, 5]]), "n_grams").tolist() == [0.7]
    assert missed(np.array([[6.0, 3.0]]), "nats").tolist() == [2]
