"""Rare classes, uneven ones, rows without a target."""

from dataclasses import replace

import numpy as np
import pytest
from tests.checks.subjects import subject

from tenon.checks.target import target


def found(y, kinds=None, **settings):
    return list(target(subject({"x": np.arange(len(y), dtype=float), "y": y}, {"x": "number"} | (kinds or {}), **settings)))


def test_rare_classes():
    [rare] = found(np.repeat(["a", "b", "c", "d"], [100, 9, 3, 50]))
    assert rare.sentence == "2 classes have fewer than 10 rows: 'c' (3), 'b' (9); their scores are luck; merge them or find more"
    assert rare.figures["rare"] == {"c": 3, "b": 9}
    [one] = found(np.repeat(["a", "b"], [100, 3]))
    assert one.sentence == "1 class has fewer than 10 rows: 'b' (3); its score is luck; merge it or find more"


@pytest.mark.mission("B5")
@pytest.mark.parametrize(
    ("counts", "label"),
    [([960, 40], "class1"), ([940, 60], None), ([500, 480, 20], "class2"), ([500, 460, 40], None), ([40, 960], "class0")],
)
def test_uneven_classes(counts, label):
    """Less than a tenth of an even share: 5 % of two classes, 3.3 % of three."""
    findings = found(np.repeat([f"class{k}" for k in range(len(counts))], counts))
    assert [finding.figures["label"] for finding in findings] == ([label] if label else [])
    if label:
        smallest = min(counts)
        why = (
            f"accuracy says little, for always 'class{np.argmax(counts)}' is right in {max(counts) / 10:g} %"
            if len(counts) == 2
            else "accuracy hardly counts it; macro-F1 counts it as any other"
        )
        assert findings[0].sentence == f"class '{label}' has {smallest} of 1,000 rows ({smallest / 10:g} %): {why}"


def test_classes_of_the_final_rows_do_not_count():
    y = np.concatenate([np.repeat(["a", "b"], [500, 495]), ["b"] * 5, ["c"] * 40])
    [rare] = found(y, final=40)
    assert rare.figures["rare"] == {"c": 0}


def test_rows_without_a_target():
    one = subject({"x": np.arange(80.0), "y": np.arange(80) % 2}, {"x": "number"})
    others = one.data.without_target().rows(np.arange(20))
    [said] = target(type(one)(replace(one.data, unlabelled=others), one.task))
    assert said.sentence.startswith("20 rows of 100 (20 %) have no 'y'")
    assert list(target(type(one)(replace(one.data, unlabelled=others.rows(np.arange(19))), one.task))) == []


def test_numbers():
    assert found(np.random.default_rng(0).normal(size=50), {"y": "number"}) == []
