"""Who may do what to whose record: one table, denied unless it says otherwise.

`relations` finds how an actor stands to a record, `TABLE` says which of these relations allow which action,
`check` raises and `can` answers. `visible_to` gives the same answer as a query.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accord.clinic.actors import Actor, Link, System
from accord.clinic.models import Engagement, ImportBatch, Membership, Organisation, Person
from accord.clinic.models.span import going_on

Subject = Engagement | Person | ImportBatch | Organisation


class Denied(Exception):
    """Not allowed. Pages show it exactly as they show a record that does not exist."""


class Relation(StrEnum):
    OWN = "own"  # the client whom the record is about
    ENGAGED = "engaged"  # the clinician of this relationship, while it lasts
    SHARES = "shares"  # works with the same client in another relationship, while that lasts
    SUPERVISES = "supervises"  # supervisor of the team, while both last
    LEAD = "lead"  # programme lead of the organisation


class Action(StrEnum):
    SEE_WORKLIST = "see the worklist entry of a relationship"
    SEE_CLIENT = "see the page about a client"
    ASK_CHECKIN = "ask for a check-in"
    RATE_OWN = "fill the clinician's own check-in"
    RESPOND = "log what was done about a flag"
    IMPORT = "import a file of ratings"
    UNDO_IMPORT = "undo an import"
    ADMINISTER = "keep people, teams and relationships"
    SEE_OWN_FORMS = "see the forms waiting for oneself"
    FILL_OWN_FORM = "fill a form about oneself"


TABLE: Mapping[Action, frozenset[Relation]] = {
    Action.SEE_WORKLIST: frozenset({Relation.ENGAGED, Relation.SHARES, Relation.SUPERVISES}),
    Action.SEE_CLIENT: frozenset({Relation.ENGAGED, Relation.SHARES, Relation.SUPERVISES}),
    Action.ASK_CHECKIN: frozenset({Relation.ENGAGED}),
    Action.RATE_OWN: frozenset({Relation.ENGAGED}),
    Action.RESPOND: frozenset({Relation.ENGAGED}),
    Action.IMPORT: frozenset({Relation.LEAD}),
    Action.UNDO_IMPORT: frozenset({Relation.LEAD}),
    Action.ADMINISTER: frozenset({Relation.LEAD}),
    Action.SEE_OWN_FORMS: frozenset({Relation.OWN}),
    Action.FILL_OWN_FORM: frozenset({Relation.OWN}),
}
BY_LINK = frozenset({Action.FILL_OWN_FORM})  # all that a check-in link opens


def can(actor: Actor, action: Action, subject: Subject) -> bool:
    """Whether `actor` may do `action` to `subject`. The site itself may; a link opens its form only."""
    if isinstance(actor, System):
        return True
    if isinstance(actor, Link):
        return action in BY_LINK and bool(TABLE[action] & _as_client(actor.client, subject))
    return bool(TABLE[action] & relations(actor, subject))


def check(actor: Actor, action: Action, subject: Subject) -> None:
    """Raises `Denied` unless `can`."""
    if not can(actor, action, subject):
        raise Denied(action.value)


def relations(person: Person, subject: Subject, today: date | None = None) -> frozenset[Relation]:
    """How `person` stands to `subject` today; empty for a record of another organisation."""
    today = today or timezone.localdate()
    if _organisation_of(subject) != person.organisation_id:
        return frozenset()
    if isinstance(subject, ImportBatch | Organisation):
        return frozenset({Relation.LEAD}) if is_lead(person, today) else frozenset()
    if person.is_client:
        return _as_client(person, subject)
    return _as_staff(person, subject, today)


def _organisation_of(subject: Subject) -> object:
    return subject.pk if isinstance(subject, Organisation) else subject.organisation_id


def _as_client(person: Person, subject: Subject) -> frozenset[Relation]:
    about = subject.client_id if isinstance(subject, Engagement) else subject.pk
    return frozenset({Relation.OWN}) if person.is_client and about == person.pk else frozenset()


def _as_staff(person: Person, subject: Engagement | Person, today: date) -> frozenset[Relation]:
    client_id = subject.client_id if isinstance(subject, Engagement) else subject.pk
    standing = list(standing_engagements(today).filter(client_id=client_id))
    mine = [engagement for engagement in standing if engagement.clinician_id == person.pk]
    found = set()
    if isinstance(subject, Person):
        found |= {Relation.ENGAGED} if mine else set()
        teams = {engagement.team_id for engagement in standing}
    else:
        found |= {Relation.ENGAGED if subject in mine else Relation.SHARES} if mine else set()
        teams = {engagement.team_id for engagement in standing} & {subject.team_id}
    if _roles(person, today).filter(role=Membership.Role.SUPERVISOR, team_id__in=teams).exists():
        found.add(Relation.SUPERVISES)
    return frozenset(found)


def is_lead(person: Person, today: date | None = None) -> bool:
    return person.is_staff and _roles(person, today).filter(role=Membership.Role.LEAD).exists()


def _roles(person: Person, today: date | None = None) -> QuerySet[Membership]:
    return Membership.objects.filter(going_on(today or timezone.localdate()), person=person)


def kept(prefix: str = "") -> Q:
    """Rows that no undone import brought."""
    return Q(**{f"{prefix}batch__isnull": True}) | Q(**{f"{prefix}batch__undone_at__isnull": True})


def standing_engagements(today: date | None = None) -> QuerySet[Engagement]:
    return Engagement.objects.filter(kept(), going_on(today or timezone.localdate()))


def visible_to(person: Person, today: date | None = None) -> QuerySet[Engagement]:
    """The relationships whose course this member of staff may see: `SEE_CLIENT` as a query.

    All relationships of a client they work with, ended ones too, and those of a team they supervise for a
    client whom that team treats.
    """
    today = today or timezone.localdate()
    if not person.is_staff:
        return Engagement.objects.none()
    standing = standing_engagements(today).filter(client=OuterRef("client"))
    supervised = _roles(person, today).filter(role=Membership.Role.SUPERVISOR).values("team")
    return Engagement.objects.filter(
        kept(),
        Exists(standing.filter(clinician=person))
        | Q(Exists(standing.filter(team=OuterRef("team"))), team__in=supervised),
        organisation=person.organisation_id,
    )


def clients_visible_to(person: Person, today: date | None = None) -> QuerySet[Person]:
    """The clients whose page this member of staff may open."""
    seen = visible_to(person, today).filter(client=OuterRef("pk"))
    return Person.objects.filter(Exists(seen), organisation=person.organisation_id, kind=Person.Kind.CLIENT)


def readers(engagement: Engagement, today: date | None = None) -> list[tuple[Person, Relation]]:
    """Every person who may read what this relationship's client answers, and why: told before each form."""
    today = today or timezone.localdate()
    standing = standing_engagements(today).filter(client=engagement.client_id).select_related("clinician")
    found = {engagement.clinician: Relation.ENGAGED}
    for other in standing.order_by("clinician__name"):
        found.setdefault(other.clinician, Relation.SHARES)
    supervisors = Membership.objects.filter(
        going_on(today), team=engagement.team_id, role=Membership.Role.SUPERVISOR
    ).select_related("person")
    for membership in supervisors.order_by("person__name"):
        found.setdefault(membership.person, Relation.SUPERVISES)
    return list(found.items())


def as_table() -> str:
    """The table in Markdown, for the reference page."""
    head = "| action | " + " | ".join(relation.value for relation in Relation) + " |"
    rule = "|---|" + "---|" * len(Relation)
    rows = [
        f"| {action.value} | " + " | ".join("yes" if r in TABLE[action] else "" for r in Relation) + " |"
        for action in Action
    ]
    return "\n".join([head, rule, *rows]) + "\n"
