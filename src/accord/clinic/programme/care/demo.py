"""Episodes of care of the demonstration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accord.clinic.models import CareEpisode, Engagement, Organisation, Team
from accord.clinic.web.demonstration import Demonstration

A_YEAR = timedelta(days=365)
METHODS = (CareEpisode.Method.DBT, CareEpisode.Method.MBT)  # of the first team, of the second


def fill(demonstration: Demonstration) -> None:
    """One episode for each client; where all relationships have ended, it has ended too."""
    organisation = demonstration.organisation
    teams = Team.objects.filter(organisation=organisation).order_by("name")
    methods = dict(zip([team.pk for team in teams], METHODS, strict=True))
    by_client: dict[UUID, list[Engagement]] = {}
    for engagement in Engagement.objects.filter(organisation=organisation).order_by("since"):
        by_client.setdefault(engagement.client_id, []).append(engagement)
    now = timezone.now()
    CareEpisode.objects.bulk_create(
        _episode(organisation, of_client, methods, now) for of_client in by_client.values()
    )
    left = Engagement.objects.filter(organisation=organisation, until__isnull=False)
    left.update(why_ended=Engagement.WhyEnded.CLIENTS_WISH)


def _episode(
    organisation: Organisation, of_client: Sequence[Engagement], methods: Mapping[UUID, str], now: datetime
) -> CareEpisode:
    first = of_client[0]
    last = _last_day(of_client)
    return CareEpisode(
        organisation=organisation,
        client_id=first.client_id,
        since=first.since,
        method=methods[first.team_id],
        planned_end=first.since + A_YEAR,
        until=last,
        end_reason=CareEpisode.EndReason.LEFT if last else "",
        made_at=now,
    )


def _last_day(of_client: Sequence[Engagement]) -> date | None:
    ended = [engagement.until for engagement in of_client if engagement.until]
    return max(ended) if len(ended) == len(of_client) else None
