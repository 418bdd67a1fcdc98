"""A client's own answers, on the page and in the file: everything they gave, no total and no diagnosis."""

from __future__ import annotations

import csv
from uuid import uuid4

import pytest
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.own_notes import actions as own_notes
from accord.clinic.client.own_record.answers import of_relationship
from accord.clinic.facts import instruments
from accord.clinic.models import CheckIn, OwnLine, SealedText
from accord.clinic.models.actors import SYSTEM, Link
from accord.clinic.models.line import Line
from accord.clinic.monitoring import contacts
from accord.instruments.catalogue import catalogue, get
from accord.records.ratings import Hard, Rater
from tests.support.world import STEADY, World, days_ago, fill_with_line, signed_in

pytestmark = pytest.mark.django_db
WORDS = "=My own words,\nin two lines"
DIAGNOSES = ("borderline", "bsl", "phq", "depress", "symptom", "patient", "disorder")


@pytest.fixture
def world() -> World:
    return World()


def _imported(world, instrument: str, *, answers=None, total: float | None) -> CheckIn:
    """As an import writes it."""
    contact = contacts.record(engagement=world.with_lind, day=days_ago(3), by=SYSTEM)
    return CheckIn.objects.create(
        organisation=world.organisation, contact=contact, rater=Rater.CLIENT, instrument=instrument,
        instrument_version="1", answers=answers or {}, given_score=total, received_at=timezone.now(),
        body_hash=str(uuid4()), via=CheckIn.Via.IMPORT,
    )  # fmt: skip


def _page(world) -> str:
    return signed_in(world.ana).get("/my/answers/?all=1").content.decode()


def _rows(world) -> list[dict[str, str]]:
    text = signed_in(world.ana).get("/my/answers.csv").content.decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines(keepends=True)))


def test_no_total_is_on_a_clients_page_or_in_their_file(world):
    _imported(world, "BSL-23", answers={"1": 3}, total=1.26087)
    for shown in (_page(world), str(_rows(world))):
        assert "1.26" not in shown
        assert "total" not in shown
    staff = of_relationship(world.with_lind).forms[0]  # who treats her reads it as before
    assert "1.26087" in str(staff.answers)
    assert staff.form == "Borderline Symptom List, short version"


def test_a_form_that_came_as_a_total_alone_is_not_said_to_be_empty(world):
    _imported(world, "BSL-23", total=1.26087)
    assert "Left empty" not in _page(world)
    assert "came here as one total" in _page(world)
    assert [row["answer"] for row in _rows(world)] == [
        "They came here as one total, which is not shown. You can ask for it."
    ]


@pytest.mark.parametrize("instrument", sorted(instrument.id for instrument in catalogue().values()))
def test_no_title_on_a_clients_pages_holds_a_diagnosis(world, instrument):
    name = instruments.name_for_client(get(instrument)).lower()
    assert not [word for word in DIAGNOSES if word in name]


@pytest.mark.parametrize("instrument", ["BSL-23", "PHQ-9"])
def test_a_published_title_with_a_diagnosis_is_neither_on_the_page_nor_in_the_file(world, instrument):
    _imported(world, instrument, answers={"1": 1}, total=None)
    assert get(instrument).name not in _page(world)
    assert "A form about how you have been" in _page(world)
    assert {row["form"] for row in _rows(world)} == {"A form about how you have been"}


def test_own_lines_are_part_of_everything_whoever_may_read_them(world):
    line = fill_with_line(world.with_lind, WORDS, "only_me")
    assert "My own words,\nin two lines" in _page(world)
    (row,) = [row for row in _rows(world) if row["question"] == "My line"]
    assert row["answer"] == "'" + WORDS  # no formula for a spreadsheet
    own_notes.share(line=line, audience="readers", by=world.ana)
    assert WORDS not in str(of_relationship(world.with_lind))  # staff open a line where it leaves a receipt


def test_a_line_that_cannot_be_read_is_said_to_be_there(world, monkeypatch):
    fill_with_line(world.with_lind, WORDS, "only_me")
    monkeypatch.setattr(SealedText, "texts", lambda rows, field: {row.pk: None for row in rows})
    assert OwnLine.objects.exists()
    assert "cannot be read just now" in _page(world)


def test_that_a_session_was_meant_to_be_hard_is_part_of_everything_too(world):
    checkins.submit(
        checkin_id=uuid4(), contact=contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM),
        rater=Rater.CLIENT, instrument=get("session-checkin"), answers=STEADY, by=Link(world.ana),
        hard=Hard.OTHER, line=Line(WORDS, "only_me"),
    )  # fmt: skip
    (row,) = [row for row in _rows(world) if row["question"] == "This session was meant to be hard"]
    assert row["answer"] == "yes"
