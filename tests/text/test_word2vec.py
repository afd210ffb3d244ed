"""The estimator: settings, seeds, threads, progress; what it learns of a language made up for the purpose."""

import numpy as np
import pytest
from sklearn.base import clone

from tenon.errors import DataError, SettingsError
from tenon.text import Word2Vec
from tenon.watch import Watch

ALL = [{"sg": sg, "hs": hs} for sg in (True, False) for hs in (True, False)]


def topics(n_sentences=600, seed=0) -> list[list[str]]:
    """Sentences of one of three topics, with ten words each that stand in no other, between words that stand in all."""
    random = np.random.default_rng(seed)
    return [
        [f"{topic}{i}" if i < 10 else f"all{i - 10}" for i in random.integers(0, 14, 12)]
        for topic in random.choice(["a", "b", "c"], n_sentences)
    ]


@pytest.mark.parametrize("kind", ALL, ids=str)
def test_words_of_a_topic_come_together(kind):
    vectors = Word2Vec(dim=20, sample=0, epochs=10, learning_rate=0.05, random_state=1, **kind).fit(topics()).vectors_
    for word in ("a0", "b3", "c9"):
        assert {near[0] for near, _ in vectors.nearest(word, 9)} == {word[0]}


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    first, same, other = (Word2Vec(dim=10, epochs=1, random_state=seed).fit(topics()).vectors_ for seed in (3, 3, 4))
    assert first.matrix.tobytes() == same.matrix.tobytes()
    assert first.words == same.words
    assert first.matrix.tobytes() != other.matrix.tobytes()


def test_lists_a_generator_and_a_file_are_one(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(text) + "\n" for text in topics()), encoding="utf-8")
    of_lists, of_generator, of_file = (
        Word2Vec(dim=10, epochs=1, random_state=3).fit(source) for source in (topics(), iter(topics()), path)
    )
    assert of_lists.vectors_.matrix.tobytes() == of_generator.vectors_.matrix.tobytes() == of_file.vectors_.matrix.tobytes()


def test_threads_learn_the_same_language():
    corpus = topics(12_000)  # 144,000 words: three blocks
    vectors = Word2Vec(dim=20, sample=0, epochs=1, learning_rate=0.05, random_state=1, threads=2).fit(corpus).vectors_
    assert {near[0] for near, _ in vectors.nearest("a0", 9)} == {"a"}


def test_what_is_fitted():
    corpus = [["x", "y"], ["y", "z", "y"]] * 4 + [["rare"]]
    model = Word2Vec(dim=7, min_count=4, epochs=2, random_state=0).fit(corpus)
    assert model.vectors_.words == ("y", "x", "z")
    assert model.counts_.tolist() == [12, 4, 4]
    assert model.n_words_ == 21
    assert model.vectors_.matrix.shape == (3, 7)
    assert model.vectors_.matrix.dtype == np.float32


def test_progress_is_told():
    events = []
    model = Word2Vec(dim=5, epochs=3)
    model.watch = Watch(events.append)
    model.fit(topics(100))
    assert [(event["done"], event["total"]) for event in events] == [(1200, 3600), (2400, 3600), (3600, 3600)]
    assert all(event["words_per_second"] > 0 for event in events)


def test_a_clone_has_the_settings():
    model = Word2Vec(dim=9, window=2, sg=False, hs=True, threads=None)
    assert clone(model).get_params() == model.get_params()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"dim": 0}, "dim takes a whole number from 1 on; got 0"),
        ({"window": 2.5}, "window takes a whole number from 1 on; got 2.5"),
        ({"negative": 0}, "negative takes a whole number from 1 on; got 0"),
        ({"min_count": -1}, "min_count takes a whole number from 1"),
        ({"epochs": 0}, "epochs takes a whole number from 1"),
        ({"threads": 0}, "threads takes a whole number from 1 on, or None; got 0"),
        ({"sample": 2}, "sample takes a number from 0 to 1; got 2"),
        ({"learning_rate": 0}, "learning_rate takes a number above 0; got 0"),
    ],
)
def test_settings_out_of_range(settings, said):
    with pytest.raises(SettingsError, match=said):
        Word2Vec(**settings).fit([["a", "b"]])


def test_one_word_is_no_language():
    with pytest.raises(
        DataError, match="only 'a' stands 5 times or more, and a vector says what sets words apart; bring more text, or"
    ):
        Word2Vec().fit([["a", "b"]] * 3 + [["a", "a"]])
    with pytest.raises(DataError, match="no word stands 5 times"):
        Word2Vec().fit([["a", "b"]])
