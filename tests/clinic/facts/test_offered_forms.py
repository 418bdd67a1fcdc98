"""Which form is offered to whom after which kind of contact is one line of a table."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.checkins.queries import own_forms
from accord.clinic.client.checkins.views import ABOUT_SALT
from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.facts import links, offered_forms
from accord.clinic.facts.offered_forms import OFFERED, Kind, Offered
from accord.clinic.models import CheckIn
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import contacts
from accord.errors import FormError
from accord.instruments.catalogue import catalogue
from accord.records.ratings import Rater
from tests.support.world import World, days_ago, fill, signed_in

pytestmark = pytest.mark.django_db
FIRST, OWN, SECOND = "session-checkin", "session-checkin-clinician", "rupture-probe"
ANSWERS = {1: 0}


@pytest.fixture
def world() -> World:
    made = World()
    made.tell(made.ana)
    return made


@pytest.fixture
def after_phone(monkeypatch) -> None:
    """One more line: the client is offered a second form after a contact by phone."""
    line = Offered(SECOND, Rater.CLIENT, frozenset({Kind.PHONE.value}))
    monkeypatch.setattr(offered_forms, "OFFERED", (*OFFERED, line))


def _contact(world, kind, day=0):
    told = contacts.ReportedContact(attendance="attended", kind=kind)
    return contacts.log(
        contact_id=uuid4(), engagement=world.with_lind, day=days_ago(day), reported=told, by=world.lind
    )


def _offered(world) -> list[str]:
    tokens = [one.url.rstrip("/").rsplit("/", 1)[-1] for one in own_forms(world.ana, timezone.now())]
    return [links.read_token(token).instrument for token in tokens]


def test_every_form_of_the_table_is_an_instrument_that_its_rater_fills():
    for one in OFFERED:
        assert one.rater in catalogue()[one.instrument].raters
        assert one.after <= set(Kind.values)


@pytest.mark.parametrize("kind", Kind.values)
def test_after_every_kind_of_contact_each_side_is_offered_its_own_form(kind):
    assert offered_forms.after(kind, Rater.CLIENT) == (FIRST,)
    assert offered_forms.after(kind, Rater.CLINICIAN) == (OWN,)
    assert offered_forms.after(kind, Rater.OBSERVER) == ()


@pytest.mark.usefixtures("after_phone")
def test_a_second_form_is_offered_after_its_kind_of_contact_only_and_to_its_rater_only(world):
    _contact(world, Kind.INDIVIDUAL, 1)
    assert _offered(world) == [FIRST]
    _contact(world, Kind.PHONE)
    assert _offered(world) == [FIRST, SECOND, FIRST]
    assert offered_forms.after(Kind.PHONE, Rater.CLINICIAN) == (OWN,)


@pytest.mark.usefixtures("after_phone")
def test_each_of_two_forms_waits_until_it_is_filled_itself(world):
    contact = _contact(world, Kind.PHONE)
    assert [one.title for one in own_forms(world.ana, timezone.now())][1].endswith(
        f": {catalogue()[SECOND].name}"
    )
    fill(world.with_lind, {1: 5}, contact=contact)
    assert _offered(world) == [SECOND]
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    assert links.read_token(token).instrument == SECOND
    page = signed_in(None).post(reverse("checkin", args=[token]), {"checkin_id": str(uuid4()), "item_1": "0"})
    assert page.status_code == 302
    assert _offered(world) == []
    assert set(CheckIn.objects.values_list("instrument", "rater")) == {(FIRST, "client"), (SECOND, "client")}


def test_a_form_offered_to_the_clinician_is_due_after_its_kind_of_contact(world, monkeypatch):
    one = Offered(OWN, Rater.CLINICIAN, frozenset({Kind.PHONE.value, Kind.INDIVIDUAL.value}))
    monkeypatch.setattr(offered_forms, "OFFERED", (one,))

    def due() -> bool:
        page = client_page(world.lind, world.ana.pk, timezone.now())
        return next(shown for shown in page.relationships if shown.viewer_is_clinician).own_checkin_due

    _contact(world, Kind.FAMILY, 1)
    assert not due()
    _contact(world, Kind.PHONE)
    assert due()


def test_nobody_is_asked_where_no_form_is_offered(world, monkeypatch):
    monkeypatch.setattr(offered_forms, "OFFERED", ())
    with pytest.raises(FormError, match="No form is offered"):
        checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    assert signed_in(world.lind).post(reverse("ask", args=[world.with_lind.pk])).status_code == 400
    assert signed_in(world.lind).get(reverse("own-checkin", args=[world.with_lind.pk])).status_code == 404
    _contact(world, Kind.INDIVIDUAL)
    assert _offered(world) == []


def test_a_link_keeps_its_format_and_opens_its_form_after_the_form_is_no_longer_offered(world, monkeypatch):
    contact = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM)
    ids = (contact.organisation_id, world.ana.pk, contact.pk)
    token = signing.dumps([*(one.hex for one in ids), FIRST], salt="accord.clinic.checkin-link")
    assert signing.loads(links.make_token(contact, FIRST), salt=links.SALT, max_age=timedelta(1)) == (
        signing.loads(token, salt=links.SALT)
    )
    monkeypatch.setattr(offered_forms, "OFFERED", ())
    assert signed_in(None).get(reverse("checkin", args=[token]), follow=True).status_code == 200


def test_a_clinicians_form_that_was_open_during_an_update_still_arrives(world):
    contact = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM)
    about = signing.dumps([world.with_lind.pk.hex, contact.pk.hex], salt=ABOUT_SALT)
    sent = {"checkin_id": str(uuid4()), "about": about, "item_1": "5"}
    page = signed_in(world.lind).post(reverse("own-checkin", args=[world.with_lind.pk]), sent)
    assert page.status_code == 302
    assert CheckIn.objects.get().instrument == OWN
