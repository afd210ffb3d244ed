"""What language models foretell: units and their ends, and unknown ones by their characters, whose probabilities sum to 1."""

from itertools import product

import numpy as np
import pytest

from tenon.errors import DataError
from tenon.text import events
from tenon.text.events import END, UNKNOWN, Events, Spelling


def test_units_are_known_from_two_times_on_and_the_end_is_one_of_the_events():
    found = Events.learnt(["to be or not to be", "to do"])
    assert (found.script, found.known, found.rare) == ("other", ("to", "be"), ("do", "not", "or"))
    assert len(found) == 4
    assert found.encode("be  to\nsee").tolist() == [3, 2, UNKNOWN, END]
    assert found.encode("").tolist() == [END]
    assert found.decode([2, 3]) == "to be"
    chinese = Events.learnt(["你好吗", "你好"])
    assert (chinese.script, chinese.known, chinese.decode([2, 3])) == ("chinese", ("你", "好"), "你好")
    assert Events(**found.to_json()).encode("not to").tolist() == [UNKNOWN, 2, END]
    assert Events.learnt(["once"], fewest=1).rare == ("once",)
    with pytest.raises(DataError, match="there is no text to learn from"):
        Events.learnt([])


def test_events_stand_where_they_are_in_the_text():
    spaced, chinese = Events.learnt(["to be or not to be"]), Events.learnt(["你好吗"])
    assert spaced.spans(" to  be\nto").tolist() == [[1, 3], [5, 7], [8, 10], [10, 10]]
    assert chinese.spans("好 好").tolist() == [[0, 1], [2, 3], [3, 3]]
    assert spaced.spans("").tolist() == [[0, 0]]


def test_only_what_is_not_known_is_spelled():
    found = Events.learnt(["to be or not to be", "to do"])
    known, one, twice, empty = found.spelled(["to be", "to see", "see see", ""])
    assert known.tolist() == [0, 0, 0]
    assert one[1] > one[0] == one[2] == 0
    assert twice.tolist() == [one[1], one[1], 0]
    assert empty.tolist() == [0]


def test_probabilities_of_all_strings_sum_to_one_without_the_excluded(monkeypatch):
    """Of an alphabet of a, b and two others; the share of longer strings falls by about the same factor with each character."""
    monkeypatch.setattr(events, "N_CHARACTERS", 4)
    spelling = Spelling(["ab", "b", "ba", "a", "ab"], ["", "a", "ab"])
    of_length = []
    for length in range(1, 8):
        strings = ["".join(one) for one in product("ab?!", repeat=length) if one not in [("a",), ("a", "b")]]
        of_length.append(np.exp(-spelling.nats(strings)).sum())
    ratio = of_length[-1] / of_length[-2]
    assert sum(of_length) + of_length[-1] * ratio / (1 - ratio) == pytest.approx(1, abs=1e-3)
    assert spelling.nats(["?"]) == spelling.nats(["!"])


def test_strings_like_those_learnt_are_likelier():
    spelling = Spelling(["walking", "talking", "singing", "winding"], [])
    likely, unlikely, strange = spelling.nats(["waning", "gninaw", "wan汉ng"])
    assert likely < unlikely < strange
