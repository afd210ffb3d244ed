"""Sentences as rows of parts of words: by hand in English, Chinese and emoji, long ones in parts, and targets."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tenon.text.marked import MarkedTokens  # noqa: E402
from tenon.text.pieces import UNJUDGED, PieceReader, PieceRows, widest, windows  # noqa: E402

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "new", "##er", "york", "##s", "住", "北", "京", "!"]


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vocabulary")
    (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in WORDS), encoding="utf-8")
    return MarkedTokens.from_pretrained(folder)


def read(tokens, sentence, longest=20):
    return [
        ([WORDS[i] for i in part.row.ids], part.places.tolist(), part.tokens.tolist())
        for part in PieceReader(tokens, longest).parts(sentence)
    ]


@pytest.mark.parametrize(
    ("sentence", "pieces", "places"),
    [
        (["Newers", "York", "newer"], ["new", "##er", "##s", "york", "new", "##er"], [1, 4, 5]),
        (["住", "北", "京"], ["住", "北", "京"], [1, 2, 3]),
        (["北京", "!", "京"], ["北", "京", "!", "京"], [1, 3, 4]),
        (["😀", "York", "👩‍👩‍👧"], ["[UNK]", "york", "[UNK]"], [1, 2, 3]),
        (["", "\u200d", "\n", "new"], ["[UNK]", "[UNK]", "[UNK]", "new"], [1, 2, 3, 4]),
        (["[SEP]", "new"], ["[SEP]", "new"], [1, 2]),
    ],
)
def test_the_first_part_of_each_token_is_judged(tokens, sentence, pieces, places):
    assert read(tokens, sentence) == [(["[CLS]", *pieces, "[SEP]"], places, list(range(len(sentence))))]


@pytest.mark.mission("H2")
def test_a_long_sentence_is_read_in_parts_that_overlap(tokens):
    """Room for 4 of 9: parts begin at 0, 2, 4 and 6; places 2 and 3 are judged where one stands on each side, and so on."""
    sentence = ["new"] * 9
    found = read(tokens, sentence, longest=6)
    assert [places for _, places, _ in found] == [[1, 2, 3], [2, 3], [2, 3], [2, 3]]
    assert [judged for _, _, judged in found] == [[0, 1, 2], [3, 4], [5, 6], [7, 8]]
    assert [row for row, _, _ in found][3] == ["[CLS]", "new", "new", "new", "[SEP]"]
    assert read(tokens, sentence[:4], longest=6) == [(["[CLS]", *sentence[:4], "[SEP]"], [1, 2, 3, 4], [0, 1, 2, 3])]


@pytest.mark.parametrize("room", [1, 2, 3, 4, 7, 50])
@pytest.mark.parametrize("n", [1, 2, 7, 8, 49, 50, 51, 200])
def test_parts_hold_everything_and_none_can_be_left_out_at_the_end(n, room):
    starts, ends = windows(n, room)
    assert {i for start, end in zip(starts, ends, strict=True) for i in range(start, end)} == set(range(n))
    assert (ends - starts).max() <= room
    assert ends[-1] == n
    assert len(ends) == 1 or ends[-2] < n
    where = widest(np.arange(n), starts, ends)
    for place, part in enumerate(where):  # by the definition, over all parts that hold it
        context = [
            min(place - start, end - 1 - place) if start <= place < end else -1 for start, end in zip(starts, ends, strict=True)
        ]
        assert context[part] == max(context) >= 0


def test_targets_stand_at_first_parts_alone(tokens):
    parts = [*PieceReader(tokens, 20).parts(["Newers", "York"]), *PieceReader(tokens, 20).parts(["北"])]
    rows = PieceRows.of(parts, [np.array([2, 0]), np.array([1])], 0)
    assert rows.targets.tolist() == [[UNJUDGED, 2, UNJUDGED, UNJUDGED, 0, UNJUDGED], [UNJUDGED, 1, *[UNJUDGED] * 4]]
    (ids, is_real, segments), targets = rows.batch(torch.tensor([1]), torch.device("cpu"))
    assert (ids.tolist(), is_real, segments.tolist(), targets.tolist()) == ([[2, 10, 3]], None, [[0] * 3], [[-1, 1, -1]])
    assert rows.sorted().targets[0].tolist() == rows.targets[1].tolist()
