"""Ways to change a text: what has to hold for any, and texts changed by hand."""

from collections import Counter

import numpy as np
import pytest

from tenon.text.eda import Eda, Parted, lengthened, replaced, shortened, swapped
from tenon.text.units import CUTS

TEXTS = [
    "A very good film, isn't it?",
    "  well -- it's (almost) 2 hours  long ; of that, none is dull !",
    "这家酒店的服务很好，房间干净，早餐丰富，下次还会再来。",
    "酒店在 Suzhou 的 city centre，3 号线旁边！\n停车方便。",
    "one two",
]
WORDS = [f"w{i}" for i in range(20)]
NONE = Parted(list(WORDS), ["", *[" "] * 19, "."])


def parted(text: str, units: str = "words") -> Parted:
    return Parted.of(text, CUTS[units])


def outcomes(way, *given, n: int = 200) -> set[str]:
    """What 200 seeds give."""
    return {str(way(*given, np.random.default_rng(seed))) for seed in range(n)}


def is_part_of(words: list[str], others: list[str]) -> bool:
    """Whether the words stand in the others in the same order."""
    rest = iter(others)
    return all(word in rest for word in words)


@pytest.mark.parametrize("units", CUTS)
@pytest.mark.parametrize("text", [*TEXTS, "", "?!", "  "])
def test_a_text_is_its_words_and_what_stands_between(text, units):
    one = parted(text, units)
    assert str(one) == text
    assert len(one.gaps) == len(one.words) + 1
    assert not any(character.isalnum() for gap in one.gaps for character in gap)
    assert all(any(character.isalnum() for character in word) for word in one.words)


def test_words_by_hand():
    assert parted("A good film, isn't it?") == (["A", "good", "film", "isn't", "it"], ["", " ", " ", ", ", " ", "?"])
    assert parted("服务很好，房间干净。", "jieba") == (["服务", "很", "好", "房间", "干净"], ["", "", "", "，", "", "。"])


@pytest.mark.mission("B6")
@pytest.mark.parametrize("units", CUTS)
@pytest.mark.parametrize("text", TEXTS)
def test_swaps_keep_every_word_and_all_between(text, units):
    one = parted(text, units)
    for seed in range(20):
        made = swapped(one, 2, np.random.default_rng(seed))
        assert Counter(made.words) == Counter(one.words)
        assert made.gaps == one.gaps


def test_each_swap_moves_two_words():
    for seed in range(20):
        for n in (1, 3):
            made = swapped(NONE, n, np.random.default_rng(seed))
            moved = sum(a != b for a, b in zip(made.words, WORDS, strict=True))
            assert moved == 2 if n == 1 else moved <= 6
    assert outcomes(swapped, parted("one, two; three"), 1) == {"two, one; three", "three, two; one", "one, three; two"}


@pytest.mark.parametrize("units", CUTS)
@pytest.mark.parametrize("text", TEXTS)
def test_deletion_keeps_the_order_and_leaves_a_word(text, units):
    one = parted(text, units)
    for n in (1, 3, 100):
        for seed in range(10):
            made = shortened(one, n, np.random.default_rng(seed))
            assert len(made.words) == max(1, len(one.words) - n)
            assert is_part_of(made.words, one.words)
            assert made == parted(str(made)) or units != "words"  # what is left can be read again


@pytest.mark.parametrize(
    ("text", "units", "left"),
    [
        ("very good film", "words", {"good film", "very film", "very good"}),
        ("Very good, a film.", "words", {"good, a film.", "Very, a film.", "Very good, film.", "Very good, a."}),
        ("good, bad, ugly", "words", {", bad, ugly", "good, ugly", "good, bad,"}),
        ("早餐，很好，房间", "jieba", {"，很好，房间", "早餐，好，房间", "早餐，很，房间", "早餐，很好，"}),
        ("good (old) film", "words", {"(old) film", "good () film", "good (old)"}),
    ],
)
def test_deletion_by_hand(text, units, left):
    assert outcomes(shortened, parted(text, units), 1) == left


def test_synonyms_stand_in_the_places_of_words_that_have_them():
    synonyms = {"w3": ["x", "y"], "w7": ["z"], "w9": ["q"]}
    for seed in range(20):
        made = replaced(NONE, 2, [3, 7, 9], synonyms, np.random.default_rng(seed))
        changed = [i for i, (a, b) in enumerate(zip(made.words, WORDS, strict=True)) if a != b]
        assert len(changed) == 2
        assert all(made.words[i] in synonyms[f"w{i}"] for i in changed)
        assert made.gaps == NONE.gaps
    assert outcomes(replaced, parted("A Good film"), 5, [1], {"good": ["fine", "nice"]}) == {"A fine film", "A nice film"}


def test_synonyms_are_added_before_words():
    synonyms = {"w3": ["x", "y"]}
    for seed in range(20):
        made = lengthened(NONE, 4, [3], synonyms, np.random.default_rng(seed))
        assert len(made.words) == 24
        assert is_part_of(WORDS, made.words)
        assert set(made.words) - set(WORDS) <= {"x", "y"}
        assert parted(str(made)) == made
    assert outcomes(lengthened, parted("a good, film"), 1, [1], {"good": ["fine"]}) == {
        "fine a good, film",
        "a fine good, film",
        "a good, fine film",
    }
    assert outcomes(lengthened, parted("服务好，房间", "jieba"), 1, [0], {"服务": ["态度"]}) == {
        "态度服务好，房间",
        "服务态度好，房间",
        "服务好，态度房间",
    }


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1, 0.5])
@pytest.mark.parametrize("length", [2, 3, 7, 20])
def test_as_many_words_change_as_the_share_says(share, length):
    """Swaps of words that are all different move up to two each; the other ways change just as many."""
    one = Parted(WORDS[:length], ["", *[" "] * (length - 1), ""])
    eda, n = Eda(share, {word: [word.upper()] for word in WORDS}), max(1, int(share * length))
    ways = Counter()
    for seed in range(200):
        words = eda.changed(one, np.random.default_rng(seed)).words
        if len(words) != length:
            ways["insert" if len(words) > length else "delete"] += 1
            assert abs(len(words) - length) == n
        elif set(words) == set(one.words):
            ways["swap"] += 1
            assert sum(a != b for a, b in zip(words, one.words, strict=True)) <= 2 * n
        else:
            ways["replace"] += 1
            assert sum(a != b for a, b in zip(words, one.words, strict=True)) == n
    assert set(ways) == {"swap", "delete", "replace", "insert"}
    assert min(ways.values()) > 25  # of 50; below it with a chance of 1 in 50,000


def test_without_synonyms_words_are_swapped_or_left_out():
    assert {len(Eda(0.05).changed(NONE, np.random.default_rng(seed)).words) for seed in range(50)} == {19, 20}
    assert set().union(*(Eda(0.3).changed(NONE, np.random.default_rng(seed)).words for seed in range(50))) == set(WORDS)


@pytest.mark.parametrize("text", ["", "?!", "wow!", "好。"])
def test_what_has_nothing_to_change_stays(text):
    for seed in range(20):
        assert str(Eda(0.5).changed(parted(text), np.random.default_rng(seed))) == text


def test_the_same_seed_changes_alike():
    made = [str(Eda(0.2).changed(NONE, np.random.default_rng(seed))) for seed in (0, 0, 1)]
    assert made[0] == made[1] != made[2]
