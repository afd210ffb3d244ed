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


@pytest.mark.parametrize(("counts", "said"), [({"a": 2}, "the most frequent one 2"), ({}, "no word at all")])
def test_a_vocabulary_of_no_word(counts, said):
    with pytest.raises(DataError, match=f"no word stands 3 times or more .*{said}.; bring more text, or lower min_count"):
        Vocabulary.from_counts(counts, min_count=3)
