"""The secret of a link leaves the address bar at its first use, and nothing typed is lost for it."""

from __future__ import annotations

import dataclasses
import re
from uuid import uuid4

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client

from accord.clinic.accounts.invitations import actions as invitations
from accord.clinic.client.checkins import actions as checkins
from accord.clinic.facts import consents, links
from accord.clinic.models import CheckIn
from accord.clinic.models.actors import SYSTEM
from accord.clinic.telephone import LabelledNumber
from accord.clinic.web import link_exchange
from tests.support.links import named, opened
from tests.support.world import World, days_ago

pytestmark = pytest.mark.django_db
AGAIN = "Open your link again"
WORDS = "words that were typed"


@pytest.fixture
def world(settings) -> World:
    numbers = (LabelledNumber("Crisis line", "000 777"),)
    settings.ACCORD = dataclasses.replace(settings.ACCORD, crisis_numbers=numbers)
    return World()


@pytest.fixture
def token(world) -> str:
    world.tell(world.ana)
    return _asked(world)


def _asked(world) -> str:
    return checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)[1]


def _hidden(page, name="link") -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())
    assert match
    return match[1]


def _invited(world) -> str:
    made = invitations.invite(person=world.ana, email="ana@test.example", by=SYSTEM)
    return invitations.token_of(made)


def _no_address_holds(token: str, address: str) -> None:
    page = Client().get(address, follow=True)
    assert page.status_code == 200
    assert page.redirect_chain, "it is sent on at once"
    shown = re.findall(r'(?:href|action|src)="([^"]*)"', page.content.decode())
    for place in [*(place for place, _ in page.redirect_chain), *shown]:
        assert token not in place
        assert token.rpartition(":")[2] not in place
    assert page["Referrer-Policy"] == "no-referrer"


def test_no_page_of_a_link_has_its_secret_in_an_address(world, token):
    for path in ("", "sent/", "uses/"):
        _no_address_holds(token, f"/c/{token}/{path}")
    _no_address_holds(invited := _invited(world), f"/invitation/{invited}/")


def test_an_address_that_keeps_the_secret_is_noticed(world, token, monkeypatch):
    """Planted fault: the page is shown where the link was opened."""
    monkeypatch.setattr(link_exchange, "_sent_on", lambda request, secret: HttpResponse("the form"))
    with pytest.raises(AssertionError):
        _no_address_holds(token, f"/c/{token}/")


@pytest.mark.parametrize("https", [True, False])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_ends_after_an_hour(token, settings, https):
    settings.ACCORD = dataclasses.replace(
        settings.ACCORD, url="https://here" if https else "http://localhost"
    )
    [cookie] = Client().get(f"/c/{token}/", secure=https).cookies.values()
    assert cookie.key.startswith("__Host-link-") == https
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", https)
    assert (cookie["max-age"], cookie["path"], cookie["domain"]) == (3600, "/", "")


def test_in_another_browser_the_address_opens_nothing_and_the_link_still_does(token):
    first, second = Client(), Client()
    address = opened(first, f"/c/{token}/")
    page = second.get(address)
    text = page.content.decode()
    assert (page.status_code, AGAIN in text, "000777" in text) == (404, True, True)
    assert "What we worked towards" not in text
    assert second.get(f"/c/{token}/", follow=True).status_code == 200
    assert first.get(address).status_code == 200, "it still opens where it was opened"


def test_two_links_are_open_beside_each_other(world, token):
    world.tell(world.ben)
    other = checkins.ask(engagement=world.with_okafor, day=days_ago(0), by=world.okafor)[1]
    browser = Client()
    pages = [browser.get(opened(browser, f"/c/{each}/")) for each in (token, other)]
    again = [browser.get(named(each)) for each in (token, other)]
    for page, later, each in zip(pages, again, (token, other), strict=True):
        assert _hidden(page) == _hidden(later) == each


def test_a_form_that_was_left_open_until_the_cookie_had_gone_still_arrives(token):
    browser = Client()
    page = browser.get(f"/c/{token}/", follow=True)
    browser.cookies.clear()
    sent = {"checkin_id": str(uuid4()), "item_1": "5", "link": _hidden(page)}
    receipt = browser.post(named(token), sent)
    assert (receipt.status_code, "Thank you" in receipt.content.decode()) == (200, True)
    assert CheckIn.objects.get().answers == {"1": 5}
    assert browser.post(named(token), sent).status_code == 302, "again, now with its cookie"
    assert CheckIn.objects.count() == 1


def test_the_whole_way_is_open_to_a_browser_that_keeps_no_cookies(world):
    token = _asked(world)

    def ask(address, **sent):
        return Client(enforce_csrf_checks=True).post(address, sent)

    first = Client().get(f"/c/{token}/", follow=False)["Location"]
    assert AGAIN in Client().get(first).content.decode()
    asked = ask(first, pasted=f"  http://testserver/c/{token}/ ")["Location"]
    assert asked == named(token, "uses/")
    assert AGAIN in Client().get(asked).content.decode()
    uses = ask(asked, pasted=token)
    assert uses.status_code == 200
    assert not consents.has_chosen(world.ana), "to open it is not to choose"
    assert ask(asked, link=_hidden(uses), noticing="yes")["Location"] == named(token)
    form = ask(named(token), pasted=f"/c/{token}/")
    assert "What we worked towards" in form.content.decode()
    assert not CheckIn.objects.exists()
    receipt = ask(named(token), link=_hidden(form), checkin_id=str(uuid4()), item_1="5")
    assert "Thank you" in receipt.content.decode()
    assert CheckIn.objects.count() == 1


def test_the_cookie_alone_sends_nothing(token):
    """A foreign page can make a browser send its cookie, and knows no secret."""
    browser = Client()
    address = opened(browser, f"/c/{token}/")
    page = browser.post(address, {"checkin_id": str(uuid4()), "item_1": "5", "line_text": WORDS})
    assert (page.status_code, WORDS in page.content.decode()) == (404, True)
    assert not CheckIn.objects.exists()


def test_a_cookie_under_the_name_of_another_link_opens_nothing(world, token):
    other = checkins.ask(engagement=world.with_okafor, day=days_ago(0), by=world.okafor)[1]
    browser = Client()
    for planted in (other, "", token[:-1], signing.dumps(["x"], key="another key" * 10, salt=links.SALT)):
        browser.cookies[f"link-{link_exchange.name_of(token)}"] = planted
        assert AGAIN in browser.get(named(token)).content.decode()


@pytest.mark.parametrize("pasted", ["", "x", "https://elsewhere.example/", "/c//", "x" * 5000])
def test_something_else_that_is_pasted_opens_nothing(token, pasted):
    page = Client().post(named(token), {"pasted": pasted})
    assert page.status_code == 404
    assert not page.cookies


def test_leaving_quickly_takes_the_cookies_of_links_along(token):
    browser = Client()
    address = opened(browser, f"/c/{token}/")
    browser.post("/leave/")
    assert AGAIN in browser.get(address).content.decode()


def test_an_invitation_is_accepted_at_the_address_without_its_secret(world):
    token = _invited(world)
    browser = Client()
    address = opened(browser, f"/invitation/{token}/")
    page = browser.get(address)
    password = "a-long-one-of-my-own"
    sent = {"password1": password, "password2": password, "link": _hidden(page)}
    assert AGAIN in Client().get(address).content.decode()
    assert browser.post(address, sent)["Location"] == "/"
    assert browser.get("/forms/").status_code == 200


def test_a_link_that_opens_nothing_is_answered_where_it_is(world, monkeypatch):
    for address in (f"/c/{_asked(world)}x/", "/c/broken/", "/invitation/broken/"):
        answer = Client().get(address)
        assert (answer.status_code, len(answer.cookies)) == (404, 0)
