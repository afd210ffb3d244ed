"""What chooses the epoch of a tagger: F1 by hand, the loss while nothing is found, wrong tags where there are no entities."""

import pytest

from tenon.text.tagger_judge import missed

X = [["Anna", "met", "Bob"], ["Paris"]]
Y = [["B-PER", "O", "B-PER"], ["B-LOC"]]


class Says:
    def __init__(self, *said):
        self.said = said

    def predict(self, X):
        return list(self.said)


@pytest.mark.parametrize(
    ("said", "judged"),
    [
        (Y, 0.0),
        ([["B-PER", "O", "O"], ["O"]], 1 - 2 * 1 / (3 + 1)),  # one of three found, nothing else said
        ([["B-LOC", "O", "B-PER"], ["B-PER"]], 1 - 2 * 1 / (3 + 3)),
        ([["O", "O", "O"], ["O"]], 1 + 0.7),
        ([["O", "B-PER", "O"], ["O"]], 1 + 0.7),
    ],
)
def test_entities(said, judged):
    assert missed(Says(*said), X, Y)(0.7) == pytest.approx(judged)


def test_any_entity_found_is_better_than_none():
    some, none = missed(Says(["B-PER", "B-LOC", "I-LOC"], ["O"]), X, Y), missed(Says(["O"] * 3, ["O"]), X, Y)
    assert some(9.0) < none(0.0)
    assert none(0.1) < none(0.2)


def test_tags_without_entities():
    true = [["NOUN", "VERB", "NOUN"], ["NOUN"]]
    assert missed(Says(["NOUN", "NOUN", "NOUN"], ["VERB"]), X, true)(0.7) == 2 / 4
