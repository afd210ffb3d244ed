"""Networks of words, characters and parts of words as files of ONNX and of `tokenizers`: texts cut alike, the same answers."""

import json
import unicodedata

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("onnxruntime", reason="needs tenon[onnx]")
pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.compress.test_onnx_texts import OTHERS, another_program, check_the_same, why_not  # noqa: E402
from tests.compress.test_ways import WAY, fitted, smaller  # noqa: E402
from tests.datasets import texts  # noqa: E402

from tenon.compress.onnx_model import to_onnx  # noqa: E402
from tenon.compress.onnx_texts import tokenizer_of  # noqa: E402
from tenon.text.kinds import KINDS  # noqa: E402
from tenon.text.readers import TextReader  # noqa: E402
from tenon.text.subwords import from_json  # noqa: E402
from tenon.text.tokens import learnt_tokens  # noqa: E402
from tenon.watch import SILENT  # noqa: E402

WHOLE = set(KINDS) - {"transformer-xl", "reformer"}  # which read a text in parts
OTHER_ROWS = pd.DataFrame({"评论": [*OTHERS, None]}, dtype=object)


@pytest.mark.mission("D12")
@pytest.mark.parametrize("name", sorted(WHOLE))
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_two_files_say_what_a_network_says(name, kind, tmp_path):
    data, task = texts(kind)
    model = fitted(name, data, task, longest=16)
    one = smaller("onnx", model, data)(tmp_path)
    check_the_same(one, model, data)
    check_the_same(one, model, OTHER_ROWS)
    for i in range(5):  # whatever stands beside it; the third has no text
        check_the_same(one, model, data.rows(data.row_ids[i : i + 1]))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("lstm", {"n_layers": 2, "pooling": "last"}), ("gru", {"pooling": "mean"}), ("rnn", {"pooling": "last"}),
        ("lstm", {"units": "wordpiece"}), ("text-cnn", {"units": "bpe"}), ("text-cnn", {"activation": "mish"}),
        ("transformer", {"n_layers": 1, "norm": "post"}),
    ],
)  # fmt: skip
def test_networks_of_other_settings(name, settings):
    data, task = texts()
    model = fitted(name, data, task, **settings)
    made = to_onnx(model, data, 0, SILENT)
    check_the_same(made, model, data)
    check_the_same(made, model, OTHER_ROWS)


@pytest.mark.parametrize("units", ["words", "characters", "wordpiece"])
def test_chinese_texts(units):
    data, task = texts("binary", "zh")
    model = fitted("bilstm-attention", data, task, units=units)
    check_the_same(to_onnx(model, data, 0, SILENT), model, data)


@pytest.mark.parametrize(("name", "atol"), [("text-cnn", 1e-5), ("logistic", 1e-9)])
def test_another_program_says_the_same_of_the_files(name, atol, tmp_path):
    data, task = texts("multiclass")
    model = fitted(name, data, task)
    smaller("onnx", model, data)(tmp_path)
    said = another_program(tmp_path / "model", OTHERS)
    expected = model.predict(OTHER_ROWS)
    np.testing.assert_allclose(said["probabilities"], expected.proba[:-1], atol=atol)
    assert said["label"] == [str(label) for label in expected.value[:-1]]


KNOWN = [chr(code) for code in range(0x30000) if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")]
POOLS = [KNOWN, list("abcABC''’ .,\t\n12_-é电影看のカΣσ"), list("abc Zé\u0301ΟΔΣ' ’")]


@pytest.mark.parametrize("is_cased", [True, False])
@pytest.mark.parametrize("units", ["words", "characters", "wordpiece", "bpe"])
def test_texts_are_cut_alike(units, is_cased):
    """Of all characters there are, and of few that meet often; one letter is cut otherwise, as the file says."""
    rng = np.random.default_rng(0)
    drawn = ["".join(rng.choice(POOLS[i % len(POOLS)], rng.integers(30))).replace("İ", "I") for i in range(3_000)]
    reader = TextReader(learnt_tokens(drawn[:2_000], units, fewest=1, is_cased=is_cased), room=12)
    made = from_json(json.loads(tokenizer_of(reader)))
    for text, found in zip(drawn, made.encode_batch(drawn), strict=True):
        n = sum(found.attention_mask)
        assert found.ids[:n] == reader.encoded(text).ids[:12].tolist(), ascii(text)
        assert set(found.ids[n:]) <= {reader.tokens.pad}


def test_what_is_declined():
    data, task = texts()
    for name in set(KINDS) - WHOLE:
        assert why_not(fitted(name, data, task), data) == "is for networks that read a text at once"
    rounded = WAY["int8"].make(fitted("transformer", data, task), data, 0, SILENT)
    assert why_not(rounded, data) == "cannot change weights of 8 bits"


def test_words_of_jieba_are_declined():
    pytest.importorskip("jieba")
    data, task = texts("binary", "zh")
    reason = "needs words that other programs cut alike, and jieba's they do not: compare with --set lstm.units=characters"
    assert why_not(fitted("lstm", data, task), data).startswith(reason)
