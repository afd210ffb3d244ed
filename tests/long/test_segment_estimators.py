"""Long texts in segments as an estimator: what it learns, files, company, effects beside what the network says, and refusals."""

from typing import get_args

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import BAD, EITHER, GOOD, small_encoder  # noqa: E402

from tenon.errors import DataError, SettingsError  # noqa: E402
from tenon.long import SegmentsClassifier, SegmentsRegressor  # noqa: E402
from tenon.long.pooled import Pool  # noqa: E402
from tenon.watch import Watch  # noqa: E402

RNG = np.random.default_rng(1)
N = 160
IS_GOOD = RNG.random(N) < 0.5
X = np.array([  # one word anywhere in some 60
    " ".join(RNG.permutation([*RNG.choice(EITHER, RNG.integers(5, 100)), RNG.choice(GOOD if good else BAD)])) for good in IS_GOOD
], object)  # fmt: skip
CLASSES, NUMBERS_OF = np.where(IS_GOOD, "上", "下"), np.where(IS_GOOD, 57.0, 43.0) + RNG.normal(0, 1, N)
TRAIN, TEST = slice(0, 120), slice(120, N)


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    folder = small_encoder(tmp_path_factory.mktemp("encoder"))
    return {
        "checkpoint": folder, "longest": 20, "epochs": 25, "fewest_steps": 0, "rate": 4e-3, "n_jobs": 1, "random_state": 0
    }  # fmt: skip


@pytest.mark.parametrize("pool", get_args(Pool))
def test_a_word_is_found_anywhere_and_the_same_is_said_from_a_file(pool, quick, tmp_path):
    model = SegmentsClassifier(**quick, pool=pool).fit(X[TRAIN], CLASSES[TRAIN])
    assert (model.predict(X[TEST]) == CLASSES[TEST]).mean() > 0.8
    model.write_files(tmp_path)
    loaded = SegmentsClassifier.read_files(tmp_path)
    assert loaded.predict_proba(X[TEST]).tobytes() == model.predict_proba(X[TEST]).tobytes()
    assert loaded.get_params() == model.get_params() | {"checkpoint": ""}
    assert model.read_share(X) == 1
    assert model.cut_share_ == 0


def test_numbers_are_learnt(quick, tmp_path):
    model = SegmentsRegressor(**quick).fit(X[TRAIN], NUMBERS_OF[TRAIN])
    assert model.score(X[TEST], NUMBERS_OF[TEST]) > 0.7
    model.write_files(tmp_path)
    assert SegmentsClassifier.read_files(tmp_path).predict(X[TEST]).tobytes() == model.predict(X[TEST]).tobytes()


@pytest.fixture(scope="module")
def model(quick):
    return SegmentsClassifier(**quick | {"epochs": 1}).fit(X, CLASSES)


def test_a_text_gets_the_same_answer_in_any_company(model):
    """Seven digits, since float32 sums in another order."""
    together = model.predict_proba(X[:40])
    np.testing.assert_allclose(model.predict_proba(X[:40][::-1])[::-1], together, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.predict_proba(X[7:8]), together[7:8], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.predict_proba([X[7]] * 3), together[[7] * 3], rtol=1e-5, atol=1e-6)
    assert model.predict_proba([]).shape == (0, 2)


def test_what_is_said_is_what_the_network_says_of_all_segments(model):
    read = model.reader_.all_read(list(X[:5]))
    rows = model.reader_.rows(read, torch.zeros(5))
    with torch.no_grad():
        expected = model.net_(*rows.inputs(torch.arange(5), torch.device("cpu"))).double().softmax(dim=1)
    np.testing.assert_allclose(model.predict_proba(X[:5]), expected, rtol=1e-5, atol=1e-6)


def test_effects_are_what_the_answer_loses(model):
    """The log odds of the second class with a part of a segment, less those without it."""
    text = max(X, key=len)
    [effects] = model.effects_in([text], np.array([1]))
    spans, versions = model.reader_.without_each(text)
    assert effects.spans.tolist() == spans.tolist()
    for i in (0, len(spans) - 1):
        odds = [float(model.target_.strength(model._outputs([one]), 1)) for one in (versions[0], versions[1 + i])]
        assert effects.effects[i] == pytest.approx(odds[0] - odds[1], abs=1e-5)


def test_what_is_not_read_is_told(quick):
    notes = []
    model = SegmentsClassifier(**quick | {"epochs": 1, "most_segments": 2})
    model.watch = Watch(notes.append)
    model.fit(X, CLASSES)
    n_tokens = np.array([len(text.split()) for text in X])
    assert model.cut_share_ == pytest.approx((n_tokens > 36).mean())
    assert any("have more than 2 segments" in note.get("text", "") for note in notes)
    assert model.read_share(X[:1]) < 1 or n_tokens[0] <= 36


def test_segments_are_no_longer_than_the_encoder_knows(quick):
    model = SegmentsClassifier(**quick | {"epochs": 1, "longest": 500}).fit(X, CLASSES)
    assert model.reader_.longest == 40


def test_what_cannot_be_is_refused(quick):
    with pytest.raises(SettingsError, match="most_segments takes a whole number from 1 on; got 0"):
        SegmentsClassifier(**quick, most_segments=0).fit(X, CLASSES)
    with pytest.raises(SettingsError, match="pool .* 'median'"):
        SegmentsClassifier(**quick, pool="median").fit(X, CLASSES)
    with pytest.raises(DataError, match="texts are a list or an array"):
        SegmentsClassifier(**quick).fit([("a", "b")] * 4, ["p", "q"] * 2)
