"""A corpus as ids in a file, beside a slow encoding in memory."""

import gzip
import random
from collections import Counter
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import pytest

from tenon.data.lines import read_lines
from tenon.errors import DataError, OutputError
from tenon.text import corpus as corpus_module
from tenon.text.corpus import encoded, split_lines


def sentences_of(corpus) -> list[list[str]]:
    words = np.array(corpus.vocabulary.words)
    return [words[corpus.tokens[a:b]].tolist() for a, b in zip(corpus.bounds[:-1], corpus.bounds[1:], strict=True)]


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])  # 7: pieces end within sentences
@pytest.mark.parametrize("min_count", [1, 3])
def test_the_same_as_encoded_in_memory(monkeypatch, piece, min_count):
    monkeypatch.setattr(corpus_module, "PIECE", piece)
    draw = random.Random(3)
    texts = [[draw.choice("aabbbcdefghij") for _ in range(draw.randrange(9))] for _ in range(40)]
    counts = Counter(word for text in texts for word in text)
    kept = [[word for word in text if counts[word] >= min_count] for text in texts]
    with encoded(iter(texts), min_count) as corpus:
        assert sentences_of(corpus) == [text for text in kept if text]
        assert dict(zip(corpus.vocabulary.words, corpus.vocabulary.counts.tolist(), strict=True)) == {
            word: n for word, n in counts.items() if n >= min_count
        }
        assert corpus.n_read == counts.total()


def test_a_full_disk_is_one_sentence(small_files):
    """Also where the end of the block would try to write once more what could not be written."""
    with pytest.raises(OutputError, match="cannot write .*, where the corpus is kept meanwhile: File too large"):
        encoded([["a"]] * 500).__enter__()


def test_long_sentences_are_cut_and_nothing_is_lost(monkeypatch):
    monkeypatch.setattr(corpus_module, "LONGEST", 4)
    with encoded([list("abcdefghij"), list("abcd"), ["k"]]) as corpus:
        assert sentences_of(corpus) == [list("abcd"), list("efgh"), list("ij"), list("abcd"), ["k"]]


def test_the_folder_is_private_and_gone_at_the_end():
    def folders() -> set[Path]:
        return set(Path(gettempdir()).glob("tenon-corpus-*"))

    before = folders()
    with encoded([["a", "b"]]):
        [new] = folders() - before
        assert new.stat().st_mode & 0o077 == 0
    assert new not in folders()


def test_a_file_packed_or_not(tmp_path):
    text = "the cat\n\n  sat\ton \u00e9\n"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with gzip.open(tmp_path / "a.txt.gz", "wt", encoding="utf-8") as file:
        file.write(text)
    for name in ("a.txt", "a.txt.gz"):
        assert list(split_lines(tmp_path / name)) == [["the", "cat"], ["sat", "on", "\u00e9"]]


@pytest.mark.parametrize("text", ["aa bb \u4e2d\u6587 c " * 50, "\u4e2d\u6587\u5b57" * 50, "x" * 100])
def test_one_endless_line_is_read_in_pieces(tmp_path, monkeypatch, text):
    path = tmp_path / "endless.txt"
    path.write_text(text, encoding="utf-8")
    for size in (16, 17, 18):  # cuts fall on every byte of a character
        monkeypatch.setattr("tenon.data.lines.LINE", size)
        pieces = list(read_lines(path))
        assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
        assert " ".join(pieces).split() == text.split() or " " not in text
        assert max(len(piece.encode()) for piece in pieces) < 2 * size + 16


@pytest.mark.parametrize(
    ("sentences", "said"),
    [
        (["the cat sat"], "number 1 is 'the cat sat'. Cut it into words first"),
        ([["a"], 7], "number 2 is 7"),
        ([["a", 7]], "one holds 7, which is no text"),
        ([["a", ["b"]]], "number 1 holds something else"),
        ([[]], "there is no word at all; bring text with words"),
    ],
)
def test_what_is_no_corpus(sentences, said):
    with pytest.raises(DataError, match=said), encoded(sentences):
        pass


def test_files_that_hold_no_text(tmp_path):
    (tmp_path / "empty.txt").write_text("\n  \n", encoding="utf-8")
    with pytest.raises(DataError, match=r"empty\.txt holds no text"):
        list(read_lines(tmp_path / "empty.txt"))
    with pytest.raises(DataError, match="is a folder; name a text file in it"):
        list(read_lines(tmp_path))
    (tmp_path / "broken.txt").write_bytes(b"gut\n" * 9 + "sch\u00f6n \u4e2d\u6587 ".encode() * 9 + b"\xff\n")
    with pytest.raises(DataError, match=r"broken\.txt, line 10: the byte 0xFF is not UTF-8"):
        list(read_lines(tmp_path / "broken.txt"))
