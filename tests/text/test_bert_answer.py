"""BertAnswer: what it learns, no answer, files, equal seeds, and refusals."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import small_encoder  # noqa: E402

from tenon.errors import DataError, ModelFileError, SettingsError  # noqa: E402
from tenon.metrics.answers import answer_scores  # noqa: E402
from tenon.text import BertAnswer  # noqa: E402
from tenon.text.span_answers import NUMBERS, WORDS  # noqa: E402

SIGNS = "甲乙丙丁戊己庚辛"


def rows(n, seed, share_of_none=0.0):
    """The answer is the character behind 答, wherever it stands; without 答 there is none."""
    chance = np.random.default_rng(seed)
    X, y = [], []
    for _ in range(n):
        context, place = "".join(chance.choice(list(SIGNS), 12)), int(chance.integers(0, 11))
        if chance.random() < share_of_none:
            X.append(("问", context))
            y.append([])
            continue
        context = context[:place] + "答" + context[place + 1 :]
        X.append(("问", context))
        y.append([{"text": context[place + 1], "start": place + 1, "script": "chinese"}])
    return X, y


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_encoder(tmp_path_factory.mktemp("encoder"), texts=["问答", SIGNS] * 4, dropout=0.0)


@pytest.fixture(scope="module")
def quick(folder):
    settings = {"longest": 14, "stride": 4, "epochs": 12, "rate": 3e-3, "layer_share": 1.0, "n_jobs": 1}
    return {"checkpoint": folder, "fewest_steps": 0, "random_state": 0, **settings}


@pytest.fixture(scope="module")
def fitted(quick):
    return BertAnswer(**quick).fit(*rows(240, 0, share_of_none=0.3))


def f1(model, X, y):
    return answer_scores(y, [span.text for span in model.predict(X)])[:, 0].mean()


@pytest.mark.mission("G7")
def test_it_learns_where_answers_stand_and_when_there_are_none(fitted):
    X, y = rows(60, 1, share_of_none=0.3)
    assert f1(fitted, X, y) > 0.8
    said = fitted.predict(X)
    assert all((span.start == -1) == (span.text == "") for span in said)
    assert all(span.start < 0 or context.startswith(span.text, span.start) for span, (_, context) in zip(said, X, strict=True))
    assert np.isfinite(fitted.threshold_)
    assert fitted.longest_answer_ == 1


def test_candidates_have_probabilities_and_hold_what_is_said(fitted):
    X, _ = rows(20, 2, share_of_none=0.3)
    for spans, said in zip(fitted.candidates(X), fitted.predict(X), strict=True):
        assert said in spans
        assert sum(span.score for span in spans) == pytest.approx(1.0)
        assert [span.score for span in spans] == sorted((span.score for span in spans), reverse=True)
        assert sum(span.start < 0 for span in spans) == 1
        assert len(spans) <= fitted.n_best + 1


def test_the_threshold_decides_alone(fitted):
    X, _ = rows(20, 3, share_of_none=0.3)
    threshold = fitted.threshold_
    try:
        fitted.threshold_ = np.inf
        always = fitted.predict(X)
        fitted.threshold_ = -1e9
        never = fitted.predict(X)
    finally:
        fitted.threshold_ = threshold
    assert all(span.text for span in always)
    assert not any(span.text for span in never)


def test_where_every_row_has_an_answer_one_is_always_given_and_no_row_held_out(quick):
    X, y = rows(40, 4)
    is_out = np.arange(40) < 20
    held_out = BertAnswer(**quick | {"epochs": 1}).fit(X, y, held_out=is_out)
    whole = BertAnswer(**quick | {"epochs": 1}).fit(X, y)
    assert held_out.threshold_ == np.inf
    assert held_out.predict(X) == whole.predict(X)
    assert all(span.text for span in whole.predict(X))


def test_what_is_held_out_is_not_learnt_from(quick):
    X, y = rows(60, 5, share_of_none=0.3)
    is_out = np.arange(60) < 20
    other = [[{"text": context[0], "start": 0, "script": "chinese"}] for _, context in X[:20]]
    models = [BertAnswer(**quick | {"epochs": 1, "longest_answer": 2}).fit(X, t, held_out=is_out) for t in (y, other + y[20:])]
    for ours, theirs in zip(*(model.net_.parameters() for model in models), strict=True):
        assert torch.equal(ours, theirs)


def test_the_same_seed_the_same_answers_and_from_a_file(fitted, folder, tmp_path):
    X, y = rows(30, 6, share_of_none=0.3)
    again = BertAnswer(**fitted.get_params()).fit(*rows(240, 0, share_of_none=0.3))
    assert again.candidates(X) == fitted.candidates(X)
    fitted.write_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    assert str(folder) not in (tmp_path / WORDS).read_text(encoding="utf-8")
    loaded = BertAnswer.read_files(tmp_path)
    assert loaded.candidates(X) == fitted.candidates(X)
    assert loaded.predict(X) == fitted.predict(X)
    assert loaded.get_params() == fitted.get_params() | {"checkpoint": ""}


def test_no_threshold_is_kept_as_such(quick, tmp_path):
    BertAnswer(**quick | {"epochs": 1}).fit(*rows(20, 7)).write_files(tmp_path)
    json.loads((tmp_path / WORDS).read_text(encoding="utf-8"), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert BertAnswer.read_files(tmp_path).threshold_ == np.inf


def test_nothing_to_read_is_not_answered(fitted):
    assert [span.text for span in fitted.predict([("", ""), ("问", " "), ("", "甲"), ("问" * 99, "")])][:2] == ["", ""]
    assert fitted.predict([]) == []


def test_what_cannot_be_fitted(quick, tmp_path):
    X, y = rows(20, 8, share_of_none=0.5)
    with pytest.raises(DataError, match="all questions are held out; none is left to train on"):
        BertAnswer(**quick).fit(X, y, held_out=np.ones(20, bool))
    for name in ("n_best", "stride", "longest_answer", "batch_size"):
        with pytest.raises(SettingsError, match=name):
            BertAnswer(**quick | {name: 0}).fit(X, y)
    with pytest.raises(ModelFileError, match="has no config.json"):
        BertAnswer(**quick | {"checkpoint": tmp_path}).fit(X, y)
    with pytest.raises(ModelFileError, match="holds no network for answers that can be read"):
        BertAnswer.read_files(tmp_path)
