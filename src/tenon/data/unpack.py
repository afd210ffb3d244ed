"""Files as streams of bytes, unpacked on the way: gzip, bzip2, xz and Zstandard, known by their first bytes, not by name."""

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, BinaryIO

from tenon.errors import DataError

ENDINGS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "Zstandard"}
BUFFER = 1 << 20  # bytes
LOOKED_AT = 1 << 12  # bytes that tell a text from a damaged archive


def _zstandard(path: Path) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(path.open("rb"), "zstd")


_OPENERS: dict[bytes, tuple[str, Callable[[Path], Any]]] = {
    b"\x1f\x8b": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ\0": ("xz", lzma.open),
    b"\x28\xb5\x2f\xfd": ("Zstandard", _zstandard),
}
_DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError)  # what these formats raise for bytes that are not theirs


def open_unpacked(path: Path) -> BinaryIO:
    """Return the unpacked bytes of a file as a stream.

    Reading it raises DataError where a packed file is damaged; a name such as x.csv.gz may stand for text that a browser has
    unpacked already, but not for anything else, which is refused here.
    """
    with path.open("rb") as plain:
        head = plain.read(LOOKED_AT)
    for start, (name, opener) in _OPENERS.items():
        if head.startswith(start):
            return io.BufferedReader(_Unpacked(opener(path), f"{path.name} is a damaged {name} file"), BUFFER)
    ending = path.suffix.lower()
    if ending in ENDINGS and head and not _is_text(head):
        raise DataError(f"{path.name} is no {ENDINGS[ending]} file, though its name says so; fetch or write it again.")
    return path.open("rb", buffering=BUFFER)


def _is_text(head: bytes) -> bool:
    try:
        return "\0" not in codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeError:
        return False


class _Unpacked(io.RawIOBase):
    """A packed file as it is unpacked; what is damaged is said in words."""

    def __init__(self, stream: IO[bytes], damaged: str):
        self._stream, self._damaged = stream, damaged

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._stream.read(len(buffer))
        except _DAMAGED as error:
            raise DataError(f"{self._damaged} ({error}); fetch or write it again.") from error
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._stream.close()
        super().close()
