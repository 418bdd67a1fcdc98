"""Duration of sign-ins: locked after a while without activity, over after a working day.

The times live in the session itself, as seconds since 1970.
"""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest

from accord.clinic.models import Person

IDLE = {Person.Kind.STAFF.value: 15 * 60, Person.Kind.CLIENT.value: 30 * 60}  # seconds
LONGEST = 12 * 60 * 60  # seconds from signing in, whatever happens
GRAIN = 30  # seconds: how exactly the last visit is kept, so that reading a page seldom writes
MOST_TRIES = 5  # wrong answers on the locked page before the sign-in is over

BY_HAND, BY_TIME = "hand", "time"  # why a sign-in is locked
BEGAN, SEEN, LOCKED, TRIES = ("accord.began", "accord.seen", "accord.locked", "accord.tries")


class SessionState(StrEnum):
    OPEN = "open"
    LOCKED = "locked"
    OVER = "over"


def begin(request: HttpRequest) -> None:
    now = time.time()
    request.session[BEGAN] = request.session[SEEN] = now
    for key in (LOCKED, TRIES):
        request.session.pop(key, None)


def state(request: HttpRequest, kind: str) -> SessionState:
    """The state of this sign-in. One without a beginning, or from the future, is over."""
    now, session = time.time(), request.session
    began, seen = session.get(BEGAN), session.get(SEEN)
    if began is None or seen is None or not 0 <= now - began < LONGEST:
        return SessionState.OVER
    if session.get(LOCKED) or now - seen >= IDLE[kind]:
        return SessionState.LOCKED
    return SessionState.OPEN


def touch(request: HttpRequest) -> None:
    now = time.time()
    if now - request.session[SEEN] >= GRAIN:
        request.session[SEEN] = now


def lock(request: HttpRequest, *, by_hand: bool = False) -> None:
    request.session[LOCKED] = BY_HAND if by_hand else BY_TIME


def is_locked_by_hand(request: HttpRequest) -> bool:
    return bool(request.session.get(LOCKED) == BY_HAND)


def wrong_try(request: HttpRequest) -> bool:
    """Count a wrong answer on the locked page. False: that was the last one."""
    tries: int = request.session.get(TRIES, 0) + 1
    request.session[TRIES] = tries
    return tries < MOST_TRIES


def unlock(request: HttpRequest) -> None:
    """Unlock under a new session key, so that a copy of the old cookie is worthless."""
    request.session.pop(LOCKED, None)
    request.session.pop(TRIES, None)
    request.session[SEEN] = time.time()
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def used_second_factor(request: HttpRequest) -> bool:
    """Whether a passkey, code or recovery code was used, or a factor set up, in this very sign-in."""
    return bool(_second_steps(request))


def used_second_factor_lately(request: HttpRequest) -> bool:
    """The same, within the time for which a password holds when it is asked for again."""
    held_since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record["at"] > held_since for record in _second_steps(request))


def _second_steps(request: HttpRequest) -> list[dict[str, Any]]:
    records = get_authentication_records(request, request.user)
    return [record for record in records if record.get("method") == "mfa"]
