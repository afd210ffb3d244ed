"""Scores on files of word pairs and of analogies."""

import math

import pytest

from tenon.errors import DataError
from tenon.text import WordVectors, evaluate

VECTORS = WordVectors(["man", "woman", "king", "queen", "prince"], [[1, 1, 0], [1, -1, 0], [1, 1, 2], [1, -1, 2], [1, 1, 1.5]])


def test_pairs_by_hand(tmp_path):
    """Cosines: king-prince .99 > king-queen .67 > man-woman 0; people say king-prince > man-woman > king-queen: 1 - 6·2/24."""
    path = tmp_path / "pairs.tsv"
    path.write_text("# a comment\nKing\tprince\t9\nking\tqueen\t2\nman\twoman\t5\nman\tmachine\t1\n", encoding="utf-8")
    score = evaluate(VECTORS, path)
    assert score.spearman == pytest.approx(0.5)
    assert (score.n_pairs, score.n_unknown) == (3, 1)


def test_analogies_by_hand(tmp_path):
    path = tmp_path / "analogies.txt"
    lines = [": sex", "Man woman king queen", ": rank", "man king woman queen", "man king woman prince", "a b c d"]
    path.write_text("\n".join(lines), encoding="utf-8")
    score = evaluate(VECTORS, path)
    assert score.accuracy == pytest.approx(2 / 3)
    assert (score.n_questions, score.n_unknown) == (3, 1)
    assert score.by_section == {"sex": 1.0, "rank": 0.5}


def test_nothing_known(tmp_path):
    path = tmp_path / "file"
    path.write_text("x\ty\t1\n", encoding="utf-8")
    assert math.isnan(evaluate(VECTORS, path).spearman)
    path.write_text(": s\na b c d\n", encoding="utf-8")
    assert math.isnan(evaluate(VECTORS, path).accuracy)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\tb\t1\na b 2\n", "line 2: takes two words and a score with tabs between; got 'a b 2'"),
        ("a\tb\tx\n", "line 1: takes two words and a score"),
        (": s\na b c\n", "line 2: takes four words, a is to b as c to d; got 'a b c'"),
    ],
)
def test_files_of_another_form(tmp_path, text, said):
    (tmp_path / "f.txt").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=f"f.txt, {said}"):
        evaluate(VECTORS, tmp_path / "f.txt")
