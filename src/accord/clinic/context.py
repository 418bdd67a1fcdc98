"""What every page gets: the use of the site, where to turn when it is urgent, and who is signed in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accord.clinic.policy import is_lead


def site(request: HttpRequest) -> dict[str, Any]:
    person = getattr(request, "person", None)
    return {
        "is_demo": settings.ACCORD.use == "demo",
        "crisis": settings.ACCORD.crisis_numbers,
        "on_duty": settings.ACCORD.on_duty,
        "person": person,
        "is_lead": person is not None and is_lead(person),
    }
