"""Signing in: nobody works without a second factor, codes are used once, and no old cookie opens anything."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.contrib.sessions.serializers import JSONSerializer
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver, reverse

from accord.clinic.accounts import sessions, sign_in_events, sign_in_middleware, urls
from accord.clinic.accounts.invitations import urls as invitations
from accord.clinic.encryption import factor_secrets
from accord.clinic.models import Account, AuditEvent, Person
from accord.clinic.models.actors import SYSTEM
from accord.clinic.policy import Denied
from tests.support import totp
from tests.support.world import PASSWORD, World, confirm_again, signed_in

SIGN_IN = [*urls.urlpatterns, *(one for one in invitations.urlpatterns if one.name == "invitation")]
pytestmark = pytest.mark.django_db
SHOWN, AWAY, MISSING, NOT_SO, REFUSED = 200, 302, 404, 405, 401
SALT = "django.contrib.sessions.SessionStore"  # of sessions as they are stored

# What each of the pages about signing in answers to a GET: to nobody signed in, to staff with a password
# only, to staff with a second factor, to a client without one.
TABLE = {
    "account_login": (SHOWN, AWAY, AWAY, AWAY),
    "mfa_authenticate": (AWAY, AWAY, AWAY, AWAY),
    "mfa_login_webauthn": (AWAY, AWAY, AWAY, AWAY),
    "account_logout": (AWAY, SHOWN, SHOWN, SHOWN),
    "account_reauthenticate": (AWAY, SHOWN, SHOWN, SHOWN),
    "mfa_reauthenticate_webauthn": (AWAY, AWAY, AWAY, AWAY),
    "second-step-again": (AWAY, AWAY, SHOWN, SHOWN),
    "account_change_password": (AWAY, AWAY, SHOWN, SHOWN),
    "usersessions_list": (AWAY, AWAY, SHOWN, SHOWN),
    "session-end": (NOT_SO, AWAY, NOT_SO, NOT_SO),
    "mfa_index": (AWAY, SHOWN, SHOWN, SHOWN),
    "mfa_activate_totp": (AWAY, AWAY, AWAY, AWAY),
    "mfa_deactivate_totp": (AWAY, AWAY, AWAY, MISSING),
    "mfa_view_recovery_codes": (AWAY, AWAY, MISSING, MISSING),
    "mfa_generate_recovery_codes": (AWAY, AWAY, AWAY, AWAY),
    "mfa_list_webauthn": (AWAY, AWAY, SHOWN, SHOWN),
    "mfa_add_webauthn": (AWAY, AWAY, AWAY, AWAY),
    "mfa_remove_webauthn": (AWAY, AWAY, AWAY, AWAY),
    "mfa_edit_webauthn": (AWAY, AWAY, AWAY, AWAY),
    "invitation": (MISSING, MISSING, MISSING, MISSING),
    "awake": (NOT_SO, AWAY, NOT_SO, NOT_SO),
    "lock": (NOT_SO, NOT_SO, NOT_SO, NOT_SO),
    "locked": (AWAY, AWAY, AWAY, AWAY),
    "locked-passkey": (NOT_SO, AWAY, NOT_SO, NOT_SO),
    "leave": (SHOWN, SHOWN, SHOWN, SHOWN),
}


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def world() -> World:
    return World()


def with_password_only(person: Person) -> Client:
    """Signed in through the site's own pages, before a second factor is set up."""
    if person.account is None:
        person.account = Account.objects.create_user(
            organisation=person.organisation, email=f"{uuid4()}@test.example", password=PASSWORD
        )
        person.save()
    browser = Client()
    give_password(browser, person)
    return browser


def give_password(browser: Client, person: Person, password: str = PASSWORD):
    return browser.post("/accounts/login/", {"login": person.account.email, "password": password})


def secret_of(person: Person) -> str:
    return decrypt(
        Authenticator.objects.get(user=person.account, type=Authenticator.Type.TOTP).data["secret"]
    )


def give_code(browser: Client, code: str):
    return browser.post("/accounts/login/code/", {"code": code})


def works(browser: Client) -> bool:
    """Whether this browser gets at a page of its person."""
    return browser.get("/", follow=True).request["PATH_INFO"] in ("/worklist/", "/forms/", "/imports/")


def address(pattern) -> str:
    made: dict[str, object] = {
        "client_id": uuid4(),
        "flag_id": uuid4(),
        "engagement_id": uuid4(),
        "batch_id": uuid4(),
    }
    made |= {"pk": 1, "session_id": 1, "token": "made-up", "person_id": uuid4()}
    wanted = pattern.pattern.converters
    given = {name: made.get(name, uuid4()) for name in wanted}
    return reverse(pattern.name, kwargs=given)


@pytest.mark.parametrize("name", TABLE)
def test_each_page_about_signing_in_answers_as_the_table_says(world, name):
    pattern = next(one for one in SIGN_IN if one.name == name)
    browsers = (
        Client(),
        with_password_only(world.stranger),
        signed_in(world.lind),
        with_password_only(world.ana),
    )
    found = tuple(browser.get(address(pattern)).status_code for browser in browsers)
    assert found == TABLE[name]


def test_every_address_of_allauth_that_is_served_is_in_the_table():
    assert {pattern.name for pattern in SIGN_IN} == set(TABLE)


def open_without_second_factor(person: Person) -> set[str | None]:
    """The addresses of the whole site that do not send this person to setting up a second factor."""
    found = set()
    for pattern in get_resolver().url_patterns:
        for method in ("get", "post"):
            browser = Client()
            assert person.account is not None
            browser.force_login(person.account)  # anew each time, as one of the addresses signs out
            answer = getattr(browser, method)(address(pattern))
            told = answer.get("Location", "")
            if (answer.status_code, told) != (AWAY, reverse("mfa_index")):
                found.add(pattern.name)
    return found


def test_no_page_opens_to_staff_who_have_a_password_only(world):
    with_password_only(world.lind)
    assert (
        open_without_second_factor(world.lind)
        <= sign_in_middleware.ALWAYS | sign_in_middleware.WHILE_SETTING_UP
    )
    kept = signed_in(world.supervisor)
    assert kept.get("/worklist/").status_code == SHOWN


def test_the_walk_notices_when_the_requirement_is_taken_away(world, monkeypatch):
    monkeypatch.setattr(sign_in_middleware, "has_second_factor", lambda _: True)
    monkeypatch.setattr(sessions, "used_second_factor", lambda _: True)
    with_password_only(world.lind)
    assert "worklist" in open_without_second_factor(world.lind)


def test_without_the_gate_no_page_of_a_person_opens(world, settings):
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.endswith("SignInRequired")]
    browser = signed_in(world.lind)
    for path in ("/", "/worklist/", f"/clients/{world.ana.pk}/"):
        assert browser.get(path).status_code == MISSING


def test_a_sign_in_from_before_the_second_factor_was_set_up_elsewhere_is_over(world):
    early = with_password_only(world.lind)
    signed_in(world.lind)  # sets one up in another browser
    assert early.get("/worklist/")["Location"] == reverse("account_login")
    assert "_auth_user_id" not in early.session


def test_a_client_may_go_without_a_second_factor(world):
    assert works(with_password_only(world.ana))


@pytest.mark.django_db(transaction=True)
def test_staff_set_up_an_app_and_then_sign_in_with_its_code(world):
    browser = with_password_only(world.lind)
    browser.post("/accounts/again/", {"password": PASSWORD})
    page = browser.get("/accounts/factors/app/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert "<svg" in page.content.decode()
    assert "data:" not in page.content.decode()
    done = browser.post("/accounts/factors/app/", {"code": totp.code(secret, time.time())})
    assert done["Location"] == reverse("mfa_view_recovery_codes")
    assert len(browser.get(done["Location"]).context["unused_codes"]) == 10
    assert works(browser)
    again = Client()
    assert give_password(again, world.lind)["Location"] == reverse("mfa_authenticate")
    assert not works(again)
    give_code(again, totp.code(secret, time.time() + totp.STEP))
    assert works(again)


def test_ten_wrong_codes_are_limited_so_that_the_right_one_no_longer_counts(world):
    signed_in(world.lind)
    browser = Client()
    give_password(browser, world.lind)
    right = totp.code(secret_of(world.lind), time.time())
    for _ in range(10):
        give_code(browser, "000000" if right != "000000" else "111111")
    page = give_code(browser, right)
    assert page.status_code == SHOWN
    assert "Too many tries" in page.content.decode()
    assert not works(browser)
    elsewhere = Client()  # the limit is the account's, not the browser's
    give_password(elsewhere, world.lind)
    give_code(elsewhere, right)
    assert not works(elsewhere)


def test_a_code_is_taken_once_for_as_long_as_it_would_be_valid(world):
    signed_in(world.lind)
    code = totp.code(secret_of(world.lind), time.time())
    assert took_code_twice(world.lind, code) == (True, False)


def test_the_library_alone_would_take_a_code_twice(world, settings):
    signed_in(world.lind)
    settings.MFA_FORMS = {}
    code = totp.code(secret_of(world.lind), time.time())
    assert took_code_twice(world.lind, code) == (True, True)


def took_code_twice(person: Person, code: str) -> tuple[bool, bool]:
    """With the half minute passed after which the library forgets a code that is valid for longer."""
    found = []
    for _ in range(2):
        browser = Client()
        give_password(browser, person)
        give_code(browser, code)
        found.append(works(browser))
        cache.delete(f"allauth.mfa.totp.used?user={person.account.pk}&code={code}")
    return found[0], found[1]


def test_a_recovery_code_lets_in_once(world):
    browser = signed_in(world.lind)
    browser.post("/accounts/again/", {"password": PASSWORD})
    browser.post("/accounts/factors/codes/new/")
    code = browser.get("/accounts/factors/codes/").context["unused_codes"][0]
    assert took_code_twice(world.lind, code) == (True, False)


@pytest.mark.parametrize("field", ["secret", "seed"])
def test_a_secret_that_does_not_open_takes_no_code_and_says_so(world, field, caplog):
    """One that stands in clear text: a code that it would have made lets nobody in."""
    signed_in(world.lind)
    secret = secret_of(world.lind)
    factors, code = Authenticator.objects.filter(user=world.lind.account), "00000000"
    if field == "secret":
        factors.update(data={"secret": secret})
        code = totp.code(secret, time.time())
    else:
        kind = Authenticator.Type.RECOVERY_CODES
        factors.create(user=world.lind.account, type=kind, data={"seed": secret, "used_mask": 0})
    browser = with_password_only(world.lind)
    told = give_code(browser, code).content.decode()
    assert "Codes cannot be checked at the moment" in told
    assert not works(browser)
    assert "cannot be read" in caplog.text
    assert secret not in caplog.text
    assert not factors.filter(last_used_at__isnull=False).exists()


@pytest.mark.parametrize("name", ["mfa_view_recovery_codes", "mfa_generate_recovery_codes"])
def test_recovery_codes_whose_seed_does_not_open_are_told_calmly(world, name, caplog):
    browser = signed_in(world.lind)
    kind, data = Authenticator.Type.RECOVERY_CODES, {"seed": "not sealed", "used_mask": 0}
    Authenticator.objects.create(user=world.lind.account, type=kind, data=data)
    confirm_again(browser, world.lind.account)
    browser.raise_request_exception = False
    page = browser.get(reverse(name))
    assert page.status_code == 503
    assert "cannot be read at the moment" in page.content.decode()
    assert "cannot be read" in caplog.text
    assert browser.get(reverse("mfa_index")).status_code == SHOWN


def test_the_secret_of_an_app_that_is_being_set_up_does_not_lie_in_the_session_in_clear(world, monkeypatch):
    browser = with_password_only(world.lind)
    browser.post("/accounts/again/", {"password": PASSWORD})
    secret = browser.get("/accounts/factors/app/").context["form"].secret
    assert secret not in kept_sessions()
    code = totp.code(secret, time.time())
    assert browser.post("/accounts/factors/app/", {"code": code})["Location"].startswith("/accounts/factors/")
    monkeypatch.setattr(factor_secrets, "seal", lambda text: text)  # the planted fault
    other = with_password_only(world.stranger)
    other.post("/accounts/again/", {"password": PASSWORD})
    assert other.get("/accounts/factors/app/").context["form"].secret in kept_sessions()


def kept_sessions() -> str:
    """What the database holds of all sessions, as whoever has the signing key reads it."""
    told = Session.objects.values_list("session_data", flat=True)
    return str([signing.loads(one, salt=SALT, serializer=JSONSerializer) for one in told])


def test_changing_a_factor_asks_for_the_password_again(world):
    browser = signed_in(world.lind)
    for name in ("mfa_add_webauthn", "mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        assert browser.post(reverse(name))["Location"].startswith(reverse("account_reauthenticate")), name
    browser.post("/accounts/again/", {"password": "wrong"})
    assert browser.post(reverse("mfa_deactivate_totp")).status_code == AWAY
    assert Authenticator.objects.filter(user=world.lind.account).exists()


def test_staff_who_remove_their_only_factor_are_back_at_setting_one_up(world):
    browser = signed_in(world.lind)
    browser.post("/accounts/again/", {"password": PASSWORD})
    browser.post("/accounts/factors/app/remove/")
    assert browser.get("/worklist/")["Location"] == reverse("mfa_index")


def copy_of(browser: Client) -> Client:
    """Somebody else who holds a copy of this browser's cookies, as they are now."""
    other = Client()
    other.cookies["session"] = browser.cookies["session"].value
    return other


def test_signing_in_gives_a_new_cookie(world):
    signed_in(world.lind)
    browser = Client()
    give_password(browser, world.lind)
    before = browser.cookies["session"].value
    give_code(browser, totp.code(secret_of(world.lind), time.time()))
    assert browser.cookies["session"].value != before
    old = Client()
    old.cookies["session"] = before
    assert not works(old)


@pytest.mark.parametrize("end", ["sign out", "leave", "end all others", "end it", "password", "leaving"])
def test_a_copied_cookie_opens_nothing_once_its_sign_in_has_ended(world, end):
    browser = with_password_only(world.ana)
    copied = copy_of(browser)
    assert works(copied)
    other = with_password_only(world.ana)
    listed = UserSession.objects.get(session_key=browser.session.session_key)
    new = {"oldpassword": PASSWORD, "password1": "another-long-one", "password2": "another-long-one"}
    acts = {
        "sign out": lambda: browser.post("/accounts/logout/"),
        "leave": lambda: browser.post("/leave/"),
        "end all others": lambda: other.post("/accounts/sessions/"),
        "end it": lambda: other.post(reverse("session-end", args=[listed.pk])),
        "password": lambda: other.post("/accounts/password/", new),
        "leaving": lambda: sign_in_events.end_all_sessions(person=world.ana, by=SYSTEM),
    }
    acts[end]()
    assert not works(copied)
    assert works(other) is (end != "leaving")


def test_ending_all_sign_ins_reaches_those_that_no_list_knows(world):
    browser = signed_in(world.lind)
    UserSession.objects.all().delete()
    sign_in_events.end_all_sessions(person=world.lind, by=world.lead)
    assert not works(browser)
    event = AuditEvent.objects.get(action="account.end_sessions")
    assert (event.actor_id, event.subject_id) == (world.lead.pk, world.lind.account_id)


def test_nobody_ends_the_sign_in_of_somebody_else(world):
    with_password_only(world.ana)
    session = UserSession.objects.get(user=world.ana.account)
    mean = with_password_only(world.ben)
    assert mean.post(reverse("session-end", args=[session.pk])).status_code == MISSING
    assert mean.post(reverse("session-end", args=[999_999])).status_code == MISSING
    assert UserSession.objects.filter(pk=session.pk).exists()


@pytest.mark.parametrize("state", ["closed", "unconfirmed"])
def test_an_account_that_opens_nothing_is_answered_like_a_wrong_password(world, state):
    browser = with_password_only(world.ana)
    kept = Account.objects.filter(pk=world.ana.account.pk)
    kept.update(is_active=False) if state == "closed" else kept.update(confirmed_at=None)
    assert not works(browser)
    told = [
        give_password(Client(), world.ana).content,
        give_password(Client(), world.ana, "wrong").content,
    ]
    nobody = Client().post("/accounts/login/", {"login": "nobody@test.example", "password": "wrong"})
    bodies = {_without_what_differs(page, world.ana.account.email) for page in [*told, nobody.content]}
    assert len(bodies) == 1


def _without_what_differs(page: bytes, email: str) -> str:
    kept = [line for line in page.decode().splitlines() if "csrfmiddlewaretoken" not in line]
    return "\n".join(kept).replace(email, "E").replace("nobody@test.example", "E")


def test_signing_in_and_its_changes_are_in_the_audit(world, django_capture_on_commit_callbacks):
    browser = signed_in(world.lind)
    browser.post("/accounts/again/", {"password": PASSWORD})
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/accounts/factors/codes/new/")
    told = set(AuditEvent.objects.filter(actor_id=world.lind.pk).values_list("action", flat=True))
    assert {"account.sign_in", "account.factor_reset"} <= told


def test_a_session_names_the_backend_that_earlier_versions_stored(world):
    """A person who was signed in before an upgrade stays signed in."""
    signed_in(world.ana)  # gives her an account
    browser = Client()
    give_password(browser, world.ana)
    assert browser.session["_auth_user_backend"] == "accord.clinic.accounts.Confirmed"
    assert works(browser)


def test_nobody_ends_the_sign_ins_of_somebody_else_without_administering_the_organisation(world):
    signed_in(world.lind)
    with pytest.raises(Denied):
        sign_in_events.end_all_sessions(person=world.lind, by=world.ana)
    assert Account.objects.get(pk=world.lind.account_id).sign_ins == world.lind.account.sign_ins


def test_one_of_the_listed_sign_ins_is_ended_by_its_own_person_only(world):
    signed_in(world.lind)
    session = UserSession(user=world.lind.account)
    with pytest.raises(Denied):
        sign_in_events.end_session(session=session, by=world.lead)
