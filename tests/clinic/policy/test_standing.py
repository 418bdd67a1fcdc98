"""Roles and direct relations are read once in a look at a page, and anew in the next look and every act."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accord.clinic.models import Engagement, Membership
from accord.clinic.policy import Action, Denied, can, check, standing_kept, visible_to
from accord.clinic.web.middleware import OneLook
from tests.support.world import World, days_ago, signed_in


@pytest.fixture
def world(db) -> World:
    return World()


def _looks_for_roles(act) -> int:
    """How many statements of an act read the roles of people."""
    with CaptureQueriesContext(connection) as asked:
        act()
    begins = f'FROM "{Membership._meta.db_table}" WHERE'
    reads = (one["sql"] for one in asked.captured_queries if one["sql"].lstrip("(").startswith("SELECT"))
    return sum(begins in sql for sql in reads)


def _statuses_around_the_end_of_a_role(world: World) -> list[int]:
    browser, address = signed_in(world.lind), reverse("client", args=[world.ana.pk])
    before = browser.get(address).status_code
    world.lind.memberships.update(until=days_ago(1))
    return [before, browser.get(address).status_code]


def test_the_next_look_asks_anew(world):
    assert _statuses_around_the_end_of_a_role(world) == [200, 404]


def test_a_relationship_that_ends_is_seen_in_this_look_and_no_longer_in_the_next(world):
    with standing_kept():
        assert world.with_lind in visible_to(world.lind)
        Engagement.objects.filter(pk=world.with_lind.pk).update(until=days_ago(1))
        assert world.with_lind in visible_to(world.lind), "kept: this is why a look ends"
    assert world.with_lind not in visible_to(world.lind)


def test_what_one_person_sees_in_a_look_is_shown_to_nobody_else_in_it(world):
    with standing_kept():
        assert set(visible_to(world.lind)) == {world.with_lind, world.with_ito}
        assert set(visible_to(world.okafor)) == {world.with_okafor}
        assert not visible_to(world.stranger).exists()


def test_roles_kept_past_the_end_of_a_look_would_be_seen(world):
    """The planted fault: one look lasts over two requests."""
    signed_in(world.lind)
    with standing_kept():
        assert can(world.lind, Action.SEE_CLIENT, world.ana)
        world.lind.memberships.update(until=days_ago(1))
        assert can(world.lind, Action.SEE_CLIENT, world.ana), "kept: this is why a look ends"
    assert not can(world.lind, Action.SEE_CLIENT, world.ana)


def test_an_act_asks_anew_each_time(world):
    with pytest.raises(Denied):
        _sent(world, RequestFactory().post("/"))


def _sent(world: World, request) -> None:
    def answer(request) -> HttpResponse:
        check(world.lind, Action.LOG_CONTACT, world.with_lind)
        world.lind.memberships.update(until=days_ago(1))
        check(world.lind, Action.LOG_CONTACT, world.with_lind)
        return HttpResponse()

    OneLook(answer)(request)


def test_a_look_asks_once(world):
    def twice() -> None:
        for record in (world.ana, world.with_lind):
            can(world.lind, Action.SEE_CLIENT, record)

    def in_one_look() -> None:
        with standing_kept():
            twice()

    assert (_looks_for_roles(twice), _looks_for_roles(in_one_look)) == (2, 1)


def test_each_person_has_their_own_roles_in_one_look(world):
    with standing_kept():
        assert can(world.lind, Action.RESPOND, world.with_lind)
        assert not can(world.supervisor, Action.RESPOND, world.with_lind)
