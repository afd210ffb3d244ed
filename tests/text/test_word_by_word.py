"""Word-by-word translation against IBM model 1 worked by hand."""

import numpy as np
import pytest

from tenon.errors import SettingsError
from tenon.text.units import joined
from tenon.text.word_by_word import CopyText, WordByWord, _expectation_maximisation, pieces


def table(pairs, n_iter):
    """t(f|e) without the empty word, in plain loops over dictionaries."""
    t = {(f, e): 1.0 for source, target in pairs for e in source for f in target}
    for _ in range(n_iter):
        links = dict.fromkeys(t, 0.0)
        for source, target in pairs:
            for f in target:
                whole = sum(t[f, e] for e in source)
                for e in source:
                    links[f, e] += t[f, e] / whole
        of = {e: sum(link for (_, other), link in links.items() if other == e) for _, e in t}
        t = {(f, e): link / of[e] for (f, e), link in links.items()}
    return t


@pytest.mark.parametrize("n_iter", [1, 2, 7])
def test_probabilities_are_those_of_plain_loops(n_iter):
    pairs = [((1, 2), (0, 1)), ((1, 3), (0, 2)), ((4, 3), (3, 2)), ((4, 4), (3, 3, 1))]  # das Haus, das Buch, ein Buch, ein ein
    pair = np.array([e * 4 + f for source, target in pairs for f in target for e in source])
    places = [len(source) for source, target in pairs for _ in target]
    different, t = _expectation_maximisation(pair, np.repeat(np.arange(len(places)), places), n_iter, 4)
    expected = table(pairs, n_iter)
    assert {(one % 4, one // 4): value for one, value in zip(different.tolist(), t, strict=True)} == pytest.approx(expected)


def test_the_textbook_case():
    """Koehn 2010, Statistical Machine Translation, figure 4.4: after one step t(the|das) = 1/2, t(book|Buch) = 1/2."""
    t = table([(("das", "Haus"), ("the", "house")), (("das", "Buch"), ("the", "book")), (("ein", "Buch"), ("a", "book"))], 1)
    assert t["the", "das"] == t["book", "Buch"] == t["a", "ein"] == 0.5
    assert t["house", "das"] == 0.25


def test_words_find_their_counterparts():
    english = ["the house", "the book", "a book", "a house", "the red house", "a red book"]
    german = ["das Haus", "das Buch", "ein Buch", "ein Haus", "das rote Haus", "ein rote Buch"]
    model = WordByWord().fit(english, german)
    assert model.predict(["A red Anna"]) == ["ein rote Anna"]  # nobody knows her, and she keeps her capital
    assert model.predict(["a red house", "The unknown book!", ""]) == ["ein rote Haus", "das unknown Buch!", ""]


def test_pieces_of_mixed_scripts_and_back():
    assert pieces("iPhone手机, 20元!") == ["iPhone", "手", "机", ",", "20", "元", "!"]
    assert joined(["我", "爱", "tenon", "and", "you", "!"]) == "我爱tenon and you!"
    assert pieces("") == []
    assert pieces("\u200b𠮷😀") == ["\u200b", "𠮷", "😀"]


def test_copy_and_bad_settings():
    assert CopyText().fit(["a"], ["b"]).predict(["x y"]) == ["x y"]
    with pytest.raises(SettingsError, match="n_iter"):
        WordByWord(n_iter=0).fit(["a"], ["b"])
