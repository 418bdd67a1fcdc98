"""The demonstration's year: a simulated programme stored as an import, and the people who can sign in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from accord.clinic.facts import offered_forms
from accord.clinic.models import (
    Account,
    Engagement,
    Flag,
    JobState,
    Membership,
    Organisation,
    Person,
    Team,
)
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import dropout, flags, populations
from accord.clinic.programme.imports import ratings_rows, ratings_store
from accord.clinic.programme.imports.uploads import Upload
from accord.clinic.programme.outcomes import actions as outcome_actions
from accord.clinic.programme.people import actions as people_actions
from accord.clinic.site.demo import names as demo_names
from accord.clinic.site.demo.sign_in import DOMAIN, PASSWORD
from accord.clinic.site.features import FEATURES
from accord.clinic.web.demonstration import Demonstration
from accord.instruments.catalogue import catalogue
from accord.records.ratings import Rater
from accord.simulator.generate import LEFT, Simulated, simulate
from accord.simulator.layout import Staff

CLIENTS, WEEKS, SEED = 101, 52, 11
ORGANISATION = "Invented programme"
ROLES = {role.value: role for role in Engagement.Role}
WORKS_AS = {"group": Membership.Role.SKILLS, "psychiatry": Membership.Role.PSYCHIATRIST}

Login = tuple[str, str, str]


def holds_others() -> bool:
    """Whether this database belongs to an organisation that is not the demonstration's."""
    return Organisation.objects.exclude(name__startswith=ORGANISATION).exists()


def logins() -> list[Login]:
    """Role, e-mail and password of those who can sign in; empty where the demonstration is not made yet."""
    if not Account.objects.filter(email=_email("lead")).exists():
        return []
    roles = ("client", "clinician", "supervisor", "lead", "administrator")
    return [("programme lead" if role == "lead" else role, _email(role), PASSWORD) for role in roles]


def load() -> list[Login]:
    """Simulate, store, learn, assess and flag. The logins come last: half a demonstration is never shown."""
    with tqdm(total=4, desc="simulated year", unit="step", bar_format="{desc}: {bar} {elapsed}") as bar:
        today = timezone.localdate()
        year = simulate(
            "programme",
            instruments=catalogue(),
            clients=CLIENTS,
            sessions=WEEKS,
            seed=SEED,
            start=today - timedelta(weeks=WEEKS),
        )
        bar.update()
        organisation = _stored(year, today)
        bar.update()
        for form in offered_forms.to_rater(Rater.CLIENT):
            populations.refit(
                organisation_id=organisation.pk, instrument=catalogue()[form], rater=Rater.CLIENT, by=SYSTEM
            )
        _leave_other_series()
        bar.update(2)
    engagements = list(Engagement.objects.filter(organisation=organisation))
    for engagement in tqdm(engagements, desc="assessed", unit="relationship"):
        flags.reassess(engagement=engagement)
    clinician, client = _to_show(organisation)
    demonstration = Demonstration(organisation, year, today, clinician, client)
    for feature in FEATURES:
        if feature.demo is not None:
            feature.demo(demonstration)
    outcome_actions.make(organisation=organisation)
    dropout.refit(organisation=organisation)
    _sign_in(demonstration)
    return logins()


def _leave_other_series() -> None:
    """The demonstration shows learned values of one form; no job learns the others while it is looked at."""
    tried = {"due": None, "last_success": timezone.now()}
    for key in populations.waiting():
        JobState.objects.update_or_create(name=populations.JOB, key=key, defaults=tried)


@transaction.atomic
def _stored(year: Simulated, today: date) -> Organisation:
    # What an earlier, interrupted run left stays out of sight: each run fills an organisation of its own.
    tries = Organisation.objects.count()
    name = ORGANISATION if not tries else f"{ORGANISATION} ({tries + 1})"
    organisation = Organisation.objects.create(name=name)
    teams = {
        code: Team.objects.create(organisation=organisation, name=name)
        for code, name in zip(sorted({member.team for member in year.staff}), demo_names.TEAMS, strict=True)
    }
    lead = _person(organisation, Person.Kind.STAFF, "lead", demo_names.staff(13))
    _join(lead, teams["Team 1"], Membership.Role.LEAD)
    clinicians = _clinicians(organisation, year.staff, teams)
    Person.objects.bulk_create(
        Person(organisation=organisation, kind=Person.Kind.CLIENT, code=code, name=demo_names.client(number))
        for number, code in enumerate(year.ratings.clients)
    )
    _engage(organisation, year, clinicians, teams)
    rows = [row for row in ratings_rows.rows(year.ratings, "") if row.day is None or row.day <= today]
    ratings_store.write(
        upload=Upload("", str(lead.pk), "simulated year", "", str(teams["Team 1"].pk), "", None),
        content=ratings_store.Content(rows),
        confirmed_not_real=True,
        by=lead,
    )
    return organisation


def _person(organisation: Organisation, kind: str, code: str, name: str) -> Person:
    return people_actions.add_person(organisation=organisation, kind=kind, code=code, name=name, by=SYSTEM)


def _join(person: Person, team: Team, role: str) -> None:
    since = timezone.localdate() - timedelta(weeks=WEEKS)
    people_actions.give_role(person=person, team=team, role=role, since=since, by=SYSTEM)


def _clinicians(
    organisation: Organisation, staff: Sequence[Staff], teams: dict[str, Team]
) -> dict[str, Person]:
    clinicians = {}
    for number, member in enumerate(staff):
        clinicians[member.id] = _person(organisation, Person.Kind.STAFF, member.id, demo_names.staff(number))
        _join(clinicians[member.id], teams[member.team], WORKS_AS.get(member.role, Membership.Role.THERAPIST))
    supervisor = _person(organisation, Person.Kind.STAFF, "supervisor", demo_names.staff(12))
    _join(supervisor, teams["Team 1"], Membership.Role.SUPERVISOR)
    office = _person(organisation, Person.Kind.STAFF, "administrator", demo_names.staff(14))
    _join(office, teams["Team 1"], Membership.Role.ADMINISTRATOR)
    return clinicians


def _engage(
    organisation: Organisation, year: Simulated, clinicians: dict[str, Person], teams: dict[str, Team]
) -> None:
    clients = {client.code: client for client in organisation_clients(organisation)}
    table = year.engagements
    relationships = []
    for at in range(len(table.client)):
        staff = year.staff[table.clinician[at]]
        relationships.append(
            Engagement(
                organisation=organisation,
                client=clients[year.truth.clients[table.client[at]]],
                clinician=clinicians[staff.id],
                team=teams[staff.team],
                role=ROLES.get(staff.role, Engagement.Role.OTHER),
                since=_day(table.first_day[at]),
                until=_day(table.last_day[at]) if table.end[at] == LEFT else None,
            )
        )
    Engagement.objects.bulk_create(relationships)


def organisation_clients(organisation: Organisation) -> Sequence[Person]:
    return list(Person.objects.filter(organisation=organisation, kind=Person.Kind.CLIENT))


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(number))


@transaction.atomic
def _sign_in(made: Demonstration) -> None:
    organisation, by_role = made.organisation, ("supervisor", "lead", "administrator")
    people = {"clinician": made.clinician, "client": made.client}
    people |= {code: Person.objects.get(organisation=organisation, code=code) for code in by_role}
    hashed = make_password(PASSWORD)  # slow on purpose: once is enough for all of them
    for role, person in people.items():
        account = Account(
            organisation=organisation, email=_email(role), password=hashed, confirmed_at=timezone.now()
        )
        account.save()
        if person.is_staff:
            TOTP.activate(account, generate_totp_secret())
        person.account = account
        person.save(update_fields=["account"])


def _to_show(organisation: Organisation) -> tuple[Person, Person]:
    """The therapist with most open flags, and a client of theirs who has none."""
    open_now = Engagement.objects.filter(
        organisation=organisation, until__isnull=True, role=Engagement.Role.INDIVIDUAL
    )
    flagged = set(Flag.objects.filter(engagement__in=open_now).values_list("engagement", flat=True))
    counted: dict[UUID, int] = {}
    for engagement in open_now:
        counted[engagement.clinician_id] = counted.get(engagement.clinician_id, 0) + (
            engagement.pk in flagged
        )
    clinician = max(sorted(counted, key=str), key=lambda clinician_id: counted[clinician_id])
    calm = open_now.filter(clinician=clinician).exclude(pk__in=flagged).order_by("client__code").first()
    chosen = calm or open_now.filter(clinician=clinician).order_by("client__code")[0]
    return Person.objects.get(pk=clinician), chosen.client


def _email(role: str) -> str:
    return role + DOMAIN
