"""What is kept of texts that are too long: their head, their tail, or both ends, alone and in pairs."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tenon.errors import SettingsError  # noqa: E402
from tenon.text.marked import MarkedTokens  # noqa: E402
from tenon.text.marked_reader import MarkedReader  # noqa: E402

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
