"""Methods on an encoder: what they decline, settings that reach the network, checkpoints that are none, explanations, a run."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.datasets import dataset, texts  # noqa: E402
from tests.text.encoders import CLASSES, IS_SAME, PAIRS, X, small_encoder  # noqa: E402

import tenon  # noqa: E402
from tenon.catalogue import find  # noqa: E402
from tenon.data.dataset import Column, Schema  # noqa: E402
from tenon.errors import DataError, ModelFileError, SettingsError  # noqa: E402
from tenon.tasks import Task  # noqa: E402
from tenon.text.bert_methods import METHODS  # noqa: E402
from tenon.trials.ask import Ask  # noqa: E402
from tenon.trials.prepare import prepare  # noqa: E402

TASK = Task("binary", "y", ("no", "yes"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def reviews():
    return tenon.read(pd.DataFrame({"review": X, "label": CLASSES}), target="label", kinds={"review": "text"})


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        (("text",), None),
        (("text", "text"), None),
        (("text", "text", "text"), "reads one column of texts, or two as pairs; there are 3"),
        (("number",), "reads columns of text; there is none"),
        (("text", "number"), "reads texts alone, and would leave out 'number 1'; to let it, give --kind number 1=ignore"),
    ],
)
def test_what_is_declined(kinds, reason):
    columns = (Column(f"{kind} {i}", kind) for i, kind in enumerate(kinds))
    schema = Schema((*columns, Column("y", "category", "target")), 100)
    assert {method.accepts(schema, TASK) for method in METHODS} == {reason}
    assert find("prototypes").accepts(schema, Task("regression", "y")) == "predicts classes only"


def fitted(name, folder, language="en", budget="quick", **params):
    data, task = texts("binary", language)
    method = find(name)
    given = method.with_defaults({"checkpoint": str(folder), **params})
    return method.fit(data, task, params=given, seed=0, budget=budget).estimator


def test_settings_reach_the_network(folder):
    given = {
        "longest": 20,
        "rate": 1e-4,
        "layer_share": 0.9,
        "frozen_layers": 1,
        "learns": "gradual",
        "smoothing": 0.1,
        "fewest_steps": 5,
    }
    model = fitted("bert", folder, **given)
    assert {key: getattr(model, key) for key in given} == given
    assert len(fitted("bert", folder, fewest_steps=0).history_.loss) == 2 * 4  # 60 rows by 16
    assert fitted("bert-frozen", folder, C=0.5, longest=20).C == 0.5
    assert fitted("prototypes", folder, longest=20).longest == 20


@pytest.mark.parametrize("language", ["en", "zh"])
def test_by_itself_a_method_learns_its_encoder_from_the_train_rows(language):
    model = fitted("prototypes", "prepared", language)
    assert model.tokens_.tokens.unknown not in model.tokens_.tokens.encode("很差" if language == "zh" else "dull").ids
    assert model.net_.bert.config.d_model == 128


@pytest.mark.parametrize("value", ["nowhere", 3, "none", ""])
def test_a_place_without_a_folder_is_told(value):
    said = rf"bert\.checkpoint takes the folder of a BERT as Hugging Face lays it out, or prepared; {value!r} is nothing of these"
    with pytest.raises(SettingsError, match=said):
        find("bert").with_defaults({"checkpoint": value})


def without(name):
    return lambda folder: (folder / name).unlink()


def pickled(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def said_in(name, **said):
    def change(folder):
        path = folder / name
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | said), encoding="utf-8")

    return change


def of_other_texts(folder):
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    (folder / "vocab.txt").write_text("\n".join([*marks, *(f"xyz{i}" for i in range(20))]), encoding="utf-8")
    (folder / "tokenizer.json").unlink()


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        (without("config.json"), ModelFileError, r"has no config\.json; name the folder of a BERT, with config\.json and"),
        (without("model.safetensors"), ModelFileError, r"has no model\.safetensors, the weights; copy it there beside config"),
        (pickled, ModelFileError, r"has its weights in pytorch_model\.bin alone, a kind of file that can run code"),
        (said_in("config.json", model_type="gpt2"), ModelFileError, "is of 'gpt2', a network that is not read here"),
        (
            said_in("config.json", is_decoder=True),
            ModelFileError,
            "holds a network that reads only what stands before each token, and",
        ),
        (said_in("config.json", hidden_size=64), ModelFileError, "model.safetensors does not fit this network: "),
        (said_in("config.json", vocab_size=20), ModelFileError, "model.safetensors does not fit this network: "),
        (
            of_other_texts,
            DataError,
            r"100% of the tokens of the texts are unknown to the vocabulary in .*; take a network of the",
        ),
    ],
    ids=[
        "no config",
        "no weights",
        "pickled",
        "another architecture",
        "a writer",
        "another width",
        "another vocabulary",
        "other texts",
    ],
)
@pytest.mark.parametrize("name", ["bert", "bert-frozen", "prototypes"])
def test_a_checkpoint_that_is_none_is_told_before_any_fit(name, change, kind, said, folder, reviews, tmp_path):
    shutil.copytree(folder, tmp_path / "net")
    change(tmp_path / "net")
    ask = Ask(methods=name, settings={name: {"checkpoint": str(tmp_path / "net")}})
    with pytest.raises(kind, match=said):
        prepare(reviews, ask, tmp_path / "run")


def test_a_folder_is_for_every_method_that_reads_with_an_encoder(folder, tmp_path):
    ask = Ask(checkpoint=str(folder))
    given = {name for name, given in ask.all_settings.items() if given}
    long = (
        "bert-head, bert-tail, bert-head-tail, bert-select, bert-pool-mean, bert-pool-max, bert-windows-lstm, blockbert, "
        "longformer, bigbird, cogltx, cogltx-tagger"
    )
    taggers, answering = "bert-tagger, longformer-tagger", "bert-answer, longformer-answer, cogltx-answer"
    assert given == {*(method.name for method in METHODS), *taggers.split(", "), *long.split(", "), *answering.split(", ")}
    (tmp_path / "some.pth").touch()
    with pytest.raises(SettingsError, match="--checkpoint with a file is for transfer, which --methods leaves out"):
        Ask(checkpoint=str(tmp_path / "some.pth"), methods="bert")
    readers = f"prototypes, bert-frozen, bert, {taggers}, {long}, {answering}"
    with pytest.raises(SettingsError, match=f"--checkpoint with a folder is for {readers}, which --methods leaves out"):
        Ask(checkpoint=str(folder), methods="transfer")


def test_other_weights_in_the_same_place_are_another_run(folder, reviews, tmp_path):
    given = {"methods": "prototypes", "checkpoint": tmp_path / "net", "budget": "quick", "splits": "2x1", "jobs": 1}
    shutil.copytree(folder, tmp_path / "net")
    result = tenon.compare(reviews, out=tmp_path / "run", **given)
    assert {row["status"] for row in result.board["rows"]} == {"ok"}
    assert not (tmp_path / "run/shared").exists()
    held = b"".join(path.read_bytes() for path in (tmp_path / "run/model").iterdir())
    assert str(tmp_path / "net").encode() not in held
    small_encoder(tmp_path / "net", dropout=0.2, n_positions=39)
    with pytest.raises(tenon.errors.RunFolderError, match="weights"):
        tenon.compare(reviews, out=tmp_path / "run", **given)


def test_a_pair_is_explained_as_one_text(folder):
    data = dataset({"one": PAIRS[:, 0], "two": PAIRS[:, 1], "y": IS_SAME}, {"one": "text", "two": "text"})
    method, task = find("bert"), Task("binary", "y", ("other", "same"))
    model = method.fit(data, task, params=method.with_defaults({"checkpoint": str(folder)}), seed=0, budget="quick")
    assert model.estimator.reader_.n_texts == 2
    said = model.explain(data.rows(np.array([4])))
    assert said["texts"] == ["\n".join(PAIRS[4])]
    assert said["readings"]["token"].tolist() == [*PAIRS[4, 0].split(), *PAIRS[4, 1].split()]
    assert np.abs(said["readings"]["effect"]).max() > 0
