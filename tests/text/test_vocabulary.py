"""Words, counts and ids."""

import pytest

from tenon.errors import DataError
from tenon.text import Vocabulary


def test_frequent_words_first_and_the_alphabet_among_equals():
    vocabulary = Vocabulary.from_counts({"b": 2, "rare": 1, "c": 5, "a": 2}, min_count=2)
    assert vocabulary.words == ("c", "a", "b")
    assert vocabulary.counts.tolist() == [5, 2, 2]
    assert vocabulary.encode(["a", "rare", "c", "new"]).tolist() == [1, 0]
    assert len(vocabulary) == 3
    assert "a" in vocabulary
    assert "rare" not in vocabulary


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            {"a": 2},
            r"no word stands 3 times or more \(the most frequent one 2\); bring more text, or lower min_count "
            r"\(tenon pretrain … --set word2vec\.min_count=1\)",
        ),
        ({}, "there is no word at all; bring text with words"),
    ],
)
def test_a_vocabulary_of_no_word(counts, said):
    with pytest.raises(DataError, match=said):
        Vocabulary.from_counts(counts, min_count=3)
