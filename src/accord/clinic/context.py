"""What every page gets: the use of the site, where to turn when it is urgent, and who is signed in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accord.clinic import demonstration, read_only, sessions
from accord.clinic.models import Person
from accord.clinic.policy import Action, can, is_lead
from accord.clinic.queries.break_glass import unseen
from accord.clinic.queries.health import last_backup
from accord.clinic.queries.worklist import watcher_late


def may_invite(person: Person) -> bool:
    return can(person, Action.INVITE, person.organisation)


def site(request: HttpRequest) -> dict[str, Any]:
    person = getattr(request, "person", None)
    is_staff, leads = person is not None and person.is_staff, person is not None and is_lead(person)
    return {
        "read_only": read_only.is_on(),
        "watcher_late": is_staff and not read_only.is_on() and watcher_late(timezone.now()),
        "last_backup": last_backup() if leads else None,
        "is_demo": settings.ACCORD.use == "demo",
        "crisis": settings.ACCORD.crisis_numbers,
        "on_duty": settings.ACCORD.on_duty,
        "person": person,
        "idle": sessions.IDLE[person.kind] if person is not None else 0,
        "demo_logins": demonstration.logins,  # called by the sign-in pages only
        "demo_password": demonstration.PASSWORD,
        "is_lead": leads,
        "sees_leaving": person is not None and can(person, Action.SEE_ESTIMATES_REPORT, person.organisation),
        "may_invite": person is not None and person.is_staff and may_invite(person),
        "administers": person is not None and can(person, Action.ADMINISTER, person.organisation),
        "sees_overview": person is not None and can(person, Action.SEE_OVERVIEW, person.organisation),
        "emergencies": unseen(person) if person is not None and leads else 0,
    }
