"""Importing a file: shown first, written whole or not at all, confirmed where it must be, undone whole."""

from __future__ import annotations

import base64
import csv
import io
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.encryption.envelope import CannotRead
from accord.clinic.models import (
    CheckIn,
    Contact,
    Engagement,
    Flag,
    ImportBatch,
    Person,
    Population,
    SafetyRead,
    Scale,
    UploadedFile,
)
from accord.clinic.monitoring import assessment
from accord.clinic.policy import Denied, visible_to
from accord.clinic.programme.imports import batch_actions, ratings_import, uploads
from accord.clinic.programme.imports.uploads import EnteredScale
from accord.errors import InputError, message
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from tests.support.imports import confirm, ticks
from tests.support.world import STEADY, World, fill, signed_in_again

pytestmark = pytest.mark.django_db
HEADER = "client,clinician,session,date,rater,instrument,score"


@pytest.fixture
def world() -> World:
    return World()


def _rows(client, clinician, scores, instrument="SRS", start="2025-01-06", rater="client"):
    from datetime import date, timedelta

    first = date.fromisoformat(start)
    return [
        f"{client},{clinician},{at},{first + timedelta(weeks=at)},{rater},{instrument},{score}"
        for at, score in enumerate(scores, 1)
    ]


def _file(*rows, header=HEADER):
    return "\n".join([header, *rows]).encode() + b"\n"


def _held(world, content, scale=None, clinician=None):
    return uploads.hold(
        chunks=[content],
        filename="ratings.csv",
        team=world.first.pk,
        clinician=clinician,
        scale=scale,
        by=world.lead,
    )


def _beside_silence(world, name):
    """Whether each row of somebody who is silent since the file's last day tells of their low ratings."""
    rows = [row for row in worklist(world.lind, timezone.now()).no_recent_contact if row.client_name == name]
    return [any("below their level of" in note for note in row.also) for row in rows]


def _commit(world, content, leave_out_bad=False, scale=None, clinician=None, without=()):
    kinds = without if leave_out_bad else {*without, "bad"}
    return confirm(_held(world, content, scale, clinician), world.lead, without=kinds)


CALM = [33, 34, 33, 32, 34, 33, 34, 33, 34, 33]


def test_a_preview_tells_what_would_come_and_writes_nothing(world):
    content = _file(*_rows("N1", "code-Lind", CALM), *_rows("code-CANARY-ANA", "T9", CALM[:3]))
    found = ratings_import.preview(upload=_held(world, content), by=world.lead)
    assert (found.rows, found.relationships) == (13, 2)
    assert (found.clients_new, found.clients_known) == (1, 1)
    assert (found.clinicians_new, found.clinicians_known) == (1, 1)
    assert found.needs_not_real_confirmation
    assert not CheckIn.objects.exists()
    assert Person.objects.filter(code="N1").count() == 0


def test_an_import_is_written_assessed_and_its_open_rupture_is_on_the_worklist(world):
    batch = _commit(world, _file(*_rows("N1", "code-Lind", [*CALM, 20, 19])))
    assert (batch.rows, batch.relationships) == (12, 1)
    assert CheckIn.objects.filter(batch=batch).count() == Contact.objects.filter(batch=batch).count() == 12
    assert _beside_silence(world, "N1") == [True]


def test_what_lies_behind_in_an_imported_year_is_in_the_course_and_no_flag(world):
    _commit(world, _file(*_rows("N1", "code-Lind", [*CALM, 15, *CALM, *CALM])))
    assert not Flag.objects.exists()
    client = Person.objects.get(code="N1")
    states = [
        one.state for one in client_page(world.lind, client.pk, timezone.now()).relationships[0].findings
    ]
    assert "rupture" in states


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        ("N1,code-Lind,11,2025-04-01,client,SRS,41", "score", "from 0 to 40"),
        ("N1,code-Lind,11,2025-04-01,client,SRS,nan", "score", ""),
        ("N1,code-Lind,11,2025-04-01,client,SRS,inf", "score", ""),
        ("N1,code-Lind,10,2025-03-17,client,SRS,33", "session", "one row"),
        ("N1,code-Lind,11,2025-01-01,client,SRS,33", "date", "rise"),
        ("N1,code-Lind,11,01.04.2025,client,SRS,33", "date", ""),
        ("=N1,code-Lind,11,2025-04-01,client,SRS,33", "client", ""),
        ("N1,code-Lind,11", "", "cells"),
        ("N1,code-Lind,11,2025-04-01,client,ECBI,33", "instrument", ""),
    ],
)
def test_a_bad_row_is_named_and_the_file_is_refused_whole_unless_it_may_be_left_out(
    world, row, column, expected
):
    content = _file(*_rows("N1", "code-Lind", CALM), row)
    cell = ratings_import.preview(upload=_held(world, content), by=world.lead).bad[0]
    assert (cell.row, cell.column) == (12, column)
    assert expected in cell.expected
    with pytest.raises(ratings_import.Unconfirmed):
        _commit(world, content)
    assert not ImportBatch.objects.exists()
    assert _commit(world, content, leave_out_bad=True).rows == 10


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n\0\0\0",
        b"client,session\nA,1\n",
        b"a" * 3_000_000,
        HEADER.encode(),
        b"\xff\xfe\0\0",
    ],
    ids=["empty", "png", "missing column", "one endless line", "only a header", "not utf-8"],
)
def test_what_is_no_ratings_file_is_a_clear_error_on_the_page_and_nothing_is_kept(world, content):
    browser, before = signed_in_again(world.lead), _waiting()
    file = SimpleUploadedFile("ratings.csv", content)
    page = browser.post("/imports/new/", {"file": file, "team": str(world.first.pk)})
    assert page.status_code == 400
    assert page.context["form"].errors["file"]
    assert _waiting() == before
    assert not CheckIn.objects.exists()


def _waiting():
    """Files that wait, and those that a reading left."""
    left = Path(django_settings.IMPORT_FOLDER).glob("*.csv")
    return {*left, *UploadedFile.objects.values_list("pk", flat=True)}


def test_a_file_over_the_limit_is_refused_before_it_is_read(world, settings):
    settings.IMPORT_LIMIT = 1024
    file = SimpleUploadedFile("ratings.csv", b"x" * 2048)
    page = signed_in_again(world.lead).post("/imports/new/", {"file": file, "team": str(world.first.pk)})
    assert page.status_code == 400
    assert "Split it into smaller ones" in str(page.context["form"].errors)


def test_what_the_record_already_holds_is_counted_and_never_doubled(world):
    content = _file(*_rows("N1", "code-Lind", CALM))
    _commit(world, content)
    again = ratings_import.preview(upload=_held(world, content), by=world.lead)
    assert (again.same, again.rows, again.bad) == (10, 0, ())
    assert again.has_nothing_new
    with pytest.raises(ratings_import.Unconfirmed):
        _commit(world, content, leave_out_bad=True)
    assert CheckIn.objects.count() == 10


def test_another_date_for_a_session_in_the_record_and_a_date_to_come_are_errors(world):
    _commit(world, _file(*_rows("N1", "code-Lind", CALM)))
    other = _file(
        "N1,code-Lind,3,2025-02-01,client,PHQ-9,5",
        "N1,code-Lind,12,2025-01-08,client,PHQ-9,5",
        "N1,code-Lind,13,2999-01-08,client,PHQ-9,5",
    )
    found = ratings_import.preview(upload=_held(world, other), by=world.lead)
    assert [(cell.row, cell.column) for cell in found.bad] == [(2, "date"), (3, "date"), (4, "date")]


def _phq(answer_9):
    header = "client,clinician,session,date,rater,instrument," + ",".join(f"item_{n}" for n in range(1, 10))
    return _file(f"N1,code-Lind,1,2025-01-06,client,PHQ-9,1,1,1,1,1,1,1,1,{answer_9}", header=header)


def test_each_answer_above_0_on_a_safety_item_needs_the_tick_of_who_has_read_it(world):
    found = ratings_import.preview(upload=_held(world, _phq(2)), by=world.lead)
    answer = found.safety[0]
    assert (answer.client, answer.item, answer.answer) == ("N1", 9, "2")
    with pytest.raises(ratings_import.Unconfirmed):
        _commit(world, _phq(2), without=["safety"])
    with pytest.raises(ratings_import.Unconfirmed):  # a tick is for the answer that was shown
        ratings_import.commit(upload=_held(world, _phq(3)), by=world.lead, confirmed=ticks(found), answers={})
    assert not CheckIn.objects.exists()
    _commit(world, _phq(2))
    assert SafetyRead.objects.get().read_by == "Lead"
    client = Person.objects.get(code="N1")
    read = client_page(world.lind, client.pk, timezone.now()).safety_reads[0]
    assert (read.value, read.read_by) == ("2", "Lead")


def test_an_answer_of_0_needs_no_reader_and_a_bare_total_is_said_to_be_unknown(world):
    assert ratings_import.preview(upload=_held(world, _phq(0)), by=world.lead).safety == ()
    total = _file("N1,code-Lind,1,2025-01-06,client,PHQ-9,12")
    assert "total only" in ratings_import.preview(upload=_held(world, total), by=world.lead).notes[0]


def test_a_demonstration_takes_no_file_that_is_not_confirmed_as_not_real(world):
    upload = _held(world, _file(*_rows("N1", "code-Lind", CALM)))
    with pytest.raises(ratings_import.Unconfirmed):
        confirm(upload, world.lead, without=["not_real"])
    assert not CheckIn.objects.exists()


def test_real_use_asks_for_no_such_confirmation(world, settings):
    settings.ACCORD = replace(settings.ACCORD, use="real")
    upload = _held(world, _file(*_rows("N1", "code-Lind", CALM)))
    batch = confirm(upload, world.lead, without=["not_real"])
    assert not batch.confirmed_not_real


def test_undoing_takes_the_whole_import_back_and_deletes_nothing(world):
    batch = _commit(world, _file(*_rows("N1", "code-Lind", [*CALM, 20, 19])))
    counts = CheckIn.objects.count(), Contact.objects.count(), Flag.objects.count()
    batch_actions.undo(batch=batch, by=world.lead)
    assert (CheckIn.objects.count(), Contact.objects.count(), Flag.objects.count()) == counts
    found = worklist(world.lind, timezone.now())
    assert found.sections == ()
    assert "N1" not in {one.client_name for one in found.no_recent_contact}
    assert not visible_to(world.lind).filter(client__code="N1").exists()
    assert not Flag.objects.filter(withdrawn_at=None).exists()
    batch_actions.undo(batch=batch, by=world.lead)
    assert ImportBatch.objects.get().undone_by == world.lead


def test_where_undoing_leaves_no_form_of_a_series_nothing_is_learned_of_it_and_nothing_breaks(world):
    batch = _commit(world, _phq(0))
    batch_actions.undo(batch=batch, by=world.lead)
    assert assessment.learn(world.organisation.pk, get("PHQ-9"), Rater.CLIENT) is None


def test_an_undone_file_can_be_imported_again(world):
    content = _file(*_rows("N1", "code-Lind", [*CALM, 20, 19]))
    batch_actions.undo(batch=_commit(world, content), by=world.lead)
    again = _commit(world, content)
    assert again.rows == 12
    assert _beside_silence(world, "N1") == [True]
    assert Engagement.objects.filter(client__code="N1").count() == 1


def test_a_file_that_was_undone_because_of_a_wrong_team_comes_into_the_right_one(world):
    content = _file(*_rows("N1", "code-Lind", CALM))
    batch_actions.undo(batch=_commit(world, content), by=world.lead)
    confirm(replace(_held(world, content), team=str(world.second.pk)), world.lead)
    assert Engagement.objects.get(client__code="N1").team == world.second
    assert not visible_to(world.supervisor).filter(client__code="N1").exists()


def test_undoing_keeps_what_was_entered_here_about_an_imported_client(world):
    batch = _commit(world, _file(*_rows("N1", "code-Lind", CALM)))
    engagement = Engagement.objects.get(client__code="N1")
    own = fill(engagement, STEADY)
    about_imported = fill(engagement, STEADY, contact=Contact.objects.filter(batch=batch).first())
    batch_actions.undo(batch=batch, by=world.lead)
    page = client_page(world.lind, engagement.client_id, timezone.now())
    assert {one.session for one in page.relationships[0].findings if one.rating is not None} == {
        own.contact.session,
        about_imported.contact.session,
    }


def test_undoing_one_of_two_imports_leaves_the_other(world):
    first = _commit(world, _file(*_rows("N1", "code-Lind", CALM)))
    second = _commit(world, _file(*_rows("N1", "code-Lind", [20] * 10, instrument="WAI-SR")))
    batch_actions.undo(batch=first, by=world.lead)
    engagement = visible_to(world.lind).get(client__code="N1")
    assert engagement.batch == second
    batch_actions.undo(batch=second, by=world.lead)
    assert not visible_to(world.lind).filter(client__code="N1").exists()


def _many(start):
    return _file(
        *(row for number in range(start, start + 12) for row in _rows(f"N{number}", "code-Lind", CALM))
    )


def test_values_learned_with_an_import_go_with_it_and_are_learned_anew_from_what_stands(world):
    first = _commit(world, _many(10))
    learned = Population.objects.get()
    assert (learned.batch, learned.relationships) == (first, 12)
    _commit(world, _many(50))
    assert Population.objects.count() == 1
    batch_actions.undo(batch=first, by=world.lead)
    anew = Population.objects.exclude(pk=learned.pk).get()
    assert (anew.batch, anew.relationships) == (None, 12)


def test_an_import_stands_even_when_nothing_can_be_learned_from_it(world, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("planted")

    monkeypatch.setattr(assessment, "learn", fails)
    batch = _commit(world, _file(*_rows("N1", "code-Lind", [*CALM, 20])))
    assert CheckIn.objects.filter(batch=batch).count() == 11
    assert Flag.objects.get().kind == "rupture"


def test_a_scale_that_is_no_alliance_is_worse_than_its_own_course_and_never_a_rupture(world):
    scale = EnteredScale("ECBI", 36, 252, True, "outcome")
    scores = [100, 102, 99, 101, 100, 98, 101, 100, 190, 200]
    _commit(world, _file(*_rows("N1", "code-Lind", scores, instrument="ECBI")), scale=scale)
    assert Scale.objects.get().name == "ECBI"
    assert {flag.kind for flag in Flag.objects.all()} == {"worse"}
    [silent] = [
        row for row in worklist(world.lind, timezone.now()).no_recent_contact if row.client_name == "N1"
    ]
    assert any("(36-252" in note for note in silent.also)


def test_a_scale_told_otherwise_than_before_is_refused(world):
    content = _file(*_rows("N1", "code-Lind", [100], instrument="ECBI"))
    _commit(world, content, scale=EnteredScale("ECBI", 36, 252, True, "outcome"))
    with pytest.raises(InputError):
        ratings_import.preview(
            upload=_held(world, content, EnteredScale("ECBI", 0, 300, True, "outcome")), by=world.lead
        )


def test_a_file_that_names_no_clinician_needs_one_chosen_beside_it(world):
    content = _file("N1,1,SRS,33", header="client,session,instrument,score")
    with pytest.raises(InputError):
        ratings_import.preview(upload=_held(world, content), by=world.lead)
    _commit(world, content, clinician=world.lind.pk)
    assert visible_to(world.lind).filter(client__code="N1").exists()


def test_nobody_but_the_lead_imports_or_undoes(world):
    upload = _held(world, _file(*_rows("N1", "code-Lind", CALM)))
    for person in (world.lind, world.supervisor, world.ana):
        with pytest.raises(Denied):
            ratings_import.preview(upload=upload, by=person)
    batch = confirm(upload, world.lead)
    with pytest.raises(Denied):
        batch_actions.undo(batch=batch, by=World().lead)
    assert ImportBatch.objects.get().undone_at is None


def test_somebody_elses_upload_a_changed_one_and_an_imported_one_are_refused(world):
    upload = _held(world, _file(*_rows("N1", "code-Lind", CALM)))
    with pytest.raises(Denied):
        uploads.held(upload.token(), by=world.lind)
    with pytest.raises(Denied):
        uploads.held(upload.token() + "x", by=world.lead)
    with pytest.raises(Denied):
        uploads.remove(upload=upload, by=world.lind)
    uploads.remove(upload=upload, by=world.lead)
    with pytest.raises(InputError):
        uploads.held(upload.token(), by=world.lead)
    with pytest.raises(InputError):
        ratings_import.preview(upload=upload, by=world.lead)


def test_an_upload_is_gone_after_a_day(world, monkeypatch):
    held = UploadedFile.objects.get(pk=_held(world, b"x").id)
    uploads.sweep()
    assert UploadedFile.objects.exists()
    later = held.made_at + timedelta(seconds=uploads.KEPT + 1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    uploads.sweep()
    assert not UploadedFile.objects.exists()


def test_a_file_that_is_read_is_for_its_owners_eyes_and_gone_in_any_case(world):
    upload = _held(world, b"CANARY")
    with upload.opened() as path:
        assert (path.read_bytes(), path.stat().st_mode & 0o077) == (b"CANARY", 0)
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not path.exists()
    with pytest.raises(ZeroDivisionError), upload.opened() as path:
        raise ZeroDivisionError
    assert not path.exists()


def test_what_a_killed_process_left_of_a_reading_is_removed(world, monkeypatch):
    upload = _held(world, b"x")
    folder = Path(django_settings.IMPORT_FOLDER)
    folder.mkdir(exist_ok=True)
    for remove in (uploads.sweep, lambda: upload.opened().__enter__()):
        left = folder / "left.csv"
        left.write_bytes(b"client,score")
        uploads.sweep()
        assert left.exists()  # it may be read at this moment
        long_ago = left.stat().st_mtime - uploads.READING - 1
        os.utime(left, (long_ago, long_ago))
        remove()
        assert not left.exists()


def test_content_is_sealed_and_opens_in_its_own_row_only(world):
    content = _file(*_rows("CANARY-CLIENT", "code-Lind", CALM))
    mine, other = (UploadedFile.objects.get(pk=_held(world, content).id) for _ in range(2))
    assert mine.content == content
    assert b"CANARY" not in mine.stored.encode()
    assert base64.b64encode(content)[:40].decode() not in mine.stored
    mine.__dict__["content"] = other.stored
    with pytest.raises(CannotRead):
        _ = mine.content
    other.by = world.lind
    with pytest.raises(CannotRead):
        _ = other.content


def test_a_file_that_cannot_be_read_is_asked_for_again(world, caplog):
    upload = _held(world, _file(*_rows("CANARY-CLIENT", "code-Lind", CALM)))
    other = UploadedFile.objects.get(pk=_held(world, b"x").id)
    UploadedFile.objects.filter(pk=upload.id).update(content=other.stored)
    with pytest.raises(InputError, match="upload it again"):
        ratings_import.preview(upload=upload, by=world.lead)
    assert "cannot be read" in caplog.text
    assert "CANARY" not in caplog.text


def test_a_file_is_imported_once_and_removed_with_its_import_or_not_at_all(world, monkeypatch):
    upload = _held(world, _file(*_rows("N1", "code-Lind", CALM)))

    with monkeypatch.context() as planted:
        planted.setattr(uploads, "remove", lambda **told: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            confirm(upload, world.lead)
    assert (ImportBatch.objects.count(), UploadedFile.objects.count()) == (0, 1)
    confirm(upload, world.lead)
    with pytest.raises(InputError):
        confirm(upload, world.lead)
    assert (ImportBatch.objects.count(), UploadedFile.objects.count()) == (1, 0)


def test_the_pages_walk_from_upload_over_preview_to_import_and_undo(world):
    browser = signed_in_again(world.lead)
    file = SimpleUploadedFile("ratings.csv", _phq(1))
    answer = browser.post(
        "/imports/new/", {"file": file, "team": str(world.first.pk), "scale_construct": "other"}
    )
    assert answer.status_code == 302
    preview = browser.get(answer["Location"])
    assert preview.status_code == 200
    sent = {"upload": preview.context["upload"], "confirmed_not_real": "on"}
    refused = browser.post("/imports/preview/", sent)
    assert refused.status_code == 400
    assert not CheckIn.objects.exists()
    sent |= dict.fromkeys(ticks(preview.context["preview"]), "on")
    done = browser.post("/imports/preview/", sent)
    assert (done.status_code, done["Location"]) == (302, "/imports/")
    assert browser.post("/imports/preview/", sent).status_code == 302
    batch = ImportBatch.objects.get()
    assert "ratings.csv" in browser.get("/imports/").content.decode()
    assert browser.post(f"/imports/{batch.pk}/undo/").status_code == 302
    assert ImportBatch.objects.get().undone_at


def test_an_import_stores_each_session_and_score_as_the_file_has_them(world):
    content = _file(*_rows("N1", "code-Lind", CALM))
    _commit(world, content)
    stored = CheckIn.objects.order_by("contact__session").values_list("contact__session", "given_score")
    read = [
        (int(row["session"]), float(row["score"])) for row in csv.DictReader(io.StringIO(content.decode()))
    ]
    assert list(stored) == read


def test_the_real_parent_child_file_comes_in_whole_but_two_rows_and_holds_no_rupture(
    world, shared_data_folder
):
    content = _parent_child(shared_data_folder)
    scale = EnteredScale("ECBI", 36, 252, True, "outcome")
    found = ratings_import.preview(upload=_held(world, content, scale, world.lind.pk), by=world.lead)
    assert found.rows == 796
    assert sorted(float(cell.found) for cell in found.bad) == [0, 269]
    _commit(world, content, leave_out_bad=True, scale=scale, clinician=world.lind.pk)
    sections = {section.key: section.entries for section in worklist(world.lind, timezone.now()).sections}
    assert sections.keys() <= {"worse", "strain"}
    assert sections["worse"]
    assert {flag.kind for flag in Flag.objects.all()} <= {"worse", "dip"}
    assert worklist(world.lind, timezone.now()).unassessed == 0


def _parent_child(folder):
    with (folder / "real" / "pcit_long.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [
            f"{int(float(row['ParticipantID']))},{int(float(row['SessionID']))},ECBI,{row['ECBI_Intensity']}"
            for row in csv.DictReader(file)
            if row["ECBI_Intensity"]
        ]
    return _file(*rows, header="client,session,instrument,score")


def test_what_is_wrong_with_a_file_is_said_in_the_readers_language(world):
    """Each sentence is looked up whole, with its values filled in afterwards."""
    german = {
        "%(file)s, row %(row)s, column %(column)s": "%(file)s, Zeile %(row)s, Spalte %(column)s",
        "%(place)s: found %(found)s, expected %(expected)s": "%(place)s: %(expected)s statt %(found)s",
        "one of %(values)s": "eines von %(values)s",
    }
    error = InputError(
        message("one of %(values)s", values="a, b"), file="x.csv", row=3, column="rater", found="'c'"
    )
    assert error.sentence(lambda key: german.get(key, key)) == (
        "x.csv, Zeile 3, Spalte rater: eines von a, b statt 'c'"
    )
    assert str(error) == "x.csv, row 3, column rater: found 'c', expected one of a, b"
