"""The log for auditors: who opened what, as what; nothing clinical, and no name of a client."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accord.clinic.client.own_record.opened import who_opened
from accord.clinic.models import AuditEvent, Membership
from accord.clinic.policy import Denied
from accord.clinic.programme.audit_log import queries
from accord.clinic.programme.audit_log.queries import read_log
from tests.support.world import HURT, World, days_ago, fill, fill_with_line, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    made.ana.name = "CANARY-NAME-OF-ANA"  # so that the code does not hold it
    made.ana.save()
    fill(made.with_lind, HURT)
    signed_in(made.lind).get(f"/clients/{made.ana.pk}/")
    return made


@pytest.fixture
def auditor(world):
    person = world.staff("Auditor")
    world.join(person, world.first, Membership.Role.AUDITOR)
    return person


def _log(viewer, **narrowed):
    return read_log(viewer, **{"since": days_ago(7), "until": days_ago(0), **narrowed})


def test_an_auditor_reads_who_opened_which_record_and_as_what(world, auditor):
    (row,) = [row for row in _log(auditor).rows if row.action == "client.read"]
    assert (row.who, row.relation, row.client) == (world.lind.name, "treats the client", world.ana.code)
    assert row.words == "opened your page"


def test_the_page_names_no_client_and_holds_nothing_clinical(world, auditor):
    fill_with_line(world.with_lind, "CANARY-LINE", "readers")
    page = signed_in(auditor).get("/", follow=True).content.decode()
    assert world.ana.code in page
    for kept in (world.ana.name, "CANARY-LINE"):
        assert kept not in page


def test_nothing_else_of_a_client_opens_for_an_auditor(world, auditor):
    browser = signed_in(auditor)
    for address in (f"/clients/{world.ana.pk}/", "/people/", "/emergency/", "/imports/", "/overview/"):
        assert browser.get(address).status_code == 404, address


def test_nobody_else_reads_it_nor_anybody_of_another_programme(world, auditor):
    for person in (world.lead, world.lind, world.supervisor, world.ana):
        with pytest.raises(Denied):
            _log(person)
        assert signed_in(person).get("/audit/").status_code == 404
    other = World()
    far = other.staff("Far auditor")
    other.join(far, other.first, Membership.Role.AUDITOR)
    assert world.ana.pk not in _log(far).client_ids


def test_it_is_narrowed_by_days_name_and_code_exactly(world, auditor):
    assert {row.who for row in _log(auditor, staff=world.lind.name.upper()).rows} == {world.lind.name}
    assert _log(auditor, staff="Lin").rows == ()
    of_ana = _log(auditor, code=world.ana.code)
    assert of_ana.rows
    assert {row.client for row in of_ana.rows} == {world.ana.code}
    assert _log(auditor, since=days_ago(30), until=days_ago(1)).rows == ()
    page = signed_in(auditor).get("/audit/?since=2026-02-02&until=2026-02-01")
    assert page.status_code == 400
    assert "Choose a last day on or after the first one." in page.content.decode()


def test_every_event_is_on_one_page_or_a_later_one_and_on_no_two(world, auditor, monkeypatch):
    monkeypatch.setattr(queries, "ON_A_PAGE", 3)
    found, before = [], None
    while True:
        log = _log(auditor, before=before)
        found += [(row.at, row.action) for row in log.rows]
        if log.earlier is None:
            break
        before = log.earlier
    events = AuditEvent.objects.filter(organisation_id=world.organisation.pk).order_by("-sequence")
    assert found == list(events.values_list("at", "action"))
    assert len(found) > 3


def test_clients_read_once_a_day_that_the_auditor_looked(world, auditor):
    for _ in range(2):
        signed_in(auditor).get("/audit/")
    (day,) = who_opened(world.ana).days
    (looked,) = [one for one in day.openings if one.name == auditor.name]
    assert looked.what == ("checked who opened your record",)
    assert looked.why == "checks who opens records here"
    assert AuditEvent.objects.filter(action="audit.shown", client_id=world.ana.pk).count() == 1
    assert timezone.localdate() == day.day
