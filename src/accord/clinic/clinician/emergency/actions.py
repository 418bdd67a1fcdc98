"""Open a record in an emergency, and record that somebody else reviewed it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.clinician.emergency.frequency import MANY, in_a_day
from accord.clinic.models import BreakGlass, BreakGlassQuery, BreakGlassSeen, Person, SealedText
from accord.clinic.policy import Action, Denied, check, possible_actions
from accord.errors import FormError

SHORTEST, LONGEST = 15, 500  # characters of a reason: words, and no file


@transaction.atomic
def open_record(*, client: Person, reason: str, by: Person) -> BreakGlass:
    """Let `by` read the page about a client for four hours. Raises `InputError` without a reason in words.

    What is opened, why, and the event that tells of it are written together or not at all.
    """
    check(by, Action.BREAK_GLASS, client)
    words = reason_in_words(reason)
    opening = BreakGlass.objects.create(
        organisation_id=client.organisation_id, by=by, client=client, opened_at=timezone.now()
    )
    SealedText.about(opening, BreakGlass.REASON, words).save()
    record_event(by=by, action="break_glass.open", subject=opening, client_id=client.pk, fields=["reason"])
    _note_many(opening, by)
    return opening


@transaction.atomic
def ask_in_vain(*, called: str, reason: str, by: Person) -> BreakGlassQuery:
    """Keep, sealed, that `by` asked for a name or code that no single client has; nothing is opened.

    Otherwise anybody could learn, unseen, who is a client here. Raises `Denied` for those who may open no
    record, and `InputError` without a reason in words.
    """
    if Action.BREAK_GLASS not in possible_actions(by):
        raise Denied("no role that treats clients")
    words = reason_in_words(reason)
    query = BreakGlassQuery.objects.create(organisation_id=by.organisation_id, by=by, asked_at=timezone.now())
    SealedText.about(query, BreakGlassQuery.CALLED, called).save()
    SealedText.about(query, BreakGlassQuery.REASON, words).save()
    record_event(by=by, action="break_glass.ask_in_vain", subject=query, fields=["called", "reason"])
    _note_many(query, by)
    return query


def reason_in_words(reason: str) -> str:
    """The reason with single spaces. Raises `InputError` where it is no sentence."""
    words = " ".join(reason.split())
    if not SHORTEST <= len(words) <= LONGEST:
        raise FormError(
            _("Write a reason of %(low)s to %(high)s characters; this one has %(n)s.")
            % {"low": SHORTEST, "high": LONGEST, "n": len(words)}
        )
    return words


def _note_many(subject: BreakGlass | BreakGlassQuery, by: Person) -> None:
    """An event of its own from the third in a day on. Nobody is refused for it: the emergency may be real."""
    if in_a_day(by, timezone.now()) >= MANY:
        client_id = subject.client_id if isinstance(subject, BreakGlass) else None
        record_event(by=by, action="break_glass.many", subject=subject, client_id=client_id)


@transaction.atomic
def review(*, opening: BreakGlass, by: Person) -> None:
    """Record that a programme lead reviewed an opening; a second review changes nothing.

    Raises `Denied` for the person who opened the record, who never reviews it themself.
    """
    check(by, Action.REVIEW_BREAK_GLASS, opening)
    if opening.by_id == by.pk:
        raise Denied("an opening is reviewed by another programme lead")
    same = {"opening": opening, "by": by}
    if not BreakGlassSeen.objects.filter(**same).exists():
        BreakGlassSeen.objects.create(organisation_id=opening.organisation_id, at=timezone.now(), **same)
        record_event(by=by, action="break_glass.review", subject=opening, client_id=opening.client_id)
