"""Texts as batches: padded to the longest of a batch, sorted, cut, and never empty."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tenon.text.token_rows import TokenRows, ids_of, lengths_of, read_ids, share_read, tell_cut  # noqa: E402
from tenon.text.tokens import learnt_tokens  # noqa: E402
from tenon.watch import Watch  # noqa: E402

TEXTS = [torch.tensor(ids) for ids in ([5, 6, 7], [8], [9, 9])]
ROWS = TokenRows(TEXTS, torch.tensor([10.0, 20.0, 30.0]), pad=4)


def test_a_batch_is_as_long_as_its_longest():
    (tokens, lengths), targets = ROWS.batch(torch.tensor([1, 2]), torch.device("cpu"))
    assert tokens.tolist() == [[8, 4], [9, 9]]
    assert (lengths.tolist(), targets.tolist()) == ([1, 2], [20.0, 30.0])
    assert ROWS.lengths.tolist() == [3, 1, 2]


def test_sorted_rows_keep_their_targets():
    rows = ROWS.sorted()
    assert [text.tolist() for text in rows.rows] == [[8], [9, 9], [5, 6, 7]]
    assert (rows.targets.tolist(), rows.lengths.tolist()) == ([20.0, 30.0, 10.0], [1, 2, 3])


def test_long_texts_are_cut_and_empty_ones_are_unknown():
    tokens = learnt_tokens(["a b c"], fewest=1)
    assert read_ids(tokens.encode("a b c").ids, tokens, 2).tolist() == [2, 3]
    assert read_ids(tokens.encode(" ").ids, tokens, 2).tolist() == [tokens.unknown]
    assert read_ids(np.array([], np.int64), tokens, 2).dtype == torch.int64


@pytest.mark.parametrize(("longest", "share", "cut"), [(1, 3 / 10, 2 / 3), (4, 8 / 10, 1 / 3), (6, 1, 0)])
def test_the_share_that_is_read_is_one_of_tokens(longest, share, cut):
    """Texts of 3, 6, 1 and no tokens."""
    tokens = learnt_tokens(["a b c"], fewest=1)
    texts, notes = ["a b c", "a b x x x c", "a"], []
    lengths, nothing = lengths_of(ids_of([*texts, ""], tokens)), lengths_of(ids_of(["", " "], tokens))
    assert share_read(lengths, longest) == pytest.approx(share)
    assert share_read(nothing, longest) == share_read(lengths_of([]), longest) == 1
    assert tell_cut(lengths[:3], longest, "texts", Watch(notes.append)) == pytest.approx(cut)
    told = [f"{100 * cut:.3g} % of the texts are longer than {longest} tokens, of which no more are read."] if cut else []
    assert [note["text"] for note in notes] == told
