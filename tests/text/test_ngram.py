"""NGramLanguage: probabilities of texts that sum to 1, a case by hand, files, and refusals."""

from itertools import product

import numpy as np
import pytest

from tenon.errors import DataError, ModelFileError, SettingsError
from tenon.text.ngram import NUMBERS, WORDS, NGramLanguage

TEXTS = ["the cat sat", "the dog sat", "the cat ran", "a dog ran", "the the cat"]


def test_a_text_by_hand():
    """Single units: "a" stands 2 times, the end 2; 2 kinds of 4 units; unknown ones are a third event, which nothing fell on."""
    model = NGramLanguage(1, "witten-bell").fit(["a", "a"])
    share = (2 + 2 / 3) / 6
    assert model.predict(["a", "", "a a"]) == pytest.approx(-np.log([share**2, share, share**3]))


@pytest.mark.parametrize("smoothing", ["kneser-ney", "witten-bell"])
def test_probabilities_of_all_texts_sum_to_one(smoothing):
    """Spelling apart (tests/text/test_events.py); texts of 8 units or more have a share that the last lengths bound."""
    model = NGramLanguage(3, smoothing, fewest=3).fit(TEXTS)
    assert model.events_.known == ("the", "cat")
    of_length = []
    for n in range(10):
        texts = [" ".join(one) for one in product(["the", "cat", "?"], repeat=n)]
        of_length.append(np.exp([sum(one) for one in model.events_.spelled(texts)] - model.predict(texts)).sum())
    ratio = of_length[-1] / of_length[-2]
    assert sum(of_length) + of_length[-1] * ratio / (1 - ratio) == pytest.approx(1, abs=1e-3)


def test_longer_contexts_foretell_better_and_order_counts():
    model = NGramLanguage(3).fit(TEXTS * 5)
    nats = model.predict(["the cat sat", "sat cat the"])
    assert nats[0] < nats[1]
    assert nats[0] < NGramLanguage(1).fit(TEXTS * 5).predict(["the cat sat"])[0]


def test_the_same_from_a_file(tmp_path):
    model = NGramLanguage(3).fit(TEXTS)
    model.write_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    loaded = NGramLanguage.read_files(tmp_path)
    asked = ["the cat", "unheard words", ""]
    assert loaded.predict(asked).tobytes() == model.predict(asked).tobytes()
    assert loaded.get_params() == model.get_params()
    (tmp_path / NUMBERS).unlink()
    with pytest.raises(ModelFileError, match="holds no n-grams that can be read"):
        NGramLanguage.read_files(tmp_path)


def test_what_cannot_be_is_told():
    with pytest.raises(SettingsError, match="n takes a whole number from 1 to 10; got 0"):
        NGramLanguage(0).fit(TEXTS)
    with pytest.raises(SettingsError, match="smoothing takes one of 'kneser-ney', 'witten-bell'; got 'laplace'"):
        NGramLanguage(smoothing="laplace").fit(TEXTS)
    with pytest.raises(DataError, match="there is no text to learn from"):
        NGramLanguage().fit([])
    assert NGramLanguage().fit(TEXTS).predict([]).shape == (0,)
