"""The staff's page about one client: each relationship's course, flags, responses, and answers read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accord.clinic.audit.openings import Opened, last_opened
from accord.clinic.client.own_record.answers import Filled, of_relationship
from accord.clinic.clinician.client_page import own_forms
from accord.clinic.clinician.client_page.acts import ActsShown, acts_shown
from accord.clinic.facts import absences, care, consents, instruments
from accord.clinic.facts import current as facts
from accord.clinic.facts.settled import Settled, said_settled
from accord.clinic.facts.shown_relationships import ShownRelationships
from accord.clinic.models import Absence, CareEpisode, Engagement, Flag, Person
from accord.clinic.monitoring import entries
from accord.clinic.monitoring.acts import responses_of
from accord.clinic.monitoring.contact_views import LATEST, ContactView, contacts_of
from accord.clinic.monitoring.dropout_shown import DropoutEntry, of_client
from accord.clinic.monitoring.entries import CourseSoFar
from accord.clinic.monitoring.flag_views import FlagView, flag_view, flags_of
from accord.clinic.monitoring.outcome_scores import OutcomeScore, outcome_scores
from accord.clinic.monitoring.safety_reads import ReadAnswer, left_out_answers, safety_reads
from accord.clinic.policy import Action, can, clients_visible_to, visible_to
from accord.clinic.web.lanes import lanes_of
from accord.figures.lanes import Lane
from accord.figures.series import Row, Timeline
from accord.figures.timeline import table_rows, timeline
from accord.records.ratings import Finding, Instrument
from accord.records.usual_range import usual_range
from accord.words.findings import range_word, range_words


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
class Permissions:
    """The client's relationships in which the viewer may ask, answer a flag, and log a contact."""

    ask: frozenset[UUID]
    respond: frozenset[UUID]
    log: frozenset[UUID]


@dataclass(frozen=True)
class RelationshipContext:
    """Inputs of a relationship's view besides its rows."""

    contacts: Sequence[ContactView]  # newest first
    lanes: tuple[Lane, ...]  # below the ratings in the timeline
    rated: Mapping[UUID, set[str]]  # contact -> forms that the clinician has filled about it
    waiting: bool  # not yet assessed
    hidden: str
    may: Permissions
    known: Mapping[str, Instrument]
    settled: tuple[Settled, ...]  # sessions about which the client said so
    today: date


@dataclass(frozen=True)
class Picture:
    """The picture on the client's own page, which the viewer may open. `closes_at`: it is open until then."""

    closes_at: datetime | None


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
    acts: ActsShown
    outcomes: tuple[OutcomeScore, ...]
    opened: Opened | None  # the latest opening of this page by somebody who treats the client
    can_respond: bool
    can_ask: bool
    can_agree: bool
    absences: tuple[Absence, ...]  # present and to come
    can_keep_absences: bool
    picture: Picture | None  # None: it is not looked at together, or the viewer may not open it
    leaving: DropoutEntry | str  # or why nothing is estimated, in words
    as_of: datetime


def client_page(viewer: Person, client_id: UUID, now: datetime) -> ClientPage:
    """The page about a client. Raises `Person.DoesNotExist` alike for a missing and for a hidden one."""
    today = timezone.localdate(now)
    client = clients_visible_to(viewer, today).get(pk=client_id)
    seen = visible_to(viewer, today).filter(client=client)
    engagements = list(
        seen.select_related("client", "clinician", "group").order_by("since", "clinician__name")
    )
    # By their keys: what they are seen by would be worked out anew in each of the statements below.
    these = Engagement.objects.filter(pk__in=[engagement.pk for engagement in engagements])
    known, hidden = instruments.known(viewer.organisation_id), consents.hidden({client.pk})
    relationships = _relationships(viewer, engagements, these, known, hidden, today)
    episode, responses = care.newest(client), responses_of(client, viewer)
    return ClientPage(
        client=client,
        name=client.name,
        code=client.code,
        care=care.episode_text(episode),
        episode=episode,
        since=min(relationship.engagement.since for relationship in relationships),
        relationships=relationships,
        safety_reads=(*safety_reads(these, responses), *left_out_answers(client, viewer, responses)),
        acts=acts_shown(viewer, client, responses),
        outcomes=() if hidden else outcome_scores(these, known),
        opened=last_opened(client.organisation_id, [client.pk]).get(client.pk),
        can_respond=any(flag.can_respond for relationship in relationships for flag in relationship.flags),
        can_ask=any(relationship.can_ask for relationship in relationships),
        can_agree=can(viewer, Action.NOTE_USES, client),
        absences=absences.not_over(client.pk, today),
        can_keep_absences=can(viewer, Action.KEEP_ABSENCES, client),
        picture=_picture(viewer, client, now),
        leaving=of_client(viewer, client, these, today),
        as_of=now,
    )


def _picture(viewer: Person, client: Person, now: datetime) -> Picture | None:
    if not consents.is_looked_at_together(client) or not can(viewer, Action.OPEN_PICTURE, client):
        return None
    opening = consents.open_picture(client, now)
    return Picture(closes_at=opening.ends_at if opening else None)


def _relationships(
    viewer: Person,
    engagements: Sequence[Engagement],
    these: QuerySet[Engagement],
    known: Mapping[str, Instrument],
    hidden: Mapping[UUID, str],
    today: date,
) -> tuple[Relationship, ...]:
    newest = facts.newest_assessments({engagement.pk for engagement in engagements})
    waiting = set(facts.unassessed(these).values_list("pk", flat=True))
    shown = ShownRelationships(these, hidden)
    flags, contacts, rated = shown.once(flags_of), shown.once(contacts_of), own_forms.filled(these)
    lanes = lanes_of(shown)
    permissions, settled = _permissions(viewer, these, today), said_settled(set(flags))
    return tuple(
        _relationship(
            viewer,
            engagement,
            entries.course_of(None if engagement.client_id in hidden else newest.get(engagement.pk), known),
            flags.get(engagement.pk, []),
            RelationshipContext(
                contacts=contacts.get(engagement.pk, []),
                lanes=lanes.get(engagement.pk, ()),
                rated=rated.get(engagement.pk, {}),
                waiting=engagement.pk in waiting,
                hidden=hidden.get(engagement.client_id, ""),
                may=permissions,
                known=known,
                settled=settled.get(engagement.pk, ()),
                today=today,
            ),
        )
        for engagement in engagements
    )


def _permissions(viewer: Person, these: QuerySet[Engagement], today: date) -> Permissions:
    """Permissions for all of a client's relationships, with one query each."""
    asked = frozenset(care.in_care(today).filter(pk__in=these).values_list("pk", flat=True))
    return Permissions(
        ask=_permitted(viewer, Action.ASK_CHECKIN, these, today) & asked,
        respond=_permitted(viewer, Action.RESPOND, these, today),
        log=_permitted(viewer, Action.LOG_CONTACT, these, today),
    )


def _permitted(viewer: Person, action: Action, these: QuerySet[Engagement], today: date) -> frozenset[UUID]:
    open_to = visible_to(viewer, today, action).filter(pk__in=these)
    return frozenset(open_to.values_list("pk", flat=True))


def _relationship(
    viewer: Person,
    engagement: Engagement,
    course: CourseSoFar,
    flags: Sequence[Flag],
    context: RelationshipContext,
) -> Relationship:
    whom = entries.with_whom(engagement, viewer)
    series = _series(whom, course, context.today)
    return Relationship(
        engagement=engagement,
        with_whom=whom,
        role=engagement.get_role_display(),
        viewer_is_clinician=engagement.clinician_id == viewer.pk,
        can_ask=engagement.pk in context.may.ask,
        can_respond=engagement.pk in context.may.respond,
        instrument=course.instrument,
        findings=course.findings,
        flags=tuple(
            flag_view(
                flag, course, context.known, flag.in_hands_of.pk in context.may.respond, context.settled
            )
            for flag in flags
        ),
        unassessed=context.waiting and not context.hidden,
        level_words=_level_words(course),
        assumed=course.instrument is not None and course.assumed,
        own_checkin_due=own_forms.is_due(
            engagement, next(iter(context.contacts), None), context.rated, context.today
        ),
        rated_by_clinician=bool(context.rated),
        # Our own renderer escapes every word it is given.
        timeline=mark_safe(timeline(series, _, lanes=context.lanes)) if series else SafeString(),  # noqa: S308
        table=table_rows(series, _, lanes=context.lanes) if series else (),
        hidden=context.hidden,
        answers=of_relationship(engagement).forms if context.hidden else (),
        contacts=tuple(context.contacts[:LATEST]),
        can_log=engagement.pk in context.may.log,
        spoken=entries.spoken_latest(course.findings),
    )


def _series(whom: str, course: CourseSoFar, today: date) -> Timeline | None:
    if course.instrument is None:
        return None
    title = _("Course with %(whom)s: %(instrument)s") % {"whom": whom, "instrument": course.instrument.name}
    return Timeline(title, course.instrument, course.findings, today)


def _level_words(course: CourseSoFar) -> str:
    """Where their ratings usually lie, on which scale; empty where there are too few."""
    usual = usual_range([finding.rating for finding in course.findings if finding.rating is not None])
    if course.instrument is None or usual is None:
        return ""
    return _("%(usual)s (scale %(range)s)") % {
        "usual": range_words(usual, course.instrument, _),
        "range": range_word(course.instrument, _),
    }
