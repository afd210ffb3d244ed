"""Words that give a class away: against the errors of "the word stands there", counted from the definition."""

import numpy as np
import pytest
from tests.checks.subjects import subject

from tenon.checks.words import telling_word, words

N = 300
RNG = np.random.default_rng(0)
BODY = ["rather good food", "too loud at night", "near the sea", "friendly people here", "a bit dear for that"]
TEXTS = [" ".join(RNG.choice(BODY, 4)) + f" room {k}" for k in range(N)]
Y = RNG.choice(3, N, p=[0.5, 0.3, 0.2])


def share_slow(texts, y, word, code):
    with_word, is_class = np.array([word in text.lower().split() for text in texts]), y == code
    return 1 - (with_word != is_class).sum() / min(is_class.sum(), (~is_class).sum())


def test_the_best_word_from_the_definition():
    texts = [f"{text} tell{Y[k] if RNG.random() < 0.8 else 9}" for k, text in enumerate(TEXTS)]
    word, code, share = telling_word(texts, Y)
    assert share == pytest.approx(share_slow(texts, Y, word, code))
    every = {one for text in texts for one in text.lower().split()}
    assert share == pytest.approx(max(share_slow(texts, Y, one, k) for one in every for k in range(3)))
    assert word == f"tell{code}"


@pytest.mark.parametrize(
    ("mark", "word"), [("[Spam] {}", "spam"), ("{} -- HAL9000", "hal9000"), ("【好评】{}", "好评"), ("{} §", "§")]
)
def test_marks_that_were_left_in(mark, word):
    texts = [mark.format(text) if y == 1 else text for text, y in zip(TEXTS, Y, strict=True)]
    [found] = words(subject({"评论": texts, "y": Y}, {"评论": "text"}))
    assert found.severity == "leak"
    assert found.figures["word"] == word
    assert found.figures["label"] == "1"
    assert found.sentence == f"the word '{word}' in '评论' tells '1' from the rest: if it was put in, take it out"


def test_a_mark_at_the_end_of_long_texts():
    texts = [text * 200 + (" approved" if y == 2 else " ") for text, y in zip(TEXTS, Y, strict=True)]
    assert [found.figures["word"] for found in words(subject({"t": texts, "y": Y}, {"t": "text"}))] == ["approved"]


def test_words_of_nearly_all_texts_are_no_leak_where_one_class_is_nearly_all():
    y = np.repeat([0, 1], [290, 10])
    assert list(words(subject({"t": [f"the {text}" for text in TEXTS], "y": y}, {"t": "text"}))) == []
    assert telling_word([f"the {text}" for text in TEXTS], y)[2] == 0


def test_files_sorted_by_class_are_seen_whole():
    y = np.repeat([0, 1], 2500)
    texts = [f"text {k} {'alpha' if label else 'beta'}" for k, label in enumerate(y.tolist())]
    assert [found.severity for found in words(subject({"t": texts, "y": y}, {"t": "text"}))] == ["leak"]


def test_missing_texts_and_numbers():
    assert list(words(subject({"t": [None] * 50 + TEXTS[50:], "y": Y}, {"t": "text"}))) == []
    assert list(words(subject({"t": TEXTS, "y": RNG.normal(size=N)}, {"t": "text", "y": "number"}))) == []
