"""Texts that are nearly the same: against Jaccard's similarity from its definition, over all pairs."""

import unicodedata

import numpy as np
import pandas as pd
import pytest

from tenon.data.near import NEAR, PIECE, minhash, near_texts

ENGLISH = (
    "the quick brown fox jumps over a lazy dog while seven wizards quietly mix boxes of jade green liquid near old quartz".split()
)
CHINESE = list("酒店位置很好离地铁近早餐丰富房间干净服务热情就是隔音差了一点晚上有些吵下次还会再来推荐给朋友们")


def pieces(text):
    padded = text.ljust(PIECE)
    return {padded[k : k + PIECE] for k in range(len(padded) - PIECE + 1)}


def jaccard(a, b):
    return len(pieces(a) & pieces(b)) / len(pieces(a) | pieces(b))


def groups_slow(texts):
    """Connected components of "similarity of at least NEAR", from all pairs."""
    label = list(range(len(texts)))
    for i in range(len(texts)):
        for j in range(i):
            if jaccard(texts[i], texts[j]) >= NEAR and label[i] != label[j]:
                old = label[i]
                label = [label[j] if one == old else one for one in label]
    return pd.factorize(np.array(label))[0].tolist()


def groups(texts):
    return pd.factorize(near_texts(pd.Series(texts, dtype="str")))[0].tolist()


def changed(rng, units, n_changes, joint):
    """A text of units with some of them taken out, doubled, or changed for others."""
    units = list(units)
    for _ in range(n_changes):
        k = int(rng.integers(len(units)))
        units[k : k + 1] = [[], [units[k]] * 2, [units[int(rng.integers(len(units)))]]][int(rng.integers(3))]
    return joint.join(units)


def corpus(seed, vocabulary, joint, n=90, length=40):
    """A few originals, most texts being copies of them with 0 to 12 changes; in small letters, without punctuation."""
    rng = np.random.default_rng(seed)
    originals = [rng.choice(vocabulary, length).tolist() for _ in range(12)]
    return [changed(rng, originals[int(rng.integers(12))], int(rng.integers(13)), joint) for _ in range(n)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("vocabulary", "joint", "length"), [(ENGLISH, " ", 40), (CHINESE, "", 150)])
def test_the_same_groups_as_from_all_pairs(seed, vocabulary, joint, length):
    texts = corpus(seed, vocabulary, joint, length=length)
    slow = groups_slow(texts)
    assert 12 < max(slow) + 1 < len(texts) - 10  # some are near, some are not
    assert groups(texts) == slow


def test_equal_minima_are_as_many_as_the_similarity_says():
    texts = corpus(0, ENGLISH, " ", n=60)
    minima = minhash(texts)
    pairs = [(i, j) for i in range(60) for j in range(i) if texts[i] != texts[j]]
    said = np.array([(minima[i] == minima[j]).mean() for i, j in pairs])
    truth = np.array([jaccard(texts[i], texts[j]) for i, j in pairs])
    error = np.sqrt(np.maximum(truth * (1 - truth), 0.01) / minima.shape[1])
    assert np.abs(said - truth).max() < 5 * error.max()  # 1,770 pairs: the largest of so many normal errors is near 3.5
    assert abs((said - truth)[truth > 0.3].mean()) < 0.02  # no bias; the pairs share texts, so their errors do not average out


def test_the_order_of_rows_does_not_matter():
    texts = corpus(5, ENGLISH, " ")
    order = np.random.default_rng(1).permutation(len(texts))
    ours, moved = np.array(groups(texts)), np.array(groups([texts[i] for i in order]))
    assert np.array_equal(pd.factorize(ours[order])[0], moved)


def test_case_blanks_punctuation_and_width_are_no_difference():
    same = ["Good Hotel, nice staff!", "good  hotel nice staff", "ＧＯＯＤ hotel - nice staff...", "good hotel\tnice\nstaff"]
    assert unicodedata.normalize("NFKC", "ＧＯＯＤ") == "GOOD"
    assert groups([*same, "bad hotel, rude staff"]) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("好", "坏"),
        ("good 😀", "good 😡"),  # signs count
        ("!!!", "???"),  # texts of punctuation only are compared as they are
        ("service was good", "service was bad"),
        ("What is the capital of Peru ?", "What is the capital of Mali ?"),
        ("a", ""),
    ],
)
def test_what_differs_stays_apart(one, other):
    assert groups([one, other, one]) == [0, 1, 0]


def test_missing_texts_share_a_number_of_their_own():
    cells = pd.Series(["a long enough text", None, "another one entirely", None], dtype="str")
    label = near_texts(cells)
    assert label[1] == label[3]
    assert len(set(label.tolist())) == 3
    assert near_texts(pd.Series([None, None], dtype="str")).tolist() == [-1, -1]
    assert near_texts(pd.Series([], dtype="str")).tolist() == []


def test_chains_go_together():
    """a is near to b and b to c, but a is not near to c."""
    base = [f"word{k:02}" for k in range(60)]
    a, b, c = " ".join(base), " ".join(base[6:]), " ".join(base[12:])
    assert jaccard(a, b) >= NEAR
    assert jaccard(b, c) >= NEAR
    longer = " ".join(base[18:])
    assert jaccard(a, longer) < NEAR
    assert groups([a, longer, b, c]) == [0, 0, 0, 0]
    assert groups([a, longer]) == [0, 1]


def test_lone_surrogates_and_very_long_texts():
    long = " ".join(ENGLISH[k % 21] + str(k * k % 997) for k in range(60_000))
    assert len(long) > 2**18  # more than is hashed at once
    assert groups(["plain text here", long, long[:-200], "plain text there"])[1:3] == [1, 1]


@pytest.mark.slow
def test_a_hundred_thousand_texts():
    """Random texts, and forms that were filled in: pairs that look alike by the million, few of which are near."""
    rng = np.random.default_rng(0)
    forms = [
        f"Payment of {a}.{b} EUR received from {c} on {d} March" for a, b, c, d in rng.integers(0, 9999, (100_000, 4)).tolist()
    ]
    copies = rng.choice(100_000, 500, replace=False)
    texts = [*forms, *(forms[k] + " thanks" for k in copies)]
    label = near_texts(pd.Series(texts, dtype="str"))
    assert np.array_equal(label[100_000:], label[copies])
