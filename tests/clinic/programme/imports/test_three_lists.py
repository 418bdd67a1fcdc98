"""A cumulative file against the record: the same, different, and wrong; a correction is a successor."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.facts import current as facts
from accord.clinic.models import AuditEvent, CheckIn, Contact, ImportBatch, Person
from accord.clinic.programme.imports import batch_actions, compare, ratings_import
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from tests.clinic.programme.imports.test_safety_answers import held as held_items
from tests.clinic.programme.imports.test_safety_answers import phq
from tests.support.imports import confirm, ticks
from tests.support.world import World, fill, signed_in_again

pytestmark = [pytest.mark.django_db, pytest.mark.no_worker]
HEADER = "client,clinician,session,date,rater,instrument,score"
SCORES = [41, 42, 43, 44, 40, 41, 42]


@pytest.fixture
def world() -> World:
    return World()


def rows(scores=SCORES, client="N1", clinician="code-Lind"):
    return [
        f"{client},{clinician},{at},2025-{at:02d}-01,client,WAI-SR,{score}"
        for at, score in enumerate(scores, 1)
    ]


def held(world, *lines):
    return held_items(world, *lines, header=HEADER)


def preview(world, *lines):
    return ratings_import.preview(upload=held(world, *lines), by=world.lead)


def scores(code="N1"):
    current = facts.current_checkins().filter(contact__engagement__client__code=code)
    return list(current.order_by("contact__session").values_list("given_score", flat=True))


CORRECTED = [*SCORES[:2], 19, *SCORES[3:]]


def test_rows_that_are_the_same_are_a_count_and_one_that_differs_is_shown_old_beside_new(world):
    confirm(held(world, *rows()), world.lead)
    shown = preview(world, *rows([*CORRECTED, 45]))
    assert (shown.same, shown.rows, shown.bad) == (6, 1, ())
    [correction] = shown.corrections
    assert correction.difference.row.line == 4
    assert correction.difference.changed == (compare.Changed("score", "43", "19"),)


def test_items_that_differ_are_each_shown_old_beside_new(world):
    confirm(held_items(world, phq("N1", 1, "2025-01-06", 0)), world.lead)
    changed = phq("N1", 1, "2025-01-06", 2).replace("PHQ-9,,1,1", "PHQ-9,,,3")
    shown = ratings_import.preview(upload=held_items(world, changed), by=world.lead)
    shown_as = [(each.name, each.old, each.new) for each in shown.corrections[0].difference.changed]
    assert shown_as == [("item_1", "1", ""), ("item_2", "1", "3"), ("item_9", "0", "2")]


def test_a_correction_is_a_successor_and_the_earlier_answer_stays(world):
    confirm(held(world, *rows()), world.lead)
    old = facts.current_checkins().get(given_score=43)
    batch = confirm(held(world, *rows(CORRECTED)), world.lead, corrections="take")
    assert scores() == CORRECTED
    new = CheckIn.objects.get(batch=batch)
    assert (new.predecessor, new.contact, new.revision) == (old, old.contact, 1)
    old.refresh_from_db()
    assert old.given_score == 43
    assert batch.rows == 1


def test_corrections_are_taken_or_left_and_nothing_happens_without_an_answer(world):
    confirm(held(world, *rows()), world.lead)
    with pytest.raises(ratings_import.Unconfirmed, match="whether they are corrections"):
        confirm(held(world, *rows([*CORRECTED, 45])), world.lead)
    confirm(held(world, *rows([*CORRECTED, 45])), world.lead, corrections="leave")
    assert scores() == [*SCORES, 45]


def test_a_correction_that_the_record_changed_since_it_was_shown_is_shown_again(world):
    confirm(held(world, *rows()), world.lead)
    upload = held(world, *rows(CORRECTED))
    shown = ratings_import.preview(upload=upload, by=world.lead)
    confirm(held(world, *rows([*SCORES[:2], 20, *SCORES[3:]])), world.lead, corrections="take")
    answers = {shown.ticks["corrections"]: "take"}
    with pytest.raises(ratings_import.Unconfirmed):
        ratings_import.commit(upload=upload, by=world.lead, confirmed=ticks(shown), answers=answers)


def test_what_was_filled_in_here_is_not_changed_by_a_file(world):
    checkin = fill(world.with_lind, {1: 6, 2: 6, 3: 6, 4: 6, 5: 6})
    line = (
        f"{world.ana.code},{world.lind.code},{checkin.contact.session},{checkin.contact.day},client,"
        "session-checkin,1,1,1,1,1"
    )
    header = "client,clinician,session,date,rater,instrument," + ",".join(f"item_{n}" for n in range(1, 6))
    shown = ratings_import.preview(upload=held_items(world, line, header=header), by=world.lead)
    assert shown.corrections == ()
    assert "filled in here" in shown.bad[0].expected


def test_a_guess_at_what_was_answered_here_learns_nothing_from_a_preview(world):
    """The programme lead imports, and reads no client's answers."""
    checkin = fill(world.with_lind, dict.fromkeys(range(1, 6), 6))
    header = "client,clinician,session,date,rater,instrument," + ",".join(f"item_{n}" for n in range(1, 6))
    contact = checkin.contact
    start = f"{world.ana.code},{world.lind.code},{contact.session},{contact.day},client,session-checkin"
    seen = set()
    for answers in ("5,6,6,6,6", "6,6,6,6,6"):
        upload = held_items(world, f"{start},{answers}", header=header)
        shown = ratings_import.preview(upload=upload, by=world.lead)
        seen.add((shown.same, shown.rows, shown.corrections, *map(str, shown.bad)))
    assert len(seen) == 1


def test_the_same_answers_under_another_date_are_wrong_and_not_the_same(world):
    confirm(held(world, *rows()), world.lead)
    shown = preview(world, "N1,code-Lind,3,2025-03-02,client,WAI-SR,43")
    assert (shown.same, shown.bad[0].column) == (0, "date")


def test_a_session_with_two_forms_on_two_days_is_the_same_when_it_comes_again(world):
    lines = ["N1,code-Lind,1,2025-01-06,client,WAI-SR,40", "N1,code-Lind,1,2025-01-08,client,PHQ-9,5"]
    confirm(held(world, *lines), world.lead)
    assert (preview(world, *lines).same, preview(world, *lines).bad) == (2, ())


def test_undoing_a_correction_brings_back_what_it_replaced_and_putting_it_back_replaces_it_again(world):
    confirm(held(world, *rows()), world.lead)
    batch = confirm(held(world, *rows(CORRECTED)), world.lead, corrections="take")
    batch_actions.undo(batch=batch, by=world.lead)
    assert scores() == SCORES
    batch_actions.put_back(batch=batch, by=world.lead)
    assert scores() == CORRECTED


def test_whatever_is_undone_and_put_back_exactly_the_latest_that_counts_holds(world):
    """Three corrections of one answer, and every way of some of them being undone."""
    confirm(held(world, *rows([40])), world.lead)
    batches = [confirm(held(world, *rows([score])), world.lead, corrections="take") for score in (41, 42, 43)]
    for counts in range(8):
        for at, batch in enumerate(batches):
            act = batch_actions.put_back if counts >> at & 1 else batch_actions.undo
            act(batch=batch, by=world.lead)
        expected = [score for at, score in enumerate((41, 42, 43)) if counts >> at & 1]
        assert scores() == [expected[-1] if expected else 40]


def test_a_correction_after_an_undone_one_follows_it_in_the_chain(world):
    confirm(held(world, *rows([40])), world.lead)
    first = confirm(held(world, *rows([41])), world.lead, corrections="take")
    batch_actions.undo(batch=first, by=world.lead)
    second = confirm(held(world, *rows([42])), world.lead, corrections="take")
    assert CheckIn.objects.get(batch=second).predecessor == CheckIn.objects.get(batch=first)
    assert scores() == [42]
    batch_actions.put_back(batch=first, by=world.lead)
    assert scores() == [42]


def test_what_a_clinician_fills_in_over_an_undone_correction_holds(world):
    confirm(held(world, "N1,code-Lind,1,2025-01-06,clinician,session-checkin-clinician,5"), world.lead)
    contact = Contact.objects.get(engagement__client__code="N1")
    old = CheckIn.objects.get(contact=contact)
    checkins.submit(
        checkin_id=uuid4(), contact=contact, rater=Rater.CLINICIAN, by=world.lind,
        instrument=get("session-checkin-clinician"), answers={1: 6},
    )  # fmt: skip
    [current] = facts.current_checkins().filter(contact=contact)
    assert (current.predecessor, current.revision) == (old, 1)
    batch_actions.undo(batch=ImportBatch.objects.get(), by=world.lead)
    assert list(facts.current_checkins().filter(contact=contact)) == [current]


def test_the_page_shows_both_and_asks_whether_to_take_it(world):
    confirm(held(world, *rows()), world.lead)
    browser = signed_in_again(world.lead)
    token = held(world, *rows(CORRECTED)).token()
    page = browser.get("/imports/preview/", {"upload": token})
    text = page.content.decode()
    assert "6 rows, the same in every answer" in text
    assert '<td class="number">43</td><td class="number"><b>19</b></td>' in text
    client = Person.objects.get(code="N1")
    assert AuditEvent.objects.filter(action="import.read", client_id=client.pk).count() == 1
    shown = page.context["preview"]
    boxes = dict.fromkeys(ticks(shown), "on") | {"upload": token, shown.ticks["corrections"]: "take"}
    assert browser.post("/imports/preview/", boxes).status_code == 302
    assert scores() == CORRECTED
