"""The averaged perceptron: steps by hand, the mean over steps and best paths by brute force, files, valid tags."""

import json
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from sklearn.base import clone
from tests.text.sentences import made

from tenon.errors import DataError, ModelFileError, SettingsError
from tenon.text.perceptron import NUMBERS, WORDS, PerceptronTagger, barred
from tenon.text.tagger_features import features_of
from tenon.text.tags import may_follow, repaired
from tenon.text.viterbi import best_path, learn

TAGS = ["B-P", "I-P", "O"]


def coded(sentences: list[list[list[int]]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sentences as lists of tokens, these as lists of features, as viterbi.py takes them."""
    starts = np.cumsum([0, *map(len, sentences)])
    tokens = [features for sentence in sentences for features in sentence]
    return starts, np.cumsum([0, *map(len, tokens)]), np.array([i for features in tokens for i in features], np.int64)


def score(path: tuple[int, ...], sentence: list[list[int]], weights: np.ndarray, moves: np.ndarray) -> float:
    first = [moves[-1, path[0]], *(moves[step] for step in zip(path, path[1:], strict=False))]
    return sum(first) + sum(weights[i, tag] for tag, features in zip(path, sentence, strict=True) for i in features)


def best(sentence: list[list[int]], weights: np.ndarray, moves: np.ndarray) -> tuple[int, ...]:
    """The best of all paths, of equals the one with the lowest tags from the end."""
    paths = product(range(moves.shape[1]), repeat=len(sentence))
    return min(paths, key=lambda path: (-score(path, sentence, weights, moves), path[::-1]))


def test_two_steps_by_hand():
    """One sentence, "Li left", with features 0 and 1, and the tags B-P O, twice.

    At first all scores are 0, so the path is B-P B-P (the lowest tags): of feature 1, B-P loses 1 and O gains 1; so do the moves
    B-P to B-P and B-P to O. With these the path is right, and nothing more is learnt.
    """
    data = coded([[[0], [1]]])
    weights, moves = np.zeros((2, 3)), barred(TAGS)
    sums, move_sums = np.zeros((2, 3)), np.zeros((4, 3))
    right = np.array([0, 2])
    assert learn(np.array([0]), 0, right, *data, weights, sums, moves, move_sums) == 1
    assert weights.tolist() == [[0, 0, 0], [-1, 0, 1]]
    assert moves.tolist() == [[-1, 0, 1], [0, 0, 0], [0, -np.inf, 0], [0, -np.inf, 0]]
    assert learn(np.array([0]), 1, right, *data, weights, sums, moves, move_sums) == 0
    assert not sums.any()  # the only change was made in step 0
    assert not move_sums.any()


@pytest.mark.parametrize("seed", range(3))
def test_weights_are_the_mean_over_all_steps_of_a_perceptron_written_out(seed):
    rng = np.random.default_rng(seed)
    sentences = [[rng.integers(0, 5, rng.integers(0, 4)).tolist() for _ in range(rng.integers(1, 5))] for _ in range(6)]
    tags = [[TAGS.index(tag) for tag in repaired(rng.choice(TAGS, len(tokens)).tolist())] for tokens in sentences]
    data, flat = coded(sentences), np.concatenate(tags).astype(np.int64)
    weights, moves = np.zeros((5, 3)), barred(TAGS)
    sums, move_sums = np.zeros_like(weights), np.zeros_like(moves)
    slow, slow_moves, after = np.zeros((5, 3)), barred(TAGS), []
    for epoch in range(4):
        order = rng.permutation(6)
        learn(order, 6 * epoch, flat, *data, weights, sums, moves, move_sums)
        for s in order:
            said = best(sentences[s], slow, slow_moves)
            for path, change in ((tags[s], 1), (said, -1)):
                for tag, features in zip(path, sentences[s], strict=True):
                    for i in features:
                        slow[i, tag] += change
                for before, tag in zip([3, *path], path, strict=False):
                    slow_moves[before, tag] += change
            after.append((slow.copy(), slow_moves.copy()))
    assert (weights == slow).all()
    assert (moves == slow_moves).all()
    assert np.abs(slow).max() > 1
    assert weights - sums / 24 == pytest.approx(np.mean([one for one, _ in after], axis=0), abs=1e-12)
    mean, may = np.mean([one for _, one in after], axis=0), np.isfinite(moves)
    assert (moves - move_sums / 24)[may] == pytest.approx(mean[may], abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_best_paths_are_those_of_all_paths(seed):
    rng = np.random.default_rng(seed)
    sentence = [[0, 1], [], [2], [1, 3, 3]]
    weights, moves = rng.normal(size=(4, 3)), barred(TAGS) + rng.normal(size=(4, 3))
    assert tuple(best_path(0, *coded([sentence]), weights, moves)) == best(sentence, weights, moves)


@pytest.mark.parametrize("chinese", [False, True])
def test_names_are_learnt_and_are_the_same_from_a_file(chinese, tmp_path):
    X, y = made(80, chinese=chinese)
    model = PerceptronTagger(random_state=0).fit(X, y)
    X_new, y_new = made(40, seed=1, chinese=chinese)
    assert model.score(X_new, y_new) > 0.95
    assert model.errors_[0] > 5 > model.errors_[-1]
    model.write_files(tmp_path)
    loaded = PerceptronTagger.read_files(tmp_path)
    assert loaded.predict(X_new) == model.predict(X_new)
    assert loaded.get_params() == model.get_params()
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    again = clone(model).fit(X, y)
    assert again.weights_.tobytes() == model.weights_.tobytes()
    assert clone(model).set_params(random_state=1).fit(X, y).weights_.tobytes() != model.weights_.tobytes()


STRANGE = ["", "😀", "👩‍👩‍👧", "𠮷", "\ud83d", "\n", "\t", "Rome", "to", "x" * 300, "٣"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from(STRANGE), max_size=6), max_size=5))
def test_any_tokens_get_valid_tags_one_each(fitted, X):
    said = fitted.predict(X)
    assert [len(tags) for tags in said] == [len(tokens) for tokens in X]
    assert all(may_follow(tag, before) for tags in said for before, tag in zip([None, *tags], tags, strict=False))


@pytest.fixture(scope="module")
def fitted():
    return PerceptronTagger(epochs=3, random_state=0).fit(*made(40))


def test_few_sentences_one_tag_parts_of_speech_and_long_sentences():
    assert PerceptronTagger().fit([["a"]], [["O"]]).predict([["b", "a"], []]) == [["O", "O"], []]
    model = PerceptronTagger(min_count=1).fit([["the", "dog", "runs"], []], [["DT", "NN", "VBZ"], []])
    assert model.predict([["the", "dog", "runs"]]) == [["DT", "NN", "VBZ"]]
    lone = PerceptronTagger(min_count=1).fit([["Li", "left"]], [["I-P", "O"]])  # repaired: an entity begins with B-
    assert lone.tags_.tolist() == ["B-P", "O"]
    [said] = model.predict([["the", "dog"] * 5000])
    assert len(said) == 10_000


def test_features_by_hand():
    names = features_of(["Li", "ate"])
    assert names[0][:5] == ["bias", "w=Li", "l=li", "p=L", "s=i"]
    assert {"-1=\n", "+1=ate", "+2=\n", "-1+0=\n\tli", "+0+1=li\tate", "x=Xx", "x+1=x"} <= set(names[0])
    assert {"p=a", "p=at", "s=e", "s=te", "-1=li", "-2=\n", "+1=\n"} <= set(names[1])
    shapes = [
        [name for name in features if name.startswith("x=")] for features in features_of(["McDonald's", "3.14", "北京", "IBM"])
    ]
    assert shapes == [["x=XxXx'x"], ["x=0.0"], ["x=a"], ["x=X"]]


def test_what_cannot_be_is_told():
    X, y = made(3)
    with pytest.raises(SettingsError, match="epochs takes a whole number from 1 on; got 0"):
        PerceptronTagger(epochs=0).fit(X, y)
    with pytest.raises(
        DataError,
        match=r"each token takes one tag; sentence 1 \(counted from 0\) has 2 tokens and 1 tags, and 1 more are like it",
    ):
        PerceptronTagger().fit([["a"], ["a", "b"], ["c"]], [["O"], ["O"], []])
    with pytest.raises(DataError, match="each sentence takes its list of tags; X has 3 sentences, y has 2"):
        PerceptronTagger().fit(X, y[:2])
    with pytest.raises(DataError, match=r"a token is a text \(str\); sentence 0 \(counted from 0\) has 7"):
        PerceptronTagger().fit([["a", 7]], [["O", "O"]])
    with pytest.raises(DataError, match="a sentence is a list of tags; sentence 1 .* has 'O', and 1 more"):
        PerceptronTagger().fit(X, [y[0], "O", None])
    with pytest.raises(DataError, match="X is a list of sentences, each a list of tokens; got 'I am one'"):
        PerceptronTagger().fit("I am one", [])
    with pytest.raises(DataError, match="a tagger learns from tokens, and there is none"):
        PerceptronTagger().fit([[], []], [[], []])


SCHEME = "its weights from tag to tag do not keep to the scheme of its tags"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("shape", "its weights are not one a feature and tag"),
        ("finite", "its weights are no numbers"),
        ("forbidden", SCHEME),
        ("plus", SCHEME),
        ("type", "its weights are no numbers"),
        ("feature", "its weights are not one a feature and tag"),
        ("tags", ""),
        ("twice", "its tags are no list of different texts"),
        ("text", ""),
    ],
)
def test_changed_files_are_refused(fitted, change, said, tmp_path):
    fitted.write_files(tmp_path)
    words, arrays = json.loads((tmp_path / WORDS).read_bytes()), load_file(tmp_path / NUMBERS)
    if change == "shape":
        arrays["weights"] = arrays["weights"][1:]
    elif change == "finite":
        arrays["weights"][0, 0] = np.nan
    elif change == "forbidden":
        arrays["moves"][-1, words["tags"].index("I-PER")] = 0.0
    elif change == "plus":
        arrays["moves"][-1, words["tags"].index("I-PER")] = np.inf
    elif change == "type":
        arrays["moves"] = arrays["moves"].astype(np.float32)
    elif change == "feature":
        words["features"][0] = words["features"][1]
    elif change == "tags":
        words["tags"][0] = 3
    elif change == "twice":
        words["tags"][0] = words["tags"][1]
    (tmp_path / WORDS).write_text("{" if change == "text" else json.dumps(words), encoding="utf-8")
    save_file(arrays, tmp_path / NUMBERS)
    with pytest.raises(ModelFileError, match=f"holds no tagger that can be read.*{said}"):
        PerceptronTagger.read_files(tmp_path)
