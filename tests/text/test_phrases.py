"""Phrases by hand."""

import pytest
from sklearn.exceptions import NotFittedError

from tenon.errors import SettingsError
from tenon.text import Phrases
from tenon.text import phrases as phrases_module

TEXTS = [["new", "york", "is", "new"], ["new", "york", "pays"], ["a", "new", "york"], ["is", "a", "new", "york", "york"]]


@pytest.mark.parametrize("block", [1, 2, 1 << 22])
def test_scores_by_hand(monkeypatch, block):
    """15 words; new 5, york 5, is 2, a 2. new york stands 4 times, a new 2 times: (4 - 1) · 15 / 25 and (2 - 1) · 15 / 10."""
    monkeypatch.setattr(phrases_module, "BLOCK", block)
    scores = Phrases(min_count=1, threshold=1.4).fit(TEXTS).scores_
    assert scores == {("new", "york"): pytest.approx(1.8), ("a", "new"): pytest.approx(1.5)}
    assert Phrases(min_count=3, threshold=0).fit(TEXTS).scores_ == {("new", "york"): pytest.approx(15 / 25)}


def test_the_leftmost_pair_is_joined_and_no_word_twice():
    phrases = Phrases(min_count=1, threshold=1.4, mark=" ").fit(TEXTS)
    assert phrases.join(["a", "new", "york", "new", "york"]) == ["a new", "york", "new york"]
    assert phrases.transform([["new"], [], ["york", "new"]]) == [["new"], [], ["york", "new"]]


def test_longer_phrases_by_fitting_again():
    texts = [["new", "york", "times", x] for x in "abcdef"] + [[x, "new", "york"] for x in "ghijkl"]
    once = Phrases(min_count=1, threshold=1.0).fit(texts).transform(texts)
    assert once[0] == ["new_york", "times", "a"]
    assert Phrases(min_count=1, threshold=1.0).fit(once).join(once[0]) == ["new_york_times", "a"]


def test_bad_settings_and_no_fit():
    with pytest.raises(SettingsError, match="min_count takes a whole number from 1"):
        Phrases(min_count=0).fit(TEXTS)
    with pytest.raises(SettingsError, match="mark takes a text; got 3"):
        Phrases(mark=3).fit(TEXTS)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        Phrases().join(["a"])
