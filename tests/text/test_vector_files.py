"""Files of vectors: there and back, as word2vec.c writes them, and damaged in every way."""

import gzip
import json

import numpy as np
import pytest

from tenon.errors import DataError, ModelFileError
from tenon.text import WordVectors, read_vectors
from tenon.text.vector_files import load, save, write_binary, write_text

WORDS = ["the", "\u4e2d\u6587", "caf\u00e9", "a\u00a0b"]  # the last with a blank that is none to these formats


def some() -> WordVectors:
    matrix = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    matrix[1] = [0, -0.0, 1e-38, 3e38, 1 / 3]
    return WordVectors(WORDS, matrix)


@pytest.mark.parametrize("write", [write_text, write_binary])
def test_there_and_back(tmp_path, write):
    write(some(), tmp_path / "v")
    again = read_vectors(tmp_path / "v")
    assert again.words == some().words
    assert again.matrix.tobytes() == some().matrix.tobytes()
    (tmp_path / "v.gz").write_bytes(gzip.compress((tmp_path / "v").read_bytes()))
    assert read_vectors(tmp_path / "v.gz").matrix.tobytes() == some().matrix.tobytes()


def test_as_word2vec_c_writes_them(tmp_path):
    """A blank behind each number as text, and a line end behind each vector of bytes."""
    (tmp_path / "v.txt").write_bytes(b"2 3\n</s> 0.1 -0.2 0.3 \nword 1 2 3 \n")
    assert read_vectors(tmp_path / "v.txt").words == ("</s>", "word")
    vectors = np.array([[1, 2, 3], [-1, 0.5, 10]], "<f4")
    (tmp_path / "v.bin").write_bytes(b"2 3\n</s> " + vectors[0].tobytes() + b"\nword " + vectors[1].tobytes() + b"\n")
    again = read_vectors(tmp_path / "v.bin")
    assert again.words == ("</s>", "word")
    assert again.matrix.tolist() == vectors.tolist()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: a file of word vectors begins with how many words"),
        (b"the 1 2\n", "line 1: a file of word vectors begins with .* got 'the 1 2'"),
        (b"1 0\nthe\n", "line 1: promises 1 words with 0 numbers each; the file is damaged"),
        (b"1 999999999999\nthe 1\n", "line 1: promises 1 words with 999,999,999,999 numbers"),
        (b"2 2\nthe 1 2\ncat 1\n", r"line 3: takes a word and 2 numbers; got 2 parts"),
        (b"2 2\nthe 1 2\ncat 1 x\n", r"line 3: could not convert string to float"),
        (b"3 2\nthe 1 2\ncat 1 2\n", "ends with line 3, but its first line promises 3 words"),
        (b"1 2\nthe 1 2\ncat 1 2\n", "goes on behind line 2, but its first line promises 1 words"),
        (b"2 2\nthe 1 2\nthe 1 2\n", "the word 'the' stands twice, as number 1 and 2"),
        (b"2 2\nthe 1 2\ncat nan 2\n", r"the vector of 'cat' \(number 2\) holds an infinite number, or none"),
        (b"2 2\nthe \0\0\x80\x3f\0\0\0\0cat \0\0", "ends within word 2, but its first line promises 2 words"),
        (b"1 2\nthe \0\0\x80\x3f\0\0\0\0cat", "goes on behind word 1, the last that its first line promises"),
        (b"1 1\n\xff\xff \0\0\x80\x3f", r"word 1, b'\\xff\\xff', is not UTF-8; the file is damaged"),
    ],
)
def test_damaged_files(tmp_path, content, said):
    (tmp_path / "v.txt").write_bytes(content)
    with pytest.raises(DataError, match=f"^v.txt.*{said}"):
        read_vectors(tmp_path / "v.txt")


@pytest.mark.parametrize("write", [write_text, write_binary])
@pytest.mark.parametrize("word", ["new york", "", "a\nb"])
def test_words_without_a_place_in_the_format(tmp_path, write, word):
    with pytest.raises(DataError, match="no place for a word that is empty or holds a blank"):
        write(WordVectors([word], [[1.0]]), tmp_path / "v")
    assert list(tmp_path.iterdir()) == []


def test_our_folder(tmp_path):
    save(some(), tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "checksums.txt", "vectors.safetensors", "vectors.txt", "words.json"
    ]  # fmt: skip
    for again in (load(tmp_path / "out"), read_vectors(tmp_path / "out"), read_vectors(tmp_path / "out" / "vectors.txt")):
        assert again.words == some().words
        assert again.matrix.tobytes() == some().matrix.tobytes()


def test_a_damaged_folder(tmp_path):
    with pytest.raises(ModelFileError, match="holds no word vectors of Tenon"):
        load(tmp_path)
    save(some(), tmp_path / "out")
    words = tmp_path / "out" / "words.json"
    content = json.loads(words.read_text(encoding="utf-8"))
    words.write_text(json.dumps(content | {"words": ["x"]}), encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"words\.json is damaged or was changed"):
        load(tmp_path / "out")
    (tmp_path / "out" / "checksums.txt").unlink()
    with pytest.raises(ModelFileError, match="1 words need a matrix of as many rows"):
        load(tmp_path / "out")
    words.write_text(json.dumps(content | {"version": 9}), encoding="utf-8")
    with pytest.raises(ModelFileError, match="is of another version"):
        load(tmp_path / "out")
    words.write_text("[]", encoding="utf-8")
    with pytest.raises(ModelFileError, match="holds no word vectors of Tenon"):
        load(tmp_path / "out")
