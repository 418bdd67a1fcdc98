"""Nobody is locked out by others, and each refusal leaves one event that holds no secret."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from accord.clinic.accounts import attempts, sessions
from accord.clinic.models import AuditEvent
from tests.support import totp
from tests.support.world import PASSWORD, World, signed_in

pytestmark = pytest.mark.django_db
NOBODY = "nobody@test.example"
WRONG = "canary-wrong-password"
TOO_MANY = "Too many tries"


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def world() -> World:
    made = World()
    signed_in(made.ana)
    signed_in(made.lind)
    return made


def _try(email: str, password: str, address: str = "203.0.113.1", browser: Client | None = None):
    asked = {"login": email, "password": password}
    return (browser or Client()).post("/accounts/login/", asked, REMOTE_ADDR=address)


def _is_let_in(person, address: str, browser: Client | None = None) -> bool:
    return _try(person.account.email, PASSWORD, address, browser).status_code == 302


def _wrong(person, times: int, address: str = "203.0.113.1", browser: Client | None = None):
    """The last answer to so many wrong passwords."""
    return [_try(person.account.email, WRONG, address, browser) for _ in range(times)][-1]


def test_wrong_passwords_from_elsewhere_do_not_lock_a_named_colleague_out(world):
    for last in range(1, 5):
        page = _wrong(world.lind, 6, f"203.0.113.{last}")
        assert TOO_MANY in page.content.decode()
    assert not _is_let_in(world.lind, "203.0.113.1"), "where it was tried too often, the right one waits too"
    assert _is_let_in(world.lind, "198.51.100.7")


def test_a_limit_by_the_account_alone_is_noticed(world, monkeypatch):
    """Planted fault: what allauth does."""
    monkeypatch.setattr(
        attempts.Attempt, "_limits", lambda attempt: (attempts.Limit("here", attempts.HERE, attempt.email),)
    )
    _wrong(world.lind, 6)
    assert not _is_let_in(world.lind, "198.51.100.7")


def test_one_address_has_so_many_tries_whatever_the_account(world):
    for number in range(10):
        _try(f"{number}@test.example", WRONG)
    assert not _is_let_in(world.ana, "203.0.113.1")
    assert _is_let_in(world.ana, "198.51.100.7")


def _known_browser(person) -> Client:
    browser = Client()
    assert _is_let_in(person, "198.51.100.7", browser)
    browser.post("/accounts/logout/")
    return browser


def test_a_known_browser_is_let_in_whatever_others_try_also_from_its_own_address(world, monkeypatch):
    monkeypatch.setattr(attempts, "ACCOUNT", "12/h/key")
    browser = _known_browser(world.ana)
    for last in range(1, 4):
        _wrong(world.ana, 5, f"203.0.113.{last}")
    _wrong(world.ana, 6, "198.51.100.7")
    assert not _is_let_in(world.ana, "198.51.100.99"), (
        "many addresses together have used up the account's tries"
    )
    assert _is_let_in(world.ana, "198.51.100.7", browser)


def test_a_known_browser_counts_by_itself_and_for_its_own_people_only(world):
    browser = _known_browser(world.ana)
    assert TOO_MANY in _wrong(world.lind, 6, "198.51.100.7", browser).content.decode()
    assert TOO_MANY not in _wrong(world.ana, 10, "198.51.100.7", browser).content.decode()
    assert TOO_MANY in _wrong(world.ana, 1, "198.51.100.7", browser).content.decode()


def test_a_cookie_that_was_not_made_here_makes_no_browser_known(world):
    browser = _known_browser(world.ana)
    browser.cookies["device"] = browser.cookies["device"].value[:-2] + "xx"
    assert TOO_MANY in _wrong(world.ana, 6, "198.51.100.7", browser).content.decode()


def test_the_cookie_names_nobody_and_remembers_those_who_signed_in_last(world):
    browser = _known_browser(world.ana)
    assert world.ana.account.email not in browser.cookies["device"].value
    assert browser.cookies["device"]["httponly"]
    request = RequestFactory().get("/")
    request.COOKIES["device"] = browser.cookies["device"].value
    assert attempts._known(request)[1] == [attempts.digest(world.ana.account.email)]


def _events() -> list[tuple[str, list[str]]]:
    events = AuditEvent.objects.filter(action__endswith="refused").order_by("sequence")
    return list(events.values_list("action", "fields"))


def _code(world) -> None:
    browser = Client()
    _try(world.lind.account.email, PASSWORD, browser=browser)
    browser.post("/accounts/login/code/", {"code": "not-a-code-774411"})


def _code_twice(world) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.utils import decrypt

    secret = decrypt(Authenticator.objects.get(user=world.lind.account).data["secret"])
    code = totp.code(secret, time.time())
    for _ in range(2):
        browser = Client()
        _try(world.lind.account.email, PASSWORD, browser=browser)
        cache.delete(f"allauth.mfa.totp.used?user={world.lind.account.pk}&code={code}")
        browser.post("/accounts/login/code/", {"code": code})


def _locked(world) -> None:
    browser = signed_in(world.ana)
    session = browser.session
    session[sessions.LOCKED] = True
    session.save()
    browser.post("/locked/", {"password": WRONG})


def _locked_passkey(world) -> None:
    browser = signed_in(world.ana)
    session = browser.session
    session[sessions.LOCKED] = True
    session.save()
    browser.post("/locked/passkey/", {"credential": "{}"})


CASES: dict[str, tuple[Callable[[World], object], str, list[str]]] = {
    "wrong password": (lambda world: _wrong(world.ana, 1), "account.sign_in_refused", ["password"]),
    "nobody's address": (lambda _: _try(NOBODY, WRONG), "account.sign_in_refused", ["password"]),
    "wrong code": (_code, "account.code_refused", ["totp"]),
    "code used before": (_code_twice, "account.code_refused", ["code_used_before"]),
    "passkey": (
        lambda _: Client().post("/accounts/login/passkey/", {"credential": "{}"}),
        "account.passkey_refused",
        [],
    ),
    "locked page": (_locked, "account.unlock_refused", ["password"]),
    "passkey at the locked page": (_locked_passkey, "account.passkey_refused", []),
    "password asked again": (
        lambda world: signed_in(world.ana).post("/accounts/again/", {"password": WRONG}),
        "account.again_refused",
        ["password"],
    ),
    "another's record": (
        lambda world: signed_in(world.stranger).get(f"/clients/{world.ana.pk}/"), "page.refused", ["client"]
    ),
    "a page for staff": (lambda world: signed_in(world.ana).get("/worklist/"), "page.refused", ["worklist"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_refusal_leaves_one_event_without_a_secret(world, case):
    refuse, action, fields = CASES[case]
    refuse(world)
    assert _events() == [(action, fields)]
    written = repr(list(AuditEvent.objects.filter(action=action).values()))
    for secret in (WRONG, PASSWORD, "774411", "test.example"):
        assert secret not in written


def test_a_flood_of_tries_leaves_one_event_for_all_beyond_the_limit(world, caplog):
    with caplog.at_level(logging.WARNING, "accord"):
        _wrong(world.ana, 12)
    assert _events() == [("account.sign_in_refused", ["password"])] * 5 + [
        ("account.sign_in_refused", ["too_many"])
    ]
    lines = [
        record.getMessage() for record in caplog.records if "account.sign_in_refused" in record.getMessage()
    ]
    assert len(lines) == 6
    assert all("203.0.113.1" in line and world.ana.account.email not in line for line in lines)


def test_an_event_about_a_refusal_names_the_account_and_is_written_by_nobody_who_was_not_shown_to_be_there(
    world,
):
    _wrong(world.ana, 1)
    event = AuditEvent.objects.get(action="account.sign_in_refused")
    assert (event.actor_kind, event.actor_id) == ("system", None)
    assert (event.subject_type, event.subject_id) == ("Account", world.ana.account.pk)


def test_answers_and_events_are_alike_for_a_known_and_an_unknown_address(world):
    pages = [_wrong(world.ana, 1), _try("nobody@test.example", WRONG)]
    alike = [page.content.decode().replace(world.ana.account.email, "A").replace("nobody@test.example", "A")
             for page in pages]  # fmt: skip
    import re

    alike = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page) for page in alike]
    assert alike[0] == alike[1]
    assert len(_events()) == 2
