"""Encoders of texts as files of ONNX and of `tokenizers`: the same answers, of long, empty and paired texts, too."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("onnxruntime", reason="needs tenon[onnx]")
torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

import tokenizers  # noqa: E402
from tests.compress.test_nets import rows_of  # noqa: E402
from tests.compress.test_ways import WAY, fitted, smaller  # noqa: E402
from tests.datasets import texts  # noqa: E402
from tests.text.encoders import CLASSES, IS_SAME, NUMBERS_OF, PAIRS, X, small_encoder  # noqa: E402

import tenon  # noqa: E402
from tenon.compress.onnx_graph import INPUTS  # noqa: E402
from tenon.compress.onnx_model import OnnxModel, to_onnx  # noqa: E402
from tenon.compress.onnx_texts import tokenizer_of, with_hard_rows  # noqa: E402
from tenon.data.conform import conform  # noqa: E402
from tenon.errors import MethodError, ModelFileError  # noqa: E402
from tenon.report.compressed import _files  # noqa: E402
from tenon.text.bert import Bert  # noqa: E402
from tenon.text.bert_config import BertConfig  # noqa: E402
from tenon.text.marked import MarkedTokens  # noqa: E402
from tenon.text.marked_reader import MarkedReader  # noqa: E402
from tenon.text.stretch import stretched  # noqa: E402
from tenon.text.subwords import from_json  # noqa: E402
from tenon.watch import SILENT  # noqa: E402

LONGEST = 16
QUICK = {"longest": LONGEST, "fewest_steps": 0, "rate": 1e-3}
OTHERS = ["", " ", "good", "GOOD, Film!", "unheard of 电影 é \ufffd [SEP] [PAD]", "good film " * 40, "x" * 500]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return small_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def roberta(tmp_path_factory):
    """As chance draws it; its parts are pairs of bytes of the texts."""
    folder = tmp_path_factory.mktemp("roberta")
    made = tokenizers.ByteLevelBPETokenizer()
    made.train_from_iterator(list(X), 320, 2, show_progress=False, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    made.save_model(str(folder))
    torch.manual_seed(1)
    shape = {"d_model": 32, "n_layers": 2, "n_heads": 2, "d_hidden": 64, "n_positions": 40}
    Bert(BertConfig("roberta", made.get_vocab_size(), n_segments=1, pad=1, **shape)).save_pretrained(folder)
    return folder


def learnt(name, folder, target, X, **settings):
    data, task = rows_of(target, X)
    given = QUICK if name == "bert" else {"longest": LONGEST}
    return fitted(name, data, task, checkpoint=str(folder), **{**given, **settings}), data


def other_rows(n_columns):
    """Texts, or all pairs of texts, that no train row is like, and missing ones."""
    cells = [*OTHERS, None]
    if n_columns == 1:
        return pd.DataFrame({"review": cells}, dtype=object)
    return pd.DataFrame([(a, b) for a in cells for b in cells], columns=["review", "other"], dtype=object)


def check_the_same(one, model, frame):
    """Equal to 1e-5: float32 sums of another order."""
    said, found = model.predict(frame), one.predict(frame)
    if model.task.is_regression:
        np.testing.assert_allclose(found.value, said.value, atol=1e-5 * model.estimator.target_.deviation)
    else:
        np.testing.assert_allclose(found.proba, said.proba, atol=1e-5)
        assert found.value.tolist() == said.value.tolist()


THREE = np.array(["a", "b", "c"])[np.arange(len(X)) % 3]
KINDS = {"two": (CLASSES, X), "three": (THREE, X), "pairs": (IS_SAME, PAIRS), "numbers": (NUMBERS_OF, X)}


@pytest.mark.mission("D12")
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("bert", kind) for kind in KINDS),
        *(("bert-frozen", kind) for kind in ("two", "pairs", "numbers")),
        *(("prototypes", kind) for kind in ("three", "pairs")),
    ],
)
def test_two_files_say_what_an_encoder_says(name, kind, encoder, tmp_path):
    model, data = learnt(name, encoder, *KINDS[kind])
    one = smaller("onnx", model, data)(tmp_path)
    check_the_same(one, model, data)
    check_the_same(one, model, other_rows(len(model.schema.features())))
    for i in range(3):  # whatever stands beside it
        check_the_same(one, model, data.rows(data.row_ids[i : i + 1]))


@pytest.mark.parametrize("kind", ["two", "pairs"])
def test_byte_pairs_of_a_roberta(kind, roberta):
    model, data = learnt("bert", roberta, *KINDS[kind])
    one = to_onnx(model, data, 0, SILENT)
    check_the_same(one, model, data)
    check_the_same(one, model, other_rows(len(model.schema.features())))


@pytest.mark.parametrize("settings", [{"is_causal": True}, {"activation": "gelu_tanh"}, {"activation": "mish"}])
def test_encoders_of_other_settings(settings, tmp_path):
    model, data = learnt("bert-frozen", small_encoder(tmp_path, **settings), CLASSES, X)
    check_the_same(to_onnx(model, data, 0, SILENT), model, other_rows(1))


def test_chinese_texts(tmp_path):
    data, task = texts("multiclass", "zh")
    [column] = data.schema.features("text")
    folder = small_encoder(tmp_path, texts=data.frame[column].dropna())
    model = fitted("prototypes", data, task, checkpoint=str(folder), longest=LONGEST)
    check_the_same(to_onnx(model, data, 0, SILENT), model, data)


def test_the_tail_of_a_longer_text(encoder):
    model, data = learnt("bert", encoder, CLASSES, X)
    model.estimator.reader_ = MarkedReader(model.estimator.tokens_, 8, 1, "tail")
    made = to_onnx(model, data, 0, SILENT)
    frame = pd.DataFrame({"review": ["bad plot " * 9 + "good", "good " + "bad plot " * 9]})
    check_the_same(made, model, frame)
    assert made.predict(frame).proba[0].tolist() != made.predict(frame).proba[1].tolist()


ASK = """
import json, sys
import numpy as np, onnxruntime, tokenizers

folder, rows = sys.argv[1], json.load(sys.stdin)
rows = [tuple(row) if isinstance(row, list) else row for row in rows]
found = tokenizers.Tokenizer.from_file(f"{folder}/tokenizer.json").encode_batch(rows)
session = onnxruntime.InferenceSession(f"{folder}/model.onnx")
assert {(one.name, one.type, *one.shape) for one in session.get_inputs()} == {
    (name, "tensor(int64)", "rows", "tokens") for name in ("input_ids", "attention_mask", "token_type_ids")
}
asked = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
said = session.run(None, {name: [getattr(one, theirs) for one in found] for name, theirs in asked.items()})
print(json.dumps({one.name: part.tolist() for one, part in zip(session.get_outputs(), said)}))
print(sorted({name.partition(".")[0] for name in sys.modules} & {"tenon", "torch"}))
"""


def another_program(folder, rows):
    """What a program says that knows nothing of Tenon, of all rows at once."""
    told = subprocess.run(
        [sys.executable, "-c", ASK, str(folder)], input=json.dumps(rows), capture_output=True, text=True, check=True
    )
    said, loaded = told.stdout.splitlines()
    assert loaded == "[]"
    return json.loads(said)


def test_another_program_says_the_same_of_the_files(encoder, tmp_path):
    model, data = learnt("bert", encoder, *KINDS["pairs"])
    smaller("onnx", model, data)(tmp_path)
    frame = other_rows(2)
    said = another_program(tmp_path / "model", frame.fillna("").to_numpy().tolist())
    np.testing.assert_allclose(said["probabilities"], model.predict(frame).proba, atol=1e-5)
    assert said["label"] == model.predict(frame).value.tolist()


def test_another_program_says_the_same_numbers(encoder, tmp_path):
    model, data = learnt("bert-frozen", encoder, *KINDS["numbers"])
    smaller("onnx", model, data)(tmp_path)
    said = another_program(tmp_path / "model", OTHERS)
    assert list(said) == ["value"]
    np.testing.assert_allclose(said["value"], model.predict(other_rows(1)).value[:-1], rtol=1e-5)


@pytest.mark.parametrize("keeps", ["head", "tail"])
@pytest.mark.parametrize("longest", [4, 5, 8, 11, 12])
@pytest.mark.parametrize("is_roberta", [False, True])
def test_pairs_are_cut_alike_token_by_token(is_roberta, longest, keeps, encoder, roberta):
    """All lengths of either text up to what a row holds, equal ones and odd sums among them."""
    tokens = MarkedTokens.from_pretrained(roberta if is_roberta else encoder)
    reader = MarkedReader(tokens, longest, 2, keeps)
    made = from_json(json.loads(tokenizer_of(reader)))
    words = "a the good bad film plot scene dull poor fine great a the good".split()
    sides = [" ".join(words[:n]) for n in range(longest + 2)]
    pairs = [(first, second) for first in sides for second in sides]
    for pair, found in zip(pairs, made.encode_batch(pairs), strict=True):
        row, n = reader.read(reader.encoded(pair)), sum(found.attention_mask)
        assert found.ids[:n] == row.ids.tolist()
        assert set(found.ids[n:]) <= {tokens.tokens.pad}
        assert found.type_ids[:n] == (row.segments * (not is_roberta)).tolist()
        assert n <= longest


def test_rows_of_the_check_are_long_empty_and_uneven(encoder):
    model, data = learnt("prototypes", encoder, *KINDS["pairs"])
    rows, reader = conform(data, model.schema), model.estimator.reader_
    hard = with_hard_rows(rows, LONGEST)
    assert hard.frame[: len(rows)].to_numpy().tolist() == rows.frame.to_numpy().tolist()
    made = hard.frame[len(rows) :].fillna("").to_numpy().tolist()
    lengths = np.array([[len(one.ids) for _, one in reader.encoded(tuple(row))] for row in made])
    size = np.select([lengths == 0, lengths < LONGEST], ["none", "some"], "long")
    assert sorted(map(tuple, size.tolist())) == sorted((a, b) for a in ("none", "some", "long") for b in ("none", "some", "long"))


def test_a_tokenizer_that_cuts_otherwise_is_refused(encoder, monkeypatch):
    model, data = learnt("bert-frozen", encoder, CLASSES, X)

    def shorter(self, schema, task, content, tokenizer):
        told = json.loads(tokenizer)
        told["truncation"]["max_length"] //= 2
        right(self, schema, task, content, json.dumps(told))

    right = OnnxModel.__init__
    monkeypatch.setattr(OnnxModel, "__init__", shorter)
    with pytest.raises(
        MethodError, match=r"the file of ONNX differs from the model by .* on 243 rows, where 0\.0001 is the most"
    ):
        to_onnx(model, data, 0, SILENT)


def test_without_its_tokenizer_it_is_not_loaded(encoder, tmp_path):
    model, data = learnt("bert-frozen", encoder, CLASSES, X)
    to_onnx(model, data, 0, SILENT).save(tmp_path)
    content = (tmp_path / "tokenizer.json").read_text(encoding="utf-8")
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ModelFileError, match=r"tokenizer\.json is missing\. Make the run again"):
        tenon.load(tmp_path)
    (tmp_path / "checksums.txt").unlink()
    with pytest.raises(ModelFileError, match=r"tokenizer\.json is missing; run tenon compress again\."):
        tenon.load(tmp_path)
    (tmp_path / "tokenizer.json").write_text(content[:100], encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"tokenizer\.json cannot be read by tokenizers: it is damaged, or of a later "):
        tenon.load(tmp_path)


@pytest.mark.slow  # a process that loads all else
def test_nothing_of_pytorch_is_loaded_to_read_it(encoder, tmp_path):
    model, data = learnt("bert-frozen", encoder, CLASSES, X)
    smaller("onnx", model, data)(tmp_path)
    line = (
        "import sys, pandas, tenon; model = tenon.load(sys.argv[1]); "
        "model.predict(pandas.DataFrame({'review': ['good film']})); print('torch' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", line, str(tmp_path / "model")], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def why_not(model, data):
    return WAY["onnx"].why_not(model, data)


def test_what_is_declined(encoder, tmp_path):
    model, data = learnt("bert", encoder, CLASSES, X)
    assert why_not(model, data) is None
    rounded = WAY["int8"].make(learnt("bert", wide(tmp_path), CLASSES, X)[0], data, 0, SILENT)
    assert why_not(rounded, data) == "cannot change weights of 8 bits"
    tokens = model.estimator.tokens_
    for keeps in ("ends", "bm25", "textrank"):
        model.estimator.reader_ = MarkedReader(tokens, LONGEST, 1, keeps)
        assert why_not(model, data) == "would lose the choice of what is read of a longer text"


def wide(folder):
    return small_encoder(folder, d_model=104, d_hidden=208)


def test_encoders_for_long_texts_are_declined(encoder):
    model, data = learnt("bert", encoder, CLASSES, X)
    model.estimator.net_.bert = stretched(model.estimator.net_.bert, 80, window=8)
    assert why_not(model, data) == "is for encoders that read a text at once"
    of_segments = fitted("bert-pool-mean", data, model.task, checkpoint=str(encoder), fewest_steps=0)
    assert why_not(of_segments, data) == "is for encoders that read a text at once"


def test_labels_are_declined(encoder):
    data, task = texts("multilabel")
    model = fitted("bert-frozen", data, task, checkpoint=str(encoder))
    assert why_not(model, data) == "is for numbers, and for classes of all of which there were train rows"


CONTENT = {"labels": ["a"], "kinds": ["text"], "models": [{"name": "original"}, {"name": "onnx", "largest": 2e-8}]}


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        (["text"], " with tokenizer.json, which cuts texts for it,"),
        (["number"], ", columns and all,"),
        (["image"], ", which takes pictures of the size that the model has learnt from,"),
    ],
)
def test_what_is_told_of_the_files(kinds, says):
    [said] = _files(CONTENT | {"kinds": kinds})
    assert said.startswith(f"onnx: model.onnx{says} says what the original says, to 2.0e-08 in probabilities.")
    assert all((name in said) == (kinds == ["text"]) for name in INPUTS)


@pytest.mark.slow  # workers load PyTorch anew
def test_a_run_is_compressed(encoder, tmp_path):
    n = np.arange(520) % len(X)
    pd.DataFrame({"review": [f"{X[i]} {j}" for j, i in enumerate(n)], "label": CLASSES[n]}).to_csv(tmp_path / "rows.csv")
    data = tenon.read(tmp_path / "rows.csv", target="label", kinds={"review": "text", "column 1": "ignore"})
    settings = {"prototypes": {"checkpoint": str(encoder)}}
    ran = tenon.compare(data, out=tmp_path / "run", methods="prototypes", splits="2x1", jobs=1, budget="quick", settings=settings)
    done = ran.compress(["onnx"])
    assert {"model.onnx", "tokenizer.json"} < {file.name for file in done.place("onnx").iterdir()}
    assert done.table.loc["onnx", "largest"] < 1e-5
    assert "model.onnx with tokenizer.json" in " ".join(repr(done).split())
