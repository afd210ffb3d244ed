"""Figures of a training as an event file that TensorBoard reads while it grows; TensorBoard itself is not needed to write it.

A record is its length, the length's checksum, the content, and the content's checksum (TensorFlow's record format: CRC-32C,
Castagnoli et al. 1993, turned and shifted). The content is an Event of tensorflow/core/util/event.proto in the wire format of
Protocol Buffers; only the four fields that scalars take are written.
"""

import struct
import time
from collections.abc import Mapping
from pathlib import Path

NAME = "events.out.tfevents.tenon"  # TensorBoard looks for "tfevents" in a name
POLYNOMIAL = 0x82F63B78  # of CRC-32C, its bits reversed
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types


class EventFile:
    """An event file in a folder, made anew when the first figures come."""

    def __init__(self, folder: Path):
        self.path = folder / NAME
        self._is_begun = False

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        """Append figures of one step. Raises OSError where that cannot be done."""
        if not self._is_begun:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(_record(_event(0, _bytes(3, b"brain.Event:2"))))
            self._is_begun = True
        values = b"".join(_bytes(1, _bytes(1, name.encode()) + _float(2, value)) for name, value in figures.items())
        with self.path.open("ab") as file:
            file.write(_record(_event(step, _bytes(5, values))))


def crc32c(content: bytes) -> int:
    """Return CRC-32C of the content."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def _of_byte(crc: int) -> int:
    for _ in range(8):
        crc = crc >> 1 ^ (POLYNOMIAL if crc & 1 else 0)
    return crc


TABLE = tuple(map(_of_byte, range(256)))


def _record(content: bytes) -> bytes:
    length = struct.pack("<Q", len(content))
    return length + _checksum(length) + content + _checksum(content)


def _checksum(content: bytes) -> bytes:
    """Return the checksum as records hold it: turned by 15 bits and shifted, so that records may hold records."""
    crc = crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _event(step: int, what: bytes) -> bytes:
    return _key(1, FIXED64) + struct.pack("<d", time.time()) + _key(2, VARINT) + _varint(step) + what


def _key(field: int, wire_type: int) -> bytes:
    return _varint(field << 3 | wire_type)


def _bytes(field: int, content: bytes) -> bytes:
    return _key(field, BYTES) + _varint(len(content)) + content


def _float(field: int, value: float) -> bytes:
    return _key(field, FIXED32) + struct.pack("<f", value)


def _varint(value: int) -> bytes:
    """Return seven bits a byte, the lowest first; the highest bit of a byte says that more follow."""
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
