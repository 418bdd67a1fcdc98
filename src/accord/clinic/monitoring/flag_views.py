"""Flags of one client's relationships, as shown on the staff's page about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from accord.clinic.facts.settled import Settled
from accord.clinic.facts.shown_relationships import ShownRelationships
from accord.clinic.models import Flag, Response
from accord.clinic.monitoring import entries
from accord.clinic.monitoring.entries import CourseSoFar
from accord.clinic.monitoring.flag_course import FlagCourse, flag_course
from accord.clinic.monitoring.flag_status import section_of, settled_by_client
from accord.clinic.monitoring.heard_since import heard_since
from accord.records.ratings import Instrument
from accord.words.chance import UNKNOWN, chance_of, likelihood_word


@dataclass(frozen=True)
class FlagView:
    """A flag with its reason and all responses; `section` is None while it is not on the worklist."""

    id: UUID
    kind: str
    title: str
    session: int
    since: date
    reason: str
    certainty: str
    spoken: str  # evidence for and against it by channel, with strength
    now: str  # the last rating and what came since
    section: str | None
    settled: date | None  # the day on which the client said that it was settled
    responses: tuple[str, ...]
    can_respond: bool


def flags_of(relationships: ShownRelationships) -> Mapping[UUID, list[Flag]]:
    """Relationship -> its flags in order; only the client's statements if nothing computed may be shown."""
    result: dict[UUID, list[Flag]] = {}
    flags = Flag.objects.filter(engagement__in=relationships.rows, withdrawn_at__isnull=True).order_by(
        "session"
    )
    shown = flags.filter(kind=Flag.Kind.SAID) if relationships.hidden else flags
    for flag in shown.select_related("engagement", "handed_to").prefetch_related(
        Prefetch("responses", Response.objects.order_by("made_at"))
    ):
        result.setdefault(flag.engagement_id, []).append(flag)
    return result


def flag_view(
    flag: Flag,
    course: CourseSoFar,
    known: Mapping[str, Instrument],
    may_respond: bool,
    settled: Sequence[Settled] = (),
) -> FlagView:
    responses = list(flag.responses.all())
    about = flag_course(flag, course.findings)
    reason, certainty = entries.reason_of(flag, known, about)
    said = settled_by_client(flag, responses, settled)
    return FlagView(
        id=flag.pk,
        kind=flag.kind,
        title=_title(flag, about),
        session=flag.session,
        since=entries.since(flag, course.findings),
        reason=reason,
        certainty=certainty,
        spoken=entries.spoken_of(flag),
        now=heard_since(about, entries.ratings_before(flag, course), course.instrument),
        section=section_of(flag, responses, about, settled),
        settled=said.day or said.said_at.date() if said else None,
        responses=tuple(map(entries.response_words, responses)),
        can_respond=may_respond,
    )


def _title(flag: Flag, course: FlagCourse) -> str:
    if flag.kind != Flag.Kind.RUPTURE:
        return str(Flag.Kind(flag.kind).label)
    if course.only_silence:
        return _("nothing heard")
    likeliest = course.likeliest
    step = chance_of(likeliest)[0] if likeliest else UNKNOWN
    return likelihood_word(max(step, 0) if step != UNKNOWN else 1, _)
