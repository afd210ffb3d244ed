"""Windows of contexts: where they begin, which sees a token best, where answers stand in their rows; by hand and from rules."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tenon.errors import SettingsError  # noqa: E402
from tenon.text import MarkedTokens  # noqa: E402
from tenon.text.answer_windows import NO_PLACE, Windows, owner_of_each, places_in, window_ends  # noqa: E402

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "who", "?", "a", "b", "c", "d", "##x", "北", "京", "在"]


@pytest.fixture
def tokens(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    return MarkedTokens.from_pretrained(tmp_path)


def texts(window, context):
    """What each token of the context in a window's row says."""
    return [context[start:end] for start, end in window.row.spans[window.first : -1]]


def test_windows_by_hand(tokens):
    context = "a bx c d a b c"  # 8 tokens, for bx is two
    windows = Windows(tokens, longest=10, stride=3, longest_question=9).of("who?", context, 4)
    assert [window.row.ids.tolist() for window in windows] == [
        [2, 5, 6, 3, 7, 8, 11, 9, 10, 3], [2, 5, 6, 3, 9, 10, 7, 8, 9, 3],
    ]  # fmt: skip
    assert [window.row.segments.tolist() for window in windows] == [[0] * 4 + [1] * 6] * 2
    assert [window.first for window in windows] == [4, 4]
    assert [window.question for window in windows] == [4, 4]
    assert [texts(window, context) for window in windows] == [["a", "b", "x", "c", "d"], ["c", "d", "a", "b", "c"]]
    # c sees 1 token on its narrower side in the first window, none in the second; d none in the first, 1 in the second
    assert [window.own[4:-1].astype(int).tolist() for window in windows] == [[1, 1, 1, 1, 0], [0, 1, 1, 1, 1]]
    assert not any(window.own[:4].any() or window.own[-1] for window in windows)


def test_places_are_of_characters_in_chinese_and_with_rare_ones(tokens):
    context = "😀 在北京，a"
    [window] = Windows(tokens, longest=30, stride=9, longest_question=9).of("who?", context)
    assert texts(window, context) == ["😀", "在", "北", "京", "，", "a"]
    assert places_in(window, 3, 5) == (6, 7)  # 北京
    assert places_in(window, 0, 1) == (4, 4)
    assert places_in(window, 2, 7) == (5, 9)


def test_an_answer_that_is_cut_off_has_no_place(tokens):
    context = "a bx c d a b c"
    first, second = Windows(tokens, longest=10, stride=3, longest_question=9).of("who?", context)
    assert [places_in(window, 2, 4) for window in (first, second)] == [(5, 6), NO_PLACE]  # bx
    assert [places_in(window, 5, 8) for window in (first, second)] == [(7, 8), (4, 5)]  # c d
    assert [places_in(window, 7, 10) for window in (first, second)] == [NO_PLACE, (5, 6)]  # d a
    assert places_in(first, 3, 4) == (6, 6)  # the x of bx
    assert places_in(first, 1, 2) == NO_PLACE  # a blank


def test_a_long_question_leaves_half_the_row(tokens):
    [window] = Windows(tokens, longest=11, stride=3, longest_question=99).of("a b c d a b c d", "c")
    assert window.row.ids.tolist() == [2, 7, 8, 9, 10, 3, 9, 3]
    [window] = Windows(tokens, longest=11, stride=3, longest_question=2).of("a b c d", "c")
    assert window.row.ids.tolist() == [2, 7, 8, 3, 9, 3]


def test_an_empty_context_is_one_window_with_nothing_to_say(tokens):
    [window] = Windows(tokens, longest=11, stride=3, longest_question=4).of("", "")
    assert window.row.ids.tolist() == [2, 3, 3]
    assert not window.own.any()


@pytest.mark.parametrize("n_tokens", [1, 5, 20, 33, 100])
@pytest.mark.parametrize("room", [4, 7, 20])
@pytest.mark.parametrize("stride", [1, 3, 7, 50])
def test_every_token_is_read_and_owned_once(n_tokens, room, stride):
    windows = window_ends(n_tokens, room, stride)
    assert windows[0][0] == 0
    assert windows[-1][1] == n_tokens
    assert all(
        after[0] <= before[1] and after[0] - before[0] == min(stride, room)
        for before, after in zip(windows, windows[1:], strict=False)
    )
    assert all(end - start <= room for start, end in windows)
    for token, owner in enumerate(owner_of_each(n_tokens, windows)):
        scores = [
            min(token - start, end - 1 - token) + 0.01 * (end - start) if start <= token < end else -1 for start, end in windows
        ]
        assert scores[owner] == max(scores)
        assert owner == int(np.argmax(scores))  # of equal ones the first


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"longest": 7, "stride": 3, "longest_question": 3}, "longest takes a whole number from 8"),
        ({"longest": 9, "stride": 0, "longest_question": 3}, "stride takes a whole number from 1"),
        ({"longest": 9, "stride": 1, "longest_question": 0}, "longest_question takes a whole number from 1"),
    ],
)
def test_settings_out_of_range(tokens, settings, said):
    with pytest.raises(SettingsError, match=said):
        Windows(tokens, **settings)
