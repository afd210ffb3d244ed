"""The BiLSTM-CRF as an estimator: what it learns, answers that hang on their own sentence alone, probabilities, seeds, files."""

import json

import numpy as np
import pytest
from sklearn.base import clone

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402
from tests.text.sentences import made  # noqa: E402

from tenon.errors import DataError, ModelFileError, SettingsError  # noqa: E402
from tenon.metrics.entities import entities  # noqa: E402
from tenon.text.bilstm_crf import NUMBERS, WORDS, BiLSTMCRF  # noqa: E402
from tenon.text.tagger_net import Spelling, TaggerNet  # noqa: E402
from tenon.text.tagger_rows import LONGEST, Lexicon, SentenceRows  # noqa: E402
from tenon.text.tags import may_follow  # noqa: E402
from tenon.watch import Watch  # noqa: E402

QUICK = {"width": 16, "hidden": 16, "epochs": 10, "rate": 0.01, "n_jobs": 1, "random_state": 0}
STRANGE = [["😀", "👩‍👩‍👧", "𠮷"], [], ["\ud83d", "", "\n"], ["x" * 300], ["Rome", "to", "住"]]


@pytest.fixture(scope="module")
def fitted():
    return BiLSTMCRF(**QUICK).fit(*made(100))


def test_words_and_their_spelling_are_learnt(fitted):
    X, y = made(40, seed=1)
    assert fitted.score(X, y) > 0.95
    assert fitted.lexicon_.n_characters
    unseen = [[token.replace("Anna", "Annas").replace("York", "Yorks") for token in tokens] for tokens in X]
    assert fitted.score(unseen, y) > 0.8


def test_characters_are_learnt_without_spelling():
    model = BiLSTMCRF(**QUICK).fit(*made(100, chinese=True))
    assert model.score(*made(40, seed=1, chinese=True)) > 0.95
    assert len(model.lexicon_.names) == 3
    assert model.net_.spelling is None


def test_any_tokens_get_valid_tags_one_each(fitted):
    said = fitted.predict(STRANGE)
    assert [len(tags) for tags in said] == [3, 0, 3, 1, 3]
    assert all(may_follow(tag, before) for tags in said for before, tag in zip([None, *tags], tags, strict=False))
    [said] = fitted.predict([["said", "to", "New", "York", "."] * 2000])
    assert len(said) == 10_000


def test_an_answer_hangs_on_its_own_sentence_alone(fitted):
    X, _ = made(30, seed=2)
    together, alone = fitted.predict_marginals(X), [fitted.predict_marginals([tokens])[0] for tokens in X]
    for one, other in zip(together, alone, strict=True):
        assert one == pytest.approx(other, abs=1e-9)  # double precision, sums in another order
        assert one.sum(axis=1) == pytest.approx(np.ones(len(one)), abs=1e-9)
    assert fitted.predict(X) == [fitted.predict([tokens])[0] for tokens in X]


def test_probabilities_of_entities_are_shares_of_drawn_paths(fitted):
    """Paths drawn by the definition of the chain, tag by tag, hold an entity as often as its probability says."""
    model, tokens = fitted, ["lives", "to", "Roe", "York", "Bo"]
    [found], [marginals] = model.predict_entities([tokens]), model.predict_marginals([tokens])
    assert [entity for entity, _ in found] == entities(model.predict([tokens])[0])
    names, spellings = (torch.stack(part) for part in model.lexicon_.coded([tokens]))
    with torch.no_grad():
        emissions, (move, start) = model.net_(names, spellings)[0].numpy(), (part.numpy() for part in model.net_.crf.steps())
        end = model.net_.crf.end.numpy()
    onward = [end]
    for t in range(4, 0, -1):
        onward.insert(0, np.logaddexp.reduce(move + emissions[t] + onward[0], axis=1))
    rng, n = np.random.default_rng(0), 4000
    paths = np.zeros((n, 5), int)
    for row in paths:
        for t in range(5):
            logs = (start if t == 0 else move[row[t - 1]]) + emissions[t] + onward[t]
            shares = np.exp(logs - logs.max())
            row[t] = rng.choice(len(shares), p=shares / shares.sum())
    drawn = [entities(model.tags_[row].tolist()) for row in paths]
    for entity, probability in found:
        assert np.mean([entity in one for one in drawn]) == pytest.approx(probability, abs=4 * 0.5 / n**0.5)  # four deviations
    for t in range(5):
        assert np.bincount(paths[:, t], minlength=5) / n == pytest.approx(marginals[t], abs=4 * 0.5 / n**0.5)


def test_equal_seeds_are_equal_bits_and_so_is_a_file(fitted, tmp_path):
    X, y = made(100)
    torch.manual_seed(77)
    again = clone(fitted).fit(X, y)
    for name, tensor in fitted.net_.state_dict().items():
        assert torch.equal(again.net_.state_dict()[name], tensor)
    other = clone(fitted).set_params(random_state=1, epochs=1).fit(X, y)
    assert not torch.equal(other.net_.crf.transition, fitted.net_.crf.transition)
    fitted.write_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    loaded = BiLSTMCRF.read_files(tmp_path)
    assert loaded.get_params() == fitted.get_params()
    for one, two in zip(loaded.predict_marginals([*STRANGE, *X]), fitted.predict_marginals([*STRANGE, *X]), strict=True):
        assert one.tobytes() == two.tobytes()


def test_held_out_sentences_choose_the_epoch_and_teach_nothing():
    X, y = made(60)
    is_out = np.arange(60) % 3 == 0
    X = [[*tokens, "heldout"] if out else tokens for tokens, out in zip(X, is_out, strict=True)]
    y = [[*tags, "O"] if out else tags for tags, out in zip(y, is_out, strict=True)]
    model = BiLSTMCRF(**QUICK | {"epochs": 16}).fit(X, y, held_out=is_out)
    assert "heldout" not in model.lexicon_.names[0]
    assert "said" in model.lexicon_.names[0]
    assert len(model.history_.judged) == 16
    said = model.predict([tokens for tokens, out in zip(X, is_out, strict=True) if out])
    true = [tags for tags, out in zip(y, is_out, strict=True) if out]
    ours, theirs = ({(i, *one) for i, tags in enumerate(rows) for one in entities(tags)} for rows in (said, true))
    f1 = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    assert f1 > 0
    assert model.history_.judged[model.history_.best_epoch] == pytest.approx(1 - f1)
    assert model.history_.best_epoch == np.argmin(model.history_.judged)
    assert BiLSTMCRF(**QUICK | {"epochs": 1}).fit(X, y).history_.held_out == []  # fewer than 200


def test_few_sentences_one_tag_and_progress():
    events: list[dict] = []
    model = BiLSTMCRF(**QUICK | {"epochs": 2, "min_count": 1})
    model.watch = Watch(events.append)
    assert model.fit([["a"], []], [["O"], []]).predict([["b", "a"], []]) == [["O", "O"], []]
    assert [event["done"] for event in events] == [1, 2]
    model = BiLSTMCRF(**QUICK | {"epochs": 1}).fit([["Li", "left"]] * 3, [["I-P", "O"]] * 3)
    assert model.tags_.tolist() == ["B-P", "O"]  # repaired


def test_names_and_spellings_by_hand():
    lexicon = Lexicon.of([["New", "York"], ["new", "12"]], min_count=1)
    assert lexicon.names == (("00", "new", "york"),)
    assert lexicon.characters == tuple(sorted("NewYork12"[:3] + "nYork12"))
    names, spellings = lexicon.coded([["NEW", "34", "Rom"]])
    assert names[0].tolist() == [[3], [2], [1]]
    assert spellings[0].shape == (3, LONGEST)
    place = {character: i for i, character in enumerate(lexicon.characters, 2)}
    assert spellings[0][2].tolist() == [1, place["o"], 1] + [0] * 17
    _, [long] = lexicon.coded([["N" * 10 + "w" * 50 + "k" * 10]])
    assert long[0].tolist() == [place["N"]] * 10 + [place["k"]] * 10
    single = Lexicon.of([["北", "京"], ["北", "上"]], min_count=2)
    assert single.names == (("北",), ("\n北",), ())
    assert single.coded([["京", "北"]])[0][0].tolist() == [[1, 1, 1], [2, 1, 1]]
    assert single.n_characters == 0


def test_known_tokens_start_from_vectors_that_are_given(tmp_path):
    """Of those that are trained on; after one step at a rate next to none they stand where they began."""
    X, y = made(30)
    rng = np.random.default_rng(0)
    given = {word: rng.normal(size=16) for word in ("anna", "york", "nowhere")}
    still = QUICK | {"epochs": 1, "rate": 1e-9, "decay": 0.0}
    heard: list[dict] = []
    model = BiLSTMCRF(**still, vectors=given)
    model.watch = Watch(heard.append)
    model.fit(X, y)
    words = model.lexicon_.words
    assert "nowhere" not in words
    table = model.net_.embeddings[0].vectors.weight
    for word in ("anna", "york"):
        assert table[words.index(word)].tolist() == pytest.approx(given[word], abs=1e-6)  # float32
    without = BiLSTMCRF(**still).fit(X, y).net_.embeddings[0].vectors.weight
    others = [i for i, word in enumerate(words) if word not in given]
    assert torch.allclose(table[others], without[others], rtol=0, atol=1e-6)
    share = round(100 * 2 / (len(words) - 2))
    assert f"{share} % of the tokens start from vectors of words." in [event.get("text") for event in heard]
    model.write_files(tmp_path)
    assert BiLSTMCRF.read_files(tmp_path).predict(X) == model.predict(X)


def test_single_characters_start_from_vectors_and_their_pairs_by_chance():
    X, y = made(30, chinese=True)
    given = {"北": np.ones(16), "北京": np.ones(16)}
    model = BiLSTMCRF(**QUICK | {"epochs": 1, "rate": 1e-9, "decay": 0.0}, vectors=given).fit(X, y)
    one, pair = (model.net_.embeddings[i].vectors.weight for i in (0, 2))
    assert one[model.lexicon_.words.index("北")].tolist() == pytest.approx(np.ones(16), abs=1e-6)
    assert not torch.isclose(pair[2 + model.lexicon_.names[2].index("北京")], torch.ones(16, dtype=torch.float64)).any()


def test_padding_changes_no_score_and_a_filter_takes_the_most():
    torch.manual_seed(0)
    net = TaggerNet([9], 7, ["B-P", "I-P", "O"], 4, 5, 0.5, 0.5).double().eval()
    names, spellings = (
        [torch.tensor([[2], [3], [4]]), torch.tensor([[5]])],
        [torch.randint(1, 7, (3, 6)), torch.randint(1, 7, (1, 6))],
    )
    (names_in, spellings_in), tags = SentenceRows(names, spellings, [torch.tensor([0, 1, 2]), torch.tensor([2])]).batch(
        torch.tensor([0, 1]), torch.device("cpu")
    )
    assert tags.tolist() == [[0, 1, 2], [2, -1, -1]]
    both, alone = net(names_in, spellings_in), net(names[1][None], spellings[1][None])
    assert both[1, 0].tolist() == pytest.approx(alone[0, 0].tolist(), abs=1e-12)
    spelling = Spelling(7).double()
    characters = torch.tensor([[[3, 4, 5, 0, 0, 0]], [[0] * 6]])
    vectors = spelling.embedding.vectors.weight[torch.tensor([0, 3, 4, 5, 0])]
    each = [torch.einsum("fcw,wc->f", spelling.filters.weight, vectors[i : i + 3]) + spelling.filters.bias for i in range(3)]
    assert spelling(characters)[0, 0].tolist() == pytest.approx(torch.stack(each).amax(dim=0).relu().tolist(), abs=1e-12)
    assert spelling(characters)[1, 0].tolist() == [0.0] * 50


def test_what_cannot_be_is_told(fitted, tmp_path):
    X, y = made(3)
    with pytest.raises(SettingsError, match="hidden takes a whole number from 1 on; got 0"):
        BiLSTMCRF(hidden=0).fit(X, y)
    with pytest.raises(SettingsError, match="word_dropout takes a number from 0 to 1; got 2"):
        BiLSTMCRF(word_dropout=2).fit(X, y)
    with pytest.raises(DataError, match="has 2 tokens and 1 tags"):
        BiLSTMCRF().fit([["a", "b"]], [["O"]])
    with pytest.raises(DataError, match="all sentences that have tokens are held out"):
        BiLSTMCRF().fit(X, y, held_out=np.ones(3, bool))
    with pytest.raises(DataError, match="X is a list of sentences"):
        fitted.predict("New York")


@pytest.mark.parametrize("change", ["tags", "settings", "names", "weights", "text", "missing"])
def test_changed_files_are_refused(fitted, change, tmp_path):
    fitted.write_files(tmp_path)
    words, weights = json.loads((tmp_path / WORDS).read_bytes()), load_file(tmp_path / NUMBERS)
    if change == "tags":
        words["tags"] = words["tags"][1:]
    elif change == "settings":
        words["settings"]["hidden"] = -1
    elif change == "names":
        words["names"][0] += ["more"]
    elif change == "weights":
        del weights["crf.start"]
    (tmp_path / WORDS).write_text("{" if change == "text" else json.dumps(words), encoding="utf-8")
    save_file(weights, tmp_path / NUMBERS)
    if change == "missing":
        (tmp_path / NUMBERS).unlink()
    with pytest.raises(ModelFileError, match="holds no tagger that can be read"):
        BiLSTMCRF.read_files(tmp_path)
