"""Final rows unlike the others: chance of a false alarm by simulation, real shifts found."""

import numpy as np
import pytest
from tests.checks.subjects import subject
from tests.data.test_duplicates import WORDS

from tenon.checks.drift import drift
from tenon.checks.forest import told_apart
from tenon.checks.subject import some_rows


def world(rng, n, shift=0.0):
    common = rng.normal(size=n)
    columns = {
        "age": rng.normal(40 + 10 * shift, 10, n),
        "size": common + rng.normal(size=n),
        "gaps": np.where(rng.random(n) < 0.2 + shift / 2, np.nan, common),
        "city": rng.choice(["P", "Q", "R"], n, p=[0.5 - shift / 3, 0.3, 0.2 + shift / 3]),
        "name": rng.integers(0, 2000, n).astype(str),
        "remark": [" ".join(rng.choice(WORDS, 6)) for _ in range(n)],
        "y": rng.choice(["no", "yes"], n, p=[0.8, 0.2]),
    }
    return columns, {
        "age": "number",
        "size": "number",
        "gaps": "number",
        "city": "category",
        "name": "category",
        "remark": "text",
    }


def joined(one, other):
    return {name: np.concatenate([one[name], other[name]]) for name in one}


@pytest.mark.slow
def test_equal_worlds_give_no_alarm():
    """100 data sets: the promise is one false alarm in a hundred."""
    alarms = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        (others, kinds), (final, _) = world(rng, 300), world(rng, 80)
        alarms += len(list(drift(subject(joined(others, final), kinds, final=80))))
    assert alarms <= 4  # 5 or more of 100 at 1 % happen once in 290 times


def test_shifts_are_found_and_named():
    rng = np.random.default_rng(0)
    (others, kinds), (final, _) = world(rng, 600), world(rng, 200, shift=0.8)
    [found] = drift(subject(joined(others, final), kinds, final=200))
    assert found.columns[0] in ("age", "gaps")
    assert set(found.columns) == {"age", "gaps", "city"}
    assert "told apart with AUC 0." in found.sentence
    words = {shift["column"]: shift["words"] for shift in found.figures["shifts"]}
    assert words["age"] == f"median {np.median(others['age']):.4g} → {np.median(final['age']):.4g}"
    assert words["gaps"].startswith("missing 2")
    assert "→" in words["city"]


def test_the_target_counts_too():
    rng = np.random.default_rng(0)
    (others, kinds), (final, _) = world(rng, 400), world(rng, 200)
    final["y"] = rng.choice(["no", "yes"], 200, p=[0.5, 0.5])
    [found] = drift(subject(joined(others, final), kinds, final=200))
    assert found.columns == ("y",)


def test_columns_that_differ_only_together():
    """Each column alone is standard normal on either side; their product has another sign."""
    rng = np.random.default_rng(0)
    a, b = np.abs(rng.normal(size=800)), np.abs(rng.normal(size=800))
    sign_a, same = rng.choice([-1, 1], 800), np.repeat([1, -1], [500, 300])
    columns = {"a": sign_a * a, "b": sign_a * same * b, "y": rng.integers(0, 2, 800)}
    [found] = drift(subject(columns, {"a": "number", "b": "number"}, final=300))
    assert found.columns == ()
    assert found.sentence == "final rows differ from the others in no single column, but all together: told apart with AUC 1.00"


def test_other_words_are_found_by_the_forest():
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(words, 8)) for words in (WORDS[:14],) * 300 + (WORDS[-14:],) * 150]
    one = subject({"t": texts, "y": rng.integers(0, 2, 450)}, {"t": "text"}, final=150)
    final = one.data.rows(one.data.final_ids)
    assert told_apart(one, one.train, final) > 0.9


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("by", ["group", "text"])
def test_rows_that_depend_on_each_other_are_not_taken_for_many(seed, by):
    """100 users, or 100 texts, of 12 rows each; all rows of one are on one side. Row by row they would be 12 times surer."""
    rng = np.random.default_rng(seed)
    one = np.repeat(np.arange(100), 12)
    columns = {"a": rng.normal(size=100)[one], "who": one.astype(str), "y": rng.integers(0, 2, 1200)}
    if by == "group":
        found = drift(subject(columns, {"a": "number", "who": "category"}, final=360, who="group"))
    else:
        texts = [" ".join(rng.choice(WORDS, 30)) for _ in range(100)]
        found = drift(subject(columns | {"who": [texts[k] for k in one]}, {"a": "number", "who": "text"}, final=360))
    assert list(found) == []


def test_too_few_rows_to_tell():
    rng = np.random.default_rng(0)
    columns = {"a": np.repeat([0.0, 9.0], [100, 19]) + rng.normal(size=119), "y": np.arange(119) % 2}
    assert list(drift(subject(columns, {"a": "number"}, final=19))) == []
    assert list(drift(subject(columns, {"a": "number"}))) == []  # no final rows of one's own


def test_samples_never_change():
    one = subject({"a": np.arange(100.0), "y": np.arange(100) % 2}, {"a": "number"}).data
    assert some_rows(one, 10).row_ids.tolist() == some_rows(one, 10).row_ids.tolist()
    assert np.array_equal(some_rows(one, 10).row_ids, np.unique(some_rows(one, 10).row_ids))
    assert some_rows(one, 100) is one


def test_a_column_that_is_empty_in_the_final_rows():
    columns = {"x": np.append(np.random.default_rng(0).normal(size=200), [np.nan] * 100), "y": np.arange(300) % 2}
    [said] = drift(subject(columns, {"x": "number"}, final=100))
    assert "'x' (missing 0 % → 100 %)" in said.sentence
