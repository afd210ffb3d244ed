"""Files and folders are whole or not there, what stands against writing is one sentence, and changes are noticed."""

import errno
import hashlib
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors.numpy import save_file

from tenon.errors import DataError, ModelFileError, OutputError
from tenon.files import CHECKSUMS, changed, new_file, new_folder, new_text, reading, seal, write_text, writing


def failing(number: int):
    """A write that the system refuses with this error number."""

    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (
            errno.ENOSPC,
            r"cannot write .*x\.txt: the disk is full\. Free some space and run the same line again: what is done stays\.",
        ),
        (errno.EDQUOT, r"cannot write .*x\.txt: your share of the disk is used up\. Free some space and run the same line again"),
        (errno.EACCES, r"cannot write .*x\.txt: you have no right to write there\. Name another place with --out\."),
        (errno.EROFS, r"cannot write .*x\.txt: that disk can only be read\. Name another place with --out\."),
        (errno.EIO, r"cannot write .*x\.txt: Input/output error\."),
    ],
)
def test_what_the_system_says_is_said_plainly(number, said, tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "open", failing(number))
    with pytest.raises(OutputError, match=said):
        write_text(tmp_path / "x.txt", "text")
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_grows_is_whole_or_not_there(tmp_path):
    (tmp_path / "x.txt").write_text("as it was")
    with pytest.raises(FileNotFoundError, match=r"else\.txt"), new_text(tmp_path / "x.txt"):
        (tmp_path / "else.txt").read_text()  # no fault of what is written
    assert [path.read_text() for path in tmp_path.iterdir()] == ["as it was"]
    with new_text(tmp_path / "x.txt") as add:
        add("one ")
        add("字")
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["one 字"]


def test_a_real_refusal(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot write .*file/x\.txt: a part of this path is a file, no folder"):
        write_text(tmp_path / "file" / "x.txt", "text")


def test_a_character_that_utf8_lacks_reads_back_from_json(tmp_path):
    """As a file name in GBK has them on a machine that takes names for UTF-8."""
    name = os.fsdecode("数据.csv".encode("gbk"))
    write_text(tmp_path / "x.json", json.dumps({"name": name}, ensure_ascii=False))
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == {"name": name}


@pytest.mark.parametrize("new", [new_file, new_folder])
def test_a_failure_leaves_the_old_one(new, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "content").write_text("of before")
    with pytest.raises(ZeroDivisionError), new(tmp_path / "old") as unfinished:
        raise ZeroDivisionError(unfinished)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old" / "content").read_text() == "of before"


def test_only_errors_of_the_system_are_told_as_such(tmp_path):
    with pytest.raises(ZeroDivisionError), writing(tmp_path):
        raise ZeroDivisionError


@pytest.mark.parametrize(("mask", "rights"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_others_may_read_tensors_as_they_may_all_new_files(mask, rights, tmp_path):
    """A server that runs as another user reads the models of a run."""
    before = os.umask(mask)
    try:
        with new_folder(tmp_path / "net") as folder:
            (folder / "part").mkdir()
            for where in (folder, folder / "part"):
                save_file({"weights": np.zeros(3)}, where / "model.safetensors")
        with new_file(tmp_path / "alone.safetensors") as file:
            save_file({"weights": np.zeros(3)}, file)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.safetensors")} == {rights}
    assert len(list(tmp_path.rglob("*.safetensors"))) == 3


def test_what_the_system_says_to_safetensors_is_said_plainly(tmp_path, small_files):
    """It has an error of its own for it, which is no OSError."""
    with pytest.raises(OutputError, match=r"cannot write .*net: File too large\."), new_folder(tmp_path / "net") as folder:
        save_file({"weights": np.zeros(1000)}, folder / "model.safetensors")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (SafetensorError("I/O error: No space left on device (os error 28)"), OutputError, r"net: the disk is full\. Free some"),
        (SafetensorError("invalid header"), SafetensorError, "invalid header"),
        (ValueError("as safetensors says: (os error 28)"), ValueError, "as safetensors says"),
    ],
)
def test_of_errors_of_safetensors_those_of_the_system_alone_are_told_as_such(error, kind, said, tmp_path):
    with pytest.raises(kind, match=said), writing(tmp_path / "net"):
        raise error


def test_a_seal_is_what_sha256sum_writes(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "测.txt").write_text("b")
    seal(tmp_path)
    expected = [f"{hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}  {name}" for name in ("a.txt", "测.txt")]
    assert (tmp_path / CHECKSUMS).read_text(encoding="utf-8").splitlines() == expected
    subprocess.run(["sha256sum", "--check", "--quiet", CHECKSUMS], cwd=tmp_path, check=True)


def test_every_change_is_noticed(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(b"0123")
    assert changed(tmp_path) == []  # never sealed
    seal(tmp_path, ["a", "b"])
    assert changed(tmp_path) == []
    (tmp_path / "a").write_bytes(b"0133")
    (tmp_path / "b").unlink()
    (tmp_path / "c").write_bytes(b"")
    assert changed(tmp_path) == ["a", "b"]
    assert changed(tmp_path, ["b", "c"]) == ["b"]
    seal(tmp_path, ["a"])
    assert changed(tmp_path) == ["b"]


@pytest.mark.parametrize("content", [b"", b"chapter one\n", b"\xff\xfe", b"0" * 64 + b"  ../a\n"])
def test_checksums_that_are_none_have_changed_themselves(content, tmp_path):
    (tmp_path / "a").write_bytes(b"0123")
    (tmp_path / CHECKSUMS).write_bytes(content)
    assert changed(tmp_path) == [CHECKSUMS]
    assert changed(tmp_path, ["a"]) == []
    seal(tmp_path)
    assert changed(tmp_path) == []


def test_what_a_damaged_file_makes_of_its_reader_is_one_kind_of_error():
    for wrong in (KeyError("weights"), RecursionError("too deep"), DataError("no labels"), Exception("plain")):
        said = r"m holds no net \(.*\); make it again\.$"
        with pytest.raises(ModelFileError, match=said) as told, reading("m holds no net", "; make it again."):
            raise wrong
        assert told.value.__cause__ is wrong
        assert str(wrong) in str(told.value)
    own = ModelFileError("m is of a later Tenon")
    with pytest.raises(ModelFileError, match=r"^m is of a later Tenon$"), reading("m holds no net"):
        raise own
    with pytest.raises(KeyboardInterrupt), reading("m holds no net"):  # is no fault of the file
        raise KeyboardInterrupt
