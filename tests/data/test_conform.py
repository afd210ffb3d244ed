import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.data.wholly import read_new

from tenon.data.conform import conform
from tenon.data.dataset import Column, Schema
from tenon.data.read import read
from tenon.errors import DataError

TABLE = "zip,mean radius,when,评论,y\n01234,1.5,2024-01-01,很好的酒店真不错,p\n90210,2.5,2024-02-01,早餐很差房间也小,q\n" * 3


@pytest.fixture
def trained(tmp_path):
    (tmp_path / "train.csv").write_text("\n".join(dict.fromkeys(TABLE.splitlines()[:3])), encoding="utf-8")
    return read(tmp_path / "train.csv", "y", kinds={"评论": "text"}, missing=("-",))


def test_the_same_file_gives_the_same_rows(tmp_path, trained):
    new, original = read_new(tmp_path / "train.csv", trained.schema)
    pd.testing.assert_frame_equal(new.frame, trained.without_target().frame)
    assert original["zip"].tolist() == ["01234", "90210"]
    assert original["mean radius"].tolist() == ["1.5", "2.5"]
    assert original.columns.tolist() == ["zip", "mean radius", "when", "评论", "y"]


def test_order_and_extra_columns_do_not_matter(trained):
    frame = trained.frame[["评论", "when", "mean radius", "zip"]].assign(other=1)
    frame.index = [7, 5]
    new = conform(frame, trained.schema)
    assert new.frame.columns.tolist() == ["zip", "mean radius", "when", "评论"]
    assert new.row_ids.tolist() == [0, 1]
    np.testing.assert_array_equal(new.frame.to_numpy(), trained.without_target().frame.to_numpy())


def test_a_data_set_keeps_its_row_ids(trained):
    new = conform(trained.rows(np.array([1])), trained.schema)
    assert new.row_ids.tolist() == [1]
    assert new.schema.features() == trained.schema.features()


def test_kinds_are_those_of_training(trained):
    """All zips of the new rows look like numbers; trained as a category they are read as one."""
    frame = pd.DataFrame({"zip": [4, 5], "mean radius": ["1", "-"], "when": ["2024-01-01", None], "评论": ["好", ""]})
    new = conform(frame, trained.schema)
    assert new.frame["zip"].tolist() == ["4", "5"]
    assert new.frame["mean radius"].tolist()[0] == 1.0
    assert new.frame.isna().sum(axis=1).tolist() == [0, 3]
    assert new.frame.dtypes.astype(str).tolist() == ["str", "float64", "datetime64[us]", "str"]


def test_strange_cells_of_training_are_missing_in_new_rows_too(tmp_path):
    rows = "\n".join(f"{i % 7 + 0.5},{i % 2}" for i in range(40))
    (tmp_path / "t.csv").write_text(f"x,y\n{rows}\nn.v.t.,1\n")
    schema = read(tmp_path / "t.csv", "y").schema
    assert conform(pd.DataFrame({"x": ["n.v.t.", "3"]}), schema).frame["x"].isna().tolist() == [True, False]
    with pytest.raises(DataError, match=r"the frame, row 2, column 'x': 'zzz' is not a number \(2 such cells, rows 2, 3\)"):
        conform(pd.DataFrame({"x": ["1", "zzz", "kk"]}), schema)


def test_a_text_a_line_is_the_one_column_whatever_it_is_called(tmp_path):
    (tmp_path / "new.txt").write_text("Anna in\tParis\n\nEU \n", encoding="utf-8")
    for kind, cells in (("text", ["Anna in\tParis", None, "EU "]), ("tokens", [["Anna", "in", "Paris"], [], ["EU"]])):
        new, original = read_new(tmp_path / "new.txt", Schema((Column("en", kind),), 9))
        assert [None if cell != cell else cell for cell in new.frame["en"].tolist()] == cells
        assert original["en"].fillna("").tolist() == ["Anna in\tParis", "", "EU "]
    with pytest.raises(DataError, match=r"new\.txt lacks 2 of the 2 columns the model was trained on: 'en', 'zh'"):
        read_new(tmp_path / "new.txt", Schema((Column("en", "text"), Column("zh", "text")), 9))


def test_thousands_are_read_as_in_training():
    data = read(pd.DataFrame({"x": ["7294", "43,875"] * 10, "z": ["7294", "4387"] * 10, "y": ["p", "q"] * 10}), "y")
    schema = Schema.from_json(data.schema.to_json())
    frame = pd.DataFrame({"x": ["1,234"], "z": ["1"]})
    assert conform(frame, schema).frame["x"].tolist() == [1234]
    assert conform(read(frame), schema).frame["x"].tolist() == [1234]
    with pytest.raises(DataError, match=r"column 'z': '1,234' is not a number"):
        conform(pd.DataFrame({"x": ["1"], "z": ["1,234"]}), schema)


def test_missing_columns_are_named_all_at_once(tmp_path, trained):
    (tmp_path / "new.csv").write_text("zip,mean_radius,评论\n1,2,好\n", encoding="utf-8")
    message = (
        r"new\.csv lacks 2 of the 4 columns the model was trained on: 'mean radius', 'when'\.\n"
        r"  Columns that look alike: 'mean_radius'\. Rename them, or train without these 2: "
        r"tenon compare … --kind 'mean radius=ignore'"
    )
    with pytest.raises(DataError, match=message):
        read_new(tmp_path / "new.csv", trained.schema)
    with pytest.raises(DataError, match=r"the frame lacks 1 of the 4 columns the model was trained on: 'when'\.$"):
        conform(trained.frame.drop(columns="when"), trained.schema)


def test_a_column_that_stands_there_twice(trained):
    twice = pd.concat([trained.frame, trained.frame[["zip"]]], axis=1)
    with pytest.raises(DataError, match="the frame has more than one column 'zip'"):
        conform(twice, trained.schema)


def test_cells_that_do_not_fit(tmp_path, trained):
    (tmp_path / "new.csv").write_text("zip,mean radius,when,评论\n1,2,2024-01-01,好\n1,2,later,好\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"new\.csv, row 2, column 'when': 'later' is not a date; correct the cell, or leave it empty"
    ):
        read_new(tmp_path / "new.csv", trained.schema)
    with pytest.raises(DataError, match=r"row 1, column 'mean radius': 'inf' is not a number"):
        conform(trained.frame.assign(**{"mean radius": [np.inf, 1.0]}), trained.schema)


def test_images_by_path_and_as_bytes(tmp_path, monkeypatch):
    for name in ("a/1.png", "b/2.png"):
        (tmp_path / name).parent.mkdir()
        Image.new("L", (2, 2)).save(tmp_path / name)
    schema = read(tmp_path).schema
    flat, original = read_new(tmp_path / "a", schema)
    assert (flat.frame["image"].tolist(), flat.root) == (["1.png"], tmp_path / "a")
    assert original["image"].tolist() == ["1.png"]
    assert read_new(tmp_path, schema)[0].frame["image"].tolist() == ["a/1.png", "b/2.png"]
    assert read_new(tmp_path / "a" / "1.png", schema)[0].frame["image"].tolist() == ["1.png"]

    monkeypatch.chdir(tmp_path)
    by_path = conform(pd.DataFrame({"image": ["b/2.png"]}), schema)
    assert (by_path.root / by_path.frame["image"][0]).read_bytes() == (tmp_path / "b/2.png").read_bytes()
    with pytest.raises(DataError, match=r"the image 'b/3\.png' is not there"):
        conform(pd.DataFrame({"image": ["b/3.png"]}), schema)
    content = (tmp_path / "b/2.png").read_bytes()
    assert conform(pd.DataFrame({"image": [content]}), schema).frame["image"].tolist() == [content]


def test_images_for_a_table_model(tmp_path):
    Image.new("L", (2, 2)).save(tmp_path / "1.png")
    with pytest.raises(DataError, match=r"holds images, but the model was trained on a table with the columns 'x'"):
        read_new(tmp_path, Schema((Column("x", "number"),), 1))


def test_no_rows_are_no_error_for_a_frame(trained):
    assert len(conform(trained.frame.iloc[:0], trained.schema)) == 0
