"""Entities read from tags, against cases worked by hand from the rules of conlleval."""

import numpy as np
import pytest

from tenon.metrics.entities import entities, entity_counts, tag_counts


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("", []),
        ("O O", []),
        ("B-A", [("A", 0, 1)]),
        ("B-A B-A", [("A", 0, 1), ("A", 1, 2)]),
        ("B-A I-A O I-A", [("A", 0, 2), ("A", 3, 4)]),  # a lone I- opens an entity
        ("B-A I-B I-B", [("A", 0, 1), ("B", 1, 3)]),  # of another type: a new one
        ("O I-A I-A B-A", [("A", 1, 3), ("A", 3, 4)]),
        ("S-A B-B I-B E-B", [("A", 0, 1), ("B", 1, 4)]),
        ("B-A E-A I-A", [("A", 0, 2), ("A", 2, 3)]),
        ("B-PER.NAM I-PER.NAM B-PER.NOM", [("PER.NAM", 0, 2), ("PER.NOM", 2, 3)]),
        ("B-new-york I-new-york", [("new-york", 0, 2)]),
        ("B-A M-A M-A E-A S-A", [("A", 0, 4), ("A", 4, 5)]),
        ("B E S B M E", [("", 0, 2), ("", 2, 3), ("", 3, 6)]),
        ("B I O I", [("", 0, 2), ("", 3, 4)]),
        ("NOUN VERB", []),
    ],
)
def test_entities_of_a_sentence(tags, found):
    assert entities(tags.split()) == found


def test_counts_need_type_and_both_ends():
    true = [["B-A", "I-A", "O", "B-B"], ["O"], []]
    said = [["B-A", "O", "O", "B-B"], ["B-A"], []]
    assert entity_counts(true, said).tolist() == [[1, 2, 2], [0, 0, 1], [0, 0, 0]]
    assert tag_counts(true, said).tolist() == [[3, 4], [0, 1], [0, 0]]
    assert entity_counts([], []).shape == (0, 3)
    assert tag_counts([], []).dtype == np.float64
