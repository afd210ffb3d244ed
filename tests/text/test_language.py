"""LSTMLanguage: probabilities of texts, what it learns, drawn texts, windows, company, files, held-out texts and refusals."""

from itertools import product

import numpy as np
import pytest
from sklearn.base import clone

torch = pytest.importorskip("torch")

from tenon.errors import DataError, ModelFileError, SettingsError  # noqa: E402
from tenon.text import language  # noqa: E402
from tenon.text.events import END, UNKNOWN  # noqa: E402
from tenon.text.language import NUMBERS, WORDS, LSTMLanguage, drawn  # noqa: E402
from tenon.text.ngram import NGramLanguage  # noqa: E402

RNG = np.random.default_rng(0)


def circles(n):
    """Days in their order, from any on, four to eleven: what comes next is known from the word before, when it ends is not."""
    days = ["mon", "tue", "wed", "thu", "fri"]
    return [
        " ".join(days[(start + i) % 5] for i in range(length))
        for start, length in zip(RNG.integers(0, 5, n), RNG.integers(4, 12, n), strict=True)
    ]


TEXTS, NEW = circles(120), circles(20)
QUICK = {"width": 16, "d_hidden": 24, "epochs": 12, "rate": 0.02, "dropout": 0.0, "n_jobs": 1, "random_state": 0}


@pytest.fixture(scope="module")
def learnt():
    return LSTMLanguage(**QUICK).fit(TEXTS)


def test_order_is_learnt_and_the_same_from_a_file(learnt, tmp_path):
    single = NGramLanguage(1).fit(TEXTS).predict(NEW)
    nats = learnt.predict(NEW)
    assert nats.sum() < 0.5 * single.sum()
    learnt.write_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    loaded = LSTMLanguage.read_files(tmp_path)
    assert loaded.predict(NEW).tobytes() == nats.tobytes()
    assert loaded.get_params() == learnt.get_params()
    (tmp_path / NUMBERS).unlink()
    with pytest.raises(ModelFileError, match="holds no language model that can be read"):
        LSTMLanguage.read_files(tmp_path)


@pytest.mark.mission("F8")
def test_probabilities_of_all_texts_sum_to_one():
    """Spelling apart (tests/text/test_events.py); the share of longer texts falls by about the same factor with each unit."""
    model = LSTMLanguage(**QUICK | {"epochs": 1}).fit(["a b", "a", "b a a"] * 10)
    of_length = []
    for n in range(8):
        texts = [" ".join(one) for one in product(["a", "b", "?"], repeat=n)]
        of_length.append(np.exp([sum(one) for one in model.events_.spelled(texts)] - model.predict(texts)).sum())
    ratio = of_length[-1] / of_length[-2]
    assert sum(of_length) + of_length[-1] * ratio / (1 - ratio) == pytest.approx(1, abs=2e-3)


def test_a_text_costs_the_same_in_any_company_and_in_any_pieces(learnt, monkeypatch):
    """Six digits: sums of float32 in another order."""
    asked = [*NEW, "", " ".join(NEW), "sat sun"]
    together = learnt.predict(asked)
    np.testing.assert_allclose([learnt.predict([one])[0] for one in asked], together, rtol=1e-5)
    monkeypatch.setattr(language, "EVENTS_AT_ONCE", 3)
    np.testing.assert_allclose(learnt.predict(asked), together, rtol=1e-5)
    assert learnt.predict([]).shape == (0,)


def test_windows_overlap_by_the_event_that_is_read_first(learnt):
    model = clone(learnt).set_params(window=3)
    model.events_ = learnt.events_
    whole = [
        END,
        *model.events_.encode("mon tue wed thu"),
    ]
    assert [one.tolist() for one in model._windows(["mon tue wed thu", ""])] == [whole[:4], whole[3:], [END, END]]


def test_texts_are_drawn_in_order_and_the_same_by_seed(learnt):
    texts = [learnt.generate("tue", n=8, temperature=0.5, seed=seed) for seed in range(8)]
    days = ["wed", "thu", "fri", "mon", "tue"] * 2
    good = [text.split() == days[: len(text.split())] for text in texts]
    assert sum(good) >= 6
    assert texts == [learnt.generate("tue", n=8, temperature=0.5, seed=seed) for seed in range(8)]
    assert len(set(texts)) > 1
    assert learnt.generate("mon", n=2, temperature=0) == "tue wed"
    assert learnt.generate("mon", n=2, top_k=1, seed=5) == "tue wed"
    assert learnt.generate(n=0) == ""


def test_events_are_drawn_by_their_probabilities():
    """Of 4,000 draws; 0.03 is four standard deviations."""
    logits, chance = torch.tensor([0.5, 9.0, 0.2, 0.2]).log(), torch.Generator().manual_seed(0)  # the second is UNKNOWN
    for settings, expected in (((1.0, None), [5, 0, 2, 2]), ((0.5, None), [25, 0, 4, 4]), ((1.0, 1), [1, 0, 0, 0])):
        found = np.bincount([drawn(logits, *settings, chance, [UNKNOWN]) for _ in range(4000)], minlength=4)
        np.testing.assert_allclose(found / 4000, np.array(expected) / sum(expected), atol=0.03)
        assert found[UNKNOWN] == 0


def test_equal_seeds_are_equal_bits_and_others_are_not():
    first = LSTMLanguage(**QUICK | {"epochs": 1, "n_layers": 2, "dropout": 0.2}).fit(TEXTS[:40])
    torch.manual_seed(77)
    again, other = clone(first).fit(TEXTS[:40]), clone(first).set_params(random_state=1).fit(TEXTS[:40])
    for name, tensor in first.net_.state_dict().items():
        assert torch.equal(again.net_.state_dict()[name], tensor)
    assert not torch.equal(other.net_.state_dict()["out.weight"], first.net_.state_dict()["out.weight"])


def test_a_text_held_out_is_neither_learnt_from_nor_in_the_vocabulary():
    is_out, others = np.arange(40) < 5, list(TEXTS[:40])
    others[:5] = ["unheard unheard"] * 5
    first, again = (LSTMLanguage(**QUICK | {"epochs": 2}).fit(texts, held_out=is_out) for texts in (TEXTS[:40], others))
    assert first.history_.loss == again.history_.loss
    assert first.history_.held_out != again.history_.held_out
    assert "unheard" not in again.events_.known


def test_chinese_is_read_by_characters():
    model = LSTMLanguage(**QUICK | {"epochs": 1}).fit(["春眠不觉晓", "春眠 不觉晓"])
    assert set(model.events_.known) == set("春眠不觉晓")
    assert set(model.generate("春", n=5)) <= set("春眠不觉晓")


def test_what_cannot_be_is_told():
    with pytest.raises(SettingsError, match="window takes a whole number from 1 on; got 0"):
        LSTMLanguage(window=0).fit(TEXTS)
    with pytest.raises(DataError, match=r"texts are a list or an array \(n,\) of str"):
        LSTMLanguage().fit("text")
    with pytest.raises(DataError, match="there is no text to learn from"):
        LSTMLanguage().fit([])
