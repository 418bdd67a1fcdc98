"""Helpers of views: the person who asks, and uniform refusal."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse

from accord.clinic.audit import audit_reads
from accord.clinic.models import Engagement, Person
from accord.clinic.policy import Action, Denied, visible_to

Answer = Callable[..., HttpResponse]


def hiding(view: Answer) -> Answer:
    """Answer for denied and missing records with the same page."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (Denied, ObjectDoesNotExist) as error:
            _note_refusal(request)
            raise Http404 from error

    return answer


def _note_refusal(request: HttpRequest) -> None:
    """One event for each page that was refused to somebody who is signed in."""
    person = getattr(request, "person", None)
    if person is not None and request.resolver_match is not None:
        audit_reads.refused(page=str(request.resolver_match.url_name), by=person)


def for_people(view: Answer) -> Answer:
    """A page for people whose sign-in is complete; `request.person` is who they are."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if getattr(request, "person", None) is None:
            raise Http404  # an account of nobody, or an incomplete sign-in
        return view(request, *args, **kwargs)

    return login_required(hiding(answer))


def for_staff(view: Answer) -> Answer:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not who(request).is_staff:
            raise Denied("a page for staff")
        return view(request, *args, **kwargs)

    return for_people(answer)


def again(view: Answer) -> Answer:
    """Ask for the password or a passkey again, unless just given: for actions that could harm many people."""
    answer: Answer = reauthentication_required(view)
    return answer


def again_first(view: Answer) -> Answer:
    """Ask when the page is opened, for pages that send a file: a file could not be kept while asking."""
    answer: Answer = reauthentication_required(view, enabled=lambda request: request.method == "GET")
    return answer


def who(request: HttpRequest) -> Person:
    person: Person = request.person  # type: ignore[attr-defined]
    return person


def engagement_for(request: HttpRequest, action: Action, engagement_id: UUID) -> Engagement:
    """Raises DoesNotExist for a relationship to which this person may not do this."""
    open_to_it = visible_to(who(request), action=action).select_related("client", "clinician")
    return open_to_it.get(pk=engagement_id)
