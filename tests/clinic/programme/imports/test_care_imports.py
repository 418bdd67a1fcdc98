"""Files of episodes of care and of events: shown first, written whole or not at all, taken back whole."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from accord.clinic.facts import care, events
from accord.clinic.models import AuditEvent, CareEpisode, Event, FactIsFixed, ImportBatch, Person
from accord.clinic.models.actors import SYSTEM
from accord.clinic.policy import Denied
from accord.clinic.programme.care import episodes as care_episodes
from accord.clinic.programme.imports import batch_actions, care_import, ratings_import, uploads
from tests.support.imports import confirm, ticks
from tests.support.world import World, days_ago, signed_in, signed_in_again

pytestmark = pytest.mark.django_db
EPISODES, EVENTS = "client,start,end,end_reason,arm", "client,date,kind,count"
ANA, BEN = "code-CANARY-ANA", "code-CANARY-BEN"


@pytest.fixture
def world() -> World:
    return World()


def _held(world, what, *rows):
    header = EPISODES if what == "episodes" else EVENTS
    content = "\n".join([header, *rows]).encode() + b"\n"
    told = {"filename": f"{what}.csv", "team": None, "clinician": None, "scale": None, "what": what}
    return uploads.hold(chunks=[content], by=world.lead, **told)


def _preview(world, what, *rows):
    return care_import.preview(upload=_held(world, what, *rows), by=world.lead)


def _commit(world, what, *rows, leave_out_bad=False):
    return confirm(_held(world, what, *rows), world.lead, without=[] if leave_out_bad else ["bad"])


def test_a_preview_tells_what_would_come_and_writes_nothing(world):
    found = _preview(
        world, "episodes", f"{ANA},2025-01-06,,ongoing,DBT", "N1,2024-02-01,2024-09-30,left,DBT",
        f"{BEN},2024-01-08,2024-12-20,completed,MBT",
    )  # fmt: skip
    assert (found.rows, found.clients_new, found.clients_known) == (3, 1, 2)
    assert found.counts == (("completed", 1), ("left", 1), ("ongoing", 1))
    assert not CareEpisode.objects.exists()
    assert not Person.objects.filter(code="N1").exists()
    assert found.needs_not_real_confirmation


def test_episodes_become_episodes_of_care_with_their_method_or_the_arm_in_its_own_words(world):
    batch = _commit(
        world,
        "episodes",
        f"{ANA},2025-01-06,,ongoing,dbt",
        "N1,2024-02-01,2024-09-30,left,treatment as usual",
    )
    assert (batch.what, batch.rows) == ("episodes", 2)
    ana, new = (CareEpisode.objects.get(client__code=code) for code in (ANA, "N1"))
    assert (ana.method, ana.until, ana.end_reason) == ("dbt", None, "")
    assert (new.method_words, new.until, new.end_reason) == ("treatment as usual", date(2024, 9, 30), "left")
    assert AuditEvent.objects.filter(action="import.episodes", client_id=ana.client_id).exists()


def test_a_client_whose_only_imported_episode_has_ended_is_asked_for_nothing(world):
    assert care.in_care().filter(pk=world.with_lind.pk).exists()
    _commit(world, "episodes", f"{ANA},2024-01-08,2024-12-20,died,DBT")
    assert not care.in_care().filter(pk=world.with_lind.pk).exists()


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        (f"{ANA},2025-02-01,,ongoing,DBT", "start", "no overlap with the episode"),
        (f"{ANA},2023-01-02,2025-01-07,left,DBT", "start", "no overlap with the episode"),
        (f"{ANA},2025-01-06,2025-01-06,left,DBT", "start", "no overlap with the episode"),
        ("N1,2999-01-01,,ongoing,DBT", "start", "a date up to today"),
        (f"N1,2025-01-01,{days_ago(-2)},left,DBT", "end", "a date up to today"),
        ("N1,2025-01-01,,left,DBT", "end", "last attended contact"),
        ("N1,2025-01-01,2025-02-01,vanished,DBT", "end_reason", "one of"),
        ("=N1,2025-01-01,,ongoing,DBT", "client", ""),
    ],
)
def test_an_episode_that_cannot_be_is_named_and_the_file_is_refused_whole(world, row, column, expected):
    care_episodes.begin(client=world.ana, since=date(2025, 1, 6), method="dbt", by=SYSTEM)
    good = "N9,2024-02-01,2024-09-30,left,DBT"
    cell = _preview(world, "episodes", good, row).bad[0]
    assert (cell.row, cell.column) == (3, column)
    assert expected in cell.expected
    with pytest.raises(ratings_import.Unconfirmed):
        _commit(world, "episodes", good, row)
    assert not ImportBatch.objects.exists()
    assert _commit(world, "episodes", good, row, leave_out_bad=True).rows == 1


def test_an_earlier_episode_that_ends_on_the_day_the_known_one_began_is_no_overlap(world):
    care_episodes.begin(client=world.ana, since=date(2025, 1, 6), method="dbt", by=SYSTEM)
    assert _commit(world, "episodes", f"{ANA},2024-01-02,2025-01-06,agreed,DBT").rows == 1
    assert care.current_episodes().filter(client=world.ana).count() == 2


def test_events_become_facts_that_nobody_can_change(world):
    batch = _commit(world, "events", f"{ANA},2025-02-11,self-injury,2", f"{ANA},2025-02-12,attempt,0")
    assert sorted(events.current_events().values_list("kind", "count")) == [
        ("attempt", 0),
        ("self-injury", 2),
    ]
    one = Event.objects.filter(batch=batch).first()
    one.count = 5
    with pytest.raises(FactIsFixed):
        one.save()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE clinic_event SET count = 5")


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        ("nobody,2025-02-11,self-injury,1", "client", "a client who is known here"),
        (f"{ANA},2999-02-11,self-injury,1", "date", "a date up to today"),
        (f"{ANA},2025-02-11,attempt,2", "count", "1, as the record has it"),
        (f"{ANA},2025-02-13,attempt,-1", "count", "a whole number"),
        (f"{ANA},2025-02-30,attempt,1", "date", "a calendar date"),
    ],
)
def test_an_event_that_cannot_be_is_named_and_the_file_is_refused_whole(world, row, column, expected):
    _commit(world, "events", f"{ANA},2025-02-11,attempt,1")
    cell = _preview(world, "events", f"{ANA},2025-03-01,skill,3", row).bad[0]
    assert (cell.row, cell.column) == (3, column)
    assert expected in cell.expected
    with pytest.raises(ratings_import.Unconfirmed):
        _commit(world, "events", f"{ANA},2025-03-01,skill,3", row)
    assert Event.objects.count() == 1


def test_events_outside_of_any_episode_are_told_before_they_are_taken(world):
    care_episodes.begin(client=world.ana, since=date(2025, 1, 6), method="dbt", by=SYSTEM)
    found = _preview(world, "events", f"{ANA},2024-12-01,skill,1", f"{ANA},2025-02-01,skill,1")
    assert any(note.startswith("1 event lies on a day") for note in found.notes)


def test_undoing_takes_events_and_episodes_back_and_deletes_nothing(world):
    first = _commit(world, "episodes", f"{ANA},2025-01-06,,ongoing,DBT", "N1,2024-02-01,2024-09-30,left,DBT")
    second = _commit(world, "events", f"{ANA},2025-02-11,self-injury,2")
    for batch in (first, second):
        batch_actions.undo(batch=batch, by=world.lead)
    assert not care.current_episodes().exists()
    assert not events.current_events().exists()
    assert (CareEpisode.objects.count(), Event.objects.count()) == (2, 1)
    told = AuditEvent.objects.filter(action="import.rows_undone", client_id=world.ana.pk)
    assert told.count() == 2
    # the same files can come again
    assert _commit(world, "episodes", f"{ANA},2025-01-06,,ongoing,DBT").rows == 1
    assert _commit(world, "events", f"{ANA},2025-02-11,self-injury,2").rows == 1


def test_undoing_keeps_an_episode_that_was_ended_here_since(world):
    batch = _commit(world, "episodes", f"{ANA},2025-01-06,,ongoing,DBT")
    care_episodes.end(episode=CareEpisode.objects.get(), until=days_ago(1), reason="died", by=SYSTEM)
    batch_actions.undo(batch=batch, by=world.lead)
    assert care.newest(world.ana).end_reason == "died"
    assert not care.in_care().filter(client=world.ana).exists()


def test_a_client_that_an_undone_import_brought_stays_with_what_came_of_them_since(world):
    batch = _commit(world, "episodes", "N1,2025-01-06,,ongoing,DBT")
    new = Person.objects.get(code="N1")
    later = _commit(world, "events", "N1,2025-02-11,skill,2")
    batch_actions.undo(batch=batch, by=world.lead)
    new.refresh_from_db()
    assert new.batch == later
    batch_actions.undo(batch=later, by=world.lead)
    assert not events.current_events().exists()


def test_only_the_lead_imports(world):
    upload = _held(world, "events", f"{ANA},2025-02-11,skill,2")
    with pytest.raises(Denied):
        care_import.preview(upload=upload, by=world.supervisor)
    with pytest.raises(Denied):
        care_import.commit(upload=upload, by=world.lind, confirmed=[])


def test_the_pages_show_refuse_and_import_a_file_of_events(world):
    browser = signed_in_again(world.lead)
    content = f"{EVENTS}\n{ANA},2025-02-11,self-injury,2\nnobody,2025-02-11,skill,1\n".encode()
    sent = {"file": SimpleUploadedFile("events.csv", content), "what": "events"}
    page = browser.post("/imports/new/", sent, follow=True)
    text = page.content.decode()
    assert "a client who is known here" in text
    assert "notifies nobody" in text
    token = page.context["upload"]
    assert browser.post("/imports/preview/", {"upload": token}).status_code == 400
    assert not Event.objects.exists()
    agreed = {"upload": token} | dict.fromkeys(ticks(page.context["preview"]), "on")
    done = browser.post("/imports/preview/", agreed, follow=True)
    assert "1 row of events was imported." in done.content.decode()
    assert Event.objects.count() == 1


@pytest.mark.parametrize("what", ["ratings", "episodes", "events"])
def test_a_file_of_another_kind_is_a_clear_error_on_the_page(world, what):
    other = {"ratings": EVENTS, "episodes": EVENTS, "events": EPISODES}[what]
    sent = {"file": SimpleUploadedFile("a.csv", other.encode() + b"\nx,2025-01-01,left,1\n"), "what": what}
    sent |= {"team": world.first.pk} if what == "ratings" else {}
    page = signed_in(world.lead).post("/imports/new/", sent)
    assert page.status_code == 400
    assert "expected" in page.content.decode()


def test_a_file_of_ratings_still_needs_its_team(world):
    sent = {"file": SimpleUploadedFile("a.csv", b"client,session,instrument,score\nA,1,SRS,30\n")}
    page = signed_in(world.lead).post("/imports/new/", sent)
    assert page.status_code == 400
    assert "Choose the team that the ratings belong to" in page.content.decode()


@pytest.mark.parametrize(
    ("who", "sees"), [("lind", True), ("ito", True), ("supervisor", True), ("okafor", None)]
)
def test_those_who_treat_or_supervise_a_client_see_dated_lines_and_nobody_else(world, who, sees):
    _commit(world, "events", f"{ANA},2025-02-11,self-injury,2", f"{BEN},2025-02-12,attempt,1")
    page = signed_in(getattr(world, who)).get(f"/clients/{world.ana.pk}/")
    if sees is None:
        assert page.status_code == 404
        return
    text = page.content.decode()
    assert ("self-injury" in text.lower()) is sees
    assert "attempt to end" not in text.lower()


def test_a_client_s_own_pages_show_nothing_of_imported_events(world):
    _commit(world, "events", f"{ANA},2025-02-11,self-injury,2")
    for address in ("/forms/", "/my/answers/", "/my/answers.csv", "/my/uses/"):
        assert "self-injury" not in signed_in(world.ana).get(address, follow=True).content.decode()


def test_another_organisation_s_record_is_neither_known_nor_in_the_way(world):
    far = World()
    far.client_person("elsewhere")
    care_episodes.begin(client=far.ana, since=date(2025, 1, 6), method="dbt", by=SYSTEM)
    _commit(far, "events", f"{ANA},2025-02-11,attempt,1")
    assert _preview(world, "events", "code-elsewhere,2025-02-11,skill,1").bad[0].column == "client"
    assert not _preview(world, "events", f"{ANA},2025-02-11,attempt,1").bad
    found = _preview(
        world, "episodes", f"{ANA},2025-02-01,,ongoing,DBT", "code-elsewhere,2025-02-01,,ongoing,DBT"
    )
    assert not found.bad
    assert (found.clients_new, found.clients_known) == (1, 1)


def test_an_upload_of_somebody_else_cannot_be_imported(world):
    upload = _held(world, "events", f"{ANA},2025-02-11,skill,1")
    other = world.staff("Other lead")
    world.join(other, world.first, "lead")
    assert signed_in_again(other).post("/imports/preview/", {"upload": upload.token()}).status_code == 404
    assert not Event.objects.exists()
