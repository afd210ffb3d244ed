"""Methods for documents longer than an encoder reads at once, and when they stand on the board."""

from tenon.data.dataset import Schema
from tenon.data.long_texts import LIMIT

FEWEST_LONG = 0.05
"""Share of texts that are long from which it can pay to read them in another way.

Of fewer, even a way that mends every fourth long text that `bert` gets wrong raises the score by little more than one point in a
hundred, which few comparisons tell from chance, at several times the cost.
"""


def not_long(schema: Schema) -> str | None:
    """Return why a method for long documents does not fit a schema with texts alone (`not_texts_alone`), None where it does."""
    columns = schema.features("text")
    if len(columns) > 1:
        return f"reads one column of texts; there are {len(columns)}"
    share = schema[columns[0]].long_share
    if share < FEWEST_LONG:
        return f"texts are short: {100 * share:.2g} % of them exceed {LIMIT} tokens; bert reads the others whole with longest=512"
    return None
