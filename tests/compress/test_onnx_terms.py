"""Linear models of texts as files of ONNX and of `tokenizers`: words counted and weighed alike, of any characters."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("onnxruntime", reason="needs tenon[onnx]")
pytest.importorskip("tokenizers")

from tests.compress.test_onnx_texts import OTHERS, why_not  # noqa: E402
from tests.compress.test_onnx_words import KNOWN, POOLS  # noqa: E402
from tests.compress.test_ways import fitted, smaller  # noqa: E402
from tests.datasets import dataset, table, task_of, texts  # noqa: E402

from tenon.compress.onnx_model import to_onnx  # noqa: E402
from tenon.watch import SILENT  # noqa: E402

OTHER_ROWS = pd.DataFrame({"评论": [*OTHERS, "good good good plot, good", None]}, dtype=object)


def check_the_same(one, model, frame):
    """Equal to 1e-9: sums of doubles in another order."""
    said, found = model.predict(frame), one.predict(frame)
    if model.task.is_regression:
        np.testing.assert_allclose(found.value, said.value, rtol=1e-9)
    else:
        np.testing.assert_allclose(found.proba, said.proba, atol=1e-9)
        assert found.value.tolist() == said.value.tolist()


@pytest.mark.mission("D12")
@pytest.mark.parametrize(
    ("name", "kind"), [("logistic", "binary"), ("logistic", "multiclass"), *((name, "regression") for name in ("ridge", "lasso"))]
)
def test_two_files_say_what_a_model_says(name, kind, tmp_path):
    data, task = texts(kind)
    model = fitted(name, data, task)
    one = smaller("onnx", model, data)(tmp_path)
    check_the_same(one, model, data)
    check_the_same(one, model, OTHER_ROWS)
    for i in range(5):
        check_the_same(one, model, data.rows(data.row_ids[i : i + 1]))


def test_any_characters_are_cut_and_made_small_alike():
    rng = np.random.default_rng(0)
    pools = [[one for one in KNOWN if one < "\u2e80"], POOLS[-1]]  # no characters that no blanks stand between
    drawn = ["".join(rng.choice(pools[i % 2], rng.integers(1, 40))) for i in range(900)]
    drawn = [one.replace("Σ", "σ") for one in drawn]  # whose small form hangs on its place
    data = dataset({"评论": drawn, "y": rng.normal(size=900)}, {"评论": "text", "y": "number"})
    model = fitted("ridge", data, task_of("regression", data))
    assert why_not(model, data) is None
    check_the_same(to_onnx(model, data, 0, SILENT), model, data)


def test_the_last_sigma_of_a_word():
    data = dataset({"评论": ["ΟΔΟΣ ΣΑΣ", "ΟΔΟΣ", "ΣΑΣ", "οδος"] * 5, "y": np.arange(20.0)}, {"评论": "text", "y": "number"})
    model = fitted("ridge", data, task_of("regression", data))
    check_the_same(to_onnx(model, data, 0, SILENT), model, data)


def test_texts_of_which_no_two_words_stand_together_twice():
    words = [f"word{i}" for i in range(30)]
    data = dataset({"评论": [*words, *words], "y": np.arange(60.0)}, {"评论": "text", "y": "number"})
    model = fitted("ridge", data, task_of("regression", data))
    check_the_same(to_onnx(model, data, 0, SILENT), model, data)


def test_what_is_declined():
    data, task = texts("binary", "zh")
    assert why_not(fitted("logistic", data, task), data) == "reads texts with blanks between words"
    mixed, task = table()
    assert why_not(fitted("logistic", mixed, task), mixed) == "reads columns of numbers and categories"
    two = dataset(
        {"a": ["x y", "y z"] * 9, "b": ["u v", "v w"] * 9, "y": ["no", "yes"] * 9}, {"a": "text", "b": "text", "y": "category"}
    )
    assert why_not(fitted("logistic", two, task_of("binary", two)), two) == "reads one column of texts, and no other beside it"
