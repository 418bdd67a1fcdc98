"""Numbers to call and a quick way out are on every page and status that a client can reach."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

import accord
from accord.clinic.accounts import sessions
from accord.clinic.client.checkins import actions as checkins
from accord.clinic.telephone import LabelledNumber
from accord.clinic.web import errors
from tests.support.world import World, days_ago, fill, signed_in

pytestmark = pytest.mark.django_db
NUMBER = 'href="tel:000777"'
WAY_OUT = '<form class="leave" method="post" action="/leave/">'
EMPTY = {"leave"}  # the page after leaving quickly shows nothing at all
CLINIC = Path(accord.__file__).parent / "clinic"


@pytest.fixture
def world(settings) -> World:
    settings.ACCORD = replace(settings.ACCORD, crisis_numbers=(LabelledNumber("Crisis line", "000 777"),))
    made = World()
    made.tell(made.ana)
    return made


def _addresses(token: str) -> list[str]:
    """Every address without a parameter, and those that a token opens."""
    result = []
    for pattern in get_resolver().url_patterns:
        parameters = set(pattern.pattern.converters)
        if pattern.name not in EMPTY and parameters <= {"token"}:
            result.append(reverse(pattern.name, kwargs=dict.fromkeys(parameters, token)))
    return result


def _lacks(page: str) -> list[str]:
    """What the page does not have: the number at least once, the way out exactly once."""
    return [NUMBER] * (NUMBER not in page) + [WAY_OUT] * (page.count(WAY_OUT) != 1)


def _is_page(answer) -> bool:
    return answer["Content-Type"].startswith("text/html") and bool(answer.content)


def _locked(person) -> Client:
    browser = signed_in(person)
    session = browser.session
    session[sessions.LOCKED] = True
    session.save()
    return browser


@pytest.mark.parametrize("who", ["signed out", "signed in", "locked"])
def test_every_page_that_a_client_can_reach_has_the_numbers_and_the_way_out(world, who):
    contact, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    fill(world.with_lind, {1: 5}, contact=contact)
    pages = 0
    for address in _addresses(token):
        browser = {
            "signed out": Client,
            "signed in": lambda: signed_in(world.ana),
            "locked": lambda: _locked(world.ana),
        }[who]()
        for answer in (browser.get(address), browser.post(address)):
            if _is_page(answer):
                pages += 1
                lacks = _lacks(answer.content.decode())
                assert not lacks, (address, answer.status_code, lacks)
    assert pages >= 8


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_every_status_has_the_numbers_and_the_way_out(world, status):
    request = RequestFactory().get("/")
    request.resolver_match = None
    request.session, request.user = Client().session, world.ana
    answers = {
        400: errors.not_readable, 403: errors.csrf, 404: errors.missing, 429: errors.too_many,
        500: errors.broken, 503: errors.unavailable,
    }  # fmt: skip
    answer = answers[status](request)
    assert answer.status_code == status
    assert _lacks(answer.content.decode()) == []


def test_a_page_that_broke_shows_the_numbers_even_when_the_context_of_pages_is_what_broke(world, monkeypatch):
    def broken(request):
        raise RuntimeError("planted")

    monkeypatch.setattr("accord.clinic.site.context.site", broken)
    answer = errors.broken(RequestFactory().get("/"))
    assert (answer.status_code, _lacks(answer.content.decode())) == (500, [])


def test_an_address_that_is_opened_in_a_way_it_does_not_know_is_answered_with_the_numbers(world):
    browser = signed_in(world.ana)
    for name in ("forms", "own-answers", "who-opened"):
        answer = browser.post(reverse(name))
        assert answer.status_code == 405
        assert _lacks(answer.content.decode()) == []
        assert answer["Allow"], "which ways it knows is still said"
        assert int(answer["Content-Length"]) == len(answer.content), "a server sends no more than this"


def test_a_form_from_elsewhere_is_refused_with_the_numbers(world):
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert (answer.status_code, _lacks(answer.content.decode())) == (403, [])


@pytest.mark.parametrize("path", ["/nothing/here/", "/c/broken/", "/invitation/broken/"])
def test_what_does_not_exist_is_answered_with_the_numbers(world, path):
    answer = Client().get(path)
    assert (answer.status_code, _lacks(answer.content.decode())) == (404, [])


def test_what_is_sent_while_the_page_is_locked_is_answered_with_the_numbers_and_the_way_out(world):
    answer = _locked(world.ana).post(reverse("own-uses"), {"noticing": "yes"})
    assert (answer.status_code, _lacks(answer.content.decode())) == (401, [])


def test_pages_of_staff_have_no_panel_for_clients(world):
    assert _lacks(signed_in(world.lind).get("/worklist/").content.decode()) == [NUMBER, WAY_OUT]


def test_the_cover_of_a_page_that_nobody_uses_leaves_the_numbers_in_view():
    script = (CLINIC / "web/static/clinic/idle.js").read_text(encoding="utf-8")
    assert '!part.matches(".urgent, .leave")' in script
