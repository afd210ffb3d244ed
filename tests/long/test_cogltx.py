"""CogLTX as estimators: evidence that is found, given relevance, numbers, equal seeds, files, blocks kept, effects, refusals."""

import json

import numpy as np
import pytest
from sklearn.base import clone

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import small_encoder  # noqa: E402
from tests.text.planted import CLASSES, planted  # noqa: E402

from tenon.errors import DataError, ModelFileError, SettingsError  # noqa: E402
from tenon.long import CogLTX, CogLTXRegressor  # noqa: E402
from tenon.text.net_of_texts import NUMBERS, WORDS  # noqa: E402

TRAIN, TEST = planted(90, (60, 250), "word", 1), planted(40, (60, 250), "word", 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_encoder(tmp_path_factory.mktemp("encoder"), texts=[*TRAIN.texts])


@pytest.fixture
def quick(folder):
    few = {"longest": 40, "block": 16, "kept": (), "fewest_steps": 0, "epochs": 1}
    return {"checkpoint": folder, **few, "rate": 3e-3, "n_jobs": 1, "random_state": 0}


@pytest.fixture(scope="module")
def learnt(folder):
    """Nothing but the classes was told."""
    settings = {"longest": 40, "block": 16, "kept": (1,), "fewest_steps": 150, "rate": 3e-3, "n_jobs": 1, "random_state": 0}
    return CogLTX(folder, **settings).fit(TRAIN.texts, TRAIN.classes)


def share_found(model, of):
    """Return in which share of texts all evidence is in blocks that are kept."""
    return np.mean([
        all(any(start < last and end > first for start, end in kept.spans.tolist()) for first, last in evidence)
        for kept, evidence in zip(model.recalled_in(of.texts), of.evidence, strict=True)
    ])  # fmt: skip


@pytest.mark.mission("H4")
def test_evidence_is_found_and_the_class_is_said(learnt):
    """A row holds two blocks of up to sixteen."""
    assert learnt.classes_.tolist() == list(CLASSES)
    assert share_found(learnt, TEST) > 0.9
    assert (learnt.predict(TEST.texts) == TEST.classes).mean() > 0.9
    assert list(learnt.history_.before) == ["judge, round 1", "round 1", "judge, round 2"]


def test_the_same_from_a_file(learnt, tmp_path):
    learnt.write_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    assert str(learnt.checkpoint) not in (tmp_path / WORDS).read_text(encoding="utf-8")
    loaded = CogLTX.read_files(tmp_path)
    assert loaded.predict_proba(TEST.texts).tobytes() == learnt.predict_proba(TEST.texts).tobytes()
    assert loaded.get_params() == learnt.get_params() | {"checkpoint": "", "kept": [1]}
    words = json.loads((tmp_path / WORDS).read_text(encoding="utf-8"))
    del words["reader"]["block"]
    (tmp_path / WORDS).write_text(json.dumps(words), encoding="utf-8")
    with pytest.raises(ModelFileError, match="holds no text network that can be read"):
        CogLTX.read_files(tmp_path)


def test_a_text_gets_the_same_answer_in_any_company(learnt):
    """Padding adds nothing; seven digits, since float32 sums in another order."""
    together = learnt.predict_proba(TEST.texts)
    np.testing.assert_allclose(learnt.predict_proba(TEST.texts[::-1])[::-1], together, rtol=1e-4, atol=1e-6)
    assert learnt.predict_proba([]).shape == (0, 3)
    assert np.isfinite(learnt.predict_proba(["", "\n", "ba " * 5_000])).all()


def test_blocks_that_are_kept_are_parts_of_the_text_in_order(learnt):
    text = TEST.texts[3]
    [kept] = learnt.recalled_in([text])
    assert kept.spans.shape == (len(kept.scores), 2)
    assert (np.diff(kept.spans.ravel()) >= 0).all()
    first, last = TEST.evidence[3][0]
    is_evidence = (kept.spans[:, 0] < last) & (kept.spans[:, 1] > first)
    assert kept.scores[is_evidence].max() == kept.scores.max()
    assert learnt.recalled_in([""])[0].spans.shape == (0, 2)
    assert learnt.read_share([text]) == 1.0, "the judge reads all of it"


def test_effects_are_of_what_is_kept(learnt):
    """By hand for the third token: the log odds of the row that is recalled, less those of the row without it."""
    text = TEST.texts[3]
    [found] = learnt.effects_in([text], np.array([1]))
    [kept] = learnt.recalled_in([text])
    assert all(any(start <= a and b <= end for start, end in kept.spans) for a, b in found.spans)
    assert "".join(text[start:end] for start, end in found.spans) == "".join(text[a:b] for a, b in kept.spans).replace(" ", "")
    [row] = learnt.reader_.all_read([text])
    said = []
    for ids in (row.ids, np.delete(row.ids, 3)):  # behind [CLS], and two tokens
        with torch.no_grad():
            p = learnt.net_.reasoner(torch.from_numpy(ids)[None])[0].double().softmax(dim=0)
        said.append((p[1] / (1 - p[1])).log().item())
    assert found.effects[2] == pytest.approx(said[0] - said[1], abs=1e-4)  # of float32 logits
    assert learnt.looks_in([text])[0].tokens[0] == "[CLS]"


def test_given_places_say_what_is_relevant(quick):
    """The places of other sentences are given: the judge learns these, and no intervention asks whether they matter."""
    places = [[(0, text.index("."))] for text in TRAIN.texts]
    model = CogLTX(**quick).fit(TRAIN.texts, TRAIN.classes, relevance=places)
    assert all(own[0] == 1 and own.sum() == own[: 1 + len(own) // 2].sum() for own in model.relevance_)
    with pytest.raises(DataError, match=r"relevance holds places for each row; got 1 for 90 rows\."):
        CogLTX(**quick).fit(TRAIN.texts, TRAIN.classes, relevance=[[]])


def test_numbers_are_learnt_and_the_same_from_a_file(quick, tmp_path):
    numbers = np.array([10.0 * CLASSES.index(name) for name in TRAIN.classes])
    model = CogLTXRegressor(**quick | {"fewest_steps": 150}).fit(TRAIN.texts, numbers)
    assert model.score(TEST.texts, [10.0 * CLASSES.index(name) for name in TEST.classes]) > 0.6
    model.write_files(tmp_path)
    again = CogLTX.read_files(tmp_path)
    assert isinstance(again, CogLTXRegressor)
    assert again.predict(TEST.texts).tobytes() == model.predict(TEST.texts).tobytes()


def test_equal_seeds_are_equal_bits_and_others_are_not(quick):
    first = CogLTX(**quick).fit(TRAIN.texts[:30], TRAIN.classes[:30])
    torch.manual_seed(77)
    before = torch.random.get_rng_state()
    again, other = (clone(first).set_params(random_state=seed).fit(TRAIN.texts[:30], TRAIN.classes[:30]) for seed in (0, 1))
    assert torch.equal(torch.random.get_rng_state(), before)
    for name, tensor in first.net_.state_dict().items():
        assert torch.equal(again.net_.state_dict()[name], tensor)
    assert not torch.equal(other.net_.state_dict()["judge.out.weight"], first.net_.state_dict()["judge.out.weight"])


def test_held_out_rows_are_not_learnt_from(quick):
    is_out = np.arange(90) < 15
    labels = TRAIN.classes.copy()
    first = CogLTX(**quick).fit(TRAIN.texts, labels, held_out=is_out)
    labels[:15] = np.roll(labels[:15], 1)
    again = clone(first).fit(TRAIN.texts, labels, held_out=is_out)
    rounds = [model.history_.before["judge, round 1"].loss for model in (first, again)]
    assert rounds[0] == rounds[1]
    assert len(first.history_.held_out) == 1
    assert all((own <= 0).all() for own in first.relevance_[:15])


def test_another_judge_reads_with_its_own_network(quick, tmp_path):
    small_encoder(tmp_path, texts=[*TRAIN.texts], d_model=16, d_hidden=16)
    model = CogLTX(**quick, judge=tmp_path).fit(TRAIN.texts[:30], TRAIN.classes[:30])
    assert (model.net_.judge.bert.config.d_model, model.net_.reasoner.bert.config.d_model) == (16, 32)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"rounds": 0}, "rounds takes a whole number from 1 on; got 0"),
        ({"block": 0}, "block takes a whole number from 1 on; got 0"),
        ({"batch_size": 0}, "batch_size takes a whole number from 1 on; got 0"),
        ({"kept": (0,)}, "kept takes a whole number from 1 on; got 0"),
        (
            {"kept": (2,)},
            "a row has room for 40 tokens and needs 52: for 2 kept blocks of 16 and one more, each with a mark. Lower block or",
        ),
        ({"longest": 17}, "a row has room for 17 tokens and needs 18: for 0 kept blocks of 16 and one more"),
    ],
)
def test_what_cannot_be_is_refused(quick, settings, said):
    with pytest.raises(SettingsError, match=said):
        CogLTX(**quick | settings).fit(TRAIN.texts, TRAIN.classes)


@pytest.mark.parametrize(("texts", "y"), [(TRAIN.texts[:5], TRAIN.classes[:4]), (TRAIN.texts[:4], TRAIN.classes[:5]), ([], [])])
def test_there_is_one_target_for_each_text(quick, texts, y):
    relevance = [[]] * len(y)
    with pytest.raises(DataError, match="y holds one target for each text, and one at least; got . texts and . targets"):
        CogLTX(**quick).fit(texts, y, relevance=relevance)


def test_each_class_has_a_name(quick):
    names = np.array(["one"] * (len(CLASSES) + 1))
    with pytest.raises(SettingsError, match=f"class_names holds a name for each of {len(CLASSES)} classes; got {len(names)}"):
        CogLTX(**quick).fit(TRAIN.texts, TRAIN.classes, class_names=names)


def test_a_judge_with_another_vocabulary_is_refused(quick, tmp_path):
    small_encoder(tmp_path)
    with pytest.raises(SettingsError, match="has another vocabulary than .*; take one with the same"):
        CogLTX(**quick, judge=tmp_path).fit(TRAIN.texts, TRAIN.classes)
