"""What tokens do to entities: by hand with a made-up tagger, and both taggers' probabilities beside other ways to them."""

from itertools import product

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import small_encoder  # noqa: E402
from tests.text.sentences import made  # noqa: E402

from tenon.metrics.entities import entities  # noqa: E402
from tenon.text import BertTagger  # noqa: E402
from tenon.text.bilstm_crf import BiLSTMCRF  # noqa: E402
from tenon.text.entity_effects import LEAST_SHARE, entity_effects  # noqa: E402

SENTENCE = ["lives", "in", "Rome", "said", "to", "Bo", "Li"]


@pytest.fixture(scope="module")
def crf():
    return BiLSTMCRF(width=16, hidden=16, epochs=10, rate=0.01, n_jobs=1, random_state=0).fit(*made(100))


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    folder = small_encoder(tmp_path_factory.mktemp("encoder"), texts=[" ".join(tokens) for tokens in made(100)[0]])
    how = {"checkpoint": folder, "epochs": 6, "fewest_steps": 0, "rate": 3e-3, "n_jobs": 1, "random_state": 0}
    return BertTagger(**how).fit(*made(150))


class Certain:
    """Finds a name in the second token, as sure as the tokens beside it say: .9, less .4 without "Mr", more .05 without "the"."""

    unread = "?"

    def predict(self, X):
        return [["O", "B-PER", "O"] for _ in X]

    def probabilities_of(self, found, tags, X):
        return np.array([[0.9 - 0.4 * (tokens[0] == "?") + 0.05 * (tokens[2] == "?")] for tokens in X])


def test_effects_by_hand():
    [found] = entity_effects(Certain(), ["Mr", "Li", "the"])
    assert found.entity == ("PER", 1, 2)
    assert found.runs.tolist() == [[0, 1], [1, 2], [2, 3]]
    np.testing.assert_allclose(found.effects, [np.log(9) - np.log(1), 0, np.log(9) - np.log(19)], atol=1e-12)
    sure = Certain()
    sure.probabilities_of = lambda found, tags, X: np.array([[1.0 if "?" not in tokens else 0.0] for tokens in X])
    np.testing.assert_allclose(entity_effects(sure, ["Mr", "Li", "the"])[0].effects, -2 * np.log(LEAST_SHARE), rtol=1e-6)
    sure.predict = lambda X: [["O"] * 3]
    assert entity_effects(sure, ["Mr", "Li", "the"]) == []


def test_of_long_sentences_runs_of_tokens_are_left_out_by_hand():
    """Of 300 tokens in runs of 32: the first is "Mr", as sure as above, and the one at 70 brings .05 when it is gone."""

    class Few(Certain):
        def predict(self, X):
            return [["O", "B-PER", *["O"] * 298] for _ in X]

        def probabilities_of(self, found, tags, X):
            self.read = len(X)
            return np.array([[0.9 - 0.4 * (tokens[0] == "?") + 0.05 * (tokens[70] == "?")] for tokens in X])

    tagger = Few()
    [found] = entity_effects(tagger, ["Mr", "Li", *["the"] * 298])
    assert tagger.read == 1 + 10
    assert found.runs.tolist() == [*([32 * i, 32 * i + 32] for i in range(9)), [288, 300]]
    expected = np.zeros(10)
    expected[0], expected[2] = np.log(9), np.log(9) - np.log(19)
    np.testing.assert_allclose(found.effects, expected, atol=1e-12)


def test_a_crf_is_as_sure_as_all_paths_say(crf):
    """Against the sum over every path of tags, by its score, of those that have the very entity."""
    tokens = SENTENCE[:4]
    [tags] = crf.predict([tokens])
    found = entities(tags)
    assert found
    names, coded = crf.lexicon_.coded([tokens])[0], crf.lexicon_.coded([tokens])[1]
    with torch.no_grad():
        emissions = crf.net_(torch.stack(names), torch.stack(coded))
        paths = torch.tensor(list(product(range(len(crf.tags_)), repeat=len(tokens))))
        real = torch.ones(len(paths), len(tokens), dtype=torch.bool)
        shares = crf.net_.crf.path_score(emissions.expand(len(paths), -1, -1), paths, real).softmax(dim=0).numpy()
    has_it = [[entity in entities(crf.tags_[path].tolist()) for entity in found] for path in paths.numpy()]
    np.testing.assert_allclose(crf.probabilities_of(found, tags, [tokens])[0], shares @ np.array(has_it, float), atol=1e-9)


def test_a_bert_is_as_sure_as_its_tokens(bert):
    [tags], [logits] = bert.predict([SENTENCE]), bert._logits([SENTENCE])
    found = entities(tags)
    shares = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(axis=1, keepdims=True)
    of_token = [shares[i, bert.tags_.tolist().index(tag)] for i, tag in enumerate(tags)]
    expected = [np.prod(of_token[start:end]) for _, start, end in found]
    assert expected
    np.testing.assert_allclose(bert.probabilities_of(found, tags, [SENTENCE])[0], expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["crf", "bert"])
def test_a_name_hangs_on_itself_and_the_words_before_it(name, request):
    """By the mean over entities: what stands right before them and in them does more than all else."""
    tagger, within, beyond = request.getfixturevalue(name), [], []
    for tokens, found in zip(made(20, seed=3)[0], tagger.entity_effects_in(made(20, seed=3)[0]), strict=True):
        for (_, start, end), _, effects in found:
            assert len(effects) == len(tokens)
            is_near = (np.arange(len(tokens)) >= start - 2) & (np.arange(len(tokens)) < end)
            within.append(effects[is_near].max())
            beyond.append(np.abs(effects[~is_near]).max(initial=0))
    assert np.mean(within) > np.mean(beyond)
    assert tagger.entity_effects_in([[]]) == [[]]


def test_an_unread_token_says_nothing(crf, bert):
    [part] = bert.reader_.parts(["Rome", bert.unread])
    assert part.row.ids[part.places[1]] == bert.reader_.tokens.mask
    names, spellings = crf.lexicon_.coded([["Rome", crf.unread]])
    assert names[0][1].tolist() == [1]  # unknown
    assert set(spellings[0][1].tolist()) <= {0, 1}
