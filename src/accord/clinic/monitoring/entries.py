"""One row of the worklist: client, start, reason, certainty and response of a flag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accord.clinic.facts import instruments, statements
from accord.clinic.models import Assessment, Engagement, Flag, Person, Response
from accord.clinic.monitoring import findings as stored
from accord.clinic.monitoring.flag_course import FlagCourse, flag_course, raised_with
from accord.clinic.monitoring.heard_since import day_words, heard_since
from accord.figures.spark import spark
from accord.records.ratings import Finding, Instrument, State
from accord.words import context as words_context
from accord.words.chance import chance_of, chance_words

SPARK_RATINGS = 12


@dataclass(frozen=True)
class Entry:
    """`spark`: the last ratings, drawn small, for the side of the words that say the same. `until`: the last
    day of what it is about, None while it lasts."""

    flag_id: UUID
    client_id: UUID
    client_name: str
    with_whom: str
    viewer_is_clinician: bool
    kind: str
    since: date
    until: date | None
    sessions: int
    reason: str
    certainty: str
    now: str  # the last rating and what came since, in words
    last_response: str | None
    spark: SafeString
    also: tuple[str, ...] = ()  # what else is on the worklist about this client


@dataclass(frozen=True)
class CourseSoFar:
    """Findings of a relationship's newest assessment; empty if there is none."""

    findings: tuple[Finding, ...] = ()
    instrument: Instrument | None = None
    assumed: bool = False  # levels rest on values that nobody has checked


def course_of(assessment: Assessment | None, known: Mapping[str, Instrument]) -> CourseSoFar:
    if assessment is None or not assessment.instrument:
        return CourseSoFar()
    instrument = instruments.pick(known, assessment.instrument, assessment.instrument_version)
    findings = tuple(map(stored.from_json, assessment.findings))
    return CourseSoFar(findings, instrument, assessment.assumed)


def entry_of(flag: Flag, viewer: Person, course: CourseSoFar, known: Mapping[str, Instrument]) -> Entry:
    """The worklist's row for a flag; `flag.responses` must be ordered by time."""
    engagement, about = flag.engagement, flag_course(flag, course.findings)
    responses = list(flag.responses.all())
    reason, certainty = reason_of(flag, known, about)
    return Entry(
        flag_id=flag.pk,
        client_id=engagement.client_id,
        client_name=engagement.client.name,
        with_whom=_in_whose_hands(flag, viewer),
        viewer_is_clinician=flag.in_hands_of.clinician_id == viewer.pk,
        kind=flag.kind,
        since=since(flag, course.findings),
        until=about.sessions[-1].day if about.is_over and about.sessions else None,
        sessions=len(about.sessions) or 1,
        reason=reason,
        certainty=certainty,
        now=heard_since(about, ratings_before(flag, course), course.instrument),
        last_response=response_words(responses[-1]) if responses else None,
        spark=_spark(course),
    )


def ratings_before(flag: Flag, course: CourseSoFar) -> list[float]:
    """The ratings of a relationship before the flag's session, oldest first."""
    return [
        finding.rating
        for finding in course.findings
        if finding.rating is not None and finding.session < flag.session
    ]


def with_whom(engagement: Engagement, viewer: Person) -> str:
    """The clinician as the reader knows them: "you", or a name; with the role if it is not therapy."""
    name = _("you") if engagement.clinician_id == viewer.pk else engagement.clinician.name
    if engagement.role == Engagement.Role.INDIVIDUAL:
        return name
    if engagement.group is not None:
        return f"{name} ({engagement.group.name})"
    return f"{name} ({engagement.get_role_display()})"


def _in_whose_hands(flag: Flag, viewer: Person) -> str:
    whom = with_whom(flag.engagement, viewer)
    if flag.handed_to is None:
        return whom
    return _("%(before)s, now %(now)s") % {"before": whom, "now": with_whom(flag.handed_to, viewer)}


def reason_of(flag: Flag, known: Mapping[str, Instrument], course: FlagCourse) -> tuple[str, str]:
    """The flag's reason in the instrument's units, and how likely a rupture is, in words.

    Both are of the session at which a rupture is likeliest so far. The context is the current one: a contact
    may be marked as deliberately difficult after its flag.
    """
    now = course.sessions[0].context if course.sessions else None
    if flag.kind == Flag.Kind.SAID:
        beside = words_context.context_words(now, _) if now else []
        return "; ".join([statements.statement_text(flag.finding["said"]), *beside]), ""
    instrument = instruments.pick(known, flag.finding["instrument"])
    raised = raised_with(flag)
    finding = course.likeliest or raised
    if finding.session == raised.session:
        finding = replace(raised, context=now or raised.context)
    reason = stored.describe(replace(finding, p_rupture=None), instrument)
    if finding.session != raised.session and finding.day:
        reason = _("on %(day)s: %(reason)s") % {"day": day_words(finding.day), "reason": reason}
    _step, tenths = chance_of(finding)
    return reason, chance_words(finding.state, tenths, _)


def spoken_of(flag: Flag) -> str:
    """Evidence for and against a flag by channel; empty for a client's own statement."""
    return "" if flag.kind == Flag.Kind.SAID else words_context.spoken(raised_with(flag), _)


def spoken_latest(findings: tuple[Finding, ...]) -> str:
    """What each channel said when one spoke last, with the day; a form left empty speaks too."""
    latest = next((each for each in reversed(findings) if each.state is not State.NO_RATING), None)
    words = words_context.spoken(latest, _) if latest else ""
    if latest is None or not words:
        return ""
    if latest.day is None:
        return _("Session %(n)s. %(words)s") % {"n": latest.session, "words": words}
    return _("Session of %(day)s. %(words)s") % {"day": day_words(latest.day), "words": words}


def since(flag: Flag, findings: tuple[Finding, ...]) -> date:
    """The day of the flag's session; of a session without a date, the day the flag was raised."""
    known = next((finding.day for finding in findings if finding.session == flag.session), None)
    return known or timezone.localdate(flag.raised_at)


def _spark(course: CourseSoFar) -> SafeString:
    if course.instrument is None:
        return SafeString()
    ratings = [finding.rating for finding in course.findings[-SPARK_RATINGS:]]
    # Our own renderer, of numbers only.
    return mark_safe(spark(ratings, course.instrument.low, course.instrument.high))  # noqa: S308


def response_words(response: Response) -> str:
    day = date_format(response.day, "j M Y")
    return _("%(done)s, %(day)s") % {"done": response.get_done_display(), "day": day}
