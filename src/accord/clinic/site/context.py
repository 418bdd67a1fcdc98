"""Context of every page: use of the site, emergency contacts, and the signed-in person."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accord.clinic.accounts import sessions
from accord.clinic.clinician.worklist.queries import watcher_late
from accord.clinic.facts import duty, links
from accord.clinic.models import read_only
from accord.clinic.policy import Action, possible_actions
from accord.clinic.site import navigation
from accord.clinic.site.demo import sign_in as demonstration
from accord.clinic.site.health import last_backup, log_broken
from accord.clinic.web import link_exchange


def site(request: HttpRequest) -> dict[str, Any]:
    person = getattr(request, "person", None)
    opens = possible_actions(person) if person is not None else frozenset()
    is_staff, leads = person is not None and person.is_staff, Action.REVIEW_BREAK_GLASS in opens
    page = getattr(request.resolver_match, "url_name", None)
    return {
        "read_only": read_only.is_on(),
        "watcher_late": is_staff and not read_only.is_on() and watcher_late(timezone.now()),
        "last_backup": last_backup() if leads else None,
        "log_broken": log_broken() if leads else None,
        "is_demo": settings.ACCORD.use == "demo",
        "crisis": settings.ACCORD.crisis_numbers,
        "duty": cache(lambda: duty.panel(_organisation_of(request))),  # asked by the panel, once a page
        "person": person,
        "idle": sessions.IDLE[person.kind] if person is not None else 0,
        "demo_logins": demonstration.logins,  # called by the sign-in pages only
        "demo_password": demonstration.PASSWORD,
        "is_lead": leads,
        "may_invite": Action.INVITE in opens,
        "opens_in_emergency": Action.BREAK_GLASS in opens,
        "navigation": navigation.entries(person, opens, page) if person is not None and is_staff else (),
    }


def _organisation_of(request: HttpRequest) -> UUID | None:
    """Whose rota the page may show: that of the link it was opened by, or of the person who is signed in."""
    secret = link_exchange.secret_of(request)
    linked = links.form_of(secret) if secret else None
    return linked[0] if linked else getattr(request, "organisation_id", None)
