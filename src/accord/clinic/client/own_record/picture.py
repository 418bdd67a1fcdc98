"""The client's own course as a calm figure, if it was agreed that they see what is computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accord.clinic.client.own_record.answers import whom
from accord.clinic.facts import consents, instruments
from accord.clinic.facts import current as facts
from accord.clinic.models import Engagement, Person
from accord.clinic.monitoring import entries
from accord.clinic.policy import not_undone
from accord.figures.client_view import ClientRow, client_rows, client_timeline
from accord.figures.series import Timeline
from accord.records.ratings import Construct, Rater


@dataclass(frozen=True)
class OwnPicture:
    with_whom: str
    figure: SafeString
    rows: tuple[ClientRow, ...]


def own_pictures(client: Person, now: datetime) -> tuple[OwnPicture, ...]:
    """One picture for each relationship whose own ratings of the alliance were assessed; none by default."""
    if not consents.shows_picture(client, now):
        return ()
    today = timezone.localdate(now)
    engagements = list(
        Engagement.objects.filter(not_undone(), client=client).select_related("clinician", "group")
    )
    newest = facts.newest_assessments([engagement.pk for engagement in engagements])
    known = instruments.known(client.organisation_id)
    pictures = []
    for engagement in sorted(engagements, key=lambda engagement: (engagement.since, whom(engagement))):
        assessment = newest.get(engagement.pk)
        course = entries.course_of(assessment, known)
        if assessment is None or assessment.rater != Rater.CLIENT or course.instrument is None:
            continue
        # Of symptoms no picture is drawn for the client: feedback on them has done harm.
        if course.instrument.construct is Construct.ALLIANCE:
            title = _("How it was with %(whom)s, as you said it") % {"whom": whom(engagement)}
            pictures.append(
                _picture(whom(engagement), Timeline(title, course.instrument, course.findings, today))
            )
    return tuple(pictures)


def _picture(with_whom: str, series: Timeline) -> OwnPicture:
    # Our own renderer escapes every word it is given.
    return OwnPicture(with_whom, mark_safe(client_timeline(series, _)), client_rows(series))  # noqa: S308
