"""Event files read by a reader written from the published formats, and checksums with their published check value."""

import struct

import pytest
from tests.trials.event_files import fields, records

from tenon.trials.tensorboard import EventFile, crc32c


def test_the_checksum_has_its_published_check_value():
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert crc32c(b"") == 0


def test_scalars_are_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr("tenon.trials.tensorboard.time.time", lambda: 1.5e9)
    file = EventFile(tmp_path / "new" / "folder")
    assert not file.path.parent.exists()
    file.add(3, {"loss": 0.75, "held-out loss": 0.5})
    file.add(70_000, {"loss": -0.25})
    first, *others = [dict(fields(record)) for record in records(file.path)]
    assert first == {1: struct.pack("<d", 1.5e9), 2: 0, 3: b"brain.Event:2"}
    steps = [event[2] for event in others]
    said = [[dict(fields(value)) for _, value in fields(event[5])] for event in others]
    assert steps == [3, 70_000]
    assert [[(one[1].decode(), struct.unpack("<f", one[2])[0]) for one in values] for values in said] == [
        [("loss", 0.75), ("held-out loss", 0.5)], [("loss", -0.25)],
    ]  # fmt: skip


def test_a_training_that_begins_anew_writes_anew(tmp_path):
    EventFile(tmp_path).add(1, {"loss": 1.0})
    again = EventFile(tmp_path)
    again.add(2, {"loss": 2.0})
    assert len(records(again.path)) == 2  # the version, and its own figures


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_written_too(value, tmp_path):
    file = EventFile(tmp_path)
    file.add(1, {"loss": value})
    [_, event] = records(file.path)
    [(_, one)] = fields(dict(fields(event))[5])
    assert repr(struct.unpack("<f", dict(fields(one))[2])[0]) == repr(value)
