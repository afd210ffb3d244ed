"""Samples are what they say: real sets against their own loaders, generated ones against the rules they promise."""

import csv
import importlib.util
import inspect
import io
import json
import logging
import random
import re
import unittest
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn import datasets
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from tenon.data.samples import SAMPLES, sources, write_sample
from tenon.data.samples.case_words import CHINESE, ENGLISH
from tenon.data.samples.sources import PACKAGES, PARTS_OF_SPEECH
from tenon.errors import DataError, NeedsExtra, SettingsError

SEEDED = [
    "jieba-words",
    "long-documents",
    "long-documents-zh",
    "planted",
    "planted-zh",
    "questions",
    "sentence-pairs",
    "tagged-text",
]
TABLES = {
    "breast-cancer": datasets.load_breast_cancer,
    "wine": datasets.load_wine,
    "iris": datasets.load_iris,
    "diabetes": lambda: datasets.load_diabetes(scaled=False),
}


def made(name: str, seed: int = 0) -> list[bytes]:
    return list(SAMPLES[name].make(seed).values())


def accuracy(texts, labels, C: float) -> float:
    bag_of_words = make_pipeline(TfidfVectorizer(), LogisticRegression(C=C, max_iter=1000))
    return cross_val_score(bag_of_words, texts, labels, cv=5).mean()


@pytest.mark.parametrize("name", TABLES)
def test_tables_hold_what_scikit_learn_holds(name, tmp_path):
    bunch = TABLES[name]()
    [path] = write_sample(name, tmp_path)
    frame = pd.read_csv(path)
    *features, target = frame.columns
    assert features == list(bunch.feature_names)
    assert target == SAMPLES[name].target
    np.testing.assert_array_equal(frame[features].to_numpy(np.float64), bunch.data)
    wanted = bunch.target_names[bunch.target] if "target_names" in bunch else bunch.target
    assert frame[target].tolist() == wanted.tolist()


def test_digits_are_the_scans(tmp_path):
    bunch = datasets.load_digits()
    [folder] = write_sample("digits", tmp_path)
    paths = sorted(folder.rglob("*.png"), key=lambda path: path.name)
    assert [int(path.parent.name) for path in paths] == bunch.target.tolist()
    pixels = np.stack([np.asarray(Image.open(path)) for path in paths])
    assert pixels.dtype == np.uint8
    assert pixels.max() == 255
    # grey levels are ink * 255 / 16, rounded: dividing again and rounding gives the ink back exactly
    np.testing.assert_array_equal(np.rint(pixels * (16 / 255)), bunch.images)


def test_docstrings_are_pythons_own():
    rows = list(csv.DictReader(io.StringIO(made("docstrings")[0].decode())))
    counts = Counter(row["package"] for row in rows)
    assert set(counts) == set(PACKAGES)
    assert min(counts.values()) >= 50
    assert 300 <= len(rows) <= 2500
    assert len({row["text"] for row in rows}) == len(rows)
    assert {"text": inspect.getdoc(logging.getLogger), "package": "logging"} in rows
    assert {"text": inspect.getdoc(unittest.TestCase.assertRaises), "package": "unittest"} in rows


def test_words_stand_in_the_dictionary_with_their_mark():
    rows = list(csv.DictReader(io.StringIO(made("jieba-words")[0].decode())))
    assert Counter(row["part_of_speech"] for row in rows) == dict.fromkeys(PARTS_OF_SPEECH.values(), 500)
    assert len({row["word"] for row in rows}) == 3000
    dictionary = (Path(importlib.util.find_spec("jieba").origin).parent / "dict.txt").read_text("utf-8")
    marks = {(line.split()[0], PARTS_OF_SPEECH.get(line.split()[2])) for line in dictionary.splitlines()}
    assert {(row["word"], row["part_of_speech"]) for row in rows} <= marks


def test_words_without_jieba_name_the_pip_line(monkeypatch, tmp_path):
    monkeypatch.setattr(sources, "find_spec", lambda name: None)
    with pytest.raises(NeedsExtra, match=r"needs jieba; install it with: pip install 'tenon\[zh\]'"):
        write_sample("jieba-words", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_docstrings_without_the_sources_of_python(monkeypatch, tmp_path):
    monkeypatch.setattr(sources.sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(DataError, match="this Python has no source files of .*, so there are no docstrings to read"):
        write_sample("docstrings", tmp_path / "sample")


@pytest.mark.parametrize(("name", "language"), [("long-documents", ENGLISH), ("long-documents-zh", CHINESE)])
@pytest.mark.parametrize("seed", [0, 1])
def test_one_sentence_alone_decides_each_document(name, language, seed):
    lines, evidence = made(name, seed)
    documents = [json.loads(line) for line in lines.decode().splitlines()]
    rows = list(csv.DictReader(io.StringIO(evidence.decode())))
    assert Counter(d["outcome"] for d in documents) == dict.fromkeys(language.verdicts, 150)
    assert [int(row["row"]) for row in rows] == list(range(300))
    shares = []
    for document, row in zip(documents, rows, strict=True):
        text, sentence = document["text"], row["sentence"]
        assert text.count(sentence) == 1
        assert text[int(row["start"]) : int(row["stop"])] == sentence
        assert [outcome for outcome, hit in deciding(text, language)] == [document["outcome"]]
        assert deciding(text, language)[0][1] in sentence
        shares.append(int(row["start"]) / len(text))
    # evenly spread by sentences; in characters a tenth may be off by the few sentences that are longer than others
    assert np.histogram(shares, bins=10, range=(0, 1))[0] == pytest.approx([30] * 10, abs=6)
    # where it stands tells nothing: 300 independent values correlate by 0.06 on average
    assert abs(np.corrcoef(shares, np.arange(300))[0, 1]) < 0.2
    assert abs(np.corrcoef(shares, [d["outcome"] == documents[0]["outcome"] for d in documents])[0, 1]) < 0.2
    size = [len(d["text"]) if name.endswith("zh") else len(d["text"].split()) for d in documents]
    assert 2000 <= min(size)
    assert max(size) <= 7000


def deciding(text: str, language) -> list[tuple[str, str]]:
    """Every (outcome, passage) in the text that any of the deciding templates could have made."""
    templates = [(o, t) for o, own in language.telling.items() for t in own]
    templates += [(o, t.replace("{verdict}", verdict)) for o, verdict in language.verdicts.items() for t in language.plain]
    anything = "[^.。]{1,40}?"
    patterns = [(o, anything.join(re.escape(part) for part in re.split(r"\{\w+\}", t))) for o, t in templates]
    return [(o, hit.group()) for o, pattern in patterns for hit in re.finditer(pattern, text)]


def test_counting_words_helps_with_long_documents_but_is_not_enough():
    documents = [json.loads(line) for line in made("long-documents")[0].decode().splitlines()]
    # 300 balanced rows: chance is 0.5 with a standard error of 0.03, so 0.56 is above chance and 0.85 far from solved
    assert 0.56 < accuracy([d["text"] for d in documents], [d["outcome"] for d in documents], C=1000) < 0.85


@pytest.mark.parametrize("seed", [0, 1])
def test_tags_are_well_formed(seed):
    sentences = tagged(made("tagged-text", seed)[0])
    assert len(sentences) == 1000
    for sentence in sentences:
        before = "O"
        for token, tag in sentence:
            assert token
            assert not any(letter.isspace() for letter in token)
            assert tag in {"O", *(f"{mark}-{kind}" for mark in "BI" for kind in ("PER", "LOC", "ORG"))}
            if tag.startswith("I-"):
                assert before[2:] == tag[2:], sentence
            before = tag
    kinds = Counter(tag for sentence in sentences for _, tag in sentence if tag.startswith("B-"))
    assert min(kinds.values()) >= 300


def test_a_list_of_names_is_not_enough_for_the_tags():
    sentences = tagged(made("tagged-text")[0])
    seen = defaultdict(Counter)
    for token, tag in (pair for sentence in sentences[:800] for pair in sentence):
        seen[token][tag] += 1
    names = [pair for sentence in sentences[800:] for pair in sentence if pair[1] != "O"]
    right = [token in seen and seen[token].most_common(1)[0][0] == tag for token, tag in names]
    assert 0.4 < np.mean(right) < 0.8  # of about 600 tokens in names: neither hopeless nor solved by looking up


def tagged(content: bytes) -> list[list[tuple[str, str]]]:
    blocks = content.decode().removesuffix("\n\n").split("\n\n")
    return [[tuple(line.split("\t")) for line in block.split("\n")] for block in blocks]


@pytest.mark.parametrize("seed", [0, 1])
def test_answers_stand_where_the_offsets_say(seed):
    paragraphs = [p for title in json.loads(made("questions", seed)[0])["data"] for p in title["paragraphs"]]
    assert len(paragraphs) == 150
    asked = [(p["context"], q) for p in paragraphs for q in p["qas"]]
    assert len({q["id"] for _, q in asked}) == len(asked) == 600
    for context, q in asked:
        assert q["is_impossible"] == (q["answers"] == [])
        building = re.search(r"the \w+ [A-Z]\w+", q["question"]).group()
        for answer in q["answers"]:
            start = answer["answer_start"]
            assert context[start : start + len(answer["text"])] == answer["text"]
            sentence = next(s for s in re.finditer(r"[^.]+\.", context) if s.start() <= start < s.end()).group()
            assert building in sentence.replace("The ", "the ")
    impossible = np.mean([q["is_impossible"] for _, q in asked])
    assert 0.25 < impossible < 0.42  # 4 of 6 facts are stated, so a third; 600 questions have a standard error of 0.02


@pytest.mark.parametrize("seed", [0, 1])
def test_pairs_are_half_paraphrases_and_shared_words_do_not_tell_enough(seed):
    rows = list(csv.DictReader(io.StringIO(made("sentence-pairs", seed)[0].decode())))
    assert Counter(row["label"] for row in rows) == {"paraphrase": 600, "different": 600}
    shared = {"paraphrase": [], "different": []}
    for row in rows:
        assert row["sentence1"] != row["sentence2"]
        one, two = (set(re.findall(r"\w+", row[name].lower())) for name in ("sentence1", "sentence2"))
        shared[row["label"]].append(len(one & two) / len(one | two))
    cuts = np.linspace(0, 1, 101)
    best = max((np.mean(np.array(shared["paraphrase"]) > c) + np.mean(np.array(shared["different"]) <= c)) / 2 for c in cuts)
    assert 0.6 < best < 0.85  # balanced accuracy of the best cut: better than chance, far from solved


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_the_same_seed_gives_the_same_bytes_and_only_seeded_samples_depend_on_it(sample):
    state = random.getstate()
    first = sample.make(3)
    assert first == sample.make(3)
    assert (first != sample.make(4)) == (sample.name in SEEDED)
    assert random.getstate() == state


@pytest.mark.parametrize("name", ["iris", "digits"])
def test_the_same_again_is_fine_and_anything_else_is_refused(name, tmp_path):
    [path] = write_sample(name, tmp_path)
    assert write_sample(name, tmp_path) == [path]
    spoilt = path / "0" / "0001.png" if path.is_dir() else path
    spoilt.write_bytes(b"mine")
    with pytest.raises(DataError, match=f"{path.name} exists and is not this sample; move it away"):
        write_sample(name, tmp_path)
    assert spoilt.read_bytes() == b"mine"


def test_nothing_is_written_beside_a_file_that_is_in_the_way(tmp_path):
    (tmp_path / "long-documents-evidence.csv").write_text("mine")
    with pytest.raises(DataError, match="long-documents-evidence.csv exists and is not this sample"):
        write_sample("long-documents", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["long-documents-evidence.csv"]


def test_a_file_where_a_folder_belongs_is_refused(tmp_path):
    (tmp_path / "digits").write_text("mine")
    with pytest.raises(DataError, match="digits exists and is not this sample"):
        write_sample("digits", tmp_path)


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(SettingsError, match="no sample 'breast-canser'; did you mean 'breast-cancer'"):
        write_sample("breast-canser", tmp_path)


def test_examples_name_the_file_and_the_target():
    for name, sample in SAMPLES.items():
        assert sample.name == name
        files = {content.split("/")[0] for content in sample.make(0)}
        command, verb, file, *rest = sample.example.split()
        assert (command, verb) == ("tenon", "compare")
        assert file in files
        assert rest == (["--target", sample.target] if sample.target else [])
