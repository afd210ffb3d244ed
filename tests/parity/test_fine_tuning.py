"""Fine-tuning beside a loop by hand on transformers' network, pairs beside its tokenizer, and vectors beside its states."""

import numpy as np
import pytest
import torch
import transformers
from sklearn.linear_model import LogisticRegression, Ridge
from tests.text.encoders import CLASSES, IS_SAME, NUMBERS_OF, PAIRS, X, small_encoder

from tenon.text import (
    Bert,
    BertClassifier,
    BertForTexts,
    FrozenBertClassifier,
    FrozenBertRegressor,
    MarkedTokens,
    PrototypeClassifier,
)
from tenon.text.marked_reader import MarkedReader
from tenon.training.rows import bucketed_batches


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_encoder(tmp_path_factory.mktemp("encoder"), dropout=0.0)


def as_they_read(folder, rows):
    """Inputs of transformers for texts, or pairs."""
    tokenizer = transformers.BertTokenizerFast.from_pretrained(folder)
    columns = [rows.tolist()] if rows.ndim == 1 else [rows[:, 0].tolist(), rows[:, 1].tolist()]
    return tokenizer(*columns, padding=True, return_tensors="pt")


@pytest.mark.mission("G7")
@pytest.mark.parametrize(("rows", "labels"), [(X, CLASSES), (PAIRS, IS_SAME)], ids=["texts", "pairs"])
def test_a_plain_loop_on_their_network_learns_the_same(rows, labels, folder, tmp_path):
    """No dropout, so that nothing but the batches is chance; after 40 steps of AdamW in float32, three digits."""
    torch.manual_seed(3)
    start = BertForTexts(Bert.from_pretrained(folder), 2)
    start.save_pretrained(tmp_path)
    MarkedTokens.from_pretrained(folder).save_pretrained(tmp_path)
    rows, y = rows[:128], np.unique(labels[:128], return_inverse=True)[1]
    ours = BertClassifier(
        tmp_path, epochs=5, fewest_steps=0, batch_size=16, rate=3e-3, layer_share=0.8, n_jobs=1, random_state=0
    ).fit(rows, y)

    theirs = transformers.BertForSequenceClassification.from_pretrained(tmp_path).eval()
    read, seed = as_they_read(tmp_path, rows), int(np.random.RandomState(0).randint(2**31 - 1))
    groups = []
    for name, weight in theirs.named_parameters():
        depth = 2 if "embeddings" in name else 1 - int(name.split("layer.")[1][0]) if "layer." in name else 0
        groups.append({"params": [weight], "lr": 3e-3 * 0.8**depth, "weight_decay": 0.01 if weight.ndim > 1 else 0.0})
    optimiser, step = torch.optim.AdamW(groups), 0
    rates = [group["lr"] for group in groups]
    for epoch in range(5):
        for ids in bucketed_batches(read["attention_mask"].sum(dim=1), 16, seed, epoch):
            factor = (step + 1) / 4 if step < 4 else (40 - step) / 36  # up for a tenth of the steps, then straight down
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * factor
            optimiser.zero_grad()
            theirs(**{name: part[ids] for name, part in read.items()}, labels=torch.from_numpy(y)[ids]).loss.backward()
            torch.nn.utils.clip_grad_norm_(theirs.parameters(), 1.0)
            optimiser.step()
            step += 1
    with torch.no_grad():
        expected = theirs(**read).logits.double().softmax(dim=1).numpy()
    np.testing.assert_allclose(ours.predict_proba(rows), expected, rtol=0, atol=1e-3)
    assert (theirs.classifier.weight - start.out.weight).abs().max() > 0.01, "nothing was learnt that could differ"


@pytest.mark.parametrize("longest", range(4, 16))
@pytest.mark.parametrize(
    "pair", [("a film", "the plot a scene good bad"), ("the plot a scene good bad fine", "a film"), ("a b", "c d")]
)
def test_pairs_are_cut_as_by_their_longest_first(pair, longest, folder):
    reader = MarkedReader(MarkedTokens.from_pretrained(folder), longest, 2)
    tokenizer = transformers.BertTokenizerFast.from_pretrained(folder)
    expected = tokenizer(*pair, truncation="longest_first", max_length=longest)
    found = reader.read(reader.encoded(pair))
    assert found.ids.tolist() == expected["input_ids"]
    assert found.segments.tolist() == expected["token_type_ids"]


def vectors(folder, rows):
    """The mean of the states of each text's tokens, by transformers."""
    read = as_they_read(folder, rows)
    with torch.no_grad():
        states = transformers.BertModel.from_pretrained(folder).eval()(**read).last_hidden_state.double()
    real = read["attention_mask"][:, :, None]
    return ((states * real).sum(dim=1) / real.sum(dim=1)).numpy()


@pytest.mark.parametrize(
    ("rows", "labels"), [(X, CLASSES), (PAIRS, IS_SAME), (X, np.arange(len(X)) % 3)], ids=["2", "pairs", "3"]
)
def test_a_frozen_encoder_is_a_logistic_regression_on_the_means_of_its_states(rows, labels, folder):
    seen = vectors(folder, rows)
    scaled = 3 / np.sqrt(seen.shape[1]) * (seen - seen.mean(axis=0)) / seen.std(axis=0)
    weight = np.random.default_rng(0).uniform(0.5, 2, len(rows))
    expected = LogisticRegression(C=0.5, max_iter=1_000).fit(scaled, labels, sample_weight=weight).predict_proba(scaled)
    ours = FrozenBertClassifier(folder, C=0.5, n_jobs=1).fit(rows, labels, sample_weight=weight)
    np.testing.assert_allclose(ours.predict_proba(rows), expected, rtol=0, atol=2e-3)  # of a solver that stops at four digits


def test_of_numbers_it_is_ridge(folder):
    seen = vectors(folder, X)
    scaled = 3 / np.sqrt(seen.shape[1]) * (seen - seen.mean(axis=0)) / seen.std(axis=0)
    spread = NUMBERS_OF.std()
    expected = spread * Ridge(alpha=2.0).fit(scaled, NUMBERS_OF / spread).predict(scaled)
    np.testing.assert_allclose(FrozenBertRegressor(folder, C=0.5, n_jobs=1).fit(X, NUMBERS_OF).predict(X), expected, rtol=1e-4)


@pytest.mark.mission("B7")
def test_prototypes_are_means_of_directions_from_the_centre(folder):
    seen = vectors(folder, X)
    seen -= seen.mean(axis=0)
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    labels = np.arange(len(X)) % 3
    means = np.array([seen[labels == k].mean(axis=0) for k in range(3)])
    cosines = seen @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T
    model = PrototypeClassifier(folder, n_jobs=1).fit(X, labels)
    proba = model.predict_proba(X)
    logits = np.log(proba) - np.log(proba).mean(axis=1, keepdims=True)
    sharpness = float(model.net_.head.sharpness)
    np.testing.assert_allclose(logits, sharpness * (cosines - cosines.mean(axis=1, keepdims=True)), rtol=0, atol=1e-4 * sharpness)
