"""Texts in segments: where they are cut, how many are read, what is told of that, and what is left out to see what it does."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tenon.errors import SettingsError  # noqa: E402
from tenon.long.segment_reader import SegmentReader  # noqa: E402
from tenon.text.marked import MarkedTokens  # noqa: E402
from tenon.watch import SILENT, Watch  # noqa: E402

SENTENCE = "one two three four. "
TOKENS = MarkedTokens.learnt([SENTENCE * 5] * 10, 100)


def tokens_of(text):
    return [text[start:end] for start, end in TOKENS.tokens.encode(text).spans]


def said(reader, text):
    """The tokens of each segment."""
    return [[text[start:end] for start, end in segment.spans[1:-1]] for segment in reader.encoded(text).read]


def test_by_length_by_hand():
    text = "one two three four one two three"
    assert said(SegmentReader(TOKENS, 5, 9), text) == [
        ["one", "two", "three"],
        ["four", "one", "two"],
        ["three"],
    ]
    assert said(SegmentReader(TOKENS, 5, 9, overlap=1), text) == [
        ["one", "two", "three"],
        ["three", "four", "one"],
        ["one", "two", "three"],
    ]
    [segment] = SegmentReader(TOKENS, 9, 9).encoded(text).read
    assert segment.ids.tolist() == [TOKENS.start, *TOKENS.tokens.encode(text).ids, TOKENS.end]


@pytest.mark.parametrize("n", [0, 1, 5, 6, 7, 12, 13, 29])
@pytest.mark.parametrize("overlap", [0, 1, 4, 5])
def test_every_token_is_read_and_neighbours_share_the_overlap(n, overlap):
    reader = SegmentReader(TOKENS, 8, 99, overlap=overlap)
    text = " ".join(["one"] * n)
    found = reader.encoded(text)
    parts = [{int(start) for start, _ in segment.spans[1:-1]} for segment in found.read]
    assert set().union(*parts) == {4 * i for i in range(n)}
    assert found.n_read == found.n_tokens == n
    for before, after in zip(parts, parts[1:], strict=False):
        assert len(before & after) == overlap
    assert all(len(part) == 6 for part in parts[:-1])
    assert not any(after <= before for before, after in zip(parts, parts[1:], strict=False))  # none says nothing new


def test_pauses_end_segments():
    assert said(SegmentReader(TOKENS, 14, 9, cut="pauses"), SENTENCE * 5) == [
        tokens_of(SENTENCE * 2),
        tokens_of(SENTENCE * 2),
        tokens_of(SENTENCE),
    ]


@pytest.mark.parametrize("cut", ["length", "pauses"])
def test_of_too_many_segments_some_are_read_evenly_spread(cut):
    text, notes = SENTENCE * 100, []
    reader = SegmentReader(TOKENS, 12, 5, cut)
    found = reader.encoded(text)
    starts = [int(segment.spans[1, 0]) for segment in found.read]
    assert starts == [40 * i for i in (0, 12, 24, 37, 49)]  # of 50 segments of two sentences, a quarter of 49 apart, rounded
    assert (found.n_read, found.n_tokens) == (50, 500)
    read, share = reader.told([text, SENTENCE, SENTENCE], Watch(notes.append))
    assert [len(one) for one in read] == [5, 1, 1]
    assert share == 1 / 3
    assert [note["text"] for note in notes] == ["33.3 % of the texts have more than 5 segments, of which no more are read."]
    assert reader.share([text, SENTENCE]) == 55 / 505
    assert reader.share([""]) == reader.share([]) == 1


@pytest.mark.parametrize("cut", ["length", "pauses"])
def test_a_text_without_tokens_is_one_segment_of_marks(cut):
    reader = SegmentReader(TOKENS, 12, 5, cut)
    [segment] = reader.encoded("").read
    assert segment.ids.tolist() == [TOKENS.start, TOKENS.end]
    spans, versions = reader.without_each("")
    assert (len(spans), len(versions)) == (0, 1)


def test_overlapping_tokens_count_once():
    reader = SegmentReader(TOKENS, 8, 3, overlap=3)
    found = reader.encoded(" ".join(["one"] * 60))
    assert len(found.read) == 3
    different = {int(start) for segment in found.read for start, _ in segment.spans[1:-1]}
    assert found.n_read == len(different)


@pytest.mark.parametrize("overlap", [0, 20])
def test_parts_of_segments_are_left_out(overlap):
    text = SENTENCE * 40
    reader = SegmentReader(TOKENS, 102, 9, overlap=overlap)
    spans, versions = reader.without_each(text)
    whole = versions[0]
    assert len(spans) == len(versions) - 1
    for (start, end), version in zip(spans, versions[1:], strict=True):
        [changed] = [i for i, (before, after) in enumerate(zip(whole, version, strict=True)) if before is not after]
        left_out = set(whole[changed].spans[1:-1, 0].tolist()) - set(version[changed].spans[1:-1, 0].tolist())
        assert left_out == {int(s) for s, _ in whole[changed].spans[1:-1] if start <= s < end}
    n_left_out = sum(len(before.ids) - len(after.ids) for v in versions[1:] for before, after in zip(whole, v, strict=True))
    assert n_left_out == sum(len(segment.ids) - 2 for segment in whole)


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, "one " * 250_000, "字" * 1_000_000, "one two. " * 100_000, "\n" * 10_000],
    ids=["one word", "no pauses", "chinese", "100,000 sentences", "blank lines"],
)
@pytest.mark.parametrize("cut", ["length", "pauses"])
def test_documents_without_end_are_read_in_bounds(text, cut):
    reader = SegmentReader(TOKENS, 256, 8, cut)
    [read], _ = reader.told([text], SILENT)
    assert 1 <= len(read) <= 8
    assert max(len(segment.ids) for segment in read) <= 256


def test_settings_out_of_range_are_refused():
    with pytest.raises(SettingsError, match="overlap is of segments that are cut by length; take cut=length, or no overlap"):
        SegmentReader(TOKENS, 12, 5, "pauses", 2)
    with pytest.raises(SettingsError, match="overlap takes a whole number from 0 to 9; got 10"):
        SegmentReader(TOKENS, 12, 5, overlap=10)
    with pytest.raises(SettingsError, match="cut .* 'sentences'"):
        SegmentReader(TOKENS, 12, 5, "sentences")
    with pytest.raises(SettingsError, match="most takes a whole number from 1 on; got 0"):
        SegmentReader(TOKENS, 12, 0)
    assert np.array_equal(SegmentReader(TOKENS, 4, 1, overlap=1).encoded("one two").read[0].spans[1:-1], [[0, 3], [4, 7]])
