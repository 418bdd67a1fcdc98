"""An account for a person, who is added if the record does not know them yet."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accord.clinic.management.password import ask_password
from accord.clinic.models import Account, Membership, Organisation, Person, Team
from accord.clinic.models.actors import SYSTEM
from accord.clinic.programme.people import actions as people_actions


class Command(BaseCommand):
    help = "Give a person an account, and a role in a team."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--person", required=True, metavar="CODE", help="as ratings files name them")
        parser.add_argument("--kind", required=True, choices=Person.Kind.values)
        parser.add_argument("--email", required=True, help="for signing in")
        parser.add_argument("--name", help="how pages name them (default: the code, or the name they have)")
        parser.add_argument("--team", metavar="NAME", help="staff: a team of the site")
        parser.add_argument("--new-team", action="store_true", help="make the team, which does not exist yet")
        parser.add_argument("--role", choices=Membership.Role.values, help="staff: their role in the team")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.first()
        if organisation is None:
            raise CommandError("found an empty site, expected one that was set up: accord manage setup")
        if bool(options["team"]) != bool(options["role"]):
            raise CommandError("found one of --team and --role, expected both or neither")
        if options["team"] and options["kind"] != Person.Kind.STAFF:
            raise CommandError("found a team for a client, expected staff")
        if Account.objects.filter(email__iexact=options["email"]).exists():
            raise CommandError("found an account with this e-mail, expected another one")
        try:
            self._add(organisation, options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write("Done.")

    @transaction.atomic
    def _add(self, organisation: Organisation, options: dict[str, Any]) -> None:
        code, kind = options["person"], options["kind"]
        person = Person.objects.filter(organisation=organisation, kind=kind, code=code).first()
        if person is None:
            name = options["name"] or code
            person = people_actions.add_person(
                organisation=organisation, kind=kind, code=code, name=name, by=SYSTEM
            )
        elif options["name"]:
            people_actions.rename(person=person, name=options["name"], by=SYSTEM)
        if person.account_id:
            raise CommandError("found an account for this person, expected none")
        if options["team"]:
            team = self._team(organisation, options["team"], is_new=options["new_team"])
            today = timezone.localdate()
            people_actions.give_role(person=person, team=team, role=options["role"], since=today, by=SYSTEM)
        people_actions.give_login(person=person, email=options["email"], password=ask_password(), by=SYSTEM)

    def _team(self, organisation: Organisation, name: str, *, is_new: bool) -> Team:
        teams = Team.objects.filter(organisation=organisation)
        if teams.filter(name=name).exists() or is_new:
            return people_actions.get_or_create_team(organisation=organisation, name=name, by=SYSTEM)
        known = ", ".join(teams.order_by("name").values_list("name", flat=True))
        raise CommandError(f"There is no team {name!r}. The teams are: {known}. To make it, add --new-team.")
