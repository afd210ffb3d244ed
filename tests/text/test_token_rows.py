"""Texts as batches: padded to the longest of a batch, sorted, cut, and never empty."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tenon.text.token_rows import TokenRows, read_ids  # noqa: E402
from tenon.text.tokens import learnt_tokens  # noqa: E402

TEXTS = [torch.tensor(ids) for ids in ([5, 6, 7], [8], [9, 9])]
ROWS = TokenRows(TEXTS, torch.tensor([10.0, 20.0, 30.0]), pad=4)


def test_a_batch_is_as_long_as_its_longest():
    (tokens, lengths), targets = ROWS.batch(torch.tensor([1, 2]), torch.device("cpu"))
    assert tokens.tolist() == [[8, 4], [9, 9]]
    assert (lengths.tolist(), targets.tolist()) == ([1, 2], [20.0, 30.0])
    assert ROWS.lengths.tolist() == [3, 1, 2]


def test_sorted_rows_keep_their_targets():
    rows = ROWS.sorted()
    assert [text.tolist() for text in rows.texts] == [[8], [9, 9], [5, 6, 7]]
    assert (rows.targets.tolist(), rows.lengths.tolist()) == ([20.0, 30.0, 10.0], [1, 2, 3])


def test_long_texts_are_cut_and_empty_ones_are_unknown():
    tokens = learnt_tokens(["a b c"], fewest=1)
    assert read_ids(tokens.encode("a b c").ids, tokens, 2).tolist() == [2, 3]
    assert read_ids(tokens.encode(" ").ids, tokens, 2).tolist() == [tokens.unknown]
    assert read_ids(np.array([], np.int64), tokens, 2).dtype == torch.int64
