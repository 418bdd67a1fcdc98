"""What is looked at together is closed on the client's page until a clinician opens it, for an hour."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.facts import consents
from accord.clinic.models import AuditEvent, PictureOpening
from accord.clinic.policy import Denied
from accord.errors import InputError
from tests.support.world import LOW, World, days_ago, signed_in, steady_then

pytestmark = pytest.mark.django_db
HOUR = timedelta(minutes=60)
CLOSED, OPEN = "It is closed now", "so that you can look at it together"


@pytest.fixture
def world() -> World:
    """`ana` and her clinicians have agreed to look at it together, and there is something to see."""
    made = World()
    steady_then(made.with_lind, LOW)
    consent_actions.set_feedback(client=made.ana, mode="together", by=made.lind)
    return made


def _main(world: World) -> str:
    return signed_in(world.ana).get("/my/answers/").content.decode().split("<main", 1)[1]


def _opened(world: World, ago: timedelta) -> PictureOpening:
    return PictureOpening.objects.create(
        organisation=world.organisation, client=world.ana, by=world.lind, opened_at=timezone.now() - ago
    )


def test_without_an_opening_no_picture_no_table_and_no_word_of_it_is_on_the_page_or_in_the_file(world):
    page = _main(world)
    assert CLOSED in page
    for computed in ("<svg", "<table", "rough patch", "your usual"):
        assert computed not in page, computed
    assert "usual" not in signed_in(world.ana).get("/my/answers.csv").content.decode()


def test_a_clinician_opens_it_on_the_page_about_the_client_and_then_the_client_sees_it(world):
    browser = signed_in(world.lind)
    address = f"/clients/{world.ana.pk}/picture/"
    assert f'action="{address}"' in browser.get(f"/clients/{world.ana.pk}/").content.decode()
    assert browser.post(address)["Location"] == f"/clients/{world.ana.pk}/"
    page = _main(world)
    assert page.count("<svg") == 1
    assert f"Lind has opened it, {OPEN}" in page
    staff = browser.get(f"/clients/{world.ana.pk}/").content.decode()
    assert "then it closes by itself" in staff
    assert f'action="{address}"' not in staff


@pytest.mark.parametrize(
    ("ago", "is_open"),
    [
        (timedelta(), True),
        (HOUR - timedelta(seconds=30), True),
        (HOUR, False),
        (timedelta(days=1), False),
        (-timedelta(minutes=5), False),
    ],
    ids=["now", "just before the hour", "after the hour", "yesterday", "in the future"],
)
def test_it_closes_by_itself_after_an_hour(world, ago, is_open):
    _opened(world, ago)
    assert ("<svg" in _main(world)) == is_open
    assert (CLOSED in _main(world)) != is_open


def test_opening_it_again_does_not_make_it_longer(world):
    first = consent_actions.open_picture(client=world.ana, by=world.lind)
    assert consent_actions.open_picture(client=world.ana, by=world.ito) == first
    assert PictureOpening.objects.count() == 1


@pytest.mark.parametrize("mode", ["nobody", "clinician", "client"])
def test_in_another_mode_it_cannot_be_opened_and_an_opening_shows_nothing(world, mode):
    _opened(world, timedelta())
    consent_actions.set_feedback(client=world.ana, mode=mode, by=world.lind)
    with pytest.raises(InputError):
        consent_actions.open_picture(client=world.ana, by=world.lind)
    assert ("<svg" in _main(world)) == (mode == "client")
    refused = signed_in(world.lind).post(f"/clients/{world.ana.pk}/picture/", follow=True).content.decode()
    assert "The picture stays closed" in refused
    assert "Looked at together" not in signed_in(world.lind).get(f"/clients/{world.ana.pk}/").content.decode()


def test_with_noticing_switched_off_it_cannot_be_opened_and_closes_at_once(world):
    _opened(world, timedelta())
    consent_actions.choose(client=world.ana, choices={"noticing": False}, by=world.ana)
    assert "<svg" not in _main(world)
    with pytest.raises(InputError):
        consent_actions.open_picture(client=world.ana, by=world.lind)


@pytest.mark.parametrize("name", ["okafor", "supervisor", "lead", "stranger", "ana", "ben"])
def test_nobody_else_opens_it_not_even_its_client(world, name):
    with pytest.raises(Denied):
        consent_actions.open_picture(client=world.ana, by=getattr(world, name))
    assert signed_in(getattr(world, name)).post(f"/clients/{world.ana.pk}/picture/").status_code == 404
    assert not PictureOpening.objects.exists()


def test_a_clinician_of_the_past_does_not_open_it_either(world):
    world.with_lind.until = days_ago(1)
    world.with_lind.save()
    with pytest.raises(Denied):
        consent_actions.open_picture(client=world.ana, by=world.lind)


def test_an_opening_of_somebody_else_opens_nothing(world):
    PictureOpening.objects.create(
        organisation=world.organisation, client=world.ben, by=world.okafor, opened_at=timezone.now()
    )
    assert "<svg" not in _main(world)


def test_the_client_sees_who_opened_it_and_the_row_and_its_event_are_written_together(world, monkeypatch):
    consent_actions.open_picture(client=world.ana, by=world.lind)
    event = AuditEvent.objects.get(action="picture.open")
    assert (event.actor_id, event.client_id) == (world.lind.pk, world.ana.pk)
    page = signed_in(world.ana).get("/record/opened/").content.decode()
    assert "opened your picture, to look at it together with you" in page

    def killed(**more):
        raise RuntimeError("planted")

    other = World()
    consent_actions.set_feedback(client=other.ana, mode="together", by=other.lind)
    monkeypatch.setattr(consent_actions, "record_event", killed)
    with pytest.raises(RuntimeError, match="planted"), transaction.atomic():
        consent_actions.open_picture(client=other.ana, by=other.lind)
    assert not PictureOpening.objects.filter(client=other.ana).exists()


def test_the_database_refuses_a_client_who_opens_their_own(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        PictureOpening.objects.create(
            organisation=world.organisation, client=world.ana, by=world.ana, opened_at=timezone.now()
        )


def test_without_the_guard_the_picture_would_be_open_at_two_in_the_morning(world, monkeypatch):
    """Planted fault: `together` shows as much as `client`, as it did before."""
    monkeypatch.setattr(
        consents, "open_picture", lambda client, now: PictureOpening(by=world.lind, opened_at=now)
    )
    page = _main(world)
    assert "<svg" in page
    ET.fromstring(page[page.index("<svg") : page.index("</svg>") + len("</svg>")])
