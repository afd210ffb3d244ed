"""Whether texts are longer than an encoder reads at once: about how many tokens each has, by its words or its characters.

BERT knows 512 places, of which two are for marks (Devlin et al. 2019). A word of a script with blanks is about 1.3 tokens, a
character of Chinese is one. Blanks are the only ends of words that are looked at.
"""

from typing import TYPE_CHECKING

from tenon.data.language import script_of

if TYPE_CHECKING:
    import pandas as pd

LIMIT = 510  # tokens
TOKENS_OF_WORD = 1.3
AT_ONCE = 10_000  # texts
FEWEST_LONG = 0.05
"""Share of texts that are long from which it can pay to read them in another way.

Of fewer, even a way that mends every fourth long text that `bert` gets wrong raises the score by little more than one point in a
hundred, which few comparisons tell from chance, at several times the cost.
"""


def long_share(cells: "pd.Series") -> float:
    """Return which share of the texts that are there has more than LIMIT tokens, about; 0 where there are none.

    >>> import pandas as pd
    >>> long_share(pd.Series(["a " * 392, "a " * 393, None], dtype="str"))  # 509.6 and 510.9 tokens
    0.5
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    is_chinese = script_of(cells) == "chinese"
    unit, tokens_of_unit = (r"\S", 1.0) if is_chinese else (r"\S+", TOKENS_OF_WORD)
    n, n_long = 0, 0
    for start in range(0, len(cells), AT_ONCE):
        texts = pa.array(cells.iloc[start : start + AT_ONCE], pa.large_string()).drop_null()
        n += len(texts)
        may_be = texts.filter(pc.greater(pc.utf8_length(texts), LIMIT))  # of less characters there are less tokens
        n_units = pc.count_substring_regex(may_be, unit).to_numpy(zero_copy_only=False)
        n_long += int((tokens_of_unit * n_units > LIMIT).sum())
    return n_long / n if n else 0.0
