"""Check-in links: signed, expiring, for one form about one contact, and each problem its calm page."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.facts import links
from accord.clinic.facts.who_reads import who_reads
from accord.clinic.models import CheckIn, Contact
from accord.clinic.telephone import LabelledNumber
from accord.records.ratings import Rater
from tests.support.links import named
from tests.support.world import STEADY, World, days_ago, fill, run_shift, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def asked(world) -> tuple[Contact, str]:
    world.tell(world.ana)
    return checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)


def _sent(token, answers, name=None):
    body = {f"item_{number}": f"{value:g}" for number, value in answers.items()}
    return Client().post(f"/c/{token}/", {**body, "checkin_id": str(name or uuid4())})


def test_a_link_opens_the_form_without_signing_in_and_stores_what_is_sent(asked):
    page = Client().get(f"/c/{asked[1]}/", follow=True)
    assert page.status_code == 200
    assert "What we worked towards today" in page.content.decode()
    answer = _sent(asked[1], STEADY)
    assert answer.status_code == 302
    assert answer["Location"] == named(asked[1], "sent/")
    assert CheckIn.objects.get().via == "link"
    assert Client().get(f"/c/{asked[1]}/sent/", follow=True).status_code == 200


def test_before_the_first_question_stands_who_reads_it_and_where_to_turn(asked, world, settings):
    from dataclasses import replace

    settings.ACCORD = replace(settings.ACCORD, crisis_numbers=(LabelledNumber("Crisis line", "000 777"),))
    run_shift(world.organisation, "Dr Noon")
    page = Client().get(f"/c/{asked[1]}/", follow=True).content.decode()
    opening = page[: page.index("What we worked towards")]
    for told in ("Lind", "Ito", "Supervisor", "around the clock", "000 777", "Dr Noon", "skip"):
        assert told in opening, told
    for silent in ("Okafor", "Stranger", "Lead"):
        assert silent not in page, silent


def test_the_form_needs_no_cookie(asked):
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(f"/c/{asked[1]}/", {"checkin_id": str(uuid4()), "item_1": "5"})
    assert answer.status_code == 302


def test_the_same_form_sent_twice_shows_success_twice_and_is_stored_once(asked):
    name = uuid4()
    assert _sent(asked[1], STEADY, name).status_code == 302
    assert _sent(asked[1], STEADY, name).status_code == 302
    assert CheckIn.objects.count() == 1


def test_the_same_id_with_other_answers_is_409_and_keeps_what_was_typed_under_a_new_id(asked):
    name = uuid4()
    _sent(asked[1], STEADY, name)
    page = _sent(asked[1], {1: 2, 6: 1}, name)
    assert page.status_code == 409
    body = page.content.decode()
    assert str(name) not in body
    assert page.context["form"]["item_1"].value() == "2"
    assert CheckIn.objects.count() == 1


@pytest.mark.parametrize(
    "sent", [{"item_1": "8"}, {"item_1": "x\0"}, {"checkin_id": "no-uuid"}, {"item_6": "1e400"}]
)
def test_what_is_no_answer_is_400_and_nothing_is_written(asked, sent):
    page = Client().post(f"/c/{asked[1]}/", {"checkin_id": str(uuid4()), **sent})
    assert page.status_code == 400
    assert not CheckIn.objects.exists()


def test_an_expired_link_says_so_and_stores_nothing(asked, monkeypatch):
    monkeypatch.setattr(links, "GOOD_FOR", timedelta(seconds=-1))
    for page in (Client().get(f"/c/{asked[1]}/", follow=True), _sent(asked[1], STEADY)):
        assert page.status_code == 410
        assert page.context["reason"] == "expired"
    assert not CheckIn.objects.exists()


def test_a_changed_link_says_so_and_stores_nothing(asked, world):
    head, tail = asked[1].split(":", 1)
    forged = signing.dumps(["x"], key="another key" * 10, salt=links.SALT)
    for token in (asked[1] + "x", head[:-1] + ":" + tail, "x", forged, signing.dumps(["x"], salt="other")):
        page = _sent(token, STEADY)
        assert page.status_code == 404, token
        assert page.context["reason"] == "changed"
    assert not CheckIn.objects.exists()


def test_a_link_about_a_relationship_that_has_ended_says_so(asked, world):
    world.with_lind.until = days_ago(1)
    world.with_lind.save()
    assert _sent(asked[1], STEADY).status_code == 410
    assert Client().get(f"/c/{asked[1]}/sent/", follow=True).context["reason"] == "ended"
    assert not CheckIn.objects.exists()


def test_a_link_that_names_another_client_than_the_contacts_opens_nothing(asked, world):
    contact = asked[0]
    ids = (contact.organisation_id, world.ben.pk, contact.pk)
    token = signing.dumps([*(one.hex for one in ids), "session-checkin"], salt=links.SALT)
    assert Client().get(f"/c/{token}/", follow=True).status_code == 410


def test_without_a_stored_check_in_the_page_after_sending_leads_back_to_the_form(asked, world):
    """Also where the same client answered about another contact, or the clinician about this one."""
    fill(world.with_ito, STEADY)
    signed_in(world.lind).post(
        f"/engagements/{world.with_lind.pk}/own/",
        _own_form(signed_in(world.lind), world),
    )
    assert CheckIn.objects.filter(contact=asked[0], rater=Rater.CLINICIAN).exists()
    answer = Client().get(f"/c/{asked[1]}/sent/", follow=True)
    assert answer.redirect_chain[-1] == (named(asked[1]), 302)


def _own_form(browser, world):
    page = browser.get(f"/engagements/{world.with_lind.pk}/own/")
    return {"checkin_id": str(uuid4()), "about": page.context["form"]["about"].value(), "item_1": "5"}


def test_the_page_after_sending_says_when_the_stored_answers_arrived_and_nothing_of_who_has_read_them(asked):
    _sent(asked[1], STEADY)
    arrived = timezone.localtime(CheckIn.objects.get().received_at)
    before_reading = Client().get(f"/c/{asked[1]}/sent/", follow=True).content.decode()
    assert f"arrived on {date_format(arrived, 'j F, H:i')}" in before_reading
    signed_in(asked[0].engagement.clinician).get(f"/clients/{asked[0].engagement.client_id}/")
    after_reading = Client().get(f"/c/{asked[1]}/sent/", follow=True).content.decode()
    for page in (before_reading, after_reading):
        assert "nobody has read" not in page.lower()


def test_an_answered_link_offers_to_answer_again_as_a_successor(asked):
    first = fill(asked[0].engagement, STEADY, contact=asked[0])
    assert Client().get(f"/c/{asked[1]}/", follow=True).context["answered"] == first.received_at
    assert _sent(asked[1], {1: 2}).status_code == 302
    assert CheckIn.objects.get(predecessor=first).answers == {"1": 2}


def test_no_page_is_kept_by_caches_and_a_link_is_never_a_referrer(asked, world):
    for browser, path, policy in (
        (Client(), f"/c/{asked[1]}/", "no-referrer"),
        (Client(), "/accounts/login/", "same-origin"),
        (signed_in(world.lind), f"/clients/{world.ana.pk}/", "same-origin"),
    ):
        page = browser.get(path, follow=True)
        assert page["Cache-Control"] == "no-store", path
        assert page["Referrer-Policy"] == policy
        assert "default-src 'none'" in page["Content-Security-Policy"]
        assert page["X-Content-Type-Options"] == "nosniff"


def test_a_signed_in_client_sees_forms_to_fill_and_who_reads_them_and_nothing_computed(asked, world):
    fill(world.with_ito, {**STEADY, 6: 2})
    page = signed_in(world.ana).get("/forms/").content.decode()
    assert "Lind" in page
    for computed in ("tension", "flag", "rupture", "strain", "level"):
        assert computed not in page.lower()


def test_a_form_waits_no_longer_than_its_link(asked, world, monkeypatch):
    from accord.clinic.client.checkins import queries as forms

    assert len(forms.own_forms(world.ana, timezone.now())) == 1
    assert len(forms.own_forms(world.ana, timezone.now() + links.GOOD_FOR + timedelta(days=1))) == 0


def test_who_reads_it_is_said_to_the_client_and_to_the_clinician_each_in_their_own_words(world):
    both = (Rater.CLIENT, Rater.CLINICIAN)
    client, clinician = (" ".join(who_reads(world.with_lind, audience=rater)) for rater in both)
    assert "who also works with you" in client
    assert "who works with the same client" in clinician
    assert "works with you" not in clinician
