"""What methods do with rows that were made of others: no row that judges has a copy among those that are fitted."""

import numpy as np
import pandas as pd
from sklearn.naive_bayes import GaussianNB
from tests.datasets import dataset

from tenon.adapter import from_estimator
from tenon.catalogue import find
from tenon.data.dataset import Dataset
from tenon.data.splits import deal_parts
from tenon.features.texts import WholeTexts
from tenon.inner.augment import augmented
from tenon.method import Method
from tenon.tasks import Task

TASK = Task("binary", "y", ("no", "yes"))


def reviews(n: int) -> Dataset:
    """Texts that are all different, with the number of its row in each."""
    rng = np.random.default_rng(0)
    said = [" ".join([f"n{i}", *rng.choice(["good", "bad", "film", "plot", "long"], 8)]) for i in range(n)]
    return dataset({"text": said, "y": rng.choice(["no", "yes"], n, p=[0.7, 0.3])}, {"text": "text"})


class Reading(GaussianNB):
    """Keeps what a network would be trained on and judged by."""

    def fit(self, X, y, held_out=None):
        self.seen_ = X, y, held_out
        return super().fit(np.arange(2.0)[:, None], [0, 1])


def seen(train: Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    parts = from_estimator("mine", lambda task, params, seed: Reading(), features=lambda *_: WholeTexts(["text"]))
    return Method(card="", cost_rank=1, **parts).fit(train, TASK, params={}, seed=3).estimator.seen_


def test_networks_are_judged_by_rows_as_they_came_and_learn_nothing_of_these():
    data = reviews(250)
    plain, more = seen(data), seen(augmented(data, "eda", 0))
    texts, y, is_out = more
    assert np.array_equal(texts[is_out], plain[0][plain[2]])  # the same rows, word for word, and no others
    assert 20 <= is_out.sum() <= 30
    assert len(texts) == 250 + 16 * (250 - is_out.sum()) == len(y)
    rows_of = [{word for word in text.split() if word[0] == "n"} for text in texts]
    out, trained = (set().union(*(rows_of[i] for i in np.flatnonzero(which))) for which in (is_out, ~is_out))
    assert len(out) == is_out.sum()
    assert out.isdisjoint(trained)


def test_few_rows_hold_none_out_however_many_copies_there_are():
    texts, _, is_out = seen(augmented(reviews(150), "eda", 0))
    assert len(texts) == 17 * 150
    assert not is_out.any()


def test_parts_of_rows_are_those_of_their_copies():
    data = reviews(90)
    y = (data.target == "yes").to_numpy().astype(int)
    made = augmented(data, "eda", 0)
    alone = pd.Series(deal_parts(data, y, 3, seed=0), data.row_ids)
    assert deal_parts(made, y[made.made_of], 3, seed=0).tolist() == alone.loc[made.made_of].tolist()
    assert alone.nunique() == 3


def test_margins_are_calibrated_on_rows_without_a_copy_among_those_fitted():
    """A machine that knows its rows by heart is right about every copy, so its sigmoid would be as sure as of copies."""
    data = reviews(90)
    made = augmented(data, "eda", 0)
    estimator = find("svm-linear").fit(made, TASK, params={"C": 1.0}, seed=0).estimator
    held_out = [set(made.made_of.to_numpy()[rows]) for _, rows in estimator.cv]
    fitted = [set(made.made_of.to_numpy()[rows]) for rows, _ in estimator.cv]
    assert len(held_out) == 3
    assert set().union(*held_out) == set(data.row_ids)
    assert all(out.isdisjoint(rest) and out | rest == set(data.row_ids) for out, rest in zip(held_out, fitted, strict=True))
