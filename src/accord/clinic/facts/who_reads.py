"""A form's heading and its readers."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic import policy
from accord.clinic.models import Engagement
from accord.records.ratings import Rater


def heading(engagement: Engagement, day: date | None) -> str:
    """The heading of a form: the clinician it is about, and the day if known."""
    with_whom = {"name": engagement.clinician.name}
    if day is None:
        return _("After your session with %(name)s") % with_whom
    return _("After your session with %(name)s on %(day)s") % {**with_whom, "day": date_format(day, "j F")}


def who_reads(
    engagement: Engagement, today: date | None = None, *, audience: Rater = Rater.CLIENT
) -> tuple[str, ...]:
    """Names of everybody who may read an answer in this relationship by the policy, with the reason."""
    to_client = audience is Rater.CLIENT
    why = {
        policy.Relation.ENGAGED: "%s",
        policy.Relation.SHARES: _("%s, who also works with you")
        if to_client
        else _("%s, who works with the same client"),
        policy.Relation.SUPERVISES: _("%s, who supervises the team"),
    }
    return tuple(why[relation] % person.name for person, relation in policy.readers(engagement, today))
