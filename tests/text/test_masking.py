"""Masks: how many, of what, and what stands there, over many draws; whole words, lengths of spans, and whose chance it is.

Shares are compared within 5 standard deviations of a binomial: chance alone breaks one of them once in a million runs.
"""

import math

import numpy as np
import pytest

from tenon.errors import SettingsError
from tenon.text.masking import Masking, is_no_mark, spans

MASK, OTHERS = 4, np.arange(10, 30)
T = 40
IDS = np.r_[2, 10 + np.arange(T) % 20, 3]
IS_FREE = np.r_[False, np.ones(T, bool), False]
IS_START = np.r_[True, np.arange(T) % 3 == 0, True]  # words of three parts, the last of one
N = 3000


def drawn(masks="tokens", **settings):
    masking = Masking(MASK, OTHERS, masks, **settings)
    return [masking.masked(IDS, IS_FREE, IS_START, row, 0) for row in range(N)]


def assert_share(count, n, share):
    assert abs(count - n * share) < 5 * math.sqrt(n * share * (1 - share))


@pytest.mark.mission("G6")
@pytest.mark.parametrize("masks", ["tokens", "words", "spans"])
@pytest.mark.parametrize("share", [0.15, 0.3])
def test_budget_fates_and_marks(masks, share):
    found = drawn(masks, share=share)
    counts = np.array([one.places.sum() for one in found])
    budget = round(share * T)
    assert counts.min() >= 1
    assert counts.max() <= budget
    if masks == "tokens":
        assert (counts == budget).all()
    else:
        assert (counts > budget - 3).all()  # words have three parts at most: a smaller rest holds none
    places, read = np.stack([one.places for one in found]), np.stack([one.read for one in found])
    assert not places[:, ~IS_FREE].any()
    assert (read == IDS)[~places].all()
    assert np.isin(read, [2, 3, MASK, *OTHERS]).all()
    if masks != "spans":  # whose tokens share a fate
        as_mask, as_it_is = (read == MASK)[places], (read == IDS)[places]
        assert_share(as_mask.sum(), places.sum(), 0.8)
        assert_share(as_it_is.sum(), places.sum(), 0.1 + 0.1 / len(OTHERS))  # by chance a token is its own stand-in


def test_every_token_is_as_likely():
    times = np.sum([one.places for one in drawn()], axis=0)[1:-1]
    for count in times:
        assert_share(count, N, 6 / T)


def test_whole_words_and_spans_are_whole():
    words = np.cumsum(IS_START[1:-1])
    for masks in ("words", "spans"):
        for one in drawn(masks):
            inside = one.places[1:-1]
            for word in np.unique(words[inside]):
                assert inside[words == word].all()


def test_spans_are_as_long_as_told_and_share_a_fate():
    singles = list(np.arange(2000)[:, None])
    lengths = []
    for seed in range(N):
        found = spans(singles, 60, np.random.default_rng(seed))
        assert sum(map(len, found)) == 60
        lengths.append(len(found[0]))  # the first is cut by nothing but the end of the row, once in hundreds
    law = 0.2 * 0.8 ** np.arange(10) / (1 - 0.8**10)
    for length, share in enumerate(law, 1):
        assert abs(lengths.count(length) - N * share) < 5 * math.sqrt(N * share) + 10
    assert np.mean(lengths) == pytest.approx(3.8, abs=0.25)  # their paper's figure; 5 standard errors
    row = np.full(2000, 10)
    for number in range(50):
        one = Masking(MASK, np.array([11]), "spans", share=0.002).masked(row, row > 0, row > 0, number, 0)  # budget of 4
        runs = np.split(one.read[one.places], np.flatnonzero(np.diff(np.flatnonzero(one.places)) > 1) + 1)
        if len(runs) > 1:  # spans that do not touch
            assert all(len(set(run.tolist())) <= 2 for run in runs)
    whole = Masking(MASK, np.array([11]), "spans", share=0.9)
    fates = [len(set(whole.masked(np.full(3, 10), np.ones(3, bool), np.ones(3, bool), i, 0).read.tolist())) for i in range(200)]
    assert fates.count(1) > 20  # three tokens alike: of one span, or three that agree by chance


def test_a_span_ends_before_a_mark():
    ids = np.array([2, 10, 11, 3, 12, 13, 3])
    free = ids > 4
    words = np.split(np.flatnonzero(free), range(1, 4))
    for seed in range(300):
        assert all(np.all(np.diff(span) == 1) for span in spans(words, 4, np.random.default_rng(seed)))


def test_the_shortest_word_is_picked_where_all_are_longer_than_the_budget():
    ids, starts = np.arange(10, 17), np.array([1, 0, 0, 0, 1, 0, 0], bool)
    for masks in ("words", "spans"):
        found = Masking(MASK, OTHERS, masks).masked(ids, ids > 0, starts, 5, 0)
        assert found.places.tolist() == [False] * 4 + [True] * 3


def test_one_token_is_masked_and_none_where_all_are_marks():
    masking = Masking(MASK, OTHERS)
    assert masking.masked(np.array([2, 10, 3]), np.array([0, 1, 0], bool), np.ones(3, bool), 0, 0).places.tolist() == [0, 1, 0]
    found = masking.masked(np.array([2, 3]), np.zeros(2, bool), np.ones(2, bool), 0, 0)
    assert (found.read.tolist(), found.places.tolist()) == ([2, 3], [False, False])


@pytest.mark.parametrize("masks", ["tokens", "words", "spans"])
def test_chance_is_that_of_seed_epoch_and_row(masks):
    def read(row=7, epoch=2, **settings):
        return Masking(MASK, OTHERS, masks, **settings).masked(IDS, IS_FREE, IS_START, row, epoch).read.tobytes()

    kept = IDS.copy()
    np.random.seed(5)  # noqa: NPY002
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    assert read(seed=1) == read(seed=1)
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002
    assert (kept == IDS).all()
    assert len({read(seed=seed, epoch=epoch, row=row) for seed in (1, 2) for epoch in (0, 1) for row in (0, 1)}) == 8
    assert read(epoch=3, is_redrawn=False) == read(epoch=0)


def test_marks_of_a_vocabulary():
    words = ["[PAD]", "[unused12]", "[", "]", "[]", "[x", "##ing", "the", "[MASK]"]
    assert is_no_mark(words).tolist() == [False, False, True, True, True, True, True, True, False]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"masks": "letters"}, "masks takes one of 'tokens', 'words', 'spans'; got 'letters'"),
        ({"share": 0}, "share takes a number above 0"),
        ({"share": 1.5}, "share takes a number above 0"),
    ],
)
def test_settings_out_of_range(settings, said):
    with pytest.raises(SettingsError, match=said):
        Masking(MASK, OTHERS, **settings)
