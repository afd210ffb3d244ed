"""Texts to be foretold, and how long they are."""

import pandas as pd
import pytest

import tenon
from tenon.errors import DataError


def test_lengths_are_words_and_the_end():
    data = tenon.read(pd.DataFrame({"text": ["to be or not", "", "a"]}), task="language")
    assert data.target.tolist() == [5, 1, 2]
    assert data.schema.features() == ["text"]


def test_lengths_of_chinese_are_characters():
    data = tenon.read(pd.DataFrame({"text": ["你好 吗", "我们很好。"]}), task="language")
    assert data.target.tolist() == [4, 6]


def test_other_columns_and_rows_without_a_text_are_left_out_and_told():
    frame = pd.DataFrame({"text": ["a b", None, "c d"], "n": [1, 2, 3]})
    data = tenon.read(frame, "text", task="language")
    assert list(data.frame.columns) == ["text", "length"]
    assert len(data) == 2
    assert any("'n'" in note for note in data.notes)
    assert any("1 row without a text was left out" in note for note in data.notes)


def test_the_column_has_to_be_named_among_several():
    frame = pd.DataFrame({"text": ["a b"], "other": ["c"]})
    with pytest.raises(DataError, match="name the column of texts with --target"):
        tenon.read(frame, task="language")
    with pytest.raises(DataError, match="has no column 'txt'"):
        tenon.read(frame, "txt", task="language")
