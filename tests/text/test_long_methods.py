"""Methods for long documents: where they stand on the board."""

from tenon.data.dataset import Column, Schema
from tenon.text.long_methods import not_long


def schema(*shares):
    return Schema((*(Column(f"t{i}", "text", long_share=s) for i, s in enumerate(shares)), Column("y", "category", "target")), 9)


def test_what_is_declined():
    assert not_long(schema(0.05)) is None
    assert not_long(schema(1.0)) is None
    said = "texts are short: 4.9 % of them exceed 510 tokens; bert reads the others whole with longest=512"
    assert not_long(schema(0.049)) == said
    assert not_long(schema(0.5, 0.5)) == "reads one column of texts; there are 2"
