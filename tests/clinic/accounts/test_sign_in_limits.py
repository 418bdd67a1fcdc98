"""What keeps signing in safe: limits shared by processes, cookies, no demonstration in real use."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.core.cache import cache
from django.test import Client

from accord.clinic.models import Account
from tests.support import clinic_environment, ready_made, totp
from tests.support.world import PASSWORD, World, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_codes_are_shown_in_a_demonstration_and_nowhere_else(world, settings):
    signed_in(world.lind)
    Account.objects.filter(pk=world.lind.account.pk).update(email="lind@demo.example")
    secret = decrypt(Authenticator.objects.get(user=world.lind.account).data["secret"])
    code = totp.code(secret, time.time())
    assert code in Client().get("/accounts/login/").content.decode()
    settings.ACCORD = dataclasses.replace(settings.ACCORD, use="real")
    page = Client().get("/accounts/login/").content.decode()
    assert code not in page
    assert "demo.example" not in page


def test_the_limits_are_kept_in_the_database_and_a_flood_does_not_wash_them_away(settings):
    kept = settings.CACHES["default"]
    assert kept["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
    cache.set("accord.code.used.somebody", True, timeout=90)
    for number in range(1000):  # more than the cache of a site keeps unless it is told to
        cache.set(f"flood-{number}", True)
    assert cache.get("accord.code.used.somebody")


def test_two_processes_share_one_limit(tmp_path):
    """Five tries for one account, whichever process of the site is asked."""
    told = clinic_environment.variables(None, str(tmp_path))
    environment = clinic_environment.without_accord(dict(os.environ)) | told
    ready_made.put_into(tmp_path)
    for command in (["keys", "new"], ["manage", "migrate"], ["manage", "createcachetable"]):
        subprocess.run(
            [sys.executable, "-m", "accord", *command],
            env=environment,
            check=True,
            capture_output=True,
        )
    tries = [
        subprocess.run(
            [sys.executable, "-c", TRY], env=environment, check=True, capture_output=True, text=True
        )
        for _ in range(2)
    ]
    assert [done.stdout.split() for done in tries] == [["yes"] * 3, ["yes", "yes", "no"]]


TRY = """
import django
django.setup()
from allauth.core import context
from allauth.mfa.base.internal.flows import check_rate_limit
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from types import SimpleNamespace
for number in range(3):
    with context.request_context(RequestFactory().post("/")):
        try:
            check_rate_limit(SimpleNamespace(pk="somebody"))
            print("yes")
        except ValidationError:
            print("no")
"""


def test_cookies_over_https_are_bound_to_this_very_host():
    told = clinic_environment.variables() | {"ACCORD_URL": "https://accord.example"}
    ask = (
        "import django; django.setup(); from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.SESSION_COOKIE_DOMAIN, "
        "s.SESSION_COOKIE_PATH)"
    )
    environment = clinic_environment.without_accord(dict(os.environ)) | told
    done = subprocess.run(
        [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [
        "__Host-session",
        "__Host-csrf",
        "True",
        "True",
        "True",
        "Lax",
        "None",
        "/",
    ]


def test_the_cookie_is_hidden_from_scripts_and_from_other_sites(world):
    signed_in(world.ana)
    browser = Client()
    browser.post("/accounts/login/", {"login": world.ana.account.email, "password": PASSWORD})
    cookie = browser.cookies["session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
