"""PerceptronTagger: a structured perceptron whose weights are averaged over all steps; it needs no PyTorch.

Collins 2002 ("Discriminative training methods for hidden Markov models: theory and experiments with perceptron algorithms").
"""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Self

import numpy as np
from safetensors.numpy import load_file, save_file
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from tenon import ranges
from tenon.files import reading
from tenon.metrics.entities import entity_counts
from tenon.metrics.ratio import f1
from tenon.text.sentences import sentences, tagged
from tenon.text.tagger_features import features_of
from tenon.text.tags import repaired, transitions
from tenon.text.viterbi import best_paths, learn
from tenon.watch import SILENT, Watch

WORDS, NUMBERS = "perceptron.json", "perceptron.safetensors"


class PerceptronTagger(BaseEstimator):
    """Tags for tokens, such as names of entities or parts of speech: sentences in and out are lists of str, of equal length.

    The score of a path of tags is the sum of weights of each token's features and tag, and of each pair of tags in a row.

    Parameters
    ----------
    epochs : times that every sentence is used. min_count : times that a feature must stand in the train sentences to be known.
    random_state : seed of the order of sentences.

    Attributes
    ----------
    tags_ : (K,) the tags, sorted; features_ : name -> row of weights_ (F, K), those of no weight left out; moves_ : (K + 1, K)
    weights from tag to tag, from the beginning in the last row, -inf where the scheme of tags forbids it;
    errors_ : wrong tags in each epoch, each at its own time
    """

    watch: Watch = SILENT  # told how far training is

    def __init__(self, epochs: int = 15, min_count: int = 2, random_state: Any = None):
        self.epochs, self.min_count, self.random_state = epochs, min_count, random_state

    def fit(self, X: Any, y: Any) -> Self:
        """X: token lists; y: their tags, one a token; a tag I-X that begins an entity is read as B-X.

        Raises SettingsError for settings out of range, DataError for X and y that do not line up.
        """
        ranges.whole("epochs", self.epochs, 1)
        ranges.whole("min_count", self.min_count, 1)
        X, y = tagged(X, y)
        seed = ranges.seed_of(self.random_state)
        self.tags_, flat = np.unique([tag for tags in y for tag in repaired(tags)], return_inverse=True)
        counts = Counter(name for tokens in X for features in features_of(tokens) for name in features)
        self.features_ = {name: i for i, name in enumerate(sorted(name for name, n in counts.items() if n >= self.min_count))}
        self._learn([tokens for tokens in X if tokens], flat.astype(np.int64), np.random.default_rng(seed))
        return self

    def _learn(self, X: list[list[str]], tags: np.ndarray, chance: np.random.Generator) -> None:
        """Set weights_ and moves_ to the mean over all steps."""
        coded, n_tags = self._coded(X), len(self.tags_)
        weights, moves = np.zeros((len(self.features_), n_tags)), barred(self.tags_.tolist())
        sums, move_sums = np.zeros_like(weights), np.zeros_like(moves)
        self.errors_: list[int] = []
        for epoch in range(self.epochs):
            order = chance.permutation(len(X))
            self.errors_.append(learn(order, epoch * len(X), tags, *coded, weights, sums, moves, move_sums))
            self.watch.progress(epoch + 1, self.epochs, loss=self.errors_[-1] / len(tags))
        n_steps = self.epochs * len(X)
        mean = weights - sums / n_steps
        counts = np.abs(mean).max(axis=1) > 0
        self.features_ = {name: i for i, name in enumerate(name for name, old in self.features_.items() if counts[old])}
        self.weights_, self.moves_ = mean[counts], moves - move_sums / n_steps

    def _coded(self, X: list[list[str]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return what viterbi.py takes: where sentences begin, where features of tokens begin, ids of features."""
        place = self.features_.get
        ids = [[i for i in map(place, names) if i is not None] for tokens in X for names in features_of(tokens)]
        flat = np.fromiter((i for own in ids for i in own), np.int64)
        return _starts(X), _starts(ids), flat

    def predict(self, X: Any) -> list[list[str]]:
        """Return the tags of the best path of each sentence; of an empty one none. They are valid in their scheme."""
        check_is_fitted(self)
        X = sentences(X)
        flat = self.tags_[best_paths(*self._coded([tokens for tokens in X if tokens]), self.weights_, self.moves_)].tolist()
        starts = _starts(X)
        return [flat[start:end] for start, end in zip(starts, starts[1:], strict=False)]

    def score(self, X: Any, y: Any) -> float:
        """Return entity F1 over all sentences (CoNLL); NaN where neither has any entity."""
        X, y = tagged(X, y)
        return f1(entity_counts(y, self.predict(X)).sum(axis=0))[0]

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights as safetensors, names as JSON."""
        check_is_fitted(self)
        words = {
            "estimator": type(self).__name__, "settings": self.get_params(deep=False), "tags": self.tags_.tolist(),
            "features": list(self.features_), "errors": self.errors_,
        }  # fmt: skip
        text = json.dumps(words, sort_keys=True, ensure_ascii=False)
        (folder / WORDS).write_bytes(text.encode("utf-8", "surrogatepass"))  # a token may hold half a character of UTF-16
        save_file({"weights": self.weights_, "moves": self.moves_}, folder / NUMBERS)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        with reading(f"{folder} holds no tagger that can be read"):
            words = json.loads((folder / WORDS).read_bytes().decode("utf-8", "surrogatepass"))
            arrays = load_file(folder / NUMBERS)
            model = cls(**words["settings"])
            model.tags_, model.errors_ = np.array(words["tags"]), words["errors"]
            model.features_ = {name: i for i, name in enumerate(words["features"])}
            model.weights_, model.moves_ = arrays["weights"], arrays["moves"]
            model._check(len(words["features"]))
        return model

    def _check(self, n_features: int) -> None:
        """Raise ValueError where the parts make no tagger: compiled code believes them."""
        n_tags = len(self.tags_)
        if self.tags_.dtype.kind != "U" or self.tags_.ndim != 1 or len(set(self.tags_.tolist())) != n_tags:
            raise ValueError("its tags are no list of different texts")
        if len(self.features_) != n_features or self.weights_.shape != (n_features, n_tags):
            raise ValueError("its weights are not one a feature and tag")
        if self.weights_.dtype != np.float64 or self.moves_.dtype != np.float64 or not np.isfinite(self.weights_).all():
            raise ValueError("its weights are no numbers")
        may = np.isfinite(barred(self.tags_.tolist()))
        if self.moves_.shape != may.shape or not np.isfinite(self.moves_[may]).all() or not np.isneginf(self.moves_[~may]).all():
            raise ValueError("its weights from tag to tag do not keep to the scheme of its tags")


def barred(tags: Sequence[str]) -> np.ndarray:
    """Return (K + 1, K) float64: 0 from tag to tag, and from the beginning in the last row; -inf where the scheme forbids it."""
    follows, begins = transitions(tags)
    return np.where(np.vstack([follows, begins]), 0.0, -np.inf)


def _starts(rows: Sequence[Sequence[Any]]) -> np.ndarray:
    return np.array([0, *accumulate(map(len, rows))], np.int64)
