"""Beginnings: an organisation with its first team and lead, people, memberships, relationships, accounts."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from accord.clinic.actors import Actor
from accord.clinic.audit import record_event
from accord.clinic.models import Account, Engagement, Membership, Organisation, Person, Team


@transaction.atomic
def set_up(*, organisation: str, team: str, email: str, password: str, name: str, by: Actor) -> Person:
    """A new organisation with one team, and its programme lead, who administers it too. Returns the lead."""
    made = Organisation.objects.create(name=organisation)
    first = Team.objects.create(organisation=made, name=team)
    record_event(by=by, action="organisation.set_up", subject=made, organisation_id=made.pk, fields=["name"])
    lead = add_person(organisation=made, kind=Person.Kind.STAFF, code=email.lower(), name=name, by=by)
    for role in (Membership.Role.LEAD, Membership.Role.ADMINISTRATOR):
        join(person=lead, team=first, role=role, since=timezone.localdate(), by=by)
    give_login(person=lead, email=email, password=password, by=by)
    return lead


@transaction.atomic
def add_person(*, organisation: Organisation, kind: str, code: str, name: str, by: Actor) -> Person:
    person = Person.objects.create(organisation=organisation, kind=kind, code=code, name=name)
    record_event(
        by=by,
        action="person.add",
        subject=person,
        client_id=person.pk if person.is_client else None,
        fields=["kind", "code", "name"],
    )
    return person


@transaction.atomic
def rename(*, person: Person, name: str, by: Actor) -> None:
    person.name = name
    person.save(update_fields=["name"])
    client_id = person.pk if person.is_client else None
    record_event(by=by, action="person.rename", subject=person, client_id=client_id, fields=["name"])


@transaction.atomic
def team(*, organisation: Organisation, name: str, by: Actor) -> Team:
    """The team of this name, made where there is none."""
    found, is_new = Team.objects.get_or_create(organisation=organisation, name=name)
    if is_new:
        record_event(by=by, action="team.add", subject=found, fields=["name"])
    return found


@transaction.atomic
def join(*, person: Person, team: Team, role: str, since: date, by: Actor) -> Membership:
    membership = Membership.objects.create(
        organisation=person.organisation, person=person, team=team, role=role, since=since
    )
    record_event(by=by, action="membership.add", subject=membership, fields=["person", "team", "role"])
    return membership


@transaction.atomic
def engage(
    *,
    client: Person,
    clinician: Person,
    team: Team,
    role: str,
    since: date,
    by: Actor,
    took_over_from: Engagement | None = None,
) -> Engagement:
    """A new relationship between a client and a clinician; perhaps one that goes on from another."""
    engagement = Engagement.objects.create(
        organisation=client.organisation,
        client=client,
        clinician=clinician,
        team=team,
        role=role,
        since=since,
        took_over_from=took_over_from,
    )
    fields = ["client", "clinician", "team", "role", "since"] + ["took_over_from"] * bool(took_over_from)
    record_event(by=by, action="engagement.add", subject=engagement, client_id=client.pk, fields=fields)
    return engagement


@transaction.atomic
def give_login(*, person: Person, email: str, password: str, by: Actor) -> Account:
    """An account for a person who has none. Raises `ValidationError` for a password that is too weak."""
    validate_password(password)
    account = Account.objects.create_user(organisation=person.organisation, email=email, password=password)
    person.account = account
    person.save(update_fields=["account"])
    client_id = person.pk if person.is_client else None
    record_event(by=by, action="account.add", subject=account, client_id=client_id, fields=["email"])
    return account
