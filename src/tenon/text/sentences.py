"""Sentences as taggers take them: lists of tokens, with as many tags; what is none of these is named by its place."""

from collections.abc import Callable, Iterable
from typing import Any

from tenon.errors import DataError, shortened

Sentences = list[list[str]]


def sentences(X: Any) -> Sentences:
    """Return X as lists of tokens. Raises DataError where X, or a part of it, is no list of texts; a sentence may be empty."""
    return _lists(X, "X", "token")


def tagged(X: Any, y: Any) -> tuple[Sentences, Sentences]:
    """Return tokens and tags. Raises DataError, too, where they do not line up, or where there is no token at all."""
    tokens, tags = _lists(X, "X", "token"), _lists(y, "y", "tag")
    if len(tokens) != len(tags):
        raise DataError(f"each sentence takes its list of tags; X has {len(tokens):,} sentences, y has {len(tags):,}.")
    uneven = [i for i, (words, own) in enumerate(zip(tokens, tags, strict=True)) if len(words) != len(own)]
    if uneven:
        i = uneven[0]
        first = f"sentence {i} (counted from 0) has {len(tokens[i]):,} tokens and {len(tags[i]):,} tags"
        raise DataError(f"each token takes one tag; {first}{_others(uneven)}.")
    if not any(tokens):
        raise DataError("a tagger learns from tokens, and there is none in X.")
    return tokens, tags


def _lists(values: Any, name: str, what: str) -> Sentences:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise DataError(f"{name} is a list of sentences, each a list of {what}s; got {shortened(repr(values), 60)}.")
    rows = list(values)
    _refuse(rows, lambda row: isinstance(row, str) or not isinstance(row, Iterable), f"a sentence is a list of {what}s")
    lists = [list(row) for row in rows]
    _refuse(lists, lambda row: not all(isinstance(one, str) for one in row), f"a {what} is a text (str)")
    return lists


def _refuse(rows: list[Any], is_wrong: Callable[[Any], bool], rule: str) -> None:
    wrong = [i for i, row in enumerate(rows) if is_wrong(row)]
    if wrong:
        row = rows[wrong[0]]
        strange = next((one for one in row if not isinstance(one, str)), row) if isinstance(row, list) else row
        raise DataError(f"{rule}; sentence {wrong[0]} (counted from 0) has {shortened(repr(strange), 60)}{_others(wrong)}.")


def _others(wrong: list[int]) -> str:
    return f", and {len(wrong) - 1:,} more are like it" if len(wrong) > 1 else ""
