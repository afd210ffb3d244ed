"""A BERT that tags: what it learns, as transformers', tags that keep to their scheme, company, parts, files, and refusals."""

import numpy as np
import pytest
from sklearn.base import clone

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import small_encoder  # noqa: E402
from tests.text.sentences import made  # noqa: E402

from tenon.catalogue import find  # noqa: E402
from tenon.errors import DataError, ModelFileError, SettingsError  # noqa: E402
from tenon.text import BertTagger  # noqa: E402
from tenon.text.piece_tagger import NUMBERS, WORDS, tag_loss  # noqa: E402
from tenon.text.tags import may_follow  # noqa: E402

STRANGE = [["😀", "👩‍👩‍👧", "𠮷"], [], ["", "\n"], ["x" * 300], ["Rome", "to", "住"]]


def encoder_for(folder, chinese=False):
    return small_encoder(folder, texts=[" ".join(tokens) for tokens in made(100, chinese=chinese)[0]])


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    folder = encoder_for(tmp_path_factory.mktemp("encoder"))
    return {"checkpoint": folder, "epochs": 6, "fewest_steps": 0, "rate": 3e-3, "n_jobs": 1, "random_state": 0}


@pytest.fixture(scope="module")
def fitted(quick):
    return BertTagger(**quick).fit(*made(150))


def test_sentences_are_learnt_and_the_same_from_a_file(fitted, quick, tmp_path):
    X, y = made(40, seed=1)
    assert fitted.score(X, y) > 0.9
    fitted.write_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    assert str(quick["checkpoint"]) not in (tmp_path / WORDS).read_text(encoding="utf-8")
    loaded = BertTagger.read_files(tmp_path)
    assert loaded.predict(X) == fitted.predict(X)
    assert torch.equal(loaded._logits(X[:1])[0], fitted._logits(X[:1])[0])
    assert loaded.get_params() == fitted.get_params() | {"checkpoint": ""}
    (tmp_path / WORDS).write_text("{}", encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"holds no tagger that can be read \(KeyError"):
        BertTagger.read_files(tmp_path)


def test_chinese_characters_are_tagged(quick, tmp_path):
    model = BertTagger(**quick | {"checkpoint": encoder_for(tmp_path, chinese=True)}).fit(*made(150, chinese=True))
    assert model.score(*made(40, seed=1, chinese=True)) > 0.9


@pytest.mark.mission("G7")
def test_logits_are_those_of_transformers_at_the_first_part_of_each_word(fitted, tmp_path):
    """Its own tokenizer aligns parts with words (`word_ids`); six digits of float32."""
    import transformers

    fitted.net_.save_pretrained(tmp_path)
    fitted.reader_.tokens.save_pretrained(tmp_path)
    theirs = transformers.BertForTokenClassification.from_pretrained(tmp_path).eval()
    cut = transformers.AutoTokenizer.from_pretrained(tmp_path)
    X = [*made(8, seed=3)[0], ["Annas", "Yorkers", "住", "in"]]
    padded = cut(X, is_split_into_words=True, padding=True, return_tensors="pt")
    with torch.no_grad():
        expected = theirs(**padded).logits
    for i, ours in enumerate(fitted._logits(X)):
        words = padded.word_ids(i)
        first = [words.index(j) for j in range(len(X[i]))]
        torch.testing.assert_close(ours.float(), expected[i, first], rtol=1e-4, atol=1e-5)


def test_the_loss_is_the_mean_over_tokens_whatever_rows_meet(fitted):
    X, y = made(12, seed=4)
    rows = fitted._rows(X, y, np.arange(12))
    loss, total, n = tag_loss(rows), 0.0, 0
    for logits, tags in zip(fitted._logits(X), y, strict=True):
        places = np.searchsorted(fitted.tags_, tags)
        total -= float(logits.log_softmax(dim=1)[range(len(tags)), places].sum())
        n += len(tags)
    with torch.no_grad():
        for size in (3, 4, 12):
            means = []
            for ids in torch.arange(12).split(size):
                inputs, targets = rows.batch(ids, torch.device("cpu"))
                means.append(float(loss(fitted.net_(*inputs), targets)))
            assert np.mean(means) == pytest.approx(total / n, rel=1e-4)


def test_what_is_said_is_the_best_path_that_may_be(fitted):
    """Against all paths of three tokens."""
    tokens = ["to", "York", "Rome"]
    scores = fitted._logits([tokens])[0].log_softmax(dim=1).numpy()
    paths = [
        (i, j, k)
        for i, first in enumerate(fitted.tags_) for j, second in enumerate(fitted.tags_) for k, third in enumerate(fitted.tags_)
        if may_follow(first, None) and may_follow(second, first) and may_follow(third, second)
    ]  # fmt: skip
    best = max(paths, key=lambda path: sum(scores[t, tag] for t, tag in enumerate(path)))
    assert fitted.predict([tokens]) == [fitted.tags_[list(best)].tolist()]


def test_any_tokens_get_valid_tags_one_each_in_any_company(fitted):
    said = fitted.predict(STRANGE)
    assert [len(tags) for tags in said] == [3, 0, 2, 1, 3]
    assert all(may_follow(tag, before) for tags in said for before, tag in zip([None, *tags], tags, strict=False))
    X = [*made(20, seed=2)[0], *STRANGE]
    assert fitted.predict(X) == [fitted.predict([tokens])[0] for tokens in X]
    for together, alone in zip(fitted._logits(X), (fitted._logits([tokens])[0] for tokens in X), strict=True):
        torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)  # seven digits of float32
    assert fitted.predict([]) == []


def test_a_sentence_longer_than_the_encoder_is_read_to_its_end(fitted):
    X, y = made(60, seed=5)
    long, tags = [token for tokens in X for token in tokens], [tag for own in y for tag in own]
    assert len(long) > 5 * fitted.net_.bert.config.longest
    [said] = fitted.predict([long])
    assert np.mean(np.array(said) == np.array(tags)) > 0.9


def test_equal_seeds_are_equal_bits_and_others_are_not(quick):
    X, y = made(40)
    first = BertTagger(**quick | {"epochs": 1}).fit(X, y)
    torch.manual_seed(77)
    again, other = clone(first).fit(X, y), clone(first).set_params(random_state=1).fit(X, y)
    for name, tensor in first.net_.state_dict().items():
        assert torch.equal(again.net_.state_dict()[name], tensor)
    assert not torch.equal(other.net_.out.weight, first.net_.out.weight)


def test_a_sentence_held_out_is_not_learnt_from(quick):
    (X, y), is_out = made(40), np.arange(40) < 5
    first = BertTagger(**quick | {"epochs": 1}).fit(X, y, held_out=is_out)
    other = [["Rome"] * len(tokens) if out else tokens for tokens, out in zip(X, is_out, strict=True)]
    again = clone(first).fit(other, y, held_out=is_out)
    assert first.history_.loss == again.history_.loss
    assert first.history_.held_out != again.history_.held_out


def test_tags_that_were_never_seen_are_wrong_and_those_that_are_not_valid_are_mended(fitted, quick):
    assert fitted.score([["to", "Rome"]], [["O", "B-NEW"]]) == 0.0
    model = BertTagger(**quick | {"epochs": 1}).fit([["Rome", "is", "old"]] * 4, [["I-LOC", "O", "O"]] * 4)
    assert model.tags_.tolist() == ["B-LOC", "O"]


def test_what_cannot_be_is_told(quick, tmp_path):
    X, y = made(10)
    with pytest.raises(DataError, match=r"each token takes one tag; sentence 0 \(counted from 0\) has"):
        BertTagger(**quick).fit(X, [tags[1:] for tags in y])
    with pytest.raises(DataError, match="a tagger learns from tokens, and there is none in X"):
        BertTagger(**quick).fit([[], []], [[], []])
    with pytest.raises(DataError, match="all sentences that have tokens are held out"):
        BertTagger(**quick).fit(X, y, held_out=np.ones(10, bool))
    with pytest.raises(SettingsError, match="batch_size takes a whole number from 1 on; got 0"):
        BertTagger(**quick | {"batch_size": 0}).fit(X, y)
    with pytest.raises(SettingsError, match="longest takes a whole number from 4 on; got 3"):
        BertTagger(**quick | {"longest": 3}).fit(X, y)
    with pytest.raises(SettingsError, match="frozen_layers takes a whole number from 0 to 2; got 3"):
        BertTagger(**quick | {"frozen_layers": 3}).fit(X, y)
    with pytest.raises(ModelFileError, match="has no config.json"):
        BertTagger(**quick | {"checkpoint": tmp_path}).fit(X, y)


def test_an_encoder_that_knows_one_word_tags_what_it_does_not_know(quick, tmp_path):
    folder = small_encoder(tmp_path, texts=["x x x"])
    model = BertTagger(**quick | {"checkpoint": folder, "epochs": 1}).fit(*made(20))
    assert [len(tags) for tags in model.predict(STRANGE)] == [3, 0, 2, 1, 3]


def test_settings_reach_the_network_from_the_board(quick):
    from tests.datasets import sequences

    (data, task), method = sequences("tagging"), find("bert-tagger")
    assert len(BertTagger(**quick | {"fewest_steps": 9, "epochs": 1}).fit(*made(40)).history_.loss) == 9  # 3 batches of 16 rows
    given = {"fewest_steps": 5, "longest": 20, "rate": 1e-4, "layer_share": 0.9, "frozen_layers": 1, "learns": "gradual"}
    params = method.with_defaults({"checkpoint": str(quick["checkpoint"]), **given})
    model = method.fit(data, task, params=params, seed=0, budget="quick").estimator
    assert {key: getattr(model, key) for key in given} == given
    assert (model.epochs, model.reader_.longest) == (2, 20)
    assert method.accepts(data.schema, task) is None
