import datetime
import os
import time

import numpy as np
import pandas as pd
import pytest

from tenon.data.dataset import Column, Dataset, Schema
from tenon.data.read import read
from tenon.errors import DataError, SettingsError


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def reviews(tmp_path):
    return write(tmp_path / "reviews.csv", "text,label\ngood,pos\nbad,neg\nawful,neg\n")


def test_a_table(tmp_path):
    data = read(write(tmp_path / "t.csv", "zip,量,y\n01234,1.5,a\n90210,?,b\n90210,2,a\n"), "y")
    assert data.name == "t.csv"
    assert data.how_read == "UTF-8"
    assert [(c.name, c.kind, c.role) for c in data.schema.columns] == [
        ("zip", "category", "feature"),
        ("量", "number", "feature"),
        ("y", "category", "target"),
    ]
    assert data.frame["zip"].tolist() == ["01234", "90210", "90210"]
    assert data.row_ids.dtype == np.int64
    assert data.schema.n_rows == 3


def test_without_target(reviews):
    assert read(reviews).target is None


@pytest.mark.mission("B1")
def test_given_kinds_and_missing_cells(tmp_path):
    path = write(tmp_path / "t.csv", "a,b,y\n1,x,p\n2,-,q\n3,-,p\n")
    data = read(path, "y", kinds={"a": "category"}, missing=("-",))
    assert data.schema["a"] == Column("a", "category", "feature", "given by --kind", ("-",))
    assert data.frame["b"].isna().tolist() == [False, True, True]


def test_rows_without_target_keep_their_place_free(tmp_path):
    data = read(write(tmp_path / "t.csv", "a,y\n1,p\n2,\n3,q\n4,NA\n5,p\n"), "y")
    assert data.row_ids.tolist() == [0, 2, 4]
    assert data.notes == ("t.csv: 2 rows have no target and were left out (column 'y').",)
    assert data.schema.n_rows == 3


def test_final_file_goes_on_from_the_first(tmp_path):
    first = write(tmp_path / "a.csv", "zip,x,y\n01,1,p\n02,2,\n03,3,q\n")
    second = write(tmp_path / "b.csv", "y,x,zip\nq,7,4\np,k,01\n,1,01\n")
    data = read(first, "y", final=second)
    assert data.row_ids.tolist() == [0, 2, 3, 4]
    assert data.final_ids.tolist() == [3, 4]
    assert data.frame["zip"].tolist() == ["01", "03", "4", "01"]  # a category in both, though 4 alone would be a number
    assert data.frame["x"].tolist()[:3] == [1, 3, 7]
    assert any("b.csv, column 'x': 1 cells are no numbers" in note for note in data.notes)
    assert data.schema.n_rows == 4


def test_strange_cells_of_the_first_file_are_missing_in_the_final_one_too(tmp_path):
    rows = "\n".join(f"{i % 7 + 0.5},{i % 2}" for i in range(40))
    first = write(tmp_path / "a.csv", f"x,y\n{rows}\nn.v.t.,1\n")
    data = read(first, "y", final=write(tmp_path / "b.csv", "x,y\nn.v.t.,1\n2,0\n"))
    assert len(data.notes) == 1
    assert "Column 'x': 1 of 41 cells is no number and counts as missing (row 41" in data.notes[0]


def test_final_file_with_other_columns(tmp_path):
    first = write(tmp_path / "a.csv", "a,mean radius,y\n1,2,p\n2,3,q\n")
    with pytest.raises(
        DataError, match=r"b\.csv, the final rows, lacks 1 of the 3 columns: 'mean radius'\. Columns .*'mean_radius'"
    ):
        read(first, "y", final=write(tmp_path / "b.csv", "a,mean_radius,y\n1,2,p\n"))
    with pytest.raises(DataError, match=r"c\.csv, the final rows, has columns that the other rows do not have: 'z'"):
        read(first, "y", final=write(tmp_path / "c.csv", "a,mean radius,y,z\n1,2,p,1\n"))
    with pytest.raises(DataError, match=r"d\.csv has no column 'y', so its rows cannot be final ones"):
        read(first, "y", final=write(tmp_path / "d.csv", "a,mean radius\n1,2\n"))


def test_a_folder_of_train_and_test_tables(tmp_path):
    write(tmp_path / "train.csv", "a,y\n1,p\n2,q\n")
    write(tmp_path / "test.csv", "a,y\n3,p\n")
    data = read(tmp_path, "y")
    assert data.name == tmp_path.name
    assert data.final_ids.tolist() == [2]
    with pytest.raises(SettingsError, match=r"brings its own final rows \(.*test\.csv\); --final cannot add others"):
        read(tmp_path, "y", final=tmp_path / "test.csv")
    (tmp_path / "test.csv").rename(tmp_path / "other.csv")
    with pytest.raises(DataError, match=r"is a folder with the tables 'other\.csv', 'train\.csv'; name one"):
        read(tmp_path, "y")
    (tmp_path / "other.csv").rename(tmp_path / "test.csv")
    write(tmp_path / "dev.csv", "a,y\n3,p\n")
    with pytest.raises(DataError, match=r"is a folder with the tables 'dev\.csv', 'test\.csv', 'train\.csv'; name one"):
        read(tmp_path, "y")


@pytest.mark.parametrize("role", ["target", "group", "time", "weight"])
def test_unknown_columns_are_answered_with_near_names(reviews, role):
    message = r"reviews\.csv has no column 'lable'; did you mean 'label'\? Columns: text, label\."
    with pytest.raises(DataError, match=message):
        read(reviews, **{role: "lable"})
    with pytest.raises(DataError, match=message):
        read(reviews, "label", kinds={"lable": "category"})


def test_settings_that_contradict_each_other(reviews):
    with pytest.raises(SettingsError, match=r"no kind 'categroy'; did you mean 'category'\?"):
        read(reviews, "label", kinds={"text": "categroy"})
    with pytest.raises(SettingsError, match=r"column 'label' is the target, so its kind cannot be given"):
        read(reviews, "label", kinds={"label": "category"})
    with pytest.raises(SettingsError, match=r"column 'label' cannot be target and group at once"):
        read(reviews, "label", group="label")


ROLES = "x,user,when,w,y\n1,7,2024-01-02,1,p\n2,7,2024-01-01,0,q\n4,8,2024-01-03,2.5,p\n"


def test_roles(tmp_path):
    data = read(write(tmp_path / "t.csv", ROLES), "y", group="user", time="when", weight="w")
    assert {c.name: (c.role, c.kind) for c in data.schema.columns} == {
        "x": ("feature", "number"),
        "user": ("group", "category"),
        "when": ("time", "date"),
        "w": ("weight", "number"),
        "y": ("target", "category"),
    }
    assert data.schema.features() == ["x"]
    assert data.frame["user"].tolist() == ["7", "7", "8"]


@pytest.mark.parametrize(
    ("old", "new", "roles", "message"),
    [
        ("2,7,", "2,,", {"group": "user"}, r"t\.csv, row 2, column 'user': '', but every row needs its group"),
        ("2024-01-01", "soon", {"time": "when"}, r"row 2, column 'when': 'soon', but every row needs a number or a date"),
        ("2024-01-01,0", "2024-01-01,-1", {"weight": "w"}, r"row 2, column 'w': '-1', but .* a number that is not negative"),
        ("2024-01-01,0", "2024-01-01,heavy", {"weight": "w"}, r"row 2, column 'w': 'heavy', but every row needs a number"),
    ],
)
def test_roles_need_every_cell(tmp_path, old, new, roles, message):
    with pytest.raises(DataError, match=message):
        read(write(tmp_path / "t.csv", ROLES.replace(old, new)), "y", **roles)


def test_a_row_without_target_needs_no_group(tmp_path):
    text = ROLES.replace("2,7,2024-01-01,0,q", "2,,2024-01-01,0,")
    assert read(write(tmp_path / "t.csv", text), "y", group="user").row_ids.tolist() == [0, 2]


def test_nothing_to_learn_from(tmp_path):
    with pytest.raises(DataError, match=r"has no column to learn from \('a' the same value in every row: '1'\)"):
        read(write(tmp_path / "t.csv", "a,y\n1,p\n1,q\n"), "y")
    with pytest.raises(DataError, match=r"has no column to learn from \(the target is the only one\)"):
        read(write(tmp_path / "u.csv", "y\np\nq\n"), "y")
    with pytest.raises(DataError, match=r"column 'y', the target, is empty in every row"):
        read(write(tmp_path / "v.csv", "a,y\n1,\n2,\n"), "y")


def test_a_frame_reads_as_its_csv(tmp_path):
    frame = pd.DataFrame(
        {
            "n": [1.5, None, 3],
            "i": [3, 1, 2],
            "s": ["a", "b", None],
            "c": pd.Categorical(["u", "v", "u"]),
            "t": pd.to_datetime(["2024-01-01", "2024-01-02", None]),
            "b": [True, False, True],
            "y": ["p", "q", "p"],
        },
        index=[9, 4, 7],
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    ours, theirs = read(frame, "y"), read(tmp_path / "t.csv", "y")
    assert [c.kind for c in ours.schema.columns] == [c.kind for c in theirs.schema.columns]
    pd.testing.assert_frame_equal(ours.frame, theirs.frame)
    assert ours.name == "data"


def test_frames_of_odd_columns():
    frame = pd.DataFrame({"mixed": ["a", 1, "a"], "lists": [["a"], ["b", "c"], []], 5: [1, 2, 3], "y": [0, 1, 0]})
    data = read(frame, "y")
    assert data.frame["mixed"].tolist() == ["a", "1", "a"]
    assert data.frame["lists"].tolist() == [["a"], ["b", "c"], []]
    assert "5" in data.schema
    with pytest.raises(DataError, match=r"the frame has 2 columns called 'a'"):
        read(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(DataError, match=r"the frame has no rows"):
        read(pd.DataFrame({"a": []}))


def test_names_of_a_frame_may_be_anything():
    rows = [[1.5, "p"], [2.5, "q"], [2.0, "p"]]
    for names, target in (([0, 1], 1), ([1, 0], 0), ([np.int64(7), "y"], "y"), ([("a", "x"), ("a", "y")], ("a", "y"))):
        data = read(pd.DataFrame(rows, columns=names), target, kinds={names[0]: "category"})
        assert data.target.tolist() == ["p", "q", "p"]
        assert data.schema.columns[0] == Column(str(names[0]), "category", "feature", "given by --kind")
    data = read(pd.DataFrame(rows, columns=[None, "y"]), "y")
    assert data.schema.features() == ["column 1"]
    assert "Columns without a name were called by their place: 'column 1'." in data.notes
    with pytest.raises(DataError, match=r"the frame has 2 columns called '1' \(columns 1, 2\); give each a name of its own\.$"):
        read(pd.DataFrame(rows, columns=[1, "1"]))
    with pytest.raises(DataError, match=r"the frame has no columns"):
        read(pd.DataFrame(index=[1, 2]))


@pytest.mark.parametrize(
    "index", [[5, 5, 5], [np.nan] * 3, pd.date_range("2024", periods=3), pd.MultiIndex.from_product([[1], list("abc")])]
)
def test_the_index_of_a_frame_is_not_looked_at(index):
    data = read(pd.DataFrame({"x": [1.5, 2, 2.5], "y": ["p", "q", "p"]}, index=index), "y")
    assert data.row_ids.tolist() == [0, 1, 2]
    assert data.frame["x"].tolist() == [1.5, 2, 2.5]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([np.int64(1), np.float64(2.5), "x"], ["1", "2.5", "x"]),
        ([np.bool_(True), "x", "x"], ["True", "x", "x"]),
        ([datetime.datetime(2024, 3, 1), "2024-03-02", "2024-03-03"], [datetime.datetime(2024, 3, day) for day in (1, 2, 3)]),
        (pd.arrays.SparseArray([1, 0, 4]), [1.0, 0.0, 4.0]),
        (pd.array([1, None, 3], dtype="Int64"), [1.0, np.nan, 3.0]),
        ([10**30, 5, 5], [1e30, 5.0, 5.0]),
    ],
)
def test_odd_cells_of_a_frame(cells, expected):
    column = pd.Series(cells, dtype=object if isinstance(cells, list) else None)
    data = read(pd.DataFrame({"x": column, "y": ["p", "q", "p"]}), "y")
    pd.testing.assert_series_equal(data.frame["x"], pd.Series(expected), check_names=False, check_index=False, check_dtype=False)


def test_a_category_of_tuples_is_left_out():
    tuples = pd.Series(pd.Categorical([(1, 2), (3, 4), (1, 2)]))
    assert read(pd.DataFrame({"x": tuples, "n": [1.5, 2, 3]})).schema["x"].reason.startswith("nested values")


def test_half_a_character_is_named():
    frame = pd.DataFrame({"x": pd.Series(["a", "b\ud83d", "a"], dtype=object)})
    with pytest.raises(DataError, match=r"the frame, column 'x', row 2: holds half a character \(\\ud83d alone\); take it out"):
        read(frame)


def test_reading_leaves_the_frame_alone():
    frame = pd.DataFrame({"a": [" x", "y"], "y": ["1", "2"]}, index=[5, 5])
    before = frame.copy()
    read(frame, "y")
    pd.testing.assert_frame_equal(frame, before)


def test_the_data_set_survives_its_folder(tmp_path, reviews):
    data = read(reviews, "label", missing=("-",))
    data.save(tmp_path / "saved")
    again = Dataset.load(tmp_path / "saved")
    pd.testing.assert_frame_equal(again.frame, data.frame)
    assert again.schema == data.schema
    assert Schema.from_json(data.schema.to_json()) == data.schema


def test_final_rows_have_thousands_as_the_others(tmp_path):
    first = write(tmp_path / "a.csv", 'x,y\n7294,p\n"43,875",q\n')
    data = read(first, "y", final=write(tmp_path / "b.csv", 'x,y\n"1,234",p\n'))
    assert data.frame["x"].tolist() == [7294, 43875, 1234]


def test_data_and_schema_print_in_a_line(tmp_path, reviews):
    data = read(reviews, "label", kinds={"text": "text"})
    assert repr(data) == "reviews.csv: 3 rows, 2 columns, target label"
    assert repr(data.schema) == "Schema(3 rows; text: text; label: category, target)"
    assert repr(read(pd.DataFrame({"a": [1.5, 2]}))) == "data: 2 rows, 1 column"
    final = read(reviews, "label", final=write(tmp_path / "f.csv", "text,label\nfine,pos\n"))
    assert repr(final) == "reviews.csv: 4 rows, 1 of them final, 2 columns, target label"
    wide = read(pd.DataFrame({f"c{i}": [i, i + 1] for i in range(13)}))
    assert repr(wide.schema).endswith("c9: number; … 3 more)")


def test_sources_are_kept_as_they_were_given(tmp_path, reviews):
    data = read(str(reviews), "label", final=reviews)
    assert (data.source, data.final_source) == (str(reviews), str(reviews))
    frame = pd.read_csv(reviews)
    assert (read(frame, "label").source, read(frame, "label").final_source) == ("", "")
    assert read(reviews, "label").fingerprint() == read(frame, "label").fingerprint()


def test_values_of_a_category_are_counted_as_they_stay(tmp_path):
    rows = "a,p\n a,q\nb,p\n?,q\nc,\n"
    data = read(write(tmp_path / "t.csv", "k,y\n" + rows), "y")
    assert data.frame["k"].nunique() == 2
    assert data.schema["k"].reason == "2 different values"
    frame = pd.DataFrame({"k": pd.Categorical(["a", "?", "b"]), "y": ["p", "q", "p"]})
    assert read(frame, "y").schema["k"].reason == "2 different values"


def test_columns_may_be_called_anything(tmp_path):
    data = read(write(tmp_path / "t.csv", "self,row,index\na,1,p\nb,3,q\n"), "self")
    assert data.target.tolist() == ["a", "b"]
    assert data.schema.features() == ["row", "index"]


def test_image_paths_in_a_table_must_be_there(tmp_path):
    path = write(tmp_path / "t.csv", "file,y\na.png,p\nb.png,q\n")
    with pytest.raises(DataError, match=r"the image '.*a\.png' is not there \(2 such cells, rows 1, 2\)"):
        read(path, "y", kinds={"file": "image"})


@pytest.mark.parametrize(
    ("name", "target", "task", "n_rows", "n_final", "odd_kinds"),
    [
        ("adult/train.csv.gz", "income", "category", 32561, 0, {}),
        ("adult", "income", "category", 48842, 16281, {}),
        ("abalone/data.csv", "rings", "number", 4177, 0, {}),
        ("car_evaluation/data.csv", "class", "category", 1728, 0, {}),
        ("chnsenticorp_hotel", "label", "category", 7765, 1553, {"text": "text"}),
        ("sentence_polarity/train.csv.gz", "label", "category", 8529, 0, {"text": "text"}),
        ("cifar10_mini", None, "category", 2000, 500, {"image": "image"}),
        ("bike_sharing/hour.csv.gz", "cnt", "number", 17379, 0, {"dteday": "date", "instant": "ignore"}),
        ("mushroom/data.csv.gz", "class", "category", 8124, 0, {"veil_type": "ignore"}),
        ("newsgroups20_long", "label", "category", 1573, 546, {"id": "ignore", "text": "text"}),
        ("fudan_long", "label", "category", 615, 165, {"id": "ignore", "text": "text"}),
        ("movietweetings_100k/movies.csv.gz", "year", "number", 10506, 0, {"movie_id": "ignore", "title": "text"}),
    ],
)
def test_real_data(tenon_data, name, target, task, n_rows, n_final, odd_kinds):
    data = read(tenon_data / name, target)
    assert (len(data), len(data.final_ids)) == (n_rows, n_final)
    assert data.schema.with_role("target").kind == task
    found = {c.name: c.kind for c in data.schema.columns if c.role == "feature" and c.kind not in ("number", "category")}
    assert found == odd_kinds
    assert data.notes == ()


def test_classes_of_final_rows_are_read_as_those_of_the_others(tmp_path):
    first = write(tmp_path / "a.csv", "x,y\n1,a\n2,7\n2,a\n4,7\n")
    data = read(first, "y", final=write(tmp_path / "b.csv", "x,y\n1,7\n2,7\n"))
    assert data.target.tolist() == ["a", "7", "a", "7", "7", "7"]


def test_callers_time_zone_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "TZ", "Asia/Shanghai")
    time.tzset()
    data = read(write(tmp_path / "t.csv", "d,y\n2024-01-01T00:00:00Z,p\n2024-01-02,q\n"), "y")
    assert data.frame["d"].tolist() == [datetime.datetime(2024, 1, 1), datetime.datetime(2024, 1, 2)]
    monkeypatch.undo()
    time.tzset()


def test_weight_and_id_are_given_like_kinds():
    frame = pd.DataFrame({"key": ["a", "b"] * 20, "x": [k % 7 for k in range(40)], "w": [1.0, 2.0] * 20, "y": ["n", "j"] * 20})
    data = read(frame, "y", kinds={"w": "weight", "key": "id"})
    roles = {column.name: (column.role, column.kind, column.reason) for column in data.schema.columns}
    assert roles["w"] == ("weight", "number", "given by --kind")
    assert roles["key"] == ("id", "ignore", "given by --kind")
    assert data.schema.features() == ["x"]
    with pytest.raises(SettingsError, match="only one column can be the weight; got 'w' and 'x'"):
        read(frame, "y", kinds={"w": "weight", "x": "weight"})
    with pytest.raises(SettingsError, match="no kind 'wieght'; did you mean 'weight'"):
        read(frame, "y", kinds={"w": "wieght"})
