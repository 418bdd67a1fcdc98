"""A link with which a person sets a password, also for somebody who lost password, device and codes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from accord.clinic.accounts.invitations import actions as invitation_actions
from accord.clinic.models import Person
from accord.clinic.models.actors import SYSTEM
from accord.errors import InputError


class Command(BaseCommand):
    help = "Make a link with which a person on record sets a password and begins anew. Good once, for 7 days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--person", required=True, metavar="CODE", help="as ratings files name them")
        parser.add_argument("--kind", required=True, choices=Person.Kind.values)
        parser.add_argument("--email", help="for signing in (default: the one they have)")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(code=options["person"], kind=options["kind"]).first()
        if person is None:
            raise CommandError(
                f"found nobody with the code {options['person']!r}, expected somebody on record"
            )
        email = options["email"] or (person.account.email if person.account else "")
        if not email:
            raise CommandError("found no e-mail, expected one: --email")
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        try:
            invitation = invitation_actions.invite(person=person, email=email, by=SYSTEM)
        except InputError as error:
            raise CommandError(str(error)) from error
        link = settings.ACCORD.url + reverse("invitation", args=[invitation_actions.token_of(invitation)])
        self.stdout.write(
            f"Hand this link over to {person.name} yourself. Their password, devices and open sign-ins"
        )
        self.stdout.write("stay as they are until it is used, and end then.")
        self.stdout.write(link)
