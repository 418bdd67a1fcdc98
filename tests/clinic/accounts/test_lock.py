"""A sign-in that nobody uses locks, gives back what was typed, and ends after a working day."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest
from django.core.cache import cache

from accord.clinic.accounts import sessions
from accord.clinic.models import Flag, Response
from tests.support.world import HURT, PASSWORD, World, fill, signed_in

pytestmark = pytest.mark.django_db
SHOWN, AWAY, REFUSED = 200, 302, 401
STAFF, CLIENT = sessions.IDLE["staff"], sessions.IDLE["client"]


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def world() -> World:
    made = World()
    fill(made.with_lind, HURT)
    made.flag = Flag.objects.get(engagement=made.with_lind, kind=Flag.Kind.SAID)
    return made


def last_seen(browser, seconds: float) -> None:
    """Nobody was there for so long."""
    session = browser.session
    session[sessions.SEEN] = time.time() - seconds
    session[sessions.BEGAN] = min(session[sessions.BEGAN], session[sessions.SEEN])
    session.save()


def is_locked(answer) -> bool:
    return answer.status_code == AWAY and answer["Location"].startswith("/locked/")


@pytest.mark.parametrize(
    ("who", "page", "limit"),
    [("lind", "/worklist/", STAFF), ("ana", "/forms/", CLIENT)],
    ids=["staff", "client"],
)
def test_a_page_locks_when_nobody_was_there_for_the_time_set(world, who, page, limit):
    browser = signed_in(getattr(world, who))
    last_seen(browser, limit - 20)
    assert browser.get(page).status_code == SHOWN
    last_seen(browser, limit)
    assert is_locked(browser.get(page))
    assert is_locked(browser.get(page)), "it stays locked"


def test_the_locked_page_says_why(world):
    browser = signed_in(world.lind)
    last_seen(browser, STAFF)
    browser.get("/worklist/")
    assert "nothing was done here for a while" in browser.get("/locked/").content.decode()
    browser.post("/locked/", {"password": PASSWORD})
    browser.post("/lock/")
    page = browser.get("/locked/").content.decode()
    assert "You locked this page." in page
    assert "for a while" not in page
    browser.post("/locked/", {"password": PASSWORD})
    browser.post("/lock/", {"here": "1"})  # the page covered itself
    assert "nothing was done here for a while" in browser.get("/locked/").content.decode()


def test_staff_lock_after_15_minutes_and_clients_later():
    assert STAFF == 15 * 60
    assert STAFF < CLIENT <= 60 * 60
    assert sessions.LONGEST == 12 * 60 * 60


def test_reading_pages_keeps_it_open(world):
    browser = signed_in(world.lind)
    for _ in range(3):
        last_seen(browser, STAFF - 60)
        assert browser.get("/worklist/").status_code == SHOWN
    assert time.time() - browser.session[sessions.SEEN] < 60


def test_after_a_working_day_it_is_over_whatever_was_done(world):
    browser = signed_in(world.lind)
    session = browser.session
    session[sessions.BEGAN] = time.time() - sessions.LONGEST
    session.save()
    assert browser.get("/worklist/")["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("key", [sessions.BEGAN, sessions.SEEN])
def test_a_sign_in_that_does_not_say_when_it_began_is_over(world, key):
    browser = signed_in(world.lind)
    session = browser.session
    del session[key]
    session.save()
    assert browser.get("/worklist/")["Location"].startswith("/accounts/login/")


def test_locking_by_hand_and_opening_again_leads_back_to_the_same_page(world):
    browser = signed_in(world.lind)
    there = f"/clients/{world.ana.pk}/?part=1"
    locked = browser.post("/lock/", headers={"referer": f"http://testserver{there}"})
    assert locked["Location"] == f"/locked/?{urlencode({'next': there})}"
    assert b"CANARY" not in browser.get(locked["Location"]).content
    assert is_locked(browser.get(there))
    opened = browser.post("/locked/", {"password": PASSWORD, "next": there})
    assert opened["Location"] == there
    assert browser.get(there).status_code == SHOWN


@pytest.mark.parametrize(
    "next", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""]
)
def test_opening_never_leads_to_another_site(world, next):
    browser = signed_in(world.lind)
    browser.post("/lock/")
    assert browser.post("/locked/", {"password": PASSWORD, "next": next})["Location"] == "/"


def test_what_was_sent_while_locked_is_not_done_and_can_be_sent_afterwards(world):
    browser = signed_in(world.lind)
    there = f"/flags/{world.flag.pk}/respond/"
    last_seen(browser, STAFF)
    answer = browser.post(there, {"done": "planned", "words": "CANARY-TYPED"})
    assert answer.status_code == REFUSED
    assert b"CANARY-TYPED" not in answer.content, "a passer-by could read it in the page"
    assert not Response.objects.exists()
    sealed = answer.context["held"]
    wrong = browser.post("/locked/", {"password": "wrong", "held": sealed})
    assert b"CANARY-TYPED" not in wrong.content
    assert wrong.context["held"] == sealed, "a wrong password loses nothing"
    resumed = browser.post("/locked/", {"password": PASSWORD, "held": sealed})
    assert resumed.context["address"] == there
    assert ("words", "CANARY-TYPED") in resumed.context["fields"]
    assert b"CANARY-TYPED" in resumed.content
    browser.post(there, dict(resumed.context["fields"]))
    assert Response.objects.get().done == "planned"


def test_what_was_typed_in_one_sign_in_opens_in_no_other(world):
    browser, other = signed_in(world.lind), signed_in(world.ito)
    last_seen(browser, STAFF)
    sealed = browser.post("/worklist/", {"words": "CANARY-TYPED"}).context["held"]
    other.post("/lock/")
    answer = other.post("/locked/", {"password": PASSWORD, "held": sealed})
    assert answer.status_code == AWAY
    changed = sealed[:-4] + ("AAAA" if not sealed.endswith("AAAA") else "BBBB")
    assert browser.post("/locked/", {"password": PASSWORD, "held": changed}).status_code == AWAY


def test_five_wrong_answers_end_the_sign_in(world):
    browser = signed_in(world.lind)
    browser.post("/lock/")
    answers = [browser.post("/locked/", {"password": f"wrong {n}"}) for n in range(sessions.MOST_TRIES)]
    assert [answer.status_code for answer in answers[:-1]] == [400] * (sessions.MOST_TRIES - 1)
    assert answers[-1]["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in browser.session


def test_a_code_from_an_app_alone_does_not_open_it(world):
    from allauth.mfa.models import Authenticator
    from allauth.mfa.utils import decrypt

    from tests.support import totp

    browser = signed_in(world.lind)
    browser.post("/lock/")
    secret = decrypt(Authenticator.objects.get(user=world.lind.account).data["secret"])
    browser.post("/locked/", {"code": totp.code(secret, time.time())})
    assert is_locked(browser.get("/worklist/"))


def test_a_cookie_copied_before_or_while_it_was_locked_opens_nothing_afterwards(world):
    browser = signed_in(world.lind)
    copied = browser.cookies["session"].value
    browser.post("/lock/")
    other = type(browser)()
    other.cookies["session"] = copied
    assert is_locked(other.get("/worklist/"))
    browser.post("/locked/", {"password": PASSWORD})
    assert browser.get("/worklist/").status_code == SHOWN
    assert other.get("/worklist/")["Location"].startswith("/accounts/login/")


def test_typing_without_sending_keeps_it_open_but_opens_nothing_that_is_locked(world):
    browser = signed_in(world.lind)
    last_seen(browser, STAFF - 60)
    assert browser.post("/awake/").status_code == 204
    assert time.time() - browser.session[sessions.SEEN] < 60
    last_seen(browser, STAFF)
    assert browser.post("/awake/").status_code == REFUSED


def test_leaving_quickly_signs_out_clears_what_the_browser_kept_and_shows_an_empty_page(world):
    browser = signed_in(world.ana)
    answer = browser.post("/leave/")
    assert answer["Clear-Site-Data"] == '"cache"'  # "storage" would empty what waits to be sent
    page = browser.get(answer["Location"])
    told = page.content.decode().lower()
    assert page["Cache-Control"] == "no-store"
    assert "accord</title>" not in told
    assert "ana" not in told
    assert browser.get("/forms/")["Location"].startswith("/accounts/login/")
