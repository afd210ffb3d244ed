"""Which share of texts an encoder does not read at once: by hand, in both scripts, kept in the schema and told."""

import json

import pandas as pd
import pytest

import tenon
from tenon.data.dataset import Column, Schema
from tenon.data.describe import describe
from tenon.data.long_texts import AT_ONCE, long_share


def column(*texts):
    return pd.Series(list(texts), dtype="str")


@pytest.mark.parametrize(
    ("text", "is_long"),
    [
        ("a " * 392, False),  # 509.6 tokens
        ("a\n" * 393, True),  # 510.9
        ("字" * 510, False),
        ("字" * 511, True),
        ("字 " * 510, False),  # 1,020 characters, half of them blanks
        ("x" * 100_000, False),  # one word
        ("", False),
    ],
)
def test_texts_by_hand(text, is_long):
    assert long_share(column(text)) == is_long


def test_missing_texts_do_not_count():
    assert long_share(column("a " * 400, None, "b", None)) == 1 / 2
    assert long_share(column(None, None)) == 0
    assert long_share(column()) == 0


def test_texts_count_once_in_any_piece():
    """Every third is long, and they are looked at in several pieces."""
    texts = ["a " * 400, "b", "c"] * (AT_ONCE // 2)
    assert long_share(column(*texts)) == pytest.approx(1 / 3)


def test_reading_tells_it_of_features_alone():
    frame = pd.DataFrame({"text": ["a b " * 300, "a b c"] * 10, "label": ["p", "q"] * 10})
    data = tenon.read(frame, "label", kinds={"text": "text"})
    assert {c.name: c.long_share for c in data.schema.columns} == {"text": 0.5, "label": 0}
    assert any("50 % beyond 510 tokens" in line for line in describe(data))
    assert data.rows(data.row_ids[1::2]).schema["text"].long_share == 0.5  # of all rows, whichever part is looked at


def test_sentences_of_tokens_count_by_their_words_or_characters():
    """393 words are 510.9 tokens; 256 words of two characters are 512, and 255 are 510."""
    words = ["a"] * 392
    for long, short in ((["a", *words], words), (["北京"] * 256, ["北京"] * 255)):
        rows = [long, short, short, short]
        frame = pd.DataFrame({"x": rows, "y": [["O"] * len(tokens) for tokens in rows]})
        data = tenon.read(frame, "y")
        assert {c.name: c.long_share for c in data.schema.columns} == {"x": 0.25, "y": 0}
        told = [line for line in describe(data) if "parts of words" in line]
        assert len(told) == 1
        assert "25 % beyond 510 parts of words" in told[0]


def test_rows_without_a_target_do_not_count():
    frame = pd.DataFrame({"text": ["a " * 400, "a b c", "c d e"], "label": [None, "p", "q"]})
    assert tenon.read(frame, "label", kinds={"text": "text"}).schema["text"].long_share == 0


def test_schemas_of_before_tell_nothing_of_it():
    schema = Schema((Column("t", "text", long_share=0.25),), 4)
    raw = json.loads(json.dumps(schema.to_json()))
    assert Schema.from_json(raw) == schema
    del raw["columns"][0]["long_share"]
    assert Schema.from_json(raw)["t"].long_share == 0
