import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pytest

from tenon.data.read import read
from tenon.data.tables import read_table
from tenon.errors import DataError

FRAME = pd.DataFrame({"名字": ["张三", "李四"], "x": [1.5, None], "n": [3, 4], "t": pd.to_datetime(["2024-01-01", "2024-01-02"])})


def same(table):
    pd.testing.assert_frame_equal(table.columns.to_pandas(), FRAME, check_dtype=False)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("name", ["t.feather", "t.arrow"])
@pytest.mark.filterwarnings("ignore:.*[Ff]eather.*:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*[Ff]eather.*:FutureWarning")
def test_feather_of_both_versions(tmp_path, name, version):
    kinds = pa.schema([("名字", pa.string()), ("x", pa.float64()), ("n", pa.int64()), ("t", pa.timestamp("ns"))])
    table = pa.Table.from_pandas(FRAME, preserve_index=False).cast(kinds)
    pa.feather.write_feather(table, str(tmp_path / name), version=version)
    same(read_table(tmp_path / name))


@pytest.mark.parametrize("writer", [pa.ipc.new_file, pa.ipc.new_stream])
def test_arrow_file_and_stream(tmp_path, writer):
    table = pa.Table.from_pandas(FRAME, preserve_index=False)
    with writer(str(tmp_path / "t.arrow"), table.schema) as out:
        out.write_table(table)
    same(read_table(tmp_path / "t.arrow"))


def test_a_nameless_index_is_left_out_with_a_note(tmp_path):
    FRAME.set_axis([9, 4]).to_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    same(table)
    assert table.notes == ("The index of the frame that the file was made from was left out.",)


def test_an_index_with_a_name_is_a_column(tmp_path):
    FRAME.set_index(pd.Index(["a", "b"], name="key")).to_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").columns["key"].to_pylist() == ["a", "b"]


@pytest.mark.parametrize("name", ["t.parquet", "t.feather", "t.arrow"])
@pytest.mark.parametrize("content", [b"junk", b"PAR1", b"ARROW1", b"FEA1xx", b"\xff\xff\xff\xff\x10"])
def test_damaged_files(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"{name} is (not )?a .* file(, or a damaged one \(|; call it \.(parquet|feather)\.$)"):
        read_table(tmp_path / name)


def test_types_that_are_not_read_are_said(tmp_path):
    columns = {
        "period": pa.array(pd.period_range("2024-01", periods=3, freq="M")),
        "span": pa.array([1, 2, 3], pa.duration("s")),
        "nested": pa.array([{"a": 1}] * 3),
        "view": pa.array(["a", "b", "a"], pa.string_view()),
        "half": pa.array([1.5, 2.5, 3.5], pa.float16()),
    }
    path = tmp_path / "t.arrow"
    table = pa.table(columns)
    with pa.ipc.new_file(str(path), table.schema) as out:
        out.write_table(table)
    schema = read(path).schema
    assert {column.name: column.kind for column in schema.columns} == {
        "period": "ignore", "span": "ignore", "nested": "ignore", "view": "category", "half": "number",
    }  # fmt: skip
    assert "of the type duration[s], which is not read" in schema["span"].reason
