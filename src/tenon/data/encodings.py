"""Find the encoding of a text file and bring its bytes into UTF-8.

In this order: byte order mark, strict UTF-8, strict GB18030, Latin-1, which fits any bytes and so comes last, with a note.
"""

import codecs
from itertools import islice

from tenon.errors import DataError

CHUNK = 1 << 20  # bytes decoded at a time, so that a check costs no second copy of the file
SAMPLE = 10_000  # characters beyond ASCII that decide between GB18030 and Latin-1
COMMON_SHARE = 0.2  # least share of them in GB 2312, the common characters, for the text to be Chinese
MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 (BOM removed)"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 (BOM removed)"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 (BOM removed)"),
)


def to_utf8(content: bytes, file: str) -> tuple[bytes, str, list[str]]:
    """Return (the text as UTF-8 bytes without byte order mark, name of its encoding, notes for the user).

    Raises DataError where a byte order mark promises an encoding that the bytes do not keep, and for NUL characters.
    """
    text, encoding, notes = _decoded(content, file)
    if (at := text.find(b"\0")) >= 0:
        line = text.count(b"\n", 0, at) + 1
        raise DataError(
            f"{file}, line {line}: holds a NUL character, so it is no plain text; save it as UTF-8 (or, if it is UTF-16, "
            "with a byte order mark)."
        )
    return text, encoding, notes


def _decoded(content: bytes, file: str) -> tuple[bytes, str, list[str]]:
    for mark, codec, name in MARKS:
        if content.startswith(mark):
            if (text := _transcode(content[len(mark) :], codec)) is None:
                raise DataError(f"{file} begins with the mark of {name.split()[0]} but is not; save it as UTF-8.")
            return text, name, []
    if (text := _transcode(content, "utf-8")) is not None:
        return text, "UTF-8", []
    if (text := _transcode(content, "gb18030")) is not None and _is_chinese(text.decode("utf-8")):
        return text, "GB18030", []
    note = (
        f"{file} is neither UTF-8 nor GB18030, so it was read as Latin-1; look whether accented letters are right, "
        "and save it as UTF-8 if not."
    )
    return content.decode("latin-1").encode("utf-8"), "Latin-1", [note]


def _transcode(content: bytes, codec: str) -> bytes | None:
    """Return content as UTF-8 bytes (the same object where it is that already), None where it breaks the codec's rules."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    pieces = []
    try:
        for start in range(0, len(content), CHUNK):
            piece = decoder.decode(content[start : start + CHUNK], final=start + CHUNK >= len(content))
            if codec != "utf-8":
                pieces.append(piece.encode("utf-8"))
    except UnicodeError:
        return None
    return content if codec == "utf-8" else b"".join(pieces)


def _is_chinese(text: str) -> bool:
    """Tell Chinese from Latin-1 that happens to be legal GB18030: "Müller" reads as "M黮ler", with a rare character.

    A single accented letter eats the letter after it and lands outside GB 2312; Chinese texts keep mostly inside.
    """
    beyond = list(islice((c for c in text if c > "\x7f"), SAMPLE))
    common = sum(len(c.encode("gb2312", "ignore")) == 2 for c in beyond)
    return common >= COMMON_SHARE * len(beyond)
