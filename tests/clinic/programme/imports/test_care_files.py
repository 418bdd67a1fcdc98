"""Files of episodes and events: whom they mean, what comes again, and acts in rows that are not taken."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.models import CareEpisode, Event, LeftOutAnswer, Person
from accord.clinic.programme.imports import care_import, care_preview, same_people, uploads
from accord.clinic.programme.imports.confirmations import Unconfirmed
from tests.support.imports import confirm
from tests.support.world import World, signed_in_again

pytestmark = [pytest.mark.django_db, pytest.mark.no_worker]
HEADERS = {"episodes": "client,start,end,end_reason,arm", "events": "client,date,kind,count"}
ANA, BEN = "code-CANARY-ANA", "code-CANARY-BEN"


@pytest.fixture
def world() -> World:
    return World()


def held(world, what, *rows, source=""):
    return uploads.hold(
        chunks=["\n".join([HEADERS[what], *rows]).encode()], filename="c.csv", team=None, clinician=None,
        scale=None, by=world.lead, what=what, source=source,
    )  # fmt: skip


def preview(world, what, *rows, answers=None, **fields):
    upload = held(world, what, *rows, **fields)
    return care_import.preview(upload=upload, by=world.lead, answers=answers or {})


def take(world, what, *rows, **fields):
    answers, without = fields.pop("answers", None), fields.pop("without", ())
    return confirm(held(world, what, *rows, **fields), world.lead, answers=answers, without=without)


NEAR = "CODE-canary-ana"
EPISODE, EVENT = "{},2025-01-06,2025-06-01,left,DBT", "{},2025-02-11,skill,2"


@pytest.mark.parametrize(("what", "row"), [("episodes", EPISODE), ("events", EVENT)])
def test_a_code_that_is_nearly_a_known_one_needs_its_own_answer_here_too(world, what, row):
    shown = preview(world, what, row.format(NEAR))
    [question] = [each.question for each in shown.questions]
    assert (question.code, question.options) == (NEAR, (ANA,))
    assert question.may_be_other is (what == "episodes")  # a file of events makes nobody
    with pytest.raises(Unconfirmed, match="whom it means"):
        take(world, what, row.format(NEAR))
    take(world, what, row.format(NEAR), answers={question.field: ANA})
    model = CareEpisode if what == "episodes" else Event
    assert model.objects.get().client == world.ana
    assert preview(world, what, row.format(NEAR)).questions == ()


def test_a_code_that_is_left_out_is_an_error_of_its_rows(world):
    field = preview(world, "events", EVENT.format(NEAR)).questions[0].question.field
    shown = preview(
        world, "events", EVENT.format(NEAR), EVENT.format(BEN), answers={field: same_people.LEAVE_OUT}
    )
    assert ([cell.row for cell in shown.bad], shown.rows) == ([2], 1)


@pytest.mark.parametrize(
    ("what", "row"), [("episodes", EPISODE), ("episodes", "{},2025-01-06,,ongoing,DBT"), ("events", EVENT)]
)
def test_two_codes_of_one_person_bring_nothing_twice(world, what, row):
    rows = [row.format(ANA), row.format(NEAR)]
    [question] = [each.question for each in preview(world, what, *rows).questions]
    answers = {question.field: ANA}
    assert [cell.row for cell in preview(world, what, *rows, answers=answers).bad] == [3]
    assert take(world, what, *rows, answers=answers).rows == 1


def test_new_people_and_known_ones_of_a_new_source_are_listed_and_ticked(world):
    rows = [EPISODE.format("N1"), EPISODE.format(ANA)]
    shown = preview(world, "episodes", *rows, source="register")
    assert [new.code for new in shown.new_people] == ["N1"]
    assert [(each.code, each.with_whom) for each in shown.to_confirm] == [(ANA, "Ito, Lind")]
    for kind in ("new_people", "to_confirm"):
        with pytest.raises(Unconfirmed):
            take(world, "episodes", *rows, source="register", without=[kind])
    assert not Person.objects.filter(code="N1").exists()
    take(world, "episodes", *rows, source="register")
    assert preview(world, "events", EVENT.format(ANA), source="register").to_confirm == ()


def test_what_comes_again_is_counted_and_what_differs_is_shown_with_the_record_s_value(world):
    take(world, "episodes", EPISODE.format(ANA))
    take(world, "events", EVENT.format(ANA))
    assert preview(world, "episodes", EPISODE.format(ANA)).same == 1
    again = preview(world, "events", EVENT.format(ANA), "code-CANARY-ANA,2025-02-12,skill,1")
    assert (again.same, again.rows, again.bad) == (1, 1, ())
    assert preview(world, "events", EVENT.format(ANA)).has_nothing_new
    [cell] = preview(world, "events", f"{ANA},2025-02-11,skill,3").bad
    assert (cell.column, cell.found, cell.expected[:2]) == ("count", "3", "2,")


@pytest.mark.parametrize(
    ("row", "client", "count"),
    [
        ("nobody,2025-02-11,attempt,1", "nobody", "1"),
        (f"{ANA},2025-02-30,self-injury,2", ANA, "2"),
        (f"{ANA},2999-02-11,attempt,1", ANA, "1"),
        (f"{ANA},2025-02-11,Attempt,many", ANA, "many"),
        (f"{ANA},2025-02-11,attempt,", ANA, "how often is not said"),
        (f"{ANA},2025-02-11,attempt,1,", ANA, "cannot be read"),
        (f"{ANA},2025-02-11,self injury,2", ANA, "2"),
        (f"{ANA},2025-02-11,suicide attempt,1", ANA, "1"),
    ],
)
def test_an_act_in_a_row_that_is_not_taken_is_read_ticked_and_kept(world, row, client, count):
    rows = [EVENT.format(BEN), row]
    [act] = preview(world, "events", *rows).safety
    assert (act.line, act.client, act.answer, act.left_out) == (3, client, count, True)
    with pytest.raises(Unconfirmed, match="each act"):
        take(world, "events", *rows, without=["safety"])
    batch = take(world, "events", *rows)
    assert (LeftOutAnswer.objects.get().batch, batch.rows) == (batch, 1)
    page = signed_in_again(world.lead).get(f"/imports/{batch.pk}/").content.decode()
    assert row in page


@pytest.mark.parametrize("row", ["nobody,2025-02-11,attempt,0", f"{ANA},2025-02-30,skill,2"])
def test_other_rows_that_are_not_taken_ask_for_nothing(world, row):
    assert preview(world, "events", EVENT.format(BEN), row).safety == ()


def test_an_act_that_was_not_taken_is_on_the_page_for_those_who_treat_the_client(world):
    take(world, "events", EVENT.format(BEN), f"{ANA},2025-02-30,attempt,1")
    [read] = client_page(world.lind, world.ana.pk, timezone.now()).safety_reads
    assert (read.instrument, read.value) == ("attempt", "1")
    assert "row 3 of c.csv" in read.item


def test_forgetting_acts_of_rows_that_are_not_taken_is_noticed(world, monkeypatch):
    """A planted fault: only rows that are taken are looked at."""
    monkeypatch.setattr(care_preview, "_acts", lambda file, wrong, people, meant: ())
    with pytest.raises(ValueError, match="not enough values"):
        test_an_act_in_a_row_that_is_not_taken_is_read_ticked_and_kept(
            world, "nobody,2025-02-11,attempt,1", "nobody", "1"
        )
