"""Targets of several labels a row: from lists and from texts, what is told of them, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tenon
from tenon.data.dataset import Dataset
from tenon.data.label_sets import indicator, rarest_labels, sets_of
from tenon.data.splits import make_splits
from tenon.errors import DataError
from tenon.tasks import infer_task

LISTS = [["b", "a"], [], ["a"], None, ["中 文", "a"]]
SETS = [("a", "b"), (), ("a",), ("a", "中 文")]


def written(tmp_path, cells, name="t.jsonl", **more):
    rows = [{"x": i, "y": cell} | {key: of_all[i] for key, of_all in more.items()} for i, cell in enumerate(cells)]
    path = tmp_path / name
    if name.endswith(".jsonl"):
        path.write_text("\n".join(json.dumps(row) for row in rows))
    else:
        pd.DataFrame(rows).to_csv(path, index=False)
    return str(path)


def test_lists_are_labels_where_there_are_no_tokens(tmp_path):
    data = tenon.read(written(tmp_path, LISTS), "y")
    assert data.target.tolist() == SETS
    assert data.schema["y"].kind == "labels"
    assert len(data.unlabelled) == 1
    task, reason = infer_task(data.target)
    assert (task.kind, task.labels, task.metric_name, reason) == (
        "multilabel",
        ("a", "b", "中 文"),
        "micro_f1",
        "lists of labels",
    )
    data.save(tmp_path / "again")
    again = Dataset.load(tmp_path / "again")
    assert again.target.tolist() == SETS
    assert again.fingerprint() == replace(data, unlabelled=None).fingerprint()  # rows without a target stay behind


def test_lists_beside_tokens_are_tags(tmp_path):
    tokens = [["u", "v"], ["w"]] * 4
    data = tenon.read(written(tmp_path, [["O", "B-PER"], ["O"]] * 4, tokens=tokens), "y")
    assert infer_task(data.target)[0].kind == "tagging"
    data = tenon.read(written(tmp_path, [["a"], []] * 4, tokens=tokens), "y", task="multilabel")
    assert infer_task(data.target)[0].kind == "multilabel"


@pytest.mark.parametrize(
    ("cells", "between"),
    [
        (["b|a", "[]", "a|", "", "中 文|a"], "|"),
        (["b; a", "[]", "a", "", "中 文;a"], ";"),
        (["b,a", "[]", "a", "", "a,中 文"], ","),
        (['["b", "a"]', "[]", "['a']", "", '["中 文", "a"]'], ""),
    ],
)
def test_texts_are_cut_or_read_as_lists(tmp_path, cells, between):
    data = tenon.read(written(tmp_path, cells, "t.csv"), "y", task="multilabel")
    assert data.target.tolist() == SETS
    told = f"column 'y': cells were cut at {between!r} into labels; [] is no label, and an empty cell is not known."
    assert (told in data.notes) == bool(between)


def test_final_rows_are_cut_as_the_others(tmp_path):
    """No final cell holds a separator, and one holds another than the rows to train on."""
    path, final = written(tmp_path, ["a|b", "b", "a"] * 3, "t.csv"), written(tmp_path, ["a", "b;c"], "f.csv")
    data = tenon.read(path, "y", task="multilabel", final=final)
    assert data.target.tolist()[-2:] == [("a",), ("b;c",)]


def test_a_label_that_stands_twice_counts_once(tmp_path):
    data = tenon.read(written(tmp_path, [["a", "b", "a"], ["b"], ["a"]]), "y")
    assert data.target.tolist() == [("a", "b"), ("b",), ("a",)]
    assert "column 'y': where a label stands twice in a cell it counts once (row 1)." in data.notes


@pytest.mark.parametrize(
    ("cells", "task", "said"),
    [
        ([["a"], ["b", None]], "", r"t\.jsonl, row 2, column 'y': a list of labels holds null; each of them is a text\."),
        ([["a"], ["b", " "]], "", r"row 2, column 'y': a list of labels holds ' '; each of them is a text\."),
        ([[1], [2, 3]], "multilabel", r"row 1, column 'y': a list of labels holds '1'; each of them is a text\."),
        ([["a"], "b"], "multilabel", r"row 2, column 'y': 'b' is no list, as other cells are; write \[\"a\", \"b\"\]\."),
        ([["a"], "b", ["b"]], "", r"column 'y' holds lists written as texts: --task multilabel reads them as labels\."),
        (["a", "b"], "multilabel", r"no cell holds several labels, with '\|', ';', ',' between them"),
        ([1.5, 2.5], "multilabel", r"holds values of the type double; the labels of a row are a list of texts\."),
        ([["a"], ["b"]], "multiclass", r"holds lists, so the task cannot be multiclass; leave --task out: it is tagging where"),
    ],
)
def test_cells_that_are_no_labels_are_refused(tmp_path, cells, task, said):
    with pytest.raises(DataError, match=said):
        tenon.read(written(tmp_path, cells), "y", task=task)


def test_more_labels_than_can_be_learnt_are_refused(tmp_path):
    with pytest.raises(
        DataError, match=r"has 30 different labels, which rows have 30 times in all: too few of each to learn from"
    ):
        tenon.read(written(tmp_path, [[f"l{i}", f"m{i}"] for i in range(15)]), "y")


@pytest.mark.parametrize(
    ("cells", "said"),
    [([[], []], "has no label in any row; nothing to learn"), ([["a"], ["a"]], "has the same labels, a, in every row")],
)
def test_labels_with_nothing_to_learn_are_refused(tmp_path, cells, said):
    data = tenon.read(written(tmp_path, cells * 4), "y", task="multilabel")
    with pytest.raises(DataError, match=said):
        infer_task(data.target)


def test_the_task_has_to_fit_the_cells():
    with pytest.raises(DataError, match="holds no lists of labels, so the task cannot be multilabel"):
        infer_task(pd.Series(["a", "b"], name="y"), "multilabel")
    with pytest.raises(DataError, match="holds lists of labels, so the task cannot be binary"):
        infer_task(pd.Series([("a",), ()], name="y"), "binary")


def test_sets_and_their_matrix_are_the_same():
    rng = np.random.default_rng(0)
    has, labels = rng.random((50, 7)) < 0.3, tuple("abcdefg")
    assert (indicator(sets_of(has, labels), labels) == has).all()


@pytest.mark.parametrize("seed", range(5))
def test_splits_keep_the_shares_of_rare_labels(seed):
    """The rarest label of a row by its definition; folds by it differ by one row at most in what the rarest label of all has."""
    rng = np.random.default_rng(seed)
    has = rng.random((300, 6)) < np.array([0.5, 0.3, 0.2, 0.1, 0.05, 0.04])
    counts = has.sum(axis=0)
    of_row = rarest_labels(has)
    for row, found in zip(has, of_row, strict=True):
        assert found == (min(np.flatnonzero(row), key=lambda k: (counts[k], k)) if row.any() else 6)
    frame = pd.DataFrame({"x": np.arange(300.0) + rng.random(300), "y": pd.Series(list(sets_of(has, tuple("abcdef"))))})
    data = tenon.read(frame.assign(y=frame["y"].map(list)), "y")
    task = infer_task(data.target)[0]
    splits = make_splits(data, task.strata(task.encode(data.target)), n_folds=5, n_repeats=1, final_share=0.0, seed=seed)
    rarest = has[:, np.argmin(counts)]
    in_fold = np.bincount(splits.fold[0][rarest], minlength=5)
    assert in_fold.max() - in_fold.min() <= 1
