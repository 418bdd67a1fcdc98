"""An import that is undone says what goes, and put back it counts again with the same rows."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.facts import care, events
from accord.clinic.facts import current as facts
from accord.clinic.models import AuditEvent, CheckIn, Contact, Engagement, Flag, ImportBatch, Person
from accord.clinic.policy import Denied, visible_to
from accord.clinic.programme.imports import batch_actions, batch_page, uploads
from accord.errors import FormError
from tests.clinic.programme.imports.test_three_lists import SCORES, held, rows, scores
from tests.support.imports import confirm
from tests.support.world import STEADY, World, fill, signed_in_again

pytestmark = pytest.mark.django_db
ANA = "code-CANARY-ANA"
FALL = [41, 42, 43, 41, 42, 41, 43, 42, 41, 42, 14, 13]


@pytest.fixture
def world() -> World:
    return World()


def test_the_course_of_the_client_follows_the_correction(world):
    confirm(held(world, *rows([*SCORES, *SCORES[:5]][:12])), world.lead)
    confirm(held(world, *rows([*SCORES, *SCORES[:4], 12])), world.lead, corrections="take")
    client = Person.objects.get(code="N1")
    page = client_page(world.lind, client.pk, timezone.now())
    assert page.relationships[0].findings[-1].rating == 12


def everything():
    """Every row that an import writes, as the database has it."""
    return {
        model.__name__: sorted(map(str, model.objects.values_list("pk", *names)))
        for model, names in (
            (CheckIn, ("body_hash", "answers", "given_score", "batch", "predecessor", "received_at")),
            (Contact, ("session", "day", "batch")),
            (Engagement, ("client", "clinician", "since", "until", "batch")),
            (Person, ("code", "batch")),
        )
    }


def findings(world):
    client = Person.objects.get(code="N1")
    [relationship] = client_page(world.lind, client.pk, timezone.now()).relationships
    return [(each.session, each.rating, each.state) for each in relationship.findings]


def test_put_back_everything_is_as_before_with_ids_digests_flags_and_course(world):
    batch = confirm(held(world, *rows(FALL)), world.lead)
    before, course = everything(), findings(world)
    flags = sorted(Flag.objects.filter(withdrawn_at__isnull=True).values_list("pk", "kind", "session"))
    assert flags
    batch_actions.undo(batch=batch, by=world.lead)
    assert scores() == []
    assert not visible_to(world.lind).filter(client__code="N1").exists()
    batch_actions.put_back(batch=batch, by=world.lead)
    assert everything() == before
    assert findings(world) == course
    again = sorted(Flag.objects.filter(withdrawn_at__isnull=True).values_list("pk", "kind", "session"))
    assert again == flags
    batch.refresh_from_db()
    assert (batch.undone_at, batch.undone_by) == (None, None)


def test_both_ways_are_in_the_log_of_the_import_and_of_each_client(world):
    batch = confirm(held(world, *rows()), world.lead)
    client = Person.objects.get(code="N1")
    for _twice in range(2):  # doing it twice does it once
        batch_actions.undo(batch=batch, by=world.lead)
    for _twice in range(2):
        batch_actions.put_back(batch=batch, by=world.lead)
    for action in ("import.undo", "import.put_back"):
        assert AuditEvent.objects.filter(action=action, subject_id=batch.pk).count() == 1
    for action in ("import.rows_undone", "import.rows_put_back"):
        assert AuditEvent.objects.filter(action=action, client_id=client.pk).count() == 1


def test_what_an_undo_takes_away_is_named_before_it_happens(world):
    confirm(held(world, *rows([41], client=ANA)), world.lead)
    corrected = rows([40], client=ANA)
    batch = confirm(held(world, *corrected, *rows(FALL)), world.lead, corrections="take")
    effects = batch_page.batch_page(world.lead, batch.pk).effects
    assert (effects.clients, effects.clinicians, effects.staying) == (("N1",), (), ())
    assert (effects.relationships, effects.answers, effects.corrections) == (1, 13, 1)
    assert [flag.partition(",")[0] for flag in effects.flags] == ["N1: rupture"]
    page = signed_in_again(world.lead).get(f"/imports/{batch.pk}/").content.decode()
    for words in ("N1: rupture", "the answer that it replaced would count again", "Undo this import"):
        assert words in page
    read = AuditEvent.objects.filter(action="import.read", client_id=Person.objects.get(code="N1").pk)
    assert read.count() == 1, "the client sees that somebody looked at a flag about them"


def test_whom_the_page_names_as_going_is_who_goes_and_whom_as_staying_stays(world):
    batch = confirm(held(world, *rows(), *rows(client="N2"), *rows(client="N3", clinician="T9")), world.lead)
    fill(Engagement.objects.get(client__code="N2"), STEADY)
    effects = batch_page.batch_page(world.lead, batch.pk).effects
    assert (effects.clients, effects.clinicians, effects.staying) == (("N1", "N3"), ("T9",), ("N2",))
    batch_actions.undo(batch=batch, by=world.lead)
    kept = {person.code for person in Person.objects.exclude(batch=batch)}
    assert "N2" in kept
    assert kept.isdisjoint({"N1", "N3", "T9"})


def test_an_import_whose_sessions_came_again_since_is_not_put_back_and_says_why(world):
    first = confirm(held(world, *rows()), world.lead)
    batch_actions.undo(batch=first, by=world.lead)
    second = confirm(held(world, *rows()), world.lead)
    with pytest.raises(FormError, match="sessions of N1 are on record again"):
        batch_actions.put_back(batch=first, by=world.lead)
    assert scores() == SCORES
    page = signed_in_again(world.lead).get(f"/imports/{first.pk}/").content.decode()
    assert "sessions of N1 are on record again" in page
    assert "Put back" not in page
    batch_actions.undo(batch=second, by=world.lead)
    batch_actions.put_back(batch=first, by=world.lead)
    assert scores() == SCORES


def test_a_form_of_the_same_session_that_came_while_the_import_was_undone_holds(world):
    """Two files about one session; the later one came while the earlier one did not count."""
    confirm(held(world, "N1,code-Lind,1,2025-01-06,client,SRS,30"), world.lead)
    first = confirm(held(world, "N1,code-Lind,1,2025-01-06,client,WAI-SR,40"), world.lead)
    batch_actions.undo(batch=first, by=world.lead)
    confirm(held(world, "N1,code-Lind,1,2025-01-06,client,WAI-SR,44"), world.lead)
    batch_actions.put_back(batch=first, by=world.lead)
    current = facts.current_checkins().filter(instrument="WAI-SR")
    assert [checkin.given_score for checkin in current] == [44]


def _care(world, what, header, *lines):
    upload = uploads.hold(
        chunks=["\n".join([header, *lines]).encode()], filename="c.csv", team=None, clinician=None,
        scale=None, by=world.lead, what=what,
    )  # fmt: skip
    return confirm(upload, world.lead)


def _episodes(world, line):
    return _care(world, "episodes", "client,start,end,end_reason,arm", line)


def _events(world, line):
    return _care(world, "events", "client,date,kind,count", line)


def test_episodes_and_events_are_put_back_unless_others_are_on_record_in_their_place(world):
    both = (
        _episodes(world, f"{ANA},2025-01-06,,ongoing,DBT"),
        _events(world, f"{ANA},2025-02-11,attempt,1"),
    )
    for batch in both:
        batch_actions.undo(batch=batch, by=world.lead)
        batch_actions.put_back(batch=batch, by=world.lead)
    assert care.current_episodes().count() == events.current_events().count() == 1
    for batch in both:
        batch_actions.undo(batch=batch, by=world.lead)
    _episodes(world, f"{ANA},2025-06-01,,ongoing,MBT")
    _events(world, f"{ANA},2025-02-11,attempt,1")
    for batch, why in zip(both, ("another treatment", "events of CANARY-ANA"), strict=True):
        with pytest.raises(FormError, match=why):
            batch_actions.put_back(batch=batch, by=world.lead)


@pytest.mark.parametrize(
    ("first", "later", "is_refused"),
    [
        ("2024-01-08,2024-06-01,left", "2024-06-01,2024-09-01,left", False),
        ("2024-01-08,2024-06-01,left", "2024-05-31,2024-09-01,left", True),
        ("2024-06-01,2024-09-01,left", "2024-01-08,2024-06-01,left", False),
        ("2024-06-01,,ongoing", "2024-01-08,2024-06-02,left", True),
        ("2024-06-01,,ongoing", "2024-01-08,2024-06-01,left", False),
        ("2024-01-08,2024-06-01,left", "2024-03-01,,ongoing", True),
    ],
)
def test_treatments_that_share_only_a_day_can_both_be_on_record(world, first, later, is_refused):
    batch = _episodes(world, f"{ANA},{first},DBT")
    batch_actions.undo(batch=batch, by=world.lead)
    _episodes(world, f"{ANA},{later},DBT")
    assert bool(batch_page.batch_page(world.lead, batch.pk).obstacle) is is_refused


@pytest.mark.parametrize("act", [batch_actions.undo, batch_actions.put_back])
def test_only_the_lead_of_the_same_organisation_undoes_and_puts_back(world, act):
    batch = confirm(held(world, *rows([41])), world.lead)
    for person in (world.lind, world.supervisor, world.ana, World().lead):
        with pytest.raises(Denied):
            act(batch=batch, by=person)
    for person in (world.lind, world.supervisor, World().lead):
        assert signed_in_again(person).get(f"/imports/{batch.pk}/").status_code == 404


def test_the_pages_walk_from_the_list_to_undo_and_back(world):
    batch = confirm(held(world, *rows([41], client="N1")), world.lead)
    browser = signed_in_again(world.lead)
    assert f"/imports/{batch.pk}/" in browser.get("/imports/").content.decode()
    undone = browser.post(f"/imports/{batch.pk}/undo/", follow=True).content.decode()
    assert "you can put it back" in undone
    assert "Put back" in undone
    assert ImportBatch.objects.get().undone_at
    back = browser.post(f"/imports/{batch.pk}/put-back/", follow=True).content.decode()
    assert "was put back" in back
    assert scores() == [41]
    assert browser.post(f"/imports/{uuid4()}/put-back/").status_code == 404
