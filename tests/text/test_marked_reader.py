"""What is kept of texts that are too long: their head, their tail, or both ends, alone and in pairs."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tenon.errors import SettingsError  # noqa: E402
from tenon.text.bert_config import BertConfig  # noqa: E402
from tenon.text.marked import Marked, MarkedTokens  # noqa: E402
from tenon.text.marked_reader import MOST_ALONE, PARTS, MarkedReader, parts_of, reader_of, spans_of, words_of  # noqa: E402

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
TEXT = " ".join(WORDS)
TOKENS = MarkedTokens.learnt([TEXT] * 50, 200)


def kept(keeps, room, *texts):
    """The words that are read, text by text, where they stand."""
    reader = MarkedReader(TOKENS, room + 1 + len(texts), len(texts), keeps)
    row = reader.read(reader.encoded(texts))
    assert len(row.ids) == room + 1 + len(texts)
    places = zip(row.segments.tolist(), row.spans.tolist(), strict=True)
    said = [(segment, texts[segment][start:end]) for segment, (start, end) in places if end]
    return [[word for segment, word in said if segment == number] for number in range(len(texts))]


@pytest.mark.mission("H1")
@pytest.mark.parametrize(
    ("keeps", "words"),
    [("head", WORDS[:8]), ("tail", WORDS[4:]), ("ends", [*WORDS[:2], *WORDS[6:]])],
)
def test_what_is_kept_of_a_long_text(keeps, words):
    """Of 8 tokens that are read a quarter, 2, are of the head."""
    assert kept(keeps, 8, TEXT) == [words]


def test_both_ends_are_a_quarter_and_the_rest():
    """128 and 382 of 510, as in the paper."""
    long = " ".join(["one"] * 600 + ["two"] * 600)
    assert kept("ends", 510, long) == [["one"] * 128 + ["two"] * 382]


@pytest.mark.parametrize("keeps", ["head", "tail", "ends"])
def test_texts_that_fit_are_whole(keeps):
    assert kept(keeps, 12, TEXT) == [WORDS]


@pytest.mark.parametrize(("keeps", "first"), [("head", WORDS[:6]), ("tail", WORDS[6:])])
def test_the_longer_of_a_pair_is_cut(keeps, first):
    assert kept(keeps, 8, TEXT, "one two") == [first, ["one", "two"]]


def test_other_words_are_refused():
    with pytest.raises(SettingsError, match="keeps .* 'middle'"):
        MarkedReader(TOKENS, 8, 1, "middle")


SENTENCES = ["one two one two one two one.", "three three three.", "seven eight nine.", "four five six four five six."]


def long_text(n=40):
    """Sentences of other words, one of which says seven eight nine."""
    said = [SENTENCES[0], SENTENCES[1], SENTENCES[3]] * n
    return " ".join([*said[:n], SENTENCES[2], *said[n:]])


@pytest.mark.mission("H3")
def test_blocks_with_telling_terms_are_kept_in_the_order_of_the_text():
    marked = MarkedTokens.learnt([long_text()] * 5, 200)
    telling = marked.encode("eight").ids[1:-1]
    reader = MarkedReader(marked, 200, 1, "bm25", telling)
    text = long_text()
    row = reader.read(reader.encoded((text,)))
    assert len(row.ids) <= 200
    starts = row.spans[1:-1, 0]
    assert (np.diff(starts) > 0).all()
    assert text.index("eight") in starts
    head = MarkedReader(marked, 200, 1).read(reader.encoded((text,)))
    assert text.index("eight") not in head.spans[:, 0]
    again, config = reader_of(words_of(reader, BertConfig()))
    assert (again.telling == telling).all()
    assert (again.read(reader.encoded((text,))).ids == row.ids).all()
    assert config == BertConfig()


@pytest.mark.parametrize("keeps", ["bm25", "textrank"])
@pytest.mark.parametrize("room", [1, 5, 62, 63, 64, 300])
@pytest.mark.parametrize("text", [TEXT * 30, long_text(), "one " * 500], ids=["no pauses", "sentences", "one word"])
def test_as_much_is_selected_as_fits(keeps, room, text):
    reader = MarkedReader(TOKENS, room + 2, 1, keeps, [3])
    row = reader.read(reader.encoded((text,)))
    assert room - min(63, room) < len(row.ids) - 2 <= room  # no block is longer than 63, so that more is never left free


def test_of_long_rows_parts_are_left_out():
    """Each token that is read is in one part; of short rows each is a part."""
    text = long_text()
    reader = MarkedReader(TOKENS, 402, 1)
    spans, rows = reader.without_each((text,))
    whole = rows[0]
    assert len(whole.ids) == 402 > MOST_ALONE
    assert len(rows) == 1 + len(spans) <= 1 + 2 * PARTS
    assert sum(len(whole.ids) - len(row.ids) for row in rows[1:]) == 400
    assert (spans[1:, 0] >= spans[:-1, 1]).all()
    assert text[slice(*spans[0])].endswith(".")
    short, rows = MarkedReader(TOKENS, MOST_ALONE + 2, 1).without_each((text,))
    assert len(short) == MOST_ALONE
    assert {len(row.ids) for row in rows[1:]} == {MOST_ALONE + 1}
    assert len(MarkedReader(TOKENS, 10, 1).without_each(("",))[0]) == 0


def test_parts_do_not_go_over_what_is_left_out_of_a_text():
    """Of "a b c d e f" the first two and the last two are in the row: two parts, where the whole would be one of four."""
    text = "a b c d e f"
    spans = np.array([(0, 0), (0, 1), (2, 3), (8, 9), (10, 11), (0, 0)])
    row = Marked(np.arange(6), np.zeros(6, np.int64), spans)
    parts = parts_of(text, row, np.arange(1, 5), 62)
    assert [part.tolist() for part in parts] == [[1, 2], [3, 4]]
    assert [text[start:end] for start, end in spans_of(spans, parts)] == ["a b", "e f"]
    assert parts_of(text, row, np.arange(0), 62) == []
