import bz2
import gzip
import lzma

import pyarrow as pa
import pytest

from tenon.data.tables import read_table
from tenon.data.unpack import open_unpacked
from tenon.errors import DataError

TEXT = "名字,x\n张三,1\n李四,2\n".encode()


def zstandard(content):
    return pa.compress(content, codec="zstd", asbytes=True)


def framed_zstandard(path, content):
    """Write a .zst file as the command line tool does: a frame that need not say how long its content is."""
    with pa.CompressedOutputStream(path.open("wb"), "zstd") as out:
        out.write(content)


PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard}


@pytest.mark.parametrize("ending", PACK)
@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_packed_texts_read_as_they_were(tmp_path, name, ending):
    content = TEXT if name.endswith("csv") else '{"名字": "张三", "x": "1"}\n{"名字": "李四", "x": "2"}\n'.encode()
    path = tmp_path / f"{name}.{ending}"
    path.write_bytes(PACK[ending](content))
    assert read_table(path).columns.to_pydict() == {"名字": ["张三", "李四"], "x": ["1", "2"]}


def test_zstandard_in_a_stream_of_blocks(tmp_path):
    framed_zstandard(tmp_path / "t.csv.zst", b"a\n" + b"x\n" * 3_000_000)
    assert read_table(tmp_path / "t.csv.zst").columns.num_rows == 3_000_000


def test_two_gzip_files_in_one(tmp_path):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(TEXT) + gzip.compress("王五,3\n".encode()))
    assert read_table(tmp_path / "t.csv.gz").columns["x"].to_pylist() == ["1", "2", "3"]


@pytest.mark.parametrize("ending", PACK)
def test_a_file_cut_short_is_damaged(tmp_path, ending):
    path = tmp_path / f"t.csv.{ending}"
    path.write_bytes(PACK[ending](TEXT * 1000)[:-10])
    with pytest.raises(
        DataError, match=rf"t\.csv\.{ending} is a damaged (gzip|bzip2|xz|Zstandard) file \(.*; fetch or write it again"
    ):
        read_table(path)


def test_the_name_alone_makes_no_packed_file(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(TEXT)  # as a browser leaves it that has unpacked it
    assert read_table(path).columns.num_rows == 2
    path.write_bytes(b"\x89junk\xff\xfe\x01" * 99)
    with pytest.raises(DataError, match=r"t\.csv\.gz is no gzip file, though its name says so; fetch or write it again"):
        read_table(path)


def test_packed_under_a_plain_name(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(gzip.compress(TEXT))
    with open_unpacked(path) as stream:
        assert stream.read() == TEXT
