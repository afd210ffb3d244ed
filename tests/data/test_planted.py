"""Planted evidence: it stands where it is said to, who follows the sentences finds it, and no count of words does."""

import re

import numpy as np
import pandas as pd
import pytest

from tenon.data.long_texts import long_share
from tenon.data.samples import planted_documents
from tenon.errors import SettingsError

CASES = [(hops, language) for hops in (1, 2) for language in ("en", "zh")]
EACH = pytest.mark.parametrize(("hops", "language"), CASES)
THIS = {"en": r"The key to this document is (\w+)\.", "zh": r"本卷的钥匙是(\w+)的。"}
KEPT = {"en": r"The key to this document is kept by (.+?)\.", "zh": r"本卷的钥匙由(\w+?)保管。"}


def followed(text, hops, language):
    """The class, as one who reads would find it."""
    if hops == 1:
        return re.findall(THIS[language], text)
    [who] = re.findall(KEPT[language], text)
    return re.findall(rf"{who} keeps the (\w+) key\." if language == "en" else rf"(?:^|。){who}保管(\w+?)的钥匙。", text)


@EACH
def test_the_sentences_that_decide_are_there_once_and_lead_to_the_class(hops, language):
    for one in planted_documents(40, 600, hops, language, seed=1):
        assert followed(one.text, hops, language) == [one.label]
        assert len(one.places) == len(one.depths) == hops
        sentences = [one.text[start:stop] for start, stop in one.places]
        assert followed("".join(sentences), hops, language) == [one.label]
        for sentence in sentences:
            assert one.text.count(sentence) == 1
        without = one.text
        for sentence in sentences:
            without = without.replace(sentence, "")
        assert not re.search(THIS[language] if hops == 1 else KEPT[language], without)


@EACH
def test_every_class_is_named_equally_often_everywhere(hops, language):
    documents = planted_documents(40, 600, hops, language)
    labels = [one.label for one in documents]
    assert sorted(set(labels)) == sorted({labels[k] for k in range(40)})
    assert {labels.count(label) for label in labels} == {10}
    for one in documents:
        assert {one.text.count(label) for label in labels} == {2}


@EACH
@pytest.mark.parametrize("n_tokens", [300, 1_000, 4_000])
def test_documents_are_as_long_as_asked(hops, language, n_tokens):
    """A sentence has 40 tokens at most."""
    for one in planted_documents(6, n_tokens, hops, language):
        n = len(one.text.replace(" ", "")) if language == "zh" else 1.3 * len(one.text.split())
        assert n_tokens - 40 < n <= n_tokens + 1e-6
    share = long_share(pd.Series([one.text for one in planted_documents(6, n_tokens, hops, language)], dtype="str"))
    assert share == (n_tokens > 510)


@EACH
def test_evidence_is_spread_evenly_over_depths(hops, language):
    """As of 200 even places; a tenth may be off by the few sentences that are longer than others."""
    depths = np.array([one.depths for one in planted_documents(200, 1_000, hops, language)])
    for of_hop in depths.T:
        np.testing.assert_allclose(np.sort(of_hop), (np.arange(200) + 0.5) / 200, atol=0.08)
    if hops == 2:
        assert abs(np.corrcoef(depths.T)[0, 1]) < 0.2  # neither tells where the other is


def test_seeds():
    assert planted_documents(5, 300, seed=3) == planted_documents(5, 300, seed=3)
    assert planted_documents(5, 300, seed=3) != planted_documents(5, 300, seed=4)


@pytest.mark.parametrize("hops", [1, 2])
def test_counting_words_and_pairs_of_words_tells_nothing(hops):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    documents = planted_documents(600, 600, hops)
    labels = np.array([one.label for one in documents])
    X = CountVectorizer(ngram_range=(1, 2), min_df=5).fit_transform([one.text for one in documents])
    model = LogisticRegression(max_iter=2_000).fit(X[:400], labels[:400])
    assert model.score(X[400:], labels[400:]) < 0.25 + 3 * (0.25 * 0.75 / 200) ** 0.5  # chance, by three deviations


def test_other_hops_are_refused():
    with pytest.raises(SettingsError, match="planted documents have 1 or 2 hops, and are en or zh; got 3 and 'en'"):
        planted_documents(4, hops=3)
    with pytest.raises(SettingsError, match="got 1 and 'de'"):
        planted_documents(4, language="de")
