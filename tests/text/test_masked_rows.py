"""Rows of a file of tokens: what is read and asked, by hand and from MarkedTokens; padding, epochs, parts, company."""

import numpy as np
import pytest
import torch

pytest.importorskip("tokenizers")

from tenon.text.cuts import packed, pairs  # noqa: E402
from tenon.text.marked import MarkedTokens  # noqa: E402
from tenon.text.masked_rows import MaskedRows, NextTokenRows  # noqa: E402
from tenon.text.masking import Masking, is_no_mark  # noqa: E402
from tenon.text.next_rows import PADDING  # noqa: E402
from tenon.text.token_file import token_file  # noqa: E402
from tenon.training.rows import batches_of, of_epoch  # noqa: E402

LINES = ["the cat sat on the mat", "dogs ran", "", "a dog sat. it ran and ran and ran", "cats!", "", "mats and dogs"]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def tokens():
    return MarkedTokens.learnt(LINES * 3, 70)


@pytest.fixture(scope="module")
def file(tokens):
    with token_file(LINES, tokens.tokens) as found:
        yield found


def masked(file, tokens, cuts, kinds=None, **settings):
    return MaskedRows(
        file, cuts, tokens, Masking(tokens.mask, np.flatnonzero(is_no_mark(tokens.tokens.words)), **settings), kinds
    )


def whole(read, places, asked):
    """Put what is asked for back into what is read."""
    read = read.clone()
    read[places] = asked
    return read


def test_what_is_asked_for_stood_there(file, tokens):
    cuts = packed(file, 7)
    rows = masked(file, tokens, cuts)
    ids = torch.tensor([2, 0, 3])
    (read, mask, segments, places), asked = rows.batch(ids, CPU)
    assert rows.lengths.tolist() == [b - a + 2 for a, b in cuts]
    assert not segments.any()
    for i, row in enumerate(ids.tolist()):
        n = int(rows.lengths[row])
        true = whole(read, places, asked)[i]
        assert true[:n].tolist() == [tokens.start, *file.tokens[slice(*cuts[row])], tokens.end]
        assert (true[n:] == tokens.tokens.pad).all()
        assert mask[i].tolist() == [True] * n + [False] * (len(true) - n)
        assert places[i].any()
        assert not places[i][[0, *range(n - 1, len(true))]].any()


def test_pairs_are_marked_as_marked_tokens_does(file, tokens):
    cuts, kinds = pairs(file, 12, 0)
    rows = masked(file, tokens, cuts, kinds)
    assert len(cuts) >= 2
    (read, _, segments, places), asked = rows.batch(torch.arange(len(cuts)), CPU)
    assert asked[-len(cuts) :].tolist() == kinds.tolist()
    true = whole(read, places, asked[: -len(cuts)])
    for i, (a, b, c, d) in enumerate(cuts):
        n = int(rows.lengths[i])
        texts = [tokens.tokens.encode("x")._replace(ids=file.tokens[part], spans=np.zeros((0, 2), np.int64)) for part in
                 (slice(a, b), slice(c, d))]  # fmt: skip
        expected = tokens.row(*texts)
        assert true[i, :n].tolist() == expected.ids.tolist()
        assert segments[i, :n].tolist() == expected.segments.tolist()


def test_a_row_is_masked_alike_in_every_company_and_anew_in_another_epoch(file, tokens):
    rows = masked(file, tokens, packed(file, 7), seed=3)

    def read(rows, ids, place=0):
        (found, *_), _ = rows.batch(torch.tensor(ids), CPU)
        return found[place, : int(rows.lengths[ids[place]])].tolist()

    assert read(rows, [1]) == read(rows, [2, 1, 0], 1) == read(rows.part(np.array([1, 2])), [0]) == read(rows, [1])
    later = [[read(of_epoch(rows, epoch), [i]) for i in range(len(rows))] for epoch in range(4)]
    assert later[0] == [read(rows, [i]) for i in range(len(rows))]
    assert len({str(one) for one in later}) == 4
    fixed = masked(file, tokens, packed(file, 7), seed=3, is_redrawn=False)
    assert read(of_epoch(fixed, 9), [1]) == read(fixed, [1])
    assert sum(map(len, batches_of(rows, 2, 0, 0))) == len(rows)


def test_a_mark_in_a_text_is_never_masked(tokens):
    with token_file(["the [MASK] cat [SEP] sat"] * 2, tokens.tokens) as file:
        rows = masked(file, tokens, packed(file, 20), share=1.0)
        (read, _, _, places), _ = rows.batch(torch.tensor([0]), CPU)
        is_mark = np.isin(np.r_[tokens.start, file.tokens, tokens.end], tokens.marks)
        assert is_mark.sum() == 6  # two texts make one row: its own two marks and four within
        assert (places[0].numpy() == ~is_mark).all()


def test_next_tokens(file, tokens):
    cuts = packed(file, 5)
    rows = NextTokenRows(file, cuts, tokens)
    (read,), asked = rows.batch(torch.arange(len(rows)), CPU)
    ends = file.document_bounds.tolist()
    for i, (a, b) in enumerate(cuts.tolist()):
        text = file.tokens[a:b].tolist()
        n = len(text) + 1
        assert int(rows.lengths[i]) == n
        assert read[i, :n].tolist() == [tokens.start, *text]
        assert asked[i].tolist() == [*text, tokens.end if b in ends else PADDING, *[PADDING] * (asked.shape[1] - n)]
        assert (read[i, n:] == tokens.tokens.pad).all()
    assert {b in ends for _, b in cuts.tolist()} == {True, False}
