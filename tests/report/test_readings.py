"""A text in pieces: every letter once, colours by size and sign; gates only where there are any."""

from tenon.report.readings import UNMARKED, Mark, kept_share, kept_view, reading_view, within

TEXT = "A good, bad <film>"
READING = {
    "answer": "yes", "text": TEXT, "gates": {},
    "tokens": [[0, 1, 0.01], [2, 6, 2.0], [6, 7, 0.0], [8, 11, -1.0], [12, 13, 0.1], [13, 17, -0.2], [17, 18, 0.0]],
}  # fmt: skip


def test_every_letter_stands_once_with_its_colour():
    view = reading_view(READING, "lstm", "yes")
    assert "".join(text for text, _ in view["pieces"]) == TEXT
    coloured = {text: (mark.side, mark.share) for text, mark in view["pieces"] if mark.side}
    assert coloured == {"good": ("for", 60), "bad": ("against", 30), "film": ("against", 6)}
    assert view["says"] == "In colour: parts without which lstm would say less of yes; in grey: more."
    assert view["gates"] is None


def test_bytes_of_one_letter_do_not_write_it_twice():
    view = reading_view(READING | {"text": "好x", "tokens": [[0, 1, 1.0], [0, 1, 1.0], [1, 2, -1.0]]}, "lstm", "yes")
    assert view["pieces"] == [("好", Mark("for", 60)), ("x", Mark("against", 60))]


def test_gates_are_drawn_and_nothing_is_said_of_a_text_without_tokens():
    gates = {"reset": [0.5] * 7, "update": [1.0] * 7}
    assert reading_view(READING | {"gates": gates}, "gru", "yes")["gates"].count("<rect") == 14
    assert reading_view(READING | {"tokens": []}, "gru", "yes") is None
    assert reading_view(None, "gru", "yes") is None


def test_blocks_that_were_kept_are_coloured_by_their_score():
    """Of ten letters a block of two and one of three; the strongest colour is 60 %, and a block without any worth shows, too."""
    kept = {"text": "0123456789", "blocks": [[1, 3, 0.5], [6, 9, 0.004]]}
    view = kept_view(kept, "cogltx")
    first, second = Mark("for", 30, hint="0.50"), Mark("for", 5, hint="0.00")
    assert view["pieces"] == [("0", UNMARKED), ("12", first), ("345", UNMARKED), ("678", second), ("9", UNMARKED)]
    assert (
        view["says"] == "In colour: the parts of the text that cogltx answers by; the stronger, the more relevant it finds them."
    )
    assert kept_share(kept) == 0.5
    assert kept_view({"text": "", "blocks": []}, "cogltx") is None
    assert kept_view(None, "lstm") is None


def test_what_is_far_from_any_mark_is_left_out():
    pieces = [("a" * 41, UNMARKED), ("b" * 99, Mark("for", 9)), ("c" * 40, UNMARKED)]
    assert within(pieces) == [(" … ", UNMARKED), *pieces[1:]]


def test_letters_beside_marks_stay_without_words_that_are_cut_off():
    """Of a text of more than 40 letters that are not near; at its end nothing is near. Chinese has no blanks to cut at."""
    mark = ("b", Mark("for", 9))
    pieces = [
        ("x one two", UNMARKED),
        mark,
        ("one two three " + 60 * "." + " four five six", UNMARKED),
        mark,
        ("天" * 49, UNMARKED),
    ]
    assert within(pieces, 9) == [pieces[0], mark, ("one two … five six", UNMARKED), mark, pieces[4]]
    assert within([mark, ("天" * 60, UNMARKED), mark, ("地" * 60, UNMARKED)], 9) == [
        mark, (f"{'天' * 9} … {'天' * 9}", UNMARKED), mark, (f"{'地' * 9} … ", UNMARKED),
    ]  # fmt: skip
