"""Find the encoding of a text file and read it as UTF-8, block by block, so that no text stands in memory whole.

In this order: byte order mark, strict UTF-8, strict GB18030 that reads as Chinese, Windows-1252 that reads as a language of
Western Europe, with a note. Bytes that fit none of these stop the reading: a guess would change cells unseen.
"""

import codecs
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from tenon.errors import DataError

CHUNK = 1 << 20  # bytes decoded at a time
SAMPLE = 10_000  # characters beyond ASCII that decide between GB18030 and Windows-1252
COMMON_SHARE = 0.4  # least share of common Chinese characters and marks among them for the text to be Chinese
COMMON = {bytes([b]) for b in (*range(0xA1, 0xA4), *range(0xB0, 0xD8))}  # how marks and the 3,755 commonest begin in GB 2312
LONG_RUNS = 0.1  # most runs of three or more characters beyond ASCII in a text of Western Europe
UNUSUAL = 0.1  # most characters beyond ASCII there that are neither letters nor the usual signs
FEW = 0.01  # share of broken characters up to which a text is taken for damaged, not for one in another encoding
STRAY = re.compile("[\udc80-\udcff]")  # how Python writes bytes that break the rules of a codec
BEYOND = re.compile(r"[^\x00-\x7f]+")
USUAL = re.compile(r"[À-ÖØ-öø-ÿŒœŠšŽžŸ‘’‚“”„‹›«»–—…€£¥§°ºª²³¹½¼¾±×µ·•©®™¿¡\xa0´`¨]")  # of Western Europe
MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 (BOM removed)"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 (BOM removed)"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 (BOM removed)"),
)

TAIL = 8  # bytes at the end of a text that are kept

Opener = Callable[[], BinaryIO]  # opens the bytes of a file from their beginning


@dataclass(frozen=True)
class Encoding:
    """How the bytes of a text are read."""

    codec: str  # as Python calls it
    name: str  # for the user
    n_mark: int = 0  # bytes of the byte order mark, which are passed over
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Survey:
    """What a text looks like in a codec that it may break."""

    n_good: int  # characters beyond ASCII
    n_bad: int  # bytes that break the rules
    line: int  # of the first of them, counted from 1
    byte: int  # the first of them
    sample: str  # characters beyond ASCII, in runs with blanks between

    @property
    def is_damaged(self) -> bool:
        return 0 < self.n_bad <= FEW * self.n_good


def find_encoding(open_file: Opener, file: str) -> Encoding:
    """Return the encoding of a text, having read all of it.

    Raises DataError, with the line, for NUL characters and for bytes that fit no encoding, or not the one that the others fit.
    """
    with open_file() as stream:
        head = stream.read(4)
    for mark, codec, name in MARKS:
        if head.startswith(mark):
            if not _keeps(open_file, codec, len(mark), file):
                raise DataError(f"{file} begins with the mark of {name.split()[0]} but is not; save it as UTF-8.")
            return Encoding(codec, name, len(mark))
    if _keeps(open_file, "utf-8", 0, file):
        return Encoding("utf-8", "UTF-8")
    utf8 = _survey(open_file, "utf-8")
    if utf8.n_good > utf8.n_bad:
        raise _damaged(file, utf8, "UTF-8")
    chinese = _survey(open_file, "gb18030")
    if (not chinese.n_bad or chinese.is_damaged) and _is_chinese(chinese.sample):
        if chinese.n_bad:
            raise _damaged(file, chinese, "GB18030")
        return Encoding("gb18030", "GB18030")
    if not _is_western(_survey(open_file, "cp1252")):
        raise DataError(
            f"{file}, line {utf8.line:,}: the byte 0x{utf8.byte:02X} is not UTF-8, and the text reads neither as GB18030 nor as "
            "Windows-1252; save it as UTF-8."
        )
    _keeps(open_file, "cp1252", 0, file)  # raises for NUL characters, as UTF-16 without its mark has
    note = (
        f"{file} is neither UTF-8 nor GB18030, so it was read as Windows-1252 (Western Europe); look whether accented letters "
        "are right, and save it as UTF-8 if not."
    )
    return Encoding("cp1252", "Windows-1252", notes=(note,))


def _damaged(file: str, survey: _Survey, name: str) -> DataError:
    others = f" ({survey.n_bad:,} such bytes)" if survey.n_bad > 1 else ""
    return DataError(
        f"{file}, line {survey.line:,}: the byte 0x{survey.byte:02X} is not {name}, but the rest of the text is{others}; correct "
        "the line, or save the file anew as UTF-8."
    )


def _keeps(open_file: Opener, codec: str, n_mark: int, file: str) -> bool:
    """Say whether a text keeps the rules of a codec. Raises DataError for a NUL character before it breaks them."""
    n_lines = 0
    try:
        for piece in _decoded(open_file, codec, n_mark, "strict"):
            if (at := piece.find("\0")) >= 0:
                raise DataError(
                    f"{file}, line {n_lines + piece.count(chr(10), 0, at) + 1:,}: holds a NUL character, so it is no plain text; "
                    "save it as UTF-8 (or, if it is UTF-16, with a byte order mark)."
                )
            n_lines += piece.count("\n")
    except UnicodeError:
        return False
    return True


def _decoded(open_file: Opener, codec: str, n_mark: int, errors: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)(errors)
    with open_file() as stream:
        stream.read(n_mark)
        while piece := stream.read(CHUNK):
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)


def _survey(open_file: Opener, codec: str) -> _Survey:
    n_good = n_bad = n_lines = line = byte = 0
    sample: list[str] = []
    n_sampled = 0
    for piece in _decoded(open_file, codec, 0, "surrogateescape"):
        strays = STRAY.findall(piece)
        if strays and not n_bad:
            line, byte = n_lines + piece.count("\n", 0, piece.index(strays[0])) + 1, ord(strays[0]) - 0xDC00
        n_bad += len(strays)
        n_lines += piece.count("\n")
        runs = BEYOND.findall(STRAY.sub("", piece))
        n_good += sum(map(len, runs))
        if n_sampled < SAMPLE:
            sample += runs
            n_sampled += sum(map(len, runs))
        if n_bad > SAMPLE and n_bad > n_good:  # surely another codec
            break
    return _Survey(n_good, n_bad, line, byte, " ".join(sample)[: 2 * SAMPLE])


def _is_chinese(sample: str) -> bool:
    """Tell Chinese from other bytes that happen to be legal GB18030: "Müller" reads as "M黮ler", with a rare character.

    A single accented letter eats the letter after it and lands among rare characters, and so does Big5.
    """
    beyond = sample.replace(" ", "")[:SAMPLE]
    return sum(c.encode("gb2312", "ignore")[:1] in COMMON for c in beyond) >= COMMON_SHARE * len(beyond)


def _is_western(survey: _Survey) -> bool:
    """Tell a text of Western Europe from Cyrillic or Japanese bytes read so: accented letters stand between plain ones."""
    runs = survey.sample.split(" ")
    is_usual = len(USUAL.findall(survey.sample)) >= (1 - UNUSUAL) * sum(map(len, runs))
    return not survey.n_bad and is_usual and sum(len(run) > 2 for run in runs) <= LONG_RUNS * len(runs)


class Utf8(io.RawIOBase):
    """The text of a file as UTF-8 bytes, without byte order mark; the last line always ends.

    `tail` holds the last bytes that were read.
    """

    def __init__(self, stream: BinaryIO, encoding: Encoding):
        self._stream, self._rest, self.tail = stream, memoryview(b""), b"\n"
        self._decoder = None if encoding.codec == "utf-8" else codecs.getincrementaldecoder(encoding.codec)("strict")
        self._is_at_end = False
        stream.read(encoding.n_mark)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest and not self._is_at_end:
            self._rest = memoryview(self._next(max(len(buffer), CHUNK)))
        n = min(len(buffer), len(self._rest))
        buffer[:n], self._rest = self._rest[:n], self._rest[n:]
        return n

    def _next(self, n_bytes: int) -> bytes:
        piece = self._stream.read(n_bytes)
        self._is_at_end = not piece
        if self._decoder is not None:
            piece = self._decoder.decode(piece, final=self._is_at_end).encode("utf-8")
        if self._is_at_end and not self.tail.endswith((b"\n", b"\r")):
            piece += b"\n"
        self.tail = (self.tail + piece[-TAIL:])[-TAIL:]
        return piece

    def close(self) -> None:
        self._stream.close()
        super().close()


def as_utf8(open_file: Opener, encoding: Encoding) -> BinaryIO:
    """Return the text as a stream of UTF-8 bytes, from its beginning."""
    return io.BufferedReader(Utf8(open_file(), encoding), CHUNK)
