"""The first step of a real site: its organisation, first team and programme lead."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accord.clinic.encryption import rings
from accord.clinic.management.password import ask_password
from accord.clinic.models import Account
from accord.clinic.models.actors import SYSTEM
from accord.clinic.policy.table import Relation, roles_granting
from accord.clinic.programme.people import actions as people_actions
from accord.clinic.site import migration


class Command(BaseCommand):
    help = "Make the organisation, its first team and its programme lead, who can then sign in."

    requires_system_checks = []  # it makes what they ask for; `serve` refuses to start while one fails

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="NAME")
        parser.add_argument("--team", required=True, metavar="NAME")
        parser.add_argument("--email", required=True, help="the programme lead's, for signing in")
        parser.add_argument(
            "--treats", default="", choices=roles_granting(Relation.ENGAGED), metavar="ROLE",
            help="the lead treats clients too, as: " + ", ".join(roles_granting(Relation.ENGAGED)),
        )  # fmt: skip
        parser.add_argument("--name", help="the programme lead's name (default: the e-mail)")

    def handle(self, *args: Any, **options: Any) -> None:
        migration.migrate()
        if Account.objects.exists():
            raise CommandError("found accounts, expected an empty site; use add-login for more people")
        if Account.objects.filter(email__iexact=options["email"]).exists():
            raise CommandError("found an account with this e-mail, expected another one")
        rings.make_missing(settings.ACCORD.folder)
        try:
            people_actions.set_up(
                organisation=options["organisation"],
                team=options["team"],
                email=options["email"],
                password=ask_password(),
                name=options["name"] or options["email"],
                treats=options["treats"],
                by=SYSTEM,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write("Done. Start the site with: accord serve")
