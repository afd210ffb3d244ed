"""Valid tags: repaired by hand and as a property, from entities and back, transitions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.metrics.entities import entities
from tenon.text.tags import may_follow, repaired, transitions

BIO = ["O", "B-人", "I-人", "B-LOC", "I-LOC", "NN"]


@pytest.mark.parametrize(
    ("tags", "right"),
    [
        ("", ""),
        ("I-P I-P B-P I-L O I-L", "B-P I-P B-P B-L O B-L"),
        ("B-P NN I-P", "B-P NN B-P"),  # a part of speech, or any other word, ends an entity
        ("B-P E-P I-P E-L", "B-P E-P B-P S-L"),
        ("IN EX I E", "IN EX I E"),  # parts of speech
    ],
)
def test_an_entity_without_a_beginning_is_given_one(tags, right):
    assert repaired(tags.split()) == right.split()


@given(st.lists(st.sampled_from([*BIO, "E-人", "S-人", "E-LOC"]), max_size=12))
def test_repaired_tags_are_valid_and_hold_the_same_entities(tags):
    right = repaired(tags)
    assert all(may_follow(tag, before) for before, tag in zip([None, *right], right, strict=False))
    assert entities(right) == entities(tags)
    assert repaired(right) == right


def test_only_a_tag_inside_an_entity_needs_one_before_it():
    tags = ["O", "B-P", "I-P", "I-L", "NN", "E-P"]
    follows, begins = transitions(tags)
    refused = {(before, tag) for i, before in enumerate(tags) for j, tag in enumerate(tags) if not follows[i, j]}
    inside = {(before, tag) for before in ("O", "I-L", "NN", "E-P") for tag in ("I-P", "E-P")}
    assert refused == inside | {(before, "I-L") for before in ("O", "B-P", "I-P", "NN", "E-P")}
    assert begins.tolist() == [True, True, False, False, True, False]
