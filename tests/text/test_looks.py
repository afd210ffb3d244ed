"""Whom tokens look at: the networks' own weights, the section of a row, the drawing's shades, and pages in both languages."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.text.encoders import CLASSES, PAIRS, X, small_encoder  # noqa: E402
from tests.text.sentences import made  # noqa: E402

from tenon.explain.looks import MOST_TOKENS, looks_section  # noqa: E402
from tenon.report.language import language  # noqa: E402
from tenon.report.looks import looks_view  # noqa: E402
from tenon.report.sequences import sequence_view  # noqa: E402
from tenon.text import (  # noqa: E402
    Bert,
    BertClassifier,
    BertTagger,
    FrozenBertClassifier,
    PrototypeClassifier,
    TextClassifier,
)
from tenon.text.looks import LEVELS, Looks, looks_svg  # noqa: E402

QUICK = {"epochs": 1, "n_jobs": 1, "random_state": 0}


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    texts = [*X, *(" ".join(tokens) for tokens in made(50)[0])]
    folder = small_encoder(tmp_path_factory.mktemp("encoder"), texts=texts)
    return QUICK | {"checkpoint": folder, "fewest_steps": 0}


def test_a_transformer_tells_of_the_tokens_that_it_reads():
    model = TextClassifier("transformer", longest=4, **QUICK).fit(X[:60], CLASSES[:60])
    [found, one] = model.looks_in(["The film, a plot", "film"])
    assert found.tokens == ["The", "film", ",", "a"]
    assert (found.weights.shape, one.weights.shape) == ((2, 4, 4), (2, 1, 1))
    np.testing.assert_allclose(found.weights.sum(axis=2), 1, atol=1e-6)
    assert TextClassifier("lstm", **QUICK).fit(X[:60], CLASSES[:60]).looks_in(["film"]) == []


def test_a_bert_tells_of_marks_and_of_both_texts_of_a_pair(quick):
    """Against attention by hand in the first layer: softmax(q k / sqrt(16)) of each head, and the mean over them."""
    model = BertClassifier(**quick).fit(PAIRS[:60], CLASSES[:60])
    [found] = model.looks_in(np.array([("red film", "blue")], object))
    assert found.tokens[0] == "[CLS]"
    assert found.tokens.count("[SEP]") == 2
    row = model.reader_.read(model.reader_.encoded(("red film", "blue")))
    with torch.no_grad():
        bert = model.net_.bert
        x = bert.embedding(torch.from_numpy(row.ids)[None], torch.from_numpy(row.segments)[None])[0]
        attention = bert.encoder.layers[0].attention
        q, k = (part(x).view(len(x), 2, 16) for part in (attention.query, attention.key))
        expected = torch.stack([(q[:, h] @ k[:, h].T / 4).softmax(dim=1) for h in range(2)])
    np.testing.assert_allclose(found.heads[0], expected.numpy(), atol=1e-6)
    np.testing.assert_allclose(found.weights[0], expected.mean(dim=0).numpy(), atol=1e-6)


def test_a_tagger_tells_of_parts_of_words(quick):
    model = BertTagger(**quick).fit(*made(20))
    found, empty = model.looks_in([["lives", "in", "Rome"], []])
    assert (found.tokens[0], found.tokens[-1], empty.tokens) == ("[CLS]", "[SEP]", ["[CLS]", "[UNK]", "[SEP]"])
    assert "".join(token.removeprefix("##") for token in found.tokens[1:-1]) == "livesinrome"
    assert found.weights.shape == (2, len(found.tokens), len(found.tokens))


@pytest.mark.parametrize("kind", [FrozenBertClassifier, PrototypeClassifier], ids=lambda kind: kind.__name__)
def test_what_stands_on_a_frozen_encoder_tells_of_the_tokens_of_that(kind, quick):
    """The rows are those of the encoder as it lies in its folder, read by itself."""
    model = kind(quick["checkpoint"], n_jobs=1).fit(X[:60], CLASSES[:60])
    [found] = model.looks_in(X[:1])
    bert, row = Bert.from_pretrained(quick["checkpoint"]), model.tokens_.encode(X[0])
    with torch.no_grad():
        weights = bert.each(torch.from_numpy(row.ids)[None], None, torch.from_numpy(row.segments)[None]).weights
    for head, expected in zip(found.heads, weights, strict=True):
        np.testing.assert_allclose(head, expected[0].numpy(), atol=1e-6)
    assert (found.tokens[0], found.tokens[-1]) == ("[CLS]", "[SEP]")


def test_a_section_keeps_the_first_tokens():
    section = looks_section({"looks": [Looks(["a"] * 50, [np.full((heads, 50, 50), 0.02) for heads in (2, 1, 4)])]})
    assert [len(layer) for layer in section["heads"]] == [2, 1, 4], "heads may have been cut"
    assert [len(heads) for _, _, heads in looks_view(section)["maps"]] == [2, 1, 4]
    assert (len(section["tokens"]), section["n"], np.shape(section["layers"])) == (MOST_TOKENS, 50, (3, MOST_TOKENS, MOST_TOKENS))
    assert looks_section({}) is None
    assert looks_view(section)["says"][1] == f"The first {MOST_TOKENS} of 50 tokens are shown."
    assert looks_view(None) is None


def test_the_darkest_field_is_the_largest_weight():
    drawing = ET.fromstring(
        looks_svg(["a<b", "字", "an-endless-token"], np.array([[0.5, 0.25, 0.0], [0.0, 0.1, 0.5], [0.24, 0, 0]]))
    )
    texts = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["a<b", "字", "an-endless-…"] * 2
    shades = {
        path.get("fill-opacity"): len(re.findall("M", path.get("d"))) for path in drawing.iter("{http://www.w3.org/2000/svg}path")
    }
    assert shades == {"1": 2, "0.5": 2, "0.2": 1}  # 0.5 twice; 0.25 and 0.24; 0.1, of LEVELS shades
    assert LEVELS == 10
    assert looks_svg([], np.zeros((0, 0))).endswith("</svg>")


def test_what_is_said_about_maps_is_there_in_chinese():
    row = {
        "row": 1,
        "text": "a b",
        "label": [],
        "prediction": [],
        "looks": {"tokens": ["a"], "n": 1_234, "layers": [[[1.0]]] * 2, "heads": [["data:a", "data:b"]] * 2},
    }
    to = language("zh")
    shown = sequence_view(row, "tagging", to).looks
    for sentence in (*shown["says"], *(name for name, _, _ in shown["maps"]), "Whom its tokens look at", "Head 2"):
        assert to(sentence) != sentence
    assert to("Layer 2") == "第 2 层"
    assert to(shown["says"][1]) == "只画出 1,234 个词中的前 1 个。"
