"""The staff's page about one client: each relationship's course, its flags, what was done, what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accord.clinic.models import CareEpisode, CheckIn, Engagement, Flag, Person, Response
from accord.clinic.policy import Action, can, clients_visible_to, visible_to
from accord.clinic.queries import care, entries, facts, instruments, uses
from accord.clinic.queries.answers import Filled, of_relationship
from accord.clinic.queries.contacts import LATEST, ContactView, contacts_of
from accord.clinic.queries.entries import CourseSoFar
from accord.clinic.queries.events import Act, acts_of
from accord.clinic.queries.flag_status import section_of
from accord.clinic.queries.leaving import MayLeave, of_client
from accord.clinic.queries.safety_reads import ReadAnswer, safety_reads
from accord.figures.series import Mark, Row, Timeline
from accord.figures.timeline import table_rows, timeline
from accord.records import Finding, Instrument, Rater
from accord.words import number, range_word
from accord.words_beside import spoken

OWN_CHECKIN_WITHIN = timedelta(days=14)


@dataclass(frozen=True)
class FlagView:
    """A flag with its reason and everything that was done; `section` None: it needs nobody any more."""

    id: UUID
    kind: str
    title: str
    session: int
    since: date
    reason: str
    certainty: str
    spoken: str  # which channels spoke for it and which against, and how strongly
    section: str | None
    responses: tuple[str, ...]
    can_respond: bool


@dataclass(frozen=True)
class Relationship:
    """One relationship's course. `instrument` None: nothing was filled yet.

    `hidden`: why nothing computed is shown, or empty; then `answers` holds what the client filled.
    `assumed`: the levels rest on values that nobody has checked, and the page says so.
    """

    engagement: Engagement
    with_whom: str
    role: str
    viewer_is_clinician: bool
    can_ask: bool
    can_respond: bool
    instrument: Instrument | None
    findings: tuple[Finding, ...]
    flags: tuple[FlagView, ...]
    unassessed: bool
    level_words: str
    assumed: bool
    own_checkin_due: bool
    rated_by_clinician: bool
    timeline: SafeString
    table: tuple[Row, ...]
    hidden: str
    answers: tuple[Filled, ...]
    contacts: tuple[ContactView, ...]  # the latest, newest first
    can_log: bool
    spoken: str  # what each channel said at the latest session

    @property
    def waiting(self) -> list[FlagView]:
        """Flags about which somebody has still to do or to ask something; the newest first."""
        return [flag for flag in reversed(self.flags) if flag.section]

    @property
    def over(self) -> list[FlagView]:
        return [flag for flag in reversed(self.flags) if not flag.section]


@dataclass(frozen=True)
class Around:
    """What a relationship's view needs besides its rows."""

    contacts: Sequence[ContactView]  # newest first
    waiting: bool  # not yet assessed
    may_be_asked: bool
    hidden: str
    known: Mapping[str, Instrument]
    today: date


@dataclass(frozen=True)
class ClientPage:
    client: Person
    name: str
    code: str
    care: str  # the episode of care, in words
    episode: CareEpisode | None
    since: date
    relationships: tuple[Relationship, ...]
    safety_reads: tuple[ReadAnswer, ...]
    acts: tuple[Act, ...]
    can_respond: bool
    can_ask: bool
    can_agree: bool
    leaving: MayLeave | str  # or why nothing is estimated, in words
    as_of: datetime


def client_page(viewer: Person, client_id: UUID, now: datetime) -> ClientPage:
    """The page about a client. Raises `Person.DoesNotExist` alike for a missing and for a hidden one."""
    today = timezone.localdate(now)
    client = clients_visible_to(viewer, today).get(pk=client_id)
    seen = visible_to(viewer, today).filter(client=client)
    relationships = _relationships(viewer, seen, today)
    episode = care.newest(client)
    return ClientPage(
        client=client,
        name=client.name,
        code=client.code,
        care=care.in_words(episode),
        episode=episode,
        since=min(relationship.engagement.since for relationship in relationships),
        relationships=relationships,
        safety_reads=safety_reads(seen),
        acts=acts_of(client, viewer),
        can_respond=any(flag.can_respond for one in relationships for flag in one.flags),
        can_ask=any(relationship.can_ask for relationship in relationships),
        can_agree=can(viewer, Action.NOTE_USES, client),
        leaving=of_client(viewer, client, seen, today),
        as_of=now,
    )


def _relationships(viewer: Person, seen: QuerySet[Engagement], today: date) -> tuple[Relationship, ...]:
    engagements = list(
        seen.select_related("client", "clinician", "group").order_by("since", "clinician__name")
    )
    known = instruments.known(viewer.organisation_id)
    newest = facts.newest_assessments({engagement.pk for engagement in engagements})
    waiting = set(facts.unassessed(seen).values_list("pk", flat=True))
    hidden = uses.hidden({engagement.client_id for engagement in engagements})
    flags, contacts = _flags(seen, hidden), contacts_of(seen)
    asked = set(care.in_care(today).filter(pk__in=seen).values_list("pk", flat=True))
    return tuple(
        _relationship(
            viewer,
            one,
            entries.course_of(None if one.client_id in hidden else newest.get(one.pk), known),
            flags.get(one.pk, []),
            Around(
                contacts.get(one.pk, []),
                one.pk in waiting,
                one.pk in asked,
                hidden.get(one.client_id, ""),
                known,
                today,
            ),
        )
        for one in engagements
    )


def _flags(seen: QuerySet[Engagement], hidden: Mapping[UUID, str]) -> Mapping[UUID, list[Flag]]:
    found: dict[UUID, list[Flag]] = {}
    flags = Flag.objects.filter(engagement__in=seen, withdrawn_at__isnull=True).order_by("session")
    shown = flags.filter(kind=Flag.Kind.SAID) if hidden else flags
    for flag in shown.select_related("handed_to").prefetch_related(
        Prefetch("responses", Response.objects.order_by("made_at"))
    ):
        found.setdefault(flag.engagement_id, []).append(flag)
    return found


def _relationship(
    viewer: Person,
    engagement: Engagement,
    course: CourseSoFar,
    flags: Sequence[Flag],
    around: Around,
) -> Relationship:
    whom = entries.with_whom(engagement, viewer)
    marks = [*_marks(flags), *(one.mark() for one in reversed(around.contacts) if not one.plain)]
    series = _series(whom, course, marks, around.today)
    latest = entries.latest_rated(course.findings)
    return Relationship(
        engagement=engagement,
        with_whom=whom,
        role=engagement.get_role_display(),
        viewer_is_clinician=engagement.clinician_id == viewer.pk,
        can_ask=around.may_be_asked and can(viewer, Action.ASK_CHECKIN, engagement),
        can_respond=can(viewer, Action.RESPOND, engagement),
        instrument=course.instrument,
        findings=course.findings,
        flags=tuple(
            _flag_view(flag, course, around.known, can(viewer, Action.RESPOND, flag.in_hands_of))
            for flag in flags
        ),
        unassessed=around.waiting and not around.hidden,
        level_words=_level_words(course),
        assumed=course.instrument is not None and course.assumed,
        own_checkin_due=_own_checkin_due(engagement, around.today),
        rated_by_clinician=_own_ratings(engagement).exists(),
        # Our own renderer escapes every word it is given.
        timeline=mark_safe(timeline(series, _)) if series else SafeString(),  # noqa: S308
        table=table_rows(series, _) if series else (),
        hidden=around.hidden,
        answers=of_relationship(engagement).forms if around.hidden else (),
        contacts=tuple(around.contacts[:LATEST]),
        can_log=can(viewer, Action.LOG_CONTACT, engagement),
        spoken=spoken(latest, _) if latest else "",
    )


def _series(whom: str, course: CourseSoFar, marks: Sequence[Mark], today: date) -> Timeline | None:
    if course.instrument is None:
        return None
    title = _("Course with %(whom)s: %(instrument)s") % {"whom": whom, "instrument": course.instrument.name}
    return Timeline(title, course.instrument, course.findings, today, tuple(marks))


def _marks(flags: Sequence[Flag]) -> list[Mark]:
    return [
        Mark(flag.session, response.get_done_display(), response.day)
        for flag in flags
        for response in flag.responses.all()
    ]


def _flag_view(
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


def _level_words(course: CourseSoFar) -> str:
    """The own level now, with its band and range, in words; empty where nothing was rated."""
    latest = entries.latest_rated(course.findings)
    if course.instrument is None or latest is None or latest.level is None:
        return ""
    edges = [
        number(value, course.instrument)
        for value in (latest.level_low, latest.level_high)
        if value is not None
    ]
    return _("own level %(level)s, probably between %(band)s (%(range)s)") % {
        "level": number(latest.level, course.instrument),
        "band": _(" and ").join(edges),
        "range": range_word(course.instrument),
    }


def _own_ratings(engagement: Engagement) -> QuerySet[CheckIn]:
    return facts.standing_checkins().filter(contact__engagement=engagement, rater=Rater.CLINICIAN)


def _own_checkin_due(engagement: Engagement, today: date) -> bool:
    """Whether the latest contact is recent and its clinician has not filled the own check-in about it."""
    latest = facts.standing_contacts().filter(engagement=engagement).order_by("-session").first()
    if latest is None or latest.day is None or latest.day < today - OWN_CHECKIN_WITHIN:
        return False
    return not _own_ratings(engagement).filter(contact=latest).exists()
