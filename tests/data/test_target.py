import pandas as pd
import pyarrow as pa
import pytest

from tenon.data.target import check_classes, convert_like, convert_target
from tenon.errors import DataError
from tenon.tasks import infer_task


def target(values, task="", missing=()):
    return convert_target("f.csv", pa.chunked_array([pa.array(values)]), "y", task=task, missing=missing)


MANY = [str(i + 0.5) for i in range(40)]


@pytest.mark.parametrize(
    ("values", "task", "labels", "dtype", "kind"),
    [
        (["0", "1", "0"], "", [0, 1, 0], "int64", "category"),
        (["-1", "1"], "", [-1, 1], "int64", "category"),
        (["01", "02", "1"], "", ["01", "02", "1"], "str", "category"),
        (["1.0", "0.0", "1.0"], "", ["1.0", "0.0", "1.0"], "str", "category"),
        (["+1", "-1"], "", ["+1", "-1"], "str", "category"),
        (["yes", "no"], "", ["yes", "no"], "str", "category"),
        ([" >50K", " <=50K"], "", [" >50K", " <=50K"], "str", "category"),
        (MANY, "", [float(x) for x in MANY], "float64", "number"),
        ([str(i) for i in range(40)], "", [float(i) for i in range(40)], "float64", "number"),
        ([str(i) for i in range(40)], "multiclass", list(range(40)), "int64", "category"),
        (MANY, "multiclass", MANY, "str", "category"),
        (["0", "1"], "regression", [0.0, 1.0], "float64", "number"),
        ([True, False], "", [True, False], "bool", "category"),
        ([3, 1, 2], "", [3, 1, 2], "int64", "category"),
        (list(range(40)), "", [float(i) for i in range(40)], "float64", "number"),
        ([1.5, 2.5, 4.0], "", [1.5, 2.5, 4.0], "float64", "number"),
        ([f"{i:02d}" for i in range(40)], "", [f"{i:02d}" for i in range(40)], "str", "category"),
        (["123456789012345678901", "1"], "", ["123456789012345678901", "1"], "str", "category"),
    ],
)
def test_labels_in_are_labels_out(values, task, labels, dtype, kind):
    got = target(values, task)
    assert got.values.tolist() == labels
    assert got.values.dtype == dtype
    assert got.kind == kind
    assert infer_task(got.values, task)[0].is_regression == (kind == "number")


@pytest.mark.parametrize("values", [["1", "", "0", "?"], [1, None, 0, None], [True, None, False, None], [1.0, None, 0.0, None]])
def test_rows_without_target_are_left_out_and_the_dtype_stays(values):
    got = target(values).values
    assert got.index.tolist() == [0, 2]
    assert got.dtype == target([values[0], values[2]]).values.dtype


@pytest.mark.parametrize(
    ("d", "n", "is_too_many"),
    [
        (2, 2, False),
        (3, 3, True),
        (20, 20, True),
        (20, 21, False),
        (21, 41, True),
        (21, 42, False),
        (4812, 5000, True),
        (1000, 2000, False),
        (1001, 10_009, True),
        (1001, 10_010, False),
    ],
)
def test_too_many_classes(d, n, is_too_many):
    got = target([f"k{i % d}" for i in range(n)])
    if is_too_many:
        with pytest.raises(
            DataError, match=rf"f\.csv: column 'y', the target, has {d:,} different values in {n:,} rows, too few"
        ):
            check_classes("f.csv", got)
    else:
        check_classes("f.csv", got)


def test_numbers_may_all_differ():
    check_classes("f.csv", target(MANY))


def test_whole_numbers_beyond_int64_stay_as_they_are_written():
    got = convert_target("f.csv", pa.chunked_array([pa.array([2**64 - 1, 1, 1], pa.uint64())]), "y")
    assert got.values.tolist() == ["18446744073709551615", "1", "1"]


def test_types_that_are_no_target():
    for cells in (
        pa.array([[1]]),
        pa.array([1], pa.timestamp("s")),
        pa.array([b"x"]),
        pa.array(pd.period_range("2024", periods=1)),
    ):
        with pytest.raises(
            DataError,
            match=r"f\.csv, column 'y' holds values of the type .*; a target must be classes, numbers or lists of texts",
        ):
            convert_target("f.csv", pa.chunked_array([cells]), "y")


@pytest.mark.parametrize("task", ["", "regression"])
def test_nearly_all_numbers_names_the_cells_that_are_none(task):
    values = [*MANY, "n.v.t.", *MANY, "n.v.t.", "-"]
    message = (
        r"f\.csv, row 41, column 'y': 'n\.v\.t\.' is not a number \(3 such cells, rows 41, 82, 83\)\.\n"
        r"  Treat it as missing: --missing n\.v\.t\. --missing -      Predict classes instead: --task multiclass"
    )
    with pytest.raises(DataError, match=message):
        target(values, task)
    assert len(target(values, task, missing=("n.v.t.", "-")).values) == 80
    assert target(values, "multiclass").values.nunique() == 42


def test_commas_between_thousands():
    cells = [f"{i},500,000" for i in range(1, 40)] + ["900"]
    got = target(cells)
    assert (got.kind, got.has_thousands) == ("number", True)
    assert got.values.tolist() == [1e6 * i + 5e5 for i in range(1, 40)] + [900]
    assert "39 of 40 cells have commas between thousands" in got.notes[0]
    assert "('1,500,000' as 1500000)" in got.notes[0]
    further = convert_like("g.csv", pa.chunked_array([["1,500", "3"]]), "y", like=got)  # alone it could be a decimal comma
    assert further.values.tolist() == [1500, 3]
    assert convert_like("g.csv", pa.chunked_array([["1500", "3"]]), "y", like=got).values.tolist() == [1500, 3]
    assert target(cells, "multiclass").values.tolist() == cells


def test_text_cannot_be_a_regression():
    with pytest.raises(DataError, match=r"row 1, column 'y': 'a' is not a number \(2 such cells"):
        target(["a", "b"], "regression")


def test_infinite_target():
    with pytest.raises(DataError, match=r"row 2, column 'y': inf is not a finite number"):
        target([1.0, float("inf")])


def test_lists_and_dates_are_no_target():
    with pytest.raises(DataError, match=r"a target must be classes, numbers or lists of texts"):
        target([[1], [2]])
    with pytest.raises(DataError, match=r"a target must be classes, numbers or lists of texts"):
        target(pd.to_datetime(["2024-01-01", "2024-01-02"]))


def test_categories_of_pandas_keep_their_values():
    assert target(pd.Series(["b", "a"], dtype="category")).values.tolist() == ["b", "a"]
    assert target(pd.Series([3, 1], dtype="category")).values.tolist() == [3, 1]


@pytest.mark.parametrize(
    ("first", "further", "labels"),
    [
        (["a", "b"], ["1", "a"], ["1", "a"]),
        (["a", "b", "1"], ["1", "1"], ["1", "1"]),
        (["0", "1"], [1, 0], [1, 0]),
        ([0.0, 1.0], ["1", ""], [1.0]),
        (MANY, ["3", "7"], [3.0, 7.0]),
    ],
)
def test_further_rows_get_the_labels_of_the_first(first, further, labels):
    like = target(first)
    got = convert_like("g.csv", pa.chunked_array([pa.array(further)]), "y", like=like)
    assert got.values.tolist() == labels
    assert got.values.dtype == like.values.dtype


def test_further_rows_with_other_labels():
    with pytest.raises(DataError, match=r"g\.csv, row 2, column 'y': 'x' is not a number, but the labels of the other rows are"):
        convert_like("g.csv", pa.chunked_array([["1", "x"]]), "y", like=target(["0", "1"]))
