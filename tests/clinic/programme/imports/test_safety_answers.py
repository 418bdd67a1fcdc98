"""Answers above 0 on safety items are read by somebody, whatever becomes of the row they are in."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.models import AuditEvent, CheckIn, ImportBatch, LeftOutAnswer, SafetyRead, SealedText
from accord.clinic.monitoring.safety_reads import left_out_answers
from accord.clinic.programme.imports import batch_actions, ratings_import, ratings_preview, uploads
from tests.support.imports import confirm, ticks
from tests.support.world import World, signed_in_again

pytestmark = [pytest.mark.django_db, pytest.mark.no_worker]
ITEMS = ",".join(f"item_{n}" for n in range(1, 10))
HEADER = f"client,clinician,session,date,rater,instrument,score,{ITEMS}"
ANA = "code-CANARY-ANA"


@pytest.fixture
def world() -> World:
    return World()


def phq(client, session, day, last, score="", instrument="PHQ-9", clinician="code-Lind"):
    return f"{client},{clinician},{session},{day},client,{instrument},{score},1,1,1,1,1,1,1,1,{last}"


def held(world, *rows, header=HEADER):
    content = "\n".join([header, *rows]).encode() + b"\n"
    return uploads.hold(
        chunks=[content],
        filename="ratings.csv",
        team=world.first.pk,
        clinician=None,
        scale=None,
        by=world.lead,
    )


def preview(world, *rows):
    return ratings_import.preview(upload=held(world, *rows), by=world.lead)


def listed(shown):
    return [
        (answer.line, answer.client, answer.item, answer.answer, answer.left_out) for answer in shown.safety
    ]


GOOD = phq("N2", 1, "2025-01-07", 0)


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        (phq("N1", 1, "2025-11-31", 3), "3"),  # no such day
        (phq("N1", 1, "2025-01-06", 3, score=5), "3"),  # a total that is not its items'
        (phq("N1", 1, "2025-01-06", 3).replace(",client,", ",nobody,"), "3"),  # no such rater
        (phq("N1", "?", "2025-01-06", 3), "3"),
        (phq("=N1", 1, "2025-01-06", 3), "3"),
        (phq("N1", 1, "2999-01-06", 3), "3"),  # to come
        (phq("N1", 1, "2025-01-06", 7), "7"),  # no such option
        (phq("N1", 1, "2025-01-06", "three"), "three"),
        (phq("N1", 1, "2025-01-06", 3, instrument="phq 9"), "3"),  # a form that is not written so
        (phq("N1", 1, "2025-01-06", 3, instrument="PQH"), "3"),  # a name nobody knows, and as many items
        (phq("N1", 1, "2025-01-06", 3) + ",", "cannot be read"),  # a cell too many
        (phq("N1", 1, "2025-01-06", '"3'), '"3'),  # a quote that is not closed
    ],
)
def test_an_answer_above_0_is_listed_also_where_its_row_cannot_be_taken(world, row, answer):
    shown = preview(world, row, GOOD)
    client = row.partition(",")[0]
    assert len(shown.bad) == 1
    assert listed(shown) == [(2, client, 9, answer, True)]
    with pytest.raises(ratings_import.Unconfirmed):
        confirm(held(world, row, GOOD), world.lead, without=["safety"])
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("last", ["0", "", "0.0"])
def test_a_wrong_row_without_such_an_answer_asks_for_nothing(world, last):
    assert preview(world, phq("N1", 1, "2025-11-31", last), GOOD).safety == ()


def test_a_second_row_for_the_same_form_hides_no_answer(world):
    shown = preview(world, phq("N1", 1, "2025-01-06", 0), phq("N1", 1, "2025-01-06", 3))
    assert listed(shown) == [(3, "N1", 9, "3", True)]


def test_a_file_in_which_every_row_is_wrong_still_shows_its_answers_and_keeps_them(world):
    row = phq("N1", 1, "2025-11-31", 3)
    assert listed(preview(world, row)) == [(2, "N1", 9, "3", True)]
    batch = confirm(held(world, row), world.lead)
    assert batch.rows == 0
    assert LeftOutAnswer.objects.get().batch == batch


def test_an_answer_of_a_row_left_out_is_kept_sealed_with_the_import_and_shown_on_its_page(world):
    row = phq(ANA, 1, "2025-11-31", 3)
    batch = confirm(held(world, row, GOOD), world.lead)
    kept = LeftOutAnswer.objects.get()
    assert (kept.line, kept.client, kept.item, kept.read_by) == (2, world.ana, 9, world.lead)
    assert json.loads(SealedText.texts([kept], "row")[kept.pk] or "")["row"] == row
    assert "2025-11-31" not in SealedText.objects.get(row=kept.pk).stored
    page = signed_in_again(world.lead).get(f"/imports/{batch.pk}/")
    assert "CANARY-ANA" in page.content.decode()
    assert row in page.content.decode()
    assert AuditEvent.objects.filter(action="import.read", client_id=world.ana.pk).count() == 1


def test_those_who_treat_or_supervise_the_client_see_it_on_their_page_and_nobody_else(world):
    confirm(held(world, phq(ANA, 1, "2025-11-31", 3), GOOD), world.lead)
    for person in (world.lind, world.supervisor):
        [read] = client_page(person, world.ana.pk, timezone.now()).safety_reads
        assert (read.value, read.read_by) == ("3", "Lead")
        assert "row 2 of ratings.csv" in read.item
    assert list(left_out_answers(world.ana, world.stranger, {})) == []


@pytest.mark.parametrize("day", ["2025-11-31", "2999-01-06"])
def test_it_is_on_the_page_of_the_client_whom_a_confirmed_code_of_the_source_means(world, day):
    near = "code-canary-ana"
    first = phq(near, 1, "2025-01-06", 0)
    [asked] = preview(world, first).questions
    confirm(held(world, first), world.lead, answers={asked.question.field: ANA})
    [answer] = preview(world, phq(near, 2, day, 3)).safety
    assert answer.name == world.ana.name
    confirm(held(world, phq(near, 2, day, 3)), world.lead)
    assert LeftOutAnswer.objects.get().client == world.ana


def test_who_confirmed_is_kept_and_the_log_holds_a_count_and_no_answer(world):
    confirm(held(world, phq("N1", 1, "2025-11-31", 3), phq("N2", 1, "2025-01-06", 2)), world.lead)
    assert [(read.value, read.read_by) for read in SafetyRead.objects.all()] == [(2, "Lead")]
    assert LeftOutAnswer.objects.count() == 1
    [event] = AuditEvent.objects.filter(action="import.commit")
    assert event.fields == ["filename", "relationships", "rows", "safety answers read: 2"]


def test_what_was_read_once_is_not_asked_again_but_another_answer_is(world):
    first = phq("N1", 1, "2025-01-06", 2)
    confirm(held(world, first), world.lead)
    assert preview(world, first, GOOD).safety == ()
    assert listed(preview(world, phq("N1", 1, "2025-01-06", 3))) == [(2, "N1", 9, "3", False)]


def test_a_correction_that_is_not_taken_keeps_its_answer_with_the_import(world):
    confirm(held(world, phq("N1", 1, "2025-01-06", 0)), world.lead)
    confirm(held(world, phq("N1", 1, "2025-01-06", 3), GOOD), world.lead, corrections="leave")
    kept = LeftOutAnswer.objects.get()
    assert kept.client.code == "N1"
    row = json.loads(SealedText.texts([kept], "row")[kept.pk] or "")["row"]
    assert row == phq("N1", 1, "2025-01-06", 3)
    assert CheckIn.objects.filter(contact__engagement__client__code="N1").count() == 1


def test_each_answer_has_a_tick_of_its_own_and_one_missing_refuses_the_import(world):
    upload = held(world, phq("N1", 1, "2025-11-31", 3), phq("N2", 1, "2025-01-06", 2))
    shown = ratings_import.preview(upload=upload, by=world.lead)
    assert len({answer.field for answer in shown.safety}) == 2
    for answer in shown.safety:
        with pytest.raises(ratings_import.Unconfirmed, match="read and ticked"):
            ratings_import.commit(upload=upload, by=world.lead, confirmed=ticks(shown) - {answer.field})
    assert ratings_import.commit(upload=upload, by=world.lead, confirmed=ticks(shown)).rows == 1


def test_leaving_wrong_rows_out_of_the_list_is_noticed(world, monkeypatch):
    """The fault that is planted here is the one that lost an answer of 3 in four of four files."""
    taken_only = ratings_preview._safety

    def forgets(file, meant, record, compared):
        return (answer for answer in taken_only(file, meant, record, compared) if not answer.left_out)

    monkeypatch.setattr(ratings_preview, "_safety", forgets)
    with pytest.raises(AssertionError):
        test_an_answer_above_0_is_listed_also_where_its_row_cannot_be_taken(
            world, phq("N1", 1, "2025-11-31", 3), "3"
        )


def test_the_page_lists_the_answer_with_day_row_and_form_and_refuses_without_its_tick(world):
    browser = signed_in_again(world.lead)
    content = "\n".join([HEADER, phq(ANA, 1, "2025-11-31", 3), GOOD]).encode()
    sent = {"file": SimpleUploadedFile("ratings.csv", content), "team": world.first.pk}
    page = browser.post("/imports/new/", sent, follow=True)
    text = page.content.decode()
    for words in (
        "CANARY-ANA",
        "2025-11-31",
        "Row 2, which is not taken",
        "I have read this and will see to it",
    ):
        assert words in text
    shown = page.context["preview"]
    boxes = dict.fromkeys(ticks(shown, ["safety"]), "on") | {"upload": page.context["upload"]}
    assert browser.post("/imports/preview/", boxes).status_code == 400
    assert not ImportBatch.objects.exists()
    assert browser.post("/imports/preview/", boxes | {shown.safety[0].field: "on"}).status_code == 302
    batch_actions.undo(batch=ImportBatch.objects.get(), by=world.lead)
    assert LeftOutAnswer.objects.count() == 1
