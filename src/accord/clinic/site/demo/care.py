"""Around the demonstration's relationships: episodes of care, groups, what clients allow, the manager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accord.clinic.client.consents import actions as consents
from accord.clinic.facts import uses
from accord.clinic.models import (
    CareEpisode,
    Consent,
    Contact,
    ContactReport,
    Engagement,
    FeedbackMode,
    Flag,
    Membership,
    Organisation,
    Person,
    Team,
)
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import contacts
from accord.clinic.monitoring.contacts import Told
from accord.clinic.programme.groups import actions as groups
from accord.clinic.programme.people import actions as organisations
from accord.clinic.site.demo import names as demo_names

A_YEAR = timedelta(days=365)
METHODS = (CareEpisode.Method.DBT, CareEpisode.Method.MBT)  # of the first team, of the second
TWO_OF_FOUR = 2, 4  # of the clients, who are in the two teams by turns: they said yes to research
EVERY_THIRD = 3  # of the clients: what is computed is looked at together with them


def load(organisation: Organisation, clinician_id: UUID, client_id: UUID) -> None:
    """`clinician_id`, `client_id`: who can sign in, so that there is something for them to see."""
    teams = list(Team.objects.filter(organisation=organisation).order_by("name"))
    _groups(organisation)
    _episodes(organisation, dict(zip([team.pk for team in teams], METHODS, strict=True)))
    _told(organisation)
    _looked_at_together(organisation)
    clinician, client = Person.objects.get(pk=clinician_id), Person.objects.get(pk=client_id)
    consents.set_feedback(client=client, mode=FeedbackMode.Mode.TOGETHER, by=clinician)
    _one_switched_off(clinician, client)
    office = organisations.add_person(
        organisation=organisation,
        kind=Person.Kind.STAFF,
        code="administrator",
        name=demo_names.staff(14),
        by=SYSTEM,
    )
    since = timezone.localdate() - A_YEAR
    organisations.join(
        person=office, team=teams[0], role=Membership.Role.ADMINISTRATOR, since=since, by=SYSTEM
    )


def _groups(organisation: Organisation) -> None:
    """Each clinician who has clients in a group leads one, from the day its first client came."""
    in_groups = Engagement.objects.filter(organisation=organisation, role=Engagement.Role.GROUP)
    leaders = Person.objects.filter(pk__in=in_groups.values("clinician")).order_by("code")
    for number, leader in enumerate(leaders, 1):
        mine = in_groups.filter(clinician=leader).order_by("since")
        group = groups.add(
            team=mine[0].team, name=f"Skills group {number}", leader=leader, since=mine[0].since, by=SYSTEM
        )
        mine.update(group=group)


def _episodes(organisation: Organisation, methods: Mapping[UUID, str]) -> None:
    """One for each client; whoever left all relationships has ended theirs."""
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


def _told(organisation: Organisation) -> None:
    """Everybody was told before their first form; half said yes to research."""
    clients = Person.objects.filter(organisation=organisation, kind=Person.Kind.CLIENT).order_by("code")
    (some, of), now = TWO_OF_FOUR, timezone.now()
    Consent.objects.bulk_create(
        Consent(organisation=organisation, client=client, purpose=purpose, allowed=allowed, at=now)
        for number, client in enumerate(clients)
        for purpose, allowed in (uses.UNLESS_SAID | {uses.Purpose.RESEARCH: number % of < some}).items()
    )


def _looked_at_together(organisation: Organisation) -> None:
    """Agreed on at the beginning with every third client and their first clinician."""
    first: dict[UUID, Engagement] = {}
    for engagement in (
        Engagement.objects.filter(organisation=organisation).select_related("client").order_by("since")
    ):
        first.setdefault(engagement.client_id, engagement)
    chosen = sorted(first.values(), key=lambda one: str(one.client.code))[::EVERY_THIRD]
    FeedbackMode.objects.bulk_create(
        FeedbackMode(
            organisation=organisation,
            client_id=one.client_id,
            mode=FeedbackMode.Mode.TOGETHER,
            at=timezone.make_aware(datetime.combine(one.since, time(9))),
            set_by_id=one.clinician_id,
        )
        for one in chosen
    )


def _one_switched_off(clinician: Person, client: Person) -> None:
    """One of the clinician's clients without a flag said no, so that the worklist shows how that looks,
    another one to estimating alone; and a third missed the last two contacts."""
    others: QuerySet[Engagement] = Engagement.objects.filter(clinician=clinician, until__isnull=True)
    flagged = Flag.objects.filter(withdrawn_at__isnull=True).values("engagement__client")
    calm = others.exclude(client=client).exclude(client__in=flagged).order_by("client__code")
    chosen = (calm.first() or others.exclude(client=client).order_by("client__code")[0]).client
    consents.choose(client=chosen, choices={uses.Purpose.NOTICING: False}, by=SYSTEM)
    rest = calm.exclude(client=chosen)
    came_today = Contact.objects.filter(engagement__client=OuterRef("client"), day__gte=timezone.localdate())
    away = rest.exclude(Exists(came_today)).first()
    if away is not None:
        _missed_twice(away, clinician)
    for engagement in rest.exclude(client=away.client if away else None)[:1]:
        consents.choose(client=engagement.client, choices={uses.Purpose.LEAVING: False}, by=SYSTEM)


def _missed_twice(engagement: Engagement, clinician: Person) -> None:
    missed = Told(ContactReport.Attendance.MISSED_CLIENT, ContactReport.Kind.INDIVIDUAL)
    for _ in range(2):
        contacts.log(
            contact_id=uuid4(),
            engagement=engagement,
            day=timezone.localdate(),
            told=missed,
            by=clinician,
        )
