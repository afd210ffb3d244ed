"""A BERT as an estimator: what it learns, pairs, equal seeds, files, what stays frozen, effects by hand, and refusals."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text import encoders  # noqa: E402
from tests.text.encoders import CLASSES, IS_SAME, NUMBERS_OF, PAIRS, N, X, small_encoder  # noqa: E402

from tenon.catalogue import find  # noqa: E402
from tenon.errors import DataError, ModelFileError, SettingsError  # noqa: E402
from tenon.text import Bert, BertClassifier, BertConfig, BertForTexts, BertRegressor, FrozenBertClassifier, fine_tuning  # noqa: E402
from tenon.text.fine_tuning import RECIPE, tokens_at_once, trainings  # noqa: E402
from tenon.text.marked_reader import LONGER  # noqa: E402
from tenon.text.marked_rows import MarkedRows  # noqa: E402
from tenon.text.net_of_texts import NUMBERS, WORDS  # noqa: E402
from tenon.training.optimisers import make_optimiser  # noqa: E402
from tenon.watch import Watch  # noqa: E402

TRAIN, TEST = slice(0, 160), slice(160, N)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def quick(folder):
    return {"checkpoint": folder, "epochs": 5, "fewest_steps": 0, "rate": 3e-3, "n_jobs": 1, "random_state": 0}


def test_classes_and_numbers_are_learnt_and_the_same_from_a_file(quick, tmp_path):
    model = BertClassifier(**quick).fit(X[TRAIN], CLASSES[TRAIN])
    assert model.classes_.tolist() == ["上", "下"]
    proba = model.predict_proba(X[TEST])
    assert (model.predict(X[TEST]) == CLASSES[TEST]).mean() > 0.9
    model.write_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    assert str(quick["checkpoint"]) not in (tmp_path / WORDS).read_text(encoding="utf-8")
    loaded = BertClassifier.read_files(tmp_path)
    assert loaded.predict_proba(X[TEST]).tobytes() == proba.tobytes()
    assert loaded.get_params() == model.get_params() | {"checkpoint": ""}
    numbers = BertRegressor(**quick).fit(X[TRAIN], NUMBERS_OF[TRAIN])
    assert numbers.score(X[TEST], NUMBERS_OF[TEST]) > 0.7
    numbers.write_files(tmp_path)
    again = BertClassifier.read_files(tmp_path)
    assert isinstance(again, BertRegressor)
    assert again.predict(X[TEST]).tobytes() == numbers.predict(X[TEST]).tobytes()


@pytest.mark.parametrize("of", [{}, {"kind": "roberta", "n_segments": 1}], ids=["bert", "roberta"])
def test_pairs_are_learnt_and_the_same_from_a_file(of, quick, tmp_path):
    """The class is whether both texts name one colour: neither alone tells. A RoBERTa is not told which text a token is of."""
    checkpoint = small_encoder(tmp_path / "net", **of)
    model = BertClassifier(**quick | {"checkpoint": checkpoint, "epochs": 40}).fit(PAIRS[TRAIN], IS_SAME[TRAIN])
    assert (model.predict(PAIRS[TEST]) == IS_SAME[TEST]).mean() > 0.9
    model.write_files(tmp_path)
    loaded = BertClassifier.read_files(tmp_path)
    assert loaded.predict_proba(PAIRS[TEST]).tobytes() == model.predict_proba(PAIRS[TEST]).tobytes()
    assert sum(loaded.tokens_.encode("red", "blue").ids == loaded.tokens_.end) == (3 if of else 2)
    with pytest.raises(DataError, match=r"each row had two texts where it was learnt; here it has one text\."):
        loaded.predict(X)


def test_equal_seeds_are_equal_bits_and_others_are_not(quick):
    first = BertClassifier(**quick | {"epochs": 1}).fit(X, CLASSES)
    torch.manual_seed(77)
    before = torch.random.get_rng_state()
    again, other = clone(first).fit(list(X), CLASSES), clone(first).set_params(random_state=1).fit(X, CLASSES)
    assert torch.equal(torch.random.get_rng_state(), before)
    for name, tensor in first.net_.state_dict().items():
        assert torch.equal(again.net_.state_dict()[name], tensor)
    assert not torch.equal(other.net_.state_dict()["out.weight"], first.net_.state_dict()["out.weight"])


def test_a_text_gets_the_same_answer_in_any_company(quick):
    """Padding adds nothing; seven digits, since float32 sums in another order."""
    model = BertClassifier(**quick | {"epochs": 1}).fit(X, CLASSES)
    together = model.predict_proba(X[:40])
    np.testing.assert_allclose(model.predict_proba(X[:40][::-1])[::-1], together, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.predict_proba(X[7:8]), together[7:8], rtol=1e-5, atol=1e-6)
    assert model.predict_proba([]).shape == (0, 2)


def test_held_out_rows_choose_the_epoch_and_are_not_learnt_from(quick):
    is_out = np.arange(N) < 20
    texts, labels = X.copy(), CLASSES.copy()
    first = BertClassifier(**quick | {"epochs": 2}).fit(texts, labels, held_out=is_out)
    labels[:20] = labels[:20][::-1]
    again = clone(first).fit(texts, labels, held_out=is_out)
    assert first.history_.loss == again.history_.loss
    assert first.history_.held_out != again.history_.held_out
    assert len(first.history_.held_out) == 2


def test_frozen_layers_stay_bit_for_bit(quick):
    before = Bert.from_pretrained(quick["checkpoint"]).state_dict()
    after = BertClassifier(**quick | {"epochs": 1}, frozen_layers=1).fit(X, CLASSES).net_.bert.state_dict()
    moved = {
        name.rsplit(".", 1)[0].split("layers.")[-1].split(".")[0] for name in before if not torch.equal(before[name], after[name])
    }
    assert moved == {"1", "pooler"}


def test_what_learns_when():
    """Of four layers: the head with the pooler alone; layers 2 and 3, too; all, each layer at nine tenths of the one above."""
    config = BertConfig(vocab_size=9, d_model=4, n_layers=4, n_heads=1, d_hidden=4, n_positions=8)
    net, recipe = BertForTexts(Bert(config), 2), RECIPE.__class__(epochs=4, rate=1.0)

    def learning(one):
        net.requires_grad_(True)
        rates = {id(p): group["lr"] for group in make_optimiser(net, one).param_groups for p in group["params"]}
        found = {name: rates[id(p)] for name, p in net.named_parameters() if id(p) in rates}
        return {".".join(name.split(".")[1:4]) if "layers" in name else name.split(".")[-2]: rate for name, rate in found.items()}

    head, upper, everything = (learning(one) for one in trainings(config, recipe, 0.9, 0, "gradual").values())
    assert head == {"pooler": 1.0, "out": 1.0}
    assert upper == {**head, "encoder.layers.3": 1.0, "encoder.layers.2": pytest.approx(0.9)}
    below = {
        "encoder.layers.1": 0.81,
        "encoder.layers.0": 0.729,
        **dict.fromkeys(("tokens", "positions", "segments", "norm"), 0.6561),
    }
    assert everything == {**upper, **{name: pytest.approx(rate) for name, rate in below.items()}}
    assert [one.epochs for one in trainings(config, recipe, 0.9, 0, "gradual").values()] == [2, 2, 2]
    [alone] = trainings(config, recipe, 0.9, 4, "all").values()
    assert learning(alone) == head
    *_, last = trainings(config, recipe, 0.9, 3, "gradual").values()
    assert set(learning(last)) == {"pooler", "out", "encoder.layers.3"}
    with pytest.raises(SettingsError, match="frozen_layers takes a whole number from 0 to 4; got 5"):
        trainings(config, recipe, 0.9, 5, "all")


def test_few_rows_are_passed_over_more_often(quick):
    model = BertClassifier(**quick | {"epochs": 1, "fewest_steps": 25}).fit(X[:64], CLASSES[:64])
    assert len(model.history_.loss) == 7 * 4  # 64 rows by 16: six passes would be 24 steps


@pytest.mark.mission("G9")
def test_a_teacher_of_its_own_changes_what_is_learnt_and_the_task_stays(quick):
    plain, taught = (BertClassifier(**quick, **own).fit(X[TRAIN], CLASSES[TRAIN]) for own in ({}, {"distil": 1.0, "students": 3}))
    assert plain.history_.loss[0] == taught.history_.loss[0]  # the first step has no teacher yet
    assert plain.history_.norm[1] != taught.history_.norm[1]
    assert (taught.predict(X[TEST]) == CLASSES[TEST]).mean() > 0.9


def test_where_the_encoder_knows_no_more_it_is_not_advised_to_read_more(quick):
    events = []
    model = BertClassifier(**quick | {"epochs": 1}, longest=512)
    model.watch = Watch(events.append)
    model.fit([*X[:39], "the film " * 30], CLASSES[:40])
    advised = (
        "this network knows no more (tenon pretrain --objective mlm --set mlm.longest=512 learns one that does), and bert-head"
    )
    assert advised in str(events)
    assert "larger `longest`" not in str(events)


def test_a_gradual_training_keeps_the_histories_of_all(quick):
    model = BertClassifier(**quick, learns="gradual").fit(X, CLASSES)
    assert list(model.history_.before) == ["the head", "the upper half"]
    assert len(model.history_.loss) == len(model.history_.before["the head"].loss) == 2 * -(-216 // 16)  # 5 passes in 3 trainings


def test_what_is_cut_off_is_told_and_not_read(quick):
    events = []
    model = BertClassifier(**quick | {"epochs": 1}, longest=6)
    model.watch = Watch(events.append)
    model.fit(X, CLASSES)
    share = np.mean([len(text.split()) > 4 for text in X])  # two of six are marks
    told = (
        f"{100 * share:.3g} % of the texts are longer than 4 tokens, of which no more are read; a larger `longest` (most encoders"
    )
    assert f"{told} know 512) reads more, and bert-head-tail, bert-pool-mean, longformer and cogltx read on." in str(events)
    assert all(find(name).accepts for name in LONGER)
    assert (model.read_share(["a the film plot good", "a the film", ""]), model.cut_share_) == (7 / 8, share)
    assert model.predict_proba(["a the film plot good"]).tobytes() == model.predict_proba(["a the film plot"]).tobytes()
    assert BertClassifier(**quick | {"epochs": 1}, longest=4000).fit(X, CLASSES).reader_.longest == 40, "what the encoder knows"


def test_effects_are_the_answer_less_that_without_the_token(quick):
    model = BertClassifier(**quick | {"epochs": 1}).fit(PAIRS, IS_SAME)
    [found] = model.effects_in([("red Film", "a plot")], np.array([1]))
    assert ["red Film\na plot"[start:end] for start, end in found.spans] == ["red", "Film", "a", "plot"]

    def log_odds(*pair):
        p = model.predict_proba([pair])[0]
        return np.log(p[1] / p[0])

    without = [("film", "a plot"), ("red", "a plot"), ("red film", "plot"), ("red film", "a")]
    np.testing.assert_allclose(found.effects, [log_odds("red film", "a plot") - log_odds(*one) for one in without], atol=1e-4)
    assert model.gates_in(PAIRS[:2]) == [{}, {}]


def test_what_cannot_be_is_told(quick, tmp_path):
    for strange in ("one text", [1.0, 2.0], ["a", None]):
        with pytest.raises(DataError, match=r"texts are a list or an array \(n,\) of str; missing ones are ''"):
            BertClassifier(**quick).fit(strange, ["a", "b"])
    with pytest.raises(DataError, match=r"a BERT reads a text a row, \(n,\), or a pair, \(n, 2\); got \(2, 3\)\."):
        BertClassifier(**quick).fit([("a", "b", "c")] * 2, ["a", "b"])
    with pytest.raises(SettingsError, match="learns takes one of 'all', 'gradual'; got 'al'; did you mean 'all'"):
        BertClassifier(**quick, learns="al").fit(X, CLASSES)
    with pytest.raises(ModelFileError, match=r"has no config\.json; name the folder of a BERT"):
        BertClassifier(tmp_path).fit(X, CLASSES)
    BertClassifier(**quick | {"epochs": 1}).fit(X, CLASSES).write_files(tmp_path)
    words = json.loads((tmp_path / WORDS).read_text(encoding="utf-8"))
    words["network"]["d_hidden"] = 3
    (tmp_path / WORDS).write_text(json.dumps(words), encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"holds no text network that can be read \(RuntimeError: Error\(s\) in loading"):
        BertClassifier.read_files(tmp_path)


FILLER = " ".join(encoders.EITHER)


@pytest.mark.parametrize(("keeps", "place"), [("head", 0), ("tail", 12), ("ends", 12), ("bm25", 6), ("textrank", None)])
def test_what_stands_where_it_is_read_is_learnt(quick, keeps, place):
    """Texts of 60 words more than are read, with the telling one at their head, in the middle or at their tail."""
    where = [0, 12, 6][len(X[0]) % 3] if place is None else place
    long = np.array([f"{FILLER} " * where + one + f" {FILLER}" * (12 - where) for one in X], object)
    model = BertClassifier(**quick | {"longest": 24, "epochs": 8 if place is not None else 1}, keeps=keeps)
    model.fit(long[TRAIN], CLASSES[TRAIN])
    assert model.reader_.keeps == keeps
    assert model.cut_share_ == 1
    assert model.read_share(long) < 0.4
    if place is not None:
        assert (model.predict(long[TEST]) == CLASSES[TEST]).mean() > 0.9
        other = BertClassifier(**quick | {"longest": 24, "epochs": 1}, keeps="tail" if place == 0 else "head")
        assert (other.fit(long[TRAIN], CLASSES[TRAIN]).predict(long[TEST]) == CLASSES[TEST]).mean() < 0.8


def test_telling_words_come_from_rows_that_are_learnt_from_alone(quick):
    is_out = np.arange(N) >= 160
    texts = np.array(
        [one + (" scene" if out and good else "") for one, out, good in zip(X, is_out, encoders.IS_GOOD, strict=True)], object
    )
    labels = np.where(is_out & ~encoders.IS_GOOD, "下", np.where(is_out, "上", CLASSES))
    models = [BertClassifier(**quick | {"epochs": 1}, keeps="bm25").fit(x, labels, held_out=is_out) for x in (X, texts)]
    assert models[0].reader_.telling.tolist() == models[1].reader_.telling.tolist()
    numbers = BertRegressor(**quick | {"epochs": 1}, keeps="bm25").fit(X, NUMBERS_OF)
    said = {numbers.tokens_.tokens.words[i] for i in numbers.reader_.telling}
    assert {*encoders.GOOD, *encoders.BAD} <= said


def test_a_stretched_encoder_reads_to_the_end_and_is_the_same_from_a_file(quick, tmp_path):
    """Its own 40 places become 90; the telling word stands behind 60 others, out of sight of [CLS] but for its own."""
    long = np.array([f"{FILLER} " * 12 + one for one in X], object)
    model = BertClassifier(**quick | {"longest": 90, "epochs": 12}, stretch={"window": 8}).fit(long[TRAIN], CLASSES[TRAIN])
    config = model.net_.bert.config
    assert (config.kind, config.longest, config.windows) == ("longformer", 90, (8, 8))
    assert model.cut_share_ == 0
    assert (model.predict(long[TEST]) == CLASSES[TEST]).mean() > 0.9
    assert model.looks_in(long[:1]) == []
    model.write_files(tmp_path)
    assert BertClassifier.read_files(tmp_path).predict_proba(long).tobytes() == model.predict_proba(long).tobytes()
    model.net_.bert.save_pretrained(tmp_path)
    model.tokens_.save_pretrained(tmp_path)
    again = BertClassifier(**quick | {"checkpoint": tmp_path, "longest": 90, "epochs": 1}, stretch={"window": 16})
    assert again.fit(long, CLASSES).net_.bert.config == config  # a Longformer stays as it is


@pytest.mark.parametrize(
    "stretch", [{"kind": "big_bird", "block": 8, "n_random": 0}, {"kind": "blockbert", "n_parts": 2}], ids=str
)
def test_other_kinds_of_stretched_encoders_are_the_same_from_a_file(stretch, quick, tmp_path):
    long = np.array([f"{FILLER} " * 12 + one for one in X[:60]], object)
    model = BertClassifier(**quick | {"longest": 90, "epochs": 1}, stretch=stretch).fit(long, CLASSES[:60])
    model.write_files(tmp_path)
    assert BertClassifier.read_files(tmp_path).predict_proba(long).tobytes() == model.predict_proba(long).tobytes()


def test_rows_that_are_too_much_for_memory_are_learnt_from_in_parts_of_a_step(quick, monkeypatch, tmp_path):
    """Of 64 rows by 16 a step stays a step, with the loss of all its rows: nothing moves at this rate, and no chance is in it."""
    still = quick | {"checkpoint": encoders.small_encoder(tmp_path, dropout=0.0), "epochs": 1, "rate": 1e-12}
    plain = BertClassifier(**still).fit(X[:64], CLASSES[:64])
    sizes = []
    monkeypatch.setattr(fine_tuning, "tokens_at_once", lambda config, longest: 3 * longest)
    taken = MarkedRows.batch
    monkeypatch.setattr(MarkedRows, "batch", lambda rows, ids, device: sizes.append(len(ids)) or taken(rows, ids, device))
    parted = BertClassifier(**still).fit(X[:64], CLASSES[:64])
    assert sizes == [2] * 32
    assert len(parted.history_.loss) == len(plain.history_.loss) == 4
    assert np.mean(parted.history_.loss) == pytest.approx(np.mean(plain.history_.loss), abs=1e-5)


@pytest.mark.parametrize(
    ("batch_size", "room", "at_once", "n_parts"),
    [(16, 16, 16, 1), (16, 11, 8, 2), (32, 31, 16, 2), (16, 3, 2, 8), (16, 1, 1, 16), (17, 16, 9, 2), (29, 11, 10, 3)],
)
def test_a_step_in_parts_has_as_few_rows_more_as_can_be(batch_size, room, at_once, n_parts, monkeypatch):
    monkeypatch.setattr(fine_tuning, "tokens_at_once", lambda config, longest: room * longest)
    recipe = fine_tuning.recipe_for(BertConfig(), 1, batch_size, None, 0.0, 100)
    assert (recipe.batch_size, recipe.accumulate) == (at_once, n_parts)


def test_how_many_tokens_are_learnt_from_at_once_by_hand():
    """MiniLM on rows of 256 tokens, and as networks for long texts.

    A Longformer looks at blocks of 128: of 256 tokens to either side at 5, of 64 or of 8 at 3. A BigBird sees (5 + 2 · 3) · 64
    tokens whole, and 8 blocks of 64 of more.
    """
    config = BertConfig(d_model=384, n_layers=6, n_heads=12, d_hidden=1536)
    assert tokens_at_once(config, 256) == 10**9 // (6 * (20 * 384 + 4 * 12 * 256))
    longer = replace(config, kind="longformer", windows=(256,) * 6)
    assert tokens_at_once(longer, 4096) == 10**9 // (6 * (20 * 384 + 4 * 12 * 640))
    for width in (8, 64, 128):
        assert tokens_at_once(replace(longer, windows=(8,) * 5 + (width,)), 4096) == 10**9 // (6 * (20 * 384 + 4 * 12 * 384))
    bird = replace(config, kind="big_bird", n_positions=4096)
    assert tokens_at_once(bird, 704) == 10**9 // (6 * (20 * 384 + 4 * 12 * 704))
    assert tokens_at_once(bird, 4096) == 10**9 // (6 * (20 * 384 + 4 * 12 * 512))
    assert tokens_at_once(longer, 100) == 10**9 // (6 * (20 * 384 + 4 * 12 * 100))
    assert tokens_at_once(BertConfig(n_layers=1_000), 10**7) == 1


@pytest.mark.parametrize("kind", [BertClassifier, FrozenBertClassifier])
@pytest.mark.parametrize(("texts", "y"), [(X[:5], CLASSES[:4]), (X[:4], CLASSES[:5]), ([], []), (X[:4], None)])
def test_there_is_one_target_for_each_text(kind, texts, y, folder):
    with pytest.raises(DataError, match="y holds one target for each text, and one at least; got . texts and . targets"):
        kind(folder, n_jobs=1).fit(texts, y)


def test_a_batch_has_a_row(quick):
    with pytest.raises(SettingsError, match="batch_size takes a whole number from 1 on, or None; got 0"):
        BertClassifier(**quick, batch_size=0).fit(X[:8], CLASSES[:8])
