"""Reads event files, from the published formats alone."""

import struct
from pathlib import Path


def crc_bit_by_bit(content: bytes) -> int:
    """CRC-32C without a table: division of polynomials, the highest power in the lowest bit."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 * (crc & 1))
    return crc ^ 0xFFFFFFFF


def records(path: Path) -> list[bytes]:
    content, found = path.read_bytes(), []
    while content:
        length, crc = struct.unpack("<QI", content[:12])
        data, [crc_of_data] = content[12 : 12 + length], struct.unpack("<I", content[12 + length : 16 + length])
        for part, said in ((content[:8], crc), (data, crc_of_data)):
            unmasked = (said - 0xA282EAD8) % 2**32
            assert (unmasked << 15 | unmasked >> 17) % 2**32 == crc_bit_by_bit(part)
        found.append(data)
        content = content[16 + length :]
    return found


def fields(message: bytes) -> list[tuple[int, int | bytes]]:
    """Number and content of each field of a message of Protocol Buffers."""
    found, at = [], 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte, at = message[at], at + 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        number, kind = divmod(varint(), 8)
        if kind == 0:
            found.append((number, varint()))
            continue
        size = {1: 8, 5: 4}.get(kind) or varint()
        found.append((number, message[at : at + size]))
        at += size
    return found
