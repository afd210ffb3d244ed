"""Rows too long to keep all states of: layers are computed again, and what is learnt is the same."""

import pytest

torch = pytest.importorskip("torch")

pytest.importorskip("tokenizers")

from tests.text.encoders import CLASSES, X, small_encoder  # noqa: E402

from tenon.nn import transformer  # noqa: E402
from tenon.text import BertClassifier, fine_tuning  # noqa: E402

HOW = {"epochs": 1, "fewest_steps": 0, "batch_size": 1, "n_jobs": 1, "random_state": 0}


def learnt(folder, monkeypatch, stretch=None):
    """Return the weights, and of how many layers states were not kept."""
    count, again = 0, transformer.checkpoint

    def counted(*given, **how):
        nonlocal count
        count += 1
        return again(*given, **how)

    monkeypatch.setattr(transformer, "checkpoint", counted)
    model = BertClassifier(folder, stretch=stretch, **HOW).fit(X[:12], CLASSES[:12])
    monkeypatch.setattr(transformer, "checkpoint", again)
    assert model.net_.bert.encoder.most_kept is None  # what comes later keeps what it likes
    return model.net_.state_dict(), count


def test_a_longformer_learns_the_same_of_rows_that_are_too_long(tmp_path, monkeypatch):
    folder, stretch = small_encoder(tmp_path, texts=X), {"window": 4}
    kept, none = learnt(folder, monkeypatch, stretch)
    monkeypatch.setattr(fine_tuning, "MOST_STATES", 1)
    again, n = learnt(folder, monkeypatch, stretch)
    assert (none, n > 0) == (0, True)
    for name, weights in kept.items():
        assert torch.equal(again[name], weights), name


def test_an_encoder_that_reads_no_further_than_it_learnt_to_keeps_all(tmp_path, monkeypatch):
    monkeypatch.setattr(fine_tuning, "MOST_STATES", 1)
    assert learnt(small_encoder(tmp_path, texts=X), monkeypatch)[1] == 0
