"""What counts as a word when vectors are learnt: by hand, for texts, for sentences of words and of single characters."""

import pytest

from tenon.text.word_lists import listing

HALF = [["EU", "rejects", "1996", "."], ["a", "b"]]  # three of six tokens are of more characters than one: not most
WORDS = [["EU", "rejects", "1996"], ["a", "call"]]
SINGLE = [["北", "京", "A"], ["iPhone", "好"]]


@pytest.mark.parametrize(
    ("texts", "text", "words"),
    [
        (["A warm film!"], "A 2nd, dull ONE.", ["a", "2nd", "dull", "one"]),
        (WORDS, ["EU", "in", "1998", "."], ["eu", "in", "0000", "."]),
        (WORDS, "The EU's 1998 call.", ["the", "eu's", "0000", "call", "."]),
        (SINGLE, ["A", "京"], ["A", "京"]),
        (SINGLE, "A 京, iPhone", ["A", "京", ",", "i", "P", "h", "o", "n", "e"]),
        (HALF, ["EU"], ["EU"]),
        (WORDS, [], []),
        (WORDS, "", []),
    ],
)
def test_words_by_hand(texts, text, words):
    assert listing(texts)(text) == words
