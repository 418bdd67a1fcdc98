"""Flags of one client's relationships, as shown on the staff's page about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accord.clinic.models import Engagement, Flag, Response
from accord.clinic.monitoring import entries
from accord.clinic.monitoring.entries import CourseSoFar
from accord.clinic.monitoring.flag_status import section_of
from accord.figures.mark_lane import Mark
from accord.records.ratings import Instrument


@dataclass(frozen=True)
class FlagView:
    """A flag with its reason and all responses; `section` is None once nobody has to act on it."""

    id: UUID
    kind: str
    title: str
    session: int
    since: date
    reason: str
    certainty: str
    spoken: str  # evidence for and against it by channel, with strength
    section: str | None
    responses: tuple[str, ...]
    can_respond: bool


def flags_of(seen: QuerySet[Engagement], hidden: Mapping[UUID, str]) -> Mapping[UUID, list[Flag]]:
    """Relationship -> its flags in order; only the client's statements if nothing computed may be shown."""
    result: dict[UUID, list[Flag]] = {}
    flags = Flag.objects.filter(engagement__in=seen, withdrawn_at__isnull=True).order_by("session")
    shown = flags.filter(kind=Flag.Kind.SAID) if hidden else flags
    for flag in shown.select_related("engagement", "handed_to").prefetch_related(
        Prefetch("responses", Response.objects.order_by("made_at"))
    ):
        result.setdefault(flag.engagement_id, []).append(flag)
    return result


def marks_of(flags: Sequence[Flag]) -> list[Mark]:
    """Responses as marks for the figure of the course."""
    return [
        Mark(flag.session, response.get_done_display(), response.day)
        for flag in flags
        for response in flag.responses.all()
    ]


def flag_view(
    flag: Flag, course: CourseSoFar, known: Mapping[str, Instrument], may_respond: bool
) -> FlagView:
    responses = list(flag.responses.all())
    latest = entries.latest_rated(course.findings)
    reason, certainty = entries.reason_of(flag, known, course)
    section = section_of(flag, responses, latest.state if latest else None)
    return FlagView(
        id=flag.pk,
        kind=flag.kind,
        title=str(Flag.Kind(flag.kind).label),
        session=flag.session,
        since=entries.since(flag, course.findings),
        reason=reason,
        certainty=certainty,
        spoken=entries.spoken_of(flag),
        section=section,
        responses=tuple(map(entries.response_words, responses)),
        can_respond=may_respond and section is not None,
    )
