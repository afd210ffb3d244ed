"""Scores from short texts to long ones: figures by plain formulas, parts of one size, and what is left out."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score
from tests.insight.said import classes, logistic, seen_of, two

from tenon.insight.lengths import lengths

N = 240


def row(method, score=0.5, read_share=1.0):
    return {"method": method, "score": score, "read_share": read_share}


def long_texts(n=N, metric="auc", long_share=1.0, n_classes=2, **extra):
    """Texts of 1 to n letters in no order, of which "all" tells the class and "head" tells it of the shorter half alone."""
    rng = np.random.default_rng(0)
    length = rng.permutation(n) + 1
    if n_classes == 2:
        z = 2 * rng.normal(size=n)
        y = np.where(rng.random(n) < logistic(z), "yes", "no")
        said = {"all": two(logistic(z)[None]), "head": two(np.where(length <= n // 2, logistic(z), rng.random(n))[None])}
    else:
        y = rng.choice(list("abc"), n)
        said = {name: classes(rng.dirichlet(np.ones(3), n)[None]) for name in ("all", "head")}
    text = ["x" * k for k in length]
    seen = seen_of({"t": text}, y, said, kinds={"t": "text"}, metric=metric, **extra)
    columns = tuple(replace(one, long_share=long_share * (one.name == "t")) for one in seen.data.schema.columns)
    data = replace(seen.data, schema=replace(seen.data.schema, columns=columns))
    return replace(seen, data=data), length


def test_figures_are_those_of_the_metric_on_the_rows_of_each_part():
    seen, length = long_texts(metric="accuracy")
    section = lengths(seen, [row("head", read_share=0.5), row("all"), row("no", None)])
    assert [one["method"] for one in section["rows"]] == ["head", "all"]
    assert [one["read_share"] for one in section["rows"]] == [0.5, 1.0]
    assert section["parts"] == [{"from": a, "to": b, "rows": 60} for a, b in ((1, 60), (60, 120), (120, 180), (180, 240))]
    assert (section["column"], section["unit"], section["n_rows"], section["title"]) == ("t", "characters", N, "accuracy")
    for one in section["rows"]:
        for k, found in enumerate(one["scores"]):
            at = (length > 60 * k) & (length <= 60 * (k + 1))
            assert found["score"] == pytest.approx(accuracy_score(seen.y[at], seen.guess(one["method"], 0, "label")[at]))
            assert found["low"] < found["score"] < found["high"]
    head, all_ = ([found["score"] for found in one["scores"]] for one in section["rows"])
    assert head[:2] == all_[:2]
    assert max(head[2:]) < min(all_)


def test_accuracy_takes_the_place_of_macro_f1():
    seen, length = long_texts(metric="macro_f1", n_classes=3)
    section = lengths(seen, [row("all")])
    assert (section["metric"], section["instead_of"]) == ("accuracy", "macro-F1")
    at = length <= 60
    expected = accuracy_score(seen.y[at], seen.guess("all", 0, "label")[at])
    assert section["rows"][0]["scores"][0]["score"] == pytest.approx(expected)


@pytest.mark.parametrize(("n", "n_parts"), [(119, 3), (90, 3), (89, 2), (60, 2)])
def test_parts_have_rows_enough(n, n_parts):
    section = lengths(long_texts(n, metric="accuracy")[0], [row("all")])
    assert len(section["parts"]) == n_parts
    assert min(part["rows"] for part in section["parts"]) >= 30
    assert sum(part["rows"] for part in section["parts"]) == section["n_rows"] == n


def test_what_cannot_be_scored_has_no_score():
    seen, length = long_texts()
    seen = replace(seen, y=np.where(length <= 60, 1, seen.y))
    [one] = lengths(seen, [row("all")])["rows"]
    assert [found is None for found in one["scores"]] == [True, False, False, False]


def test_what_is_left_out():
    assert lengths(long_texts(long_share=0.04)[0], [row("all")])["code"] == "no_long_texts"
    assert lengths(long_texts(59)[0], [row("all")])["code"] == "few_rows"
