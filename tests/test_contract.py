"""What every method of the catalogue promises, checked on small tables, texts and images for every task it accepts."""

import random
import subprocess
import sys
import warnings
from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import mkdtemp
from zlib import crc32

import numpy as np
import pandas as pd
import pytest
import sklearn.ensemble  # noqa: F401  loads all that has threads, so that a look before and one after see the same libraries;
from threadpoolctl import threadpool_info

from tenon import image, long, text
from tenon.catalogue import resolve
from tenon.data.dataset import Dataset, Schema
from tenon.method import COSTS, Method, Model
from tenon.tasks import SEQUENCES, Task
from tests.datasets import images, sequences, table, texts

with suppress(ImportError):
    import sympy  # noqa: F401  PyTorch's first optimiser loads it, and it filters warnings of its own
    import torch  # noqa: F401  so does this

METHODS = resolve("all")  # without those that need a setting
KINDS = ("binary", "multiclass", "regression")
DATA = ("table", "plain", "texts-en", "texts-zh", "images")  # plain: the table less its text, for methods that decline text

SETS = [(data, "multilabel") for data in ("table", "plain", "texts-en", "images")]
PAIRS = [*product(DATA, KINDS), *SETS, *(("sequences", kind) for kind in SEQUENCES)]
TEXTS = [("texts-en", "binary"), ("texts-zh", "multiclass"), ("texts-en", "regression")]  # those that dear methods get
TEXTS += SETS

# A prediction may differ in the last bits with the rows beside it, since matrix products sum in another order; probabilities
# are of order 1 and targets of order 10, and the differences stay below some thousand units of the last place.
CLOSE = {"rtol": 1e-9, "atol": 1e-9}
CLOSE_IN_FLOAT32 = {
    "rtol": 1e-4,
    "atol": 1e-5,
}  # networks for images and texts: seven digits, since double takes ten times as long


@cache
def made(data: str, kind: str) -> tuple[Dataset, Dataset, Task]:
    """Train rows, other rows and the task."""
    if data in ("table", "plain"):
        dataset, task = table(kind)
        dataset = dataset if data == "table" else without_text(dataset)
    elif data == "images":
        dataset, task = images(Path(mkdtemp()), kind)
    elif data == "sequences":
        dataset, task = sequences(kind)
    else:
        dataset, task = texts(kind, data[-2:])
    n_train = 2 * len(dataset) // 3
    return dataset.rows(dataset.row_ids[:n_train]), dataset.rows(dataset.row_ids[n_train:]), task


def without_text(dataset: Dataset) -> Dataset:
    columns = tuple(replace(c, kind="ignore") if c.kind == "text" else c for c in dataset.schema.columns)
    return replace(dataset, schema=Schema(columns, len(dataset)))


def accepts(method: Method, data: str, kind: str) -> bool:
    train, _, task = made(data, kind)
    is_second_choice = data == "plain" and accepts(method, "table", kind)
    is_left_out = method.cost == "dear" and data.startswith("texts") and (data, kind) not in TEXTS
    return not (method.lacks() or is_second_choice or is_left_out) and method.accepts(train.schema, task) is None


CASES = [
    pytest.param(method, data, kind, id=f"{method.name}-{data}-{kind}")
    for method in METHODS
    for data, kind in PAIRS
    if accepts(method, data, kind)
]
TABLES = [case for case in CASES if case.values[1] in ("table", "plain")]
OF_TEXTS = [case for case in CASES if case.values[1].startswith("texts")]
CLASSES = [case for case in TABLES if case.values[2] == "multiclass"]
every_case = pytest.mark.parametrize(("method", "data", "kind"), CASES)
every_table = pytest.mark.parametrize(("method", "data", "kind"), TABLES)


def fit(method: Method, train: Dataset, task: Task, seed: int = 1) -> Model:
    params = {"fewest_steps": 20} if "fewest_steps" in method.params else {}  # enough to move every weight
    return method.fit(train, task, params=method.with_defaults(params), seed=seed, budget="quick")


@cache
def fitted(name: str, data: str, kind: str) -> Model:
    train, _, task = made(data, kind)
    return fit(next(m for m in METHODS if m.name == name), train, task)


def figures(model: Model, dataset: Dataset) -> np.ndarray:
    """(n, K) probabilities, or (n, 1) numbers (of sequences their checksums), checked for what always holds."""
    predictions = model.predict(dataset.without_target())
    assert (predictions.row_ids == dataset.row_ids).all()
    if model.task.is_regression:
        assert predictions.value.dtype == np.float64
        assert np.isfinite(predictions.value).all()
        return predictions.value[:, None]
    if model.task.is_of_sequences:
        predictions.checked(model.task, dataset.row_ids)
        return in_figures(predictions.value)
    proba = predictions.proba
    assert proba.shape == (len(dataset), len(model.task.labels))
    assert (proba >= 0).all()
    if model.task.has_sets:
        predictions.checked(model.task, dataset.row_ids)
        assert predictions.value.tolist() == [tuple(np.array(model.task.labels)[of_row >= model.threshold]) for of_row in proba]
        return proba
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=0, atol=1e-12)  # K numbers of float64, each rounded once
    assert (predictions.value == model.task.decode(proba.argmax(axis=1))).all()
    return proba


def in_figures(value: np.ndarray) -> np.ndarray:
    """(n, 1) numbers as they are; a checksum of each text or list."""
    is_number = value.dtype == np.float64
    return (value if is_number else np.array([float(crc32(str(one).encode())) for one in value]))[:, None]


def with_cells(dataset: Dataset, **columns) -> Dataset:
    """The same rows with other cells in some columns."""
    frame = dataset.frame.copy()
    for name, cells in columns.items():
        frame[name] = pd.Series(cells, index=frame.index, dtype=frame[name].dtype)
    return replace(dataset, frame=frame)


def test_all_methods_and_kinds_of_data_are_covered():
    assert {case.values[0].name for case in CASES} == {method.name for method in METHODS if not method.lacks()}
    assert set(PAIRS) == {case.values[1:] for case in CASES}


@every_case
def test_same_seed_same_answer_and_nothing_global_is_touched(method, data, kind):
    train, new, task = made(data, kind)
    np.random.seed(3)  # noqa: NPY002  the caller's state is what is watched here
    before = _global_state()
    again = fit(method, train, task)
    ours = figures(again, new)
    for then, now in zip(before, _global_state(), strict=True):
        assert then == now
    assert ours.tobytes() == figures(fitted(method.name, data, kind), new).tobytes()


def _global_state() -> tuple:
    threads = [(library["filepath"], library["num_threads"]) for library in threadpool_info()]
    return repr(np.random.get_state()), random.getstate(), list(warnings.filters), threads  # noqa: NPY002


@every_case
def test_other_rows_do_not_matter(method, data, kind):
    """A row gets the same answer in any order of the rows, and alone."""
    _, new, task = made(data, kind)
    model = fitted(method.name, data, kind)
    together = figures(model, new)
    order = np.random.default_rng(0).permutation(len(new))
    in_float32 = (
        method in (*image.METHODS, *long.METHODS, *text.methods.METHODS, *text.bert_methods.METHODS, *text.answer_methods.METHODS)
        or method.name == "lstm-language"
    )
    close = CLOSE_IN_FLOAT32 if in_float32 else CLOSE
    np.testing.assert_allclose(figures(model, new.rows(new.row_ids[order])), together[order], **close)
    np.testing.assert_allclose(figures(model, new.rows(new.row_ids[:1])), together[:1], **close)


@every_table
def test_new_rows_may_have_other_columns_in_another_order(method, data, kind):
    _, new, task = made(data, kind)
    model = fitted(method.name, data, kind)
    frame = new.frame[["remark", "colour", "when", "age", "size"]].assign(extra=1)
    asked = model.predict(frame.reset_index(drop=True))
    ours = asked.value[:, None] if task.is_regression else asked.proba
    assert ours.tobytes() == figures(model, new).tobytes()


@every_table
def test_nothing_is_read_that_should_not_be(method, data, kind):
    """Ignored and group columns nowhere; target and weight not of the rows to predict; fold rows not in fitting."""
    train, new, task = made(data, kind)
    whole = replace(train, frame=pd.concat([train.frame, new.frame]))
    n, n_train = len(whole), len(train)
    fold_only = {name: whole.frame[name].to_numpy(copy=True) for name in ("y", "importance", "size", "colour", "when", "remark")}
    for cells in fold_only.values():
        cells[n_train:] = cells[n_train:][::-1].copy()
    poisoned = with_cells(whole, **fold_only, junk=1e6 * np.arange(n), user=[f"x{i}" for i in range(n)])
    ours = figures(fitted(method.name, data, kind), new)
    assert ours.tobytes() == figures(fit(method, poisoned.rows(train.row_ids), task), new).tobytes()
    hidden = with_cells(new, y=new.frame["y"].to_numpy()[::-1], importance=0.0, junk=-1.0, user="z")
    assert ours.tobytes() == figures(fitted(method.name, data, kind), hidden).tobytes()


@pytest.mark.mission("B4")
@every_table
def test_new_rows_may_be_missing_or_strange_everywhere(method, data, kind):
    _, new, _ = made(data, kind)
    nothing = with_cells(new, size=np.nan, age=np.nan, colour=None, when=pd.NaT, remark=None)
    strange = with_cells(new, size=1e3, age=-1e3, colour="never seen", when=pd.Timestamp("1931-12-24"), remark="蓝 qwertz 🙂")
    for rows in (nothing, strange):
        answers = figures(fitted(method.name, data, kind), rows)
        np.testing.assert_allclose(answers, np.broadcast_to(answers[:1], answers.shape), **CLOSE)  # all rows are alike


@every_table
def test_whole_columns_may_be_missing_in_the_train_rows(method, data, kind):
    train, new, task = made(data, kind)
    empty = with_cells(train, size=np.nan, age=np.nan, colour=None, when=pd.NaT, remark=None)
    model = fit(method, empty, task)
    figures(model, new)
    answers = figures(model, empty)
    np.testing.assert_allclose(answers, np.broadcast_to(answers[:1], answers.shape), **CLOSE)


@pytest.mark.parametrize(("method", "data", "kind"), OF_TEXTS)
def test_text_never_seen_and_no_text_are_answered(method, data, kind):
    _, new, _ = made(data, kind)
    figures(fitted(method.name, data, kind), with_cells(new, 评论="zzz"))
    figures(fitted(method.name, data, kind), with_cells(new, 评论=None))


@pytest.mark.parametrize(("method", "data", "kind"), CLASSES)
@pytest.mark.parametrize("label", [1, 5])
def test_one_class_in_the_train_rows_is_all_that_is_said(method, data, kind, label):
    train, new, task = made(data, kind)
    model = fit(method, train.rows(train.row_ids[train.target == label]), task)
    assert (figures(model, new) == [float(label == other) for other in task.labels]).all()


@pytest.mark.parametrize(("method", "data", "kind"), CLASSES)
@pytest.mark.parametrize("n_of_it", [0, 1, 2])
def test_a_class_may_be_absent_or_rare_in_the_train_rows(method, data, kind, n_of_it):
    train, new, task = made(data, kind)
    few = train.row_ids[train.target == 2][:n_of_it]
    others = train.row_ids[train.target != 2]
    proba = figures(fit(method, train.rows(np.sort(np.concatenate([few, others]))), task), new)
    assert (proba[:, 1] == 0).all() == (n_of_it == 0)
    assert len(np.unique(proba[:, 0])) > 1 or method.name == "baseline"


@pytest.mark.parametrize("method", [m for m in METHODS if accepts(m, "table", "regression")], ids=lambda m: m.name)
def test_one_number_in_the_train_rows_is_said_for_every_row(method):
    train, new, task = made("table", "regression")
    answers = figures(fit(method, with_cells(train, y=7.5), task), new)
    np.testing.assert_allclose(answers, 7.5, rtol=1e-9)  # the mean of equal numbers is right to the last bits


@pytest.mark.parametrize("labels", [("a", "b"), ("甲", "乙"), (0, 1), (-3, 12), (False, True)])
@pytest.mark.parametrize("method", {case.values[0].name: case.values[0] for case in CLASSES}.values(), ids=lambda m: m.name)
def test_labels_come_back_as_they_were(method, labels):
    dataset, task = table(labels=tuple(sorted(labels)))
    predictions = fit(method, without_text(dataset), task).predict(without_text(dataset).without_target())
    assert {type(value) for value in predictions.value.tolist()} == {type(labels[0])}
    assert set(predictions.value.tolist()) <= set(labels)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_a_cost_class_decides_where_a_method_runs_and_nothing_else(method):
    assert method.cost in COSTS
    data, kind = next(case.values[1:] for case in CASES if case.values[0] is method)
    train, new, task = made(data, kind)
    ours = figures(fitted(method.name, data, kind), new)
    assert ours.tobytes() == figures(fit(replace(method, cost="dear"), train, task), new).tobytes()


LOADING = """
import sys, warnings
from pathlib import Path
import numpy as np
from zlib import crc32
from tenon.catalogue import load_model
from tenon.data.dataset import Dataset
warnings.simplefilter("error")
folder = Path(sys.argv[1])
for case in sorted(folder.iterdir()):
    predictions = load_model(case / "model").predict(Dataset.load(case / "rows"))
    answers = predictions.value if predictions.proba is None else predictions.proba
    if answers.dtype == object:
        answers = np.array([float(crc32(str(one).encode())) for one in answers])
    np.save(case / "answers.npy", answers)
"""


def test_saved_models_say_the_same_in_a_new_process(tmp_path):
    for number, case in enumerate(CASES):
        method, data, kind = case.values
        _, new, _ = made(data, kind)
        fitted(method.name, data, kind).save(tmp_path / str(number) / "model")
        new.without_target().save(tmp_path / str(number) / "rows")
    done = subprocess.run([sys.executable, "-c", LOADING, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout + done.stderr == ""
    for number, case in enumerate(CASES):
        method, data, kind = case.values
        ours = figures(fitted(method.name, data, kind), made(data, kind)[1])
        assert np.load(tmp_path / str(number) / "answers.npy").tobytes() == ours.tobytes(), case.id
