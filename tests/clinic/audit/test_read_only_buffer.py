"""The file of readings in read-only mode: a line that was cut costs that line and no other."""

from __future__ import annotations

import errno
import os
from uuid import uuid4

import pytest

from accord.clinic.audit import read_only_audit_buffer as buffer
from accord.clinic.models import AuditEvent


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(buffer, "path", lambda: tmp_path / buffer.FILE)


def _event() -> AuditEvent:
    return AuditEvent(
        organisation_id=uuid4(), actor_kind="person", actor_id=uuid4(), action="client.read",
        relation="engaged", subject_type="Person", subject_id=uuid4(), client_id=uuid4(), fields=[],
    )  # fmt: skip


def _ids() -> list:
    return [event.pk for event in buffer.read_events()]


def test_cut_at_any_byte_only_the_last_line_is_lost_and_what_follows_is_kept():
    first, cut, later = _event(), _event(), _event()
    buffer.append([first])
    begins = buffer.path().stat().st_size
    buffer.append([cut])
    whole = buffer.path().read_bytes()
    for end in range(begins, len(whole)):
        buffer.path().write_bytes(whole[:end])
        buffer.append([later])
        is_whole = end == len(whole) - 1  # but for the end of its line
        assert _ids() == [first.pk, *([cut.pk] if is_whole else []), later.pk], end


def test_an_event_reads_back_as_it_was_added():
    added = _event()
    buffer.append([added])
    (read,) = buffer.read_events()
    added.at = added.at.replace(microsecond=added.at.microsecond // 1000 * 1000)  # the file's own grain
    assert {name: getattr(read, name) for name in buffer.COLUMNS} == {
        name: getattr(added, name) for name in buffer.COLUMNS
    }


def test_a_disk_that_takes_a_part_is_asked_for_the_rest(monkeypatch):
    write, events = os.write, [_event(), _event()]
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:7]))
    buffer.append(events)
    assert _ids() == [event.pk for event in events]


def test_where_the_disk_is_full_nothing_of_it_stays(monkeypatch):
    kept, write, left = _event(), os.write, [40]
    buffer.append([kept])
    before = buffer.path().read_bytes()

    def full(descriptor: int, content: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "no space")
        taken = write(descriptor, content[: left[0]])
        left[0] -= taken
        return taken

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="no space"):
        buffer.append([_event()])
    assert buffer.path().read_bytes() == before


def test_a_line_that_is_cut_is_named_in_the_sites_log(caplog):
    buffer.append([_event()])
    with buffer.path().open("ab") as file:
        file.write(b'{"id": "to')
    assert len(buffer.read_events()) == 1
    assert "1 cut lines were left out" in caplog.text


def test_a_planted_append_behind_a_cut_line_would_be_seen(monkeypatch):
    """As before: the next line was written on to the cut one, and both were lost."""
    monkeypatch.setattr(buffer, "_add_whole", os.write)
    later = _event()
    buffer.path().write_bytes(b'{"id": "torn')
    buffer.append([later])
    assert _ids() == []
