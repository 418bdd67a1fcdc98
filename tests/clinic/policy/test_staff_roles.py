"""Roles and direct relations are read once for a page, and anew for the next page and in every act."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accord.clinic.models import Engagement, Membership
from accord.clinic.policy import Action, Denied, can, check, policy_read_once, visible_to
from accord.clinic.web.middleware import PolicyReadOnce
from tests.support.world import World, days_ago, signed_in


@pytest.fixture
def world(db) -> World:
    return World()


def _reads_of_roles(act) -> int:
    """How many statements of an act read the roles of people."""
    with CaptureQueriesContext(connection) as asked:
        act()
    begins = f'FROM "{Membership._meta.db_table}" WHERE'
    reads = (
        query["sql"] for query in asked.captured_queries if query["sql"].lstrip("(").startswith("SELECT")
    )
    return sum(begins in sql for sql in reads)


def _statuses_around_the_end_of_a_role(world: World) -> list[int]:
    browser, address = signed_in(world.lind), reverse("client", args=[world.ana.pk])
    before = browser.get(address).status_code
    world.lind.memberships.update(until=days_ago(1))
    return [before, browser.get(address).status_code]


def test_the_next_page_reads_roles_anew(world):
    assert _statuses_around_the_end_of_a_role(world) == [200, 404]


def test_a_relationship_that_ends_is_seen_on_this_page_and_no_longer_on_the_next(world):
    with policy_read_once():
        assert world.with_lind in visible_to(world.lind)
        Engagement.objects.filter(pk=world.with_lind.pk).update(until=days_ago(1))
        assert world.with_lind in visible_to(world.lind), "read once: this is why it holds for one request"
    assert world.with_lind not in visible_to(world.lind)


def test_what_a_person_sees_on_a_page_is_shown_to_nobody_else(world):
    with policy_read_once():
        assert set(visible_to(world.lind)) == {world.with_lind, world.with_ito}
        assert set(visible_to(world.okafor)) == {world.with_okafor}
        assert not visible_to(world.stranger).exists()


def test_roles_kept_past_the_end_of_a_request_would_be_seen(world):
    """The planted fault: roles are read once for two requests."""
    signed_in(world.lind)
    with policy_read_once():
        assert can(world.lind, Action.SEE_CLIENT, world.ana)
        world.lind.memberships.update(until=days_ago(1))
        assert can(world.lind, Action.SEE_CLIENT, world.ana), (
            "read once: this is why it holds for one request"
        )
    assert not can(world.lind, Action.SEE_CLIENT, world.ana)


def test_an_act_reads_roles_anew_each_time(world):
    with pytest.raises(Denied):
        _sent(world, RequestFactory().post("/"))


def _sent(world: World, request) -> None:
    def answer(request) -> HttpResponse:
        check(world.lind, Action.LOG_CONTACT, world.with_lind)
        world.lind.memberships.update(until=days_ago(1))
        check(world.lind, Action.LOG_CONTACT, world.with_lind)
        return HttpResponse()

    PolicyReadOnce(answer)(request)


def test_a_page_reads_roles_once(world):
    def twice() -> None:
        for record in (world.ana, world.with_lind):
            can(world.lind, Action.SEE_CLIENT, record)

    def for_one_page() -> None:
        with policy_read_once():
            twice()

    assert (_reads_of_roles(twice), _reads_of_roles(for_one_page)) == (2, 1)


def test_each_person_has_their_own_roles_on_a_page(world):
    with policy_read_once():
        assert can(world.lind, Action.RESPOND, world.with_lind)
        assert not can(world.supervisor, Action.RESPOND, world.with_lind)
