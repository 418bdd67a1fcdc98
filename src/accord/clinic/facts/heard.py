"""When a client was last heard of in a relationship: the day of the last thing that they sent.

A form that came back empty says nothing, and neither does one that belongs to a missed contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Case, F, Max, Q, QuerySet, When
from django.db.models.functions import TruncDate

from accord.clinic.facts import current as facts
from accord.clinic.models import CheckIn, Engagement, LineSharing
from accord.records.ratings import Rater


def answered(prefix: str = "") -> Q:
    """A condition for forms with an answer in them."""
    return ~Q(**{f"{prefix}answers": {}, f"{prefix}given_score__isnull": True})


def is_answered(checkin: CheckIn) -> bool:
    """The same, of a row that is loaded."""
    return bool(checkin.answers) or checkin.given_score is not None


def last_heard(engagements: Iterable[Engagement], lines: QuerySet[LineSharing]) -> Mapping[UUID, date]:
    """Relationship -> day of the last answer or own line, among `lines`; not in it: nothing with a day.

    A form that was filled here counts on the day it arrived. An imported one arrived with its file, so it
    counts on the day of its session.
    """
    ids = [engagement.pk for engagement in engagements]
    sent = Case(When(via=CheckIn.Via.IMPORT, then=F("contact__day")), default=TruncDate("received_at"))
    forms = facts.current_checkins().filter(answered(), contact__engagement__in=ids, rater=Rater.CLIENT)
    by_form = forms.values_list("contact__engagement").annotate(day=Max(sent))
    whose = "line__checkin__contact__engagement"
    by_line = lines.filter(**{f"{whose}__in": ids}).values_list(whose).annotate(day=Max(TruncDate("at")))
    result: dict[UUID, date] = {}
    for engagement, day in (*by_form, *by_line):
        if day is not None:
            result[engagement] = max(day, result.get(engagement, day))
    return result
