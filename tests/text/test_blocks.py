"""Blocks of documents: figures worked by hand, every way of cutting short texts, pauses in two languages, odd texts."""

import itertools

import numpy as np
import pytest

from tenon.errors import SettingsError
from tenon.text.blocks import BLOCK, CLAUSE, FORCED, LINE, NEVER, SENTENCE, block_ends, cut_costs, word_cut_costs
from tenon.text.tokens import Encoded


def words(text: str) -> Encoded:
    """Tokens that are letters or marks: each word, each Chinese character, each mark."""
    spans, start = [], None
    for i, letter in enumerate([*text, " "]):
        is_word = letter.isascii() and letter.isalnum()
        if start is not None and not is_word:
            spans.append((start, i))
            start = None
        if is_word and start is None:
            start = i
        if not is_word and not letter.isspace():
            spans.append((i, i + 1))
    return Encoded(np.arange(len(spans)), np.array(spans, np.int64).reshape(-1, 2))


def ends_of(text: str, longest: int = 63) -> list[int]:
    return block_ends(cut_costs(text, words(text)), longest).tolist()


def price(ends, costs) -> float:
    """Of a way to cut: blocks, pauses, cuts where there is none; the last is free unless the text pauses there."""
    own = [costs[end - 1] if costs[end - 1] < NEVER else (0.0 if end == len(costs) else FORCED) for end in ends]
    return sum(own) + BLOCK * len(ends)


def test_words_without_a_pause_are_cut_at_a_blocks_length():
    """Three cuts for 8, four blocks for 4: 40."""
    ends = ends_of(" ".join(["word"] * 200))
    assert ends == [63, 126, 189, 200]
    assert price(ends, np.full(200, NEVER)) == 40


def test_sentences_stay_whole():
    """Ten of 21 tokens: three in a block; four blocks for 4 and a full stop for 1 each: 20."""
    text = " ".join([" ".join(["word"] * 20) + "."] * 10)
    assert ends_of(text) == [63, 126, 189, 210]
    assert price(ends_of(text), cut_costs(text, words(text))) == 20


def test_a_full_stop_is_cheaper_than_a_comma():
    """30 words, a stop, 40 words, a comma, 10 words, a stop: 31 and 52, for 10; at the comma, 72 would be too long."""
    text = f"{'word ' * 30}. {'word ' * 40}, {'word ' * 10}."
    assert ends_of(text) == [31, 83]
    assert price([31, 83], cut_costs(text, words(text))) == 10


@pytest.mark.mission("H4")
@pytest.mark.parametrize("seed", range(40))
def test_no_way_to_cut_is_cheaper(seed):
    """All ways to cut up to 11 tokens into blocks of up to 4 at pauses, or where no pause is near, a block's length on."""
    chance = np.random.default_rng(seed)
    n, longest = int(chance.integers(1, 12)), 4
    costs = chance.choice([LINE, SENTENCE, CLAUSE, NEVER, NEVER], n)
    allowed, last = set(), 0
    for pause in sorted({*(np.flatnonzero(costs < NEVER) + 1).tolist(), n}):
        while pause - last > longest:
            last += longest
            allowed.add(last)
        allowed.add(last := pause)
    ways = [
        (*cuts, n)
        for k in range(n)
        for cuts in itertools.combinations(sorted(allowed - {n}), k)
        if max(np.diff([0, *cuts, n])) <= longest
    ]
    least = min(price(way, costs) for way in ways)
    found = tuple(block_ends(costs, longest).tolist())
    assert found in ways
    assert price(found, costs) == least


@pytest.mark.parametrize("seed", range(10))
def test_blocks_hold_every_token_once(seed):
    chance = np.random.default_rng(seed)
    costs = chance.choice([LINE, SENTENCE, CLAUSE, NEVER], 500, p=[0.02, 0.05, 0.05, 0.88])
    lengths = np.diff(np.append(0, block_ends(costs)))
    assert lengths.sum() == 500
    assert lengths.min() >= 1
    assert lengths.max() <= 63


def test_where_a_text_pauses():
    text = "It is 3.14, he said. Yes!\nNo; 好的，是吗？对。no"
    costs = dict.fromkeys(",", CLAUSE) | dict.fromkeys("!", LINE) | dict.fromkeys("，", CLAUSE) | dict.fromkeys("？。", SENTENCE)
    encoded = words(text)
    said = [text[start:end] for start, end in encoded.spans]
    expected = [costs.get(token, NEVER) for token in said]
    expected[[i for i, token in enumerate(said) if token == "."][1]] = SENTENCE  # the first stands within a number
    assert cut_costs(text, encoded).tolist() == expected


def test_the_end_of_a_line_is_the_cheapest_cut():
    assert cut_costs("one,\ntwo. three", words("one,\ntwo. three")).tolist() == [NEVER, LINE, NEVER, SENTENCE, NEVER]


def test_odd_texts():
    assert block_ends(np.zeros(0)).tolist() == []
    assert cut_costs("", words("")).tolist() == []
    assert ends_of("word") == [1]
    assert ends_of("。" * 5, longest=2) == [2, 4, 5]  # of ways that cost the same, the shorter last block
    with pytest.raises(SettingsError, match="longest .* 0"):
        block_ends(np.zeros(3), 0)


def test_words_are_cut_apart_where_they_pause_and_never_within():
    """Of words of two, one, three and one pieces, the second is a comma; a block of four holds the first two, or the last two."""
    costs = word_cut_costs(["aa", ",", "bbb", "。"], [2, 1, 3, 1])
    assert costs.tolist() == [NEVER, FORCED, CLAUSE, NEVER, NEVER, FORCED, SENTENCE]
    assert block_ends(costs, 4).tolist() == [3, 7]
    assert block_ends(word_cut_costs(["aa"] * 5, [2] * 5), 5).tolist() == [4, 8, 10], "four fit where five would cut a word"
    assert word_cut_costs([], []).tolist() == []
