"""Open a record in an emergency, and record the programme lead's review."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.models import BreakGlass, BreakGlassSeen, Person, SealedText
from accord.clinic.policy import Action, check
from accord.errors import FormError

SHORTEST, LONGEST = 15, 500  # characters of a reason: words, and no file


@transaction.atomic
def open_record(*, client: Person, reason: str, by: Person) -> BreakGlass:
    """Let `by` read the page about a client for four hours. Raises `InputError` without a reason in words.

    What is opened, why, and the event that tells of it are written together or not at all.
    """
    check(by, Action.BREAK_GLASS, client)
    words = " ".join(reason.split())
    if not SHORTEST <= len(words) <= LONGEST:
        raise FormError(
            _("Write a reason of %(low)s to %(high)s characters; this one has %(n)s.")
            % {"low": SHORTEST, "high": LONGEST, "n": len(words)}
        )
    opening = BreakGlass.objects.create(
        organisation_id=client.organisation_id, by=by, client=client, opened_at=timezone.now()
    )
    SealedText.about(opening, BreakGlass.REASON, words).save()
    record_event(by=by, action="break_glass.open", subject=opening, client_id=client.pk, fields=["reason"])
    return opening


@transaction.atomic
def review(*, opening: BreakGlass, by: Person) -> None:
    """Record that a programme lead reviewed an opening; a second review changes nothing."""
    check(by, Action.REVIEW_BREAK_GLASS, opening)
    same = {"opening": opening, "by": by}
    if not BreakGlassSeen.objects.filter(**same).exists():
        BreakGlassSeen.objects.create(organisation_id=opening.organisation_id, at=timezone.now(), **same)
        record_event(by=by, action="break_glass.review", subject=opening, client_id=opening.client_id)
