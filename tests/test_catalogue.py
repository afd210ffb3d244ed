"""The catalogue: names, methods of one's own, cards."""

import json
import sys
from dataclasses import replace

import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from tenon.adapter import from_estimator
from tenon.catalogue import METHODS, card, crosses, find, load_model, resolve
from tenon.errors import ModelFileError, SettingsError
from tenon.method import BUDGETS, COSTS, Method
from tests.datasets import table

NAMES = [
    "baseline", "naive-bayes", "linear", "ridge", "lasso", "logistic", "svm-linear", "id3", "c45", "cart", "knn",
    "word2vec-logistic", "svm-rbf",
    "adaboost", "forest", "gbdt", "boosting", "boosting-leafwise", "mlp", "mlp-autoencoder",
    "text-cnn", "rnn", "lstm", "gru", "bilstm-attention", "transformer", "prototypes", "bert-frozen",
    "lenet", "resnet", "efficientnet", "alexnet", "vgg", "googlenet", "transfer", "bert",
    "perceptron", "bilstm-crf", "bert-tagger", "longformer-tagger",
    "bert-head", "bert-tail", "bert-head-tail", "bert-select", "bert-pool-mean", "bert-pool-max", "bert-windows-lstm",
    "transformer-xl", "reformer", "blockbert", "longformer", "bigbird", "cogltx",
    "cogltx-tagger",
    "copy", "word-by-word", "seq2seq", "seq2seq-attention", "ngram",
    "lstm-language", "lexical-answer", "bert-answer", "longformer-answer", "cogltx-answer",
]  # fmt: skip

READY = [name for name in NAMES if name != "transfer"]

OWN = """
from sklearn.linear_model import Perceptron
from tenon.adapter import from_estimator
from tenon.method import Method

def build(task, params, seed):
    return Perceptron(random_state=seed)

MINE = Method(card="", cost_rank=5, **from_estimator("mine", build))
NUMBER = 3
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working folder with modules of one's own; the module search path is put back afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "own_methods.py").write_text(OWN)
    (tmp_path / "broken_methods.py").write_text("1 / 0")
    (tmp_path / "leaving_methods.py").write_text("raise SystemExit(3)")
    (tmp_path / "needy_methods.py").write_text("import no_such_package_anywhere")
    yield tmp_path
    for name in ("own_methods", "broken_methods", "leaving_methods", "needy_methods"):
        sys.modules.pop(name, None)


def names(wanted) -> list[str]:
    return [method.name for method in resolve(wanted)]


def test_names_are_fixed():
    assert [method.name for method in METHODS] == NAMES
    assert all(method.cost in COSTS and method.pace > 0 for method in METHODS)


def test_find_by_name():
    assert find("ridge").name == "ridge"
    with pytest.raises(SettingsError, match=r"no method 'brt'; did you mean 'bert'\? tenon methods lists all\.$"):
        find("brt")
    with pytest.raises(SettingsError, match=r"no method 'zzz'\. tenon methods lists all\.$"):
        find("zzz")
    with pytest.raises(SettingsError, match=r"no method 'logistics'; did you mean 'logistic', 'word2vec-logistic'\? tenon"):
        find("logistics")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("all", READY),  # transfer needs a file
        ("", ["baseline"]),
        ("knn, logistic", ["baseline", "knn", "logistic"]),
        ("ridge,baseline,ridge", ["baseline", "ridge"]),
        (["knn"], ["baseline", "knn"]),
        ([find("knn"), "lasso"], ["baseline", "knn", "lasso"]),
        ([GaussianNB], ["baseline", "sklearn.naive_bayes:GaussianNB"]),
        ([DecisionTreeClassifier(max_depth=2)], ["baseline", "DecisionTreeClassifier"]),
        (GaussianNB, ["baseline", "sklearn.naive_bayes:GaussianNB"]),
        (DecisionTreeClassifier(max_depth=2), ["baseline", "DecisionTreeClassifier"]),
        (find("knn"), ["baseline", "knn"]),
        ([*METHODS, GaussianNB], [*NAMES, "sklearn.naive_bayes:GaussianNB"]),
        ("all,sklearn.tree:DecisionTreeClassifier", [*READY, "sklearn.tree:DecisionTreeClassifier"]),
    ],
)
def test_resolve(wanted, expected):
    assert names(wanted) == expected


def test_two_different_methods_of_one_name_are_refused():
    with pytest.raises(SettingsError, match="two different methods are called 'DecisionTreeClassifier'"):
        resolve([DecisionTreeClassifier(max_depth=2), DecisionTreeClassifier(max_depth=3)])
    mine = Method(card="", cost_rank=1, **from_estimator("knn", lambda task, params, seed: GaussianNB()))
    with pytest.raises(SettingsError, match="two different methods are called 'knn'; give yours another name"):
        resolve(["knn", mine])


def test_own_methods_come_from_the_current_folder(here):
    method = find("own_methods:MINE")
    assert method.name == "own_methods:MINE"
    data, task = table()
    model = method.fit(data, task, params={}, seed=0, budget=BUDGETS[0])
    assert model.method_name == "own_methods:MINE"
    model.save(here / "model")
    with pytest.raises(ModelFileError, match="made by the method 'own_methods:MINE', which is not Tenon's own; pass it again"):
        load_model(here / "model")
    again = load_model(here / "model", methods=[method])
    new = data.without_target()
    assert again.predict_rows(new).proba.tobytes() == model.predict_rows(new).proba.tobytes()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("own_methods:MINT", "module 'own_methods' has no 'MINT'; did you mean 'MINE'"),
        ("own_methods:NUMBER", "own_methods:NUMBER is no scikit-learn estimator"),
        ("other_methods:MINE", "no module 'other_methods', neither installed nor in "),
        ("own_methods.sub:MINE", "importing 'own_methods.sub' fails: No module named"),
        (
            "broken_methods:MINE",
            r"importing 'broken_methods' fails: ZeroDivisionError: division by zero \(broken_methods\.py, line 1\)",
        ),
        ("leaving_methods:MINE", "importing 'leaving_methods' fails: SystemExit: 3"),
        ("own_methods:", "a method of your own is named module:Name, such as my_methods:MINE; got 'own_methods:'"),
        (":MINE", "a method of your own is named module:Name, such as my_methods:MINE; got ':MINE'"),
        ("..own_methods:MINE", "a method of your own is named module:Name, such as my_methods:MINE; got '..own_methods:MINE'"),
        ("needy_methods:MINE", "importing 'needy_methods' fails: No module named 'no_such_package_anywhere'"),
    ],
)
def test_what_is_not_there_is_said_plainly(name, message, here):
    with pytest.raises(SettingsError, match=message):
        find(name)


def test_a_model_whose_method_fails_to_load_it_names_the_reason(tmp_path):
    def load(folder, schema, task):
        raise ZeroDivisionError("not on Mondays")

    data, task = table("binary")
    method = find("naive-bayes")
    method.fit(data, task, params=method.with_defaults({}), seed=0).save(tmp_path / "model")
    about = json.loads((tmp_path / "model" / "model.json").read_text(encoding="utf-8"))
    about["versions"]["numpy"] = "1.0"
    (tmp_path / "model" / "model.json").write_text(json.dumps(about), encoding="utf-8")
    (tmp_path / "model" / "checksums.txt").unlink()
    said = r"model cannot be loaded: ZeroDivisionError: not on Mondays \(.*\)\. It was made with numpy 1\.0, here \d.*\."
    with pytest.raises(ModelFileError, match=said):
        load_model(tmp_path / "model", [replace(method, load=load)])


def test_only_what_a_name_leads_to_crosses_into_another_process():
    found = {method.name: crosses(method) for method in resolve(["knn", GaussianNB, DecisionTreeClassifier(max_depth=2)])}
    assert found == {"baseline": True, "knn": True, "sklearn.naive_bayes:GaussianNB": True, "DecisionTreeClassifier": False}


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_cards(method):
    text = card(method)
    assert text.startswith(f"# {method.name}\n")
    assert 8 <= text.count("\n") <= 30
    for word in ("budget", "Cost:", "When to use:", *(name for name in method.params if name not in ("alpha", "C", "k"))):
        assert word in text, word


def test_card_of_ones_own_method():
    assert card(resolve([GaussianNB])[1]) == "# sklearn.naive_bayes:GaussianNB\n\nA method of your own; it brings no card.\n"
