"""Create organisations, people, teams, roles, relationships and accounts."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.facts import care
from accord.clinic.models import Account, Engagement, Group, Membership, Organisation, Person, Team
from accord.clinic.models.actors import Actor
from accord.clinic.policy import Action, check, keeps_alone
from accord.clinic.web.names import refuse_hidden_signs
from accord.errors import FormError


@transaction.atomic
def set_up(
    *,
    organisation: str,
    team: str,
    email: str,
    password: str,
    name: str,
    by: Actor,
    treats: str | None = None,
) -> Person:
    """Create an organisation with a team and a lead who also administers it. Return the lead.

    `treats`: the role in which the lead also treats clients, since nobody can give themselves a role later.
    """
    created = Organisation.objects.create(name=organisation)
    first = Team.objects.create(organisation=created, name=team)
    record_event(
        by=by, action="organisation.set_up", subject=created, organisation_id=created.pk, fields=["name"]
    )
    lead = add_person(organisation=created, kind=Person.Kind.STAFF, code=email.lower(), name=name, by=by)
    for role in (Membership.Role.LEAD, Membership.Role.ADMINISTRATOR, *([treats] if treats else [])):
        give_role(person=lead, team=first, role=role, since=timezone.localdate(), by=by)
    give_login(person=lead, email=email, password=password, by=by)
    return lead


@transaction.atomic
def add_person(*, organisation: Organisation, kind: str, code: str, name: str, by: Actor) -> Person:
    check(by, Action.ADMINISTER, organisation)
    code, name = _without_outer_blanks(code, name)
    if Person.objects.filter(organisation=organisation, kind=kind, code=code).exists():
        raise FormError(_("Somebody has the code %(code)s already. Choose another one.") % {"code": code})
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
    check(by, Action.ADMINISTER, person.organisation)
    (person.name,) = _without_outer_blanks(name)
    person.save(update_fields=["name"])
    client_id = person.pk if person.is_client else None
    record_event(by=by, action="person.rename", subject=person, client_id=client_id, fields=["name"])


@transaction.atomic
def get_or_create_team(*, organisation: Organisation, name: str, by: Actor) -> Team:
    """Return the team of this name; create it if there is none."""
    check(by, Action.ADMINISTER, organisation)
    (name,) = _without_outer_blanks(name)
    team, is_new = Team.objects.get_or_create(organisation=organisation, name=name)
    if is_new:
        record_event(by=by, action="team.add", subject=team, fields=["name"])
    return team


@transaction.atomic
def rename_team(*, team: Team, name: str, by: Actor) -> None:
    check(by, Action.ADMINISTER, team.organisation)
    (team.name,) = _without_outer_blanks(name)
    if Team.objects.filter(organisation=team.organisation_id, name=team.name).exclude(pk=team.pk).exists():
        raise FormError(_("Choose a name that no other team has."))
    team.save(update_fields=["name"])
    record_event(by=by, action="team.rename", subject=team, fields=["name"])


@transaction.atomic
def give_role(*, person: Person, team: Team, role: str, since: date, by: Actor) -> Membership:
    """Give a member of staff a role in a team. Raises `InputError` if they already have it.

    People cannot give themselves a role: administrators could open clients' records to themselves.
    """
    check(by, Action.ADMINISTER, team.organisation)
    if by == person:
        raise FormError(_("You can't give yourself a role. Ask another administrator."))
    if not person.is_staff or person.organisation_id != team.organisation_id:
        raise FormError(_("Choose somebody of this organisation's staff."))
    same = Membership.objects.filter(person=person, team=team, role=role)
    if same.filter(Q(until__isnull=True) | Q(until__gte=since)).exists():
        raise FormError(_("%(name)s has this role in this team already.") % {"name": person.name})
    membership = Membership.objects.create(
        organisation=person.organisation, person=person, team=team, role=role, since=since
    )
    record_event(by=by, action="membership.add", subject=membership, fields=["person", "team", "role"])
    return membership


@transaction.atomic
def end_role(*, membership: Membership, until: date, by: Actor) -> None:
    """Set the last day of a role in a team."""
    check(by, Action.ADMINISTER, membership.organisation)
    if until < membership.since:
        raise FormError(
            _("Choose a last day on or after %(day)s, the first day.")
            % {"day": date_format(membership.since)}
        )
    membership.until = until
    membership.save(update_fields=["until"])
    record_event(by=by, action="membership.end", subject=membership, fields=["until"])


@transaction.atomic
def start_relationship(
    *,
    client: Person,
    clinician: Person,
    team: Team,
    role: str,
    since: date,
    by: Actor,
    until: date | None = None,
    group: Group | None = None,
    took_over_from: Engagement | None = None,
) -> Engagement:
    """Start a relationship between a client and a clinician, which may take over from another.

    Raises `InputError` for `by` as the clinician, for people who cannot have a relationship, for an existing
    one, and for a client whose episode of care has ended.
    """
    check(by, Action.ADMINISTER, client.organisation)
    refuse_own_access(clinician, by=by)
    _refuse_impossible(client, clinician, team, role, group, since, took_over_from)
    engagement = Engagement.objects.create(
        organisation=client.organisation,
        client=client,
        clinician=clinician,
        team=team,
        role=role,
        since=since,
        until=until,
        group=group,
        took_over_from=took_over_from,
    )
    fields = ["client", "clinician", "team", "role", "since"] + ["group"] * bool(group)
    fields += ["took_over_from"] * bool(took_over_from)
    record_event(by=by, action="engagement.add", subject=engagement, client_id=client.pk, fields=fields)
    return engagement


def refuse_own_access(person: Person, *, by: Actor) -> None:
    """Refuse administrators who open a client's record to themselves, unless nobody else administers."""
    if by == person and not keeps_alone(person):
        raise FormError(_("You can't open a client's record to yourself. Ask another person to enter this."))


@transaction.atomic
def give_login(*, person: Person, email: str, password: str, by: Actor) -> Account:
    """Create an account for a person without one. Raises `ValidationError` for a weak password or a
    bad address.
    """
    validate_email(email.strip())
    validate_password(password, Account(email=email))
    account = Account.objects.create_user(organisation=person.organisation, email=email, password=password)
    person.account = account
    person.save(update_fields=["account"])
    client_id = person.pk if person.is_client else None
    record_event(by=by, action="account.add", subject=account, client_id=client_id, fields=["email"])
    return account


def _without_outer_blanks(*words: str) -> tuple[str, ...]:
    """Strip and collapse blanks. Raises `InputError` for a word that is empty then."""
    stripped = tuple(" ".join(word.split()) for word in words)
    if not all(stripped):
        raise FormError(_("Write a name."))
    refuse_hidden_signs(*stripped)
    return stripped


def _refuse_impossible(
    client: Person,
    clinician: Person,
    team: Team,
    role: str,
    group: Group | None,
    since: date,
    took_over_from: Engagement | None,
) -> None:
    ours = {client.organisation_id, clinician.organisation_id, team.organisation_id}
    if not (client.is_client and clinician.is_staff) or len(ours) > 1:
        raise FormError(_("Choose a client and somebody of the same organisation's staff."))
    same = Engagement.objects.filter(client=client, clinician=clinician, role=role, group=group)
    if took_over_from is not None:
        same = same.exclude(pk=took_over_from.pk)
    if same.filter(Q(until__isnull=True) | Q(until__gte=since)).exists():
        raise FormError(
            _("%(client)s and %(clinician)s have this relationship already.")
            % {"client": client.name, "clinician": clinician.name}
        )
    episode = care.newest(client)
    if episode is not None and episode.until is not None and since >= episode.until:
        raise FormError(
            _("The treatment of %(name)s has ended. Begin a new treatment first.") % {"name": client.name}
        )
