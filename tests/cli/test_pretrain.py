"""`tenon pretrain`: what it writes and says, and what it refuses, each in one sentence."""

import gzip
import json
import random
import shlex

import pytest
from tests.cli.fakes import run
from tests.text.test_word2vec import topics

import tenon
from tenon.text import Word2Vec, read_vectors
from tenon.text.pretrain import cut_texts


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(f"{' '.join(text).upper()}.\n" for text in topics()), encoding="utf-8")
    return path


def test_vectors_in_a_folder(corpus, tmp_path):
    out = tmp_path / "deep" / "vectors"
    done = run(
        "pretrain", corpus, "--objective", "word2vec", "-o", out, "--budget", "quick", "--seed", "3", "--set", "word2vec.dim=7"
    )
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-2] == f"vectors  {out}: 34 words with 7 numbers each, learnt from 7,200 words in 2 passes"
    assert lines[-1].startswith('next     python -c "from tenon.text import read_vectors;')
    again = Word2Vec(dim=7, epochs=2, random_state=3).fit(topics()).vectors_  # upper case and the point are gone
    for found in (read_vectors(out), read_vectors(out / "vectors.txt")):
        assert found.words == again.words
        assert found.matrix.tobytes() == again.matrix.tobytes()


def test_the_next_line_is_one_that_runs(corpus, tmp_path, capsys):
    done = run("pretrain", corpus, "-o", tmp_path / "it's here")
    _, python, option, code = shlex.split(done.stdout.splitlines()[-1])  # as a shell would
    assert (python, option) == ("python", "-c")
    exec(code)
    assert "('" in capsys.readouterr().out


def test_json_and_the_default_folder(corpus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = json.loads(run("pretrain", corpus, "--json").stdout)
    assert (content["objective"], content["n_vectors"], content["n_words"]) == ("word2vec", 34, 7200)
    assert content["settings"]["epochs"] == 5
    assert len(read_vectors(content["out"])) == 34
    assert content["out"] == "runs/corpus-word2vec"


def test_in_python(corpus, tmp_path):
    events = []
    found = tenon.pretrain(corpus, tmp_path / "out", watch=tenon.api.Watch(events.append), jobs=2)
    assert len(found.vectors) == 34
    assert events[-1]["done"] == events[-1]["total"] == 5 * 7200


def test_chinese_is_cut_into_words_and_packed_files_are_read(tmp_path):
    path = tmp_path / "zh.txt.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\u6211\u4eec\u5728\u5317\u4eac\u5927\u5b66\u5b66\u4e60\uff0c\u5f88\u597d\u3002\n" * 3)
    assert next(cut_texts(path)) == ["\u6211\u4eec", "\u5728", "\u5317\u4eac\u5927\u5b66", "\u5b66\u4e60", "\u5f88", "\u597d"]


def test_without_jieba_characters(tmp_path, monkeypatch):
    path = tmp_path / "zh.txt"
    path.write_text("\u6211\u4eec\u5728 IBM\u3002\n", encoding="utf-8")
    monkeypatch.setattr("tenon.text.word_lists.find_spec", lambda name: None)
    assert next(cut_texts(path)) == ["\u6211", "\u4eec", "\u5728", "ibm"]


def test_control_characters_are_no_words(tmp_path):
    path = tmp_path / "control.txt"
    path.write_text("a\x01b \x1b c\x7f\n", encoding="utf-8")
    assert next(cut_texts(path)) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be used: No such file or directory."),
        (b"", "corpus.txt holds no text."),
        (b"\n \n", "corpus.txt holds no text."),
        (b"a b\n", "no word stands 5 times or more (the most frequent one 1)"),
        (b"a a a a a a\n", "only 'a' stands 5 times or more"),
        (b"... ,,, !!!\n", "there is no word at all; bring text with words"),
        (b"caf\xc3\xa9 gr\xc3\xbcn\n" * 9 + b"\xff\n", "corpus.txt, line 10: the byte 0xFF is not UTF-8"),
        (b"a b\0\n", "corpus.txt, line 1: holds a NUL character"),
        ("a b\ncafé au lait\n".encode("utf-16-le") * 9, "corpus.txt, line 1: holds a NUL character"),  # 0xE9 alone is no UTF-8
        (random.Random(0).randbytes(5000), "corpus.txt, line 1:"),
        (b"\x1f\x8b damaged", "corpus.txt is a damaged gzip file"),
    ],
)  # fmt: skip
def test_files_that_are_no_corpus(tmp_path, monkeypatch, content, said):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "corpus.txt"
    if content is not None:
        path.write_bytes(content)
    done = run("pretrain", path)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert done.stderr.startswith("tenon: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--objective", "word2vek"], "'word2vec', 'mlm', 'mlm+nsp', 'ar'; got 'word2vek'; did you mean 'word2vec'?"),
        (["--set", "word2vec.dims=3"], "no setting 'dims' of word2vec; did you mean 'dim'?"),
        (["--set", "word2vec.random_state=3"], "no setting 'random_state' of word2vec"),
        (["--set", "word2vec.dim=x"], "dim takes a whole number from 1 on; got 'x'."),
        (["--set", "bert.dim=3"], "no objective 'bert' here. Known: word2vec."),
        (["--budget", "10m"], "budget takes one of 'quick', 'normal', 'thorough'; got '10m'"),
        (["--jobs", "0"], "jobs takes a whole number from 1 to 1024; got 0."),
        (["--seed", "-1"], "seed takes a whole number from 0 to"),
        (["-o", "."], "--out . is a folder with other files in it; name a new one."),
        (["-o", "corpus.txt"], "--out corpus.txt is a file; name a folder."),
        (["-o", "corpus.txt/below"], "cannot write corpus.txt/below: a part of this path is a file, no folder."),
    ],
)
def test_what_is_refused_before_work(corpus, monkeypatch, words, said):
    monkeypatch.chdir(corpus.parent)
    done = run("pretrain", corpus, *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert [path.name for path in corpus.parent.iterdir()] == ["corpus.txt"]


def test_an_older_result_is_replaced_but_never_with_the_corpus_in_it(corpus, tmp_path):
    out = tmp_path / "out"
    for seed in (1, 2):
        assert run("pretrain", corpus, "-o", out, "--seed", seed, "--budget", "quick").exit_code == 0
    assert json.loads((out / "words.json").read_text(encoding="utf-8"))["about"]["random_state"] == 2
    inside = corpus.rename(out / "corpus.txt")
    done = run("pretrain", inside, "-o", out)
    assert done.exit_code == 2
    assert "holds the corpus itself; name another folder" in done.stderr
    assert inside.exists()
