"""Where the sentences of a text stand, by its marks alone, in scripts with blanks between words and in Chinese."""

import re

END = re.compile(r"(?<![A-Z])[.!?][\"'”’)\]]*(?=\s)|[。！？][\"'”’』」）]*|\n")  # no initial and no U.S. ends one


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence in characters, without blanks around it; none is empty.

    >>> sentence_spans("He left. Why? 好。走了")
    [(0, 8), (9, 13), (14, 16), (16, 18)]
    """
    spans, start = [], 0
    for end in [*(match.end() for match in END.finditer(text)), len(text)]:
        inner = text[start:end].strip()
        if inner:
            first = text.index(inner, start)
            spans.append((first, first + len(inner)))
        start = end
    return spans
