"""A small programme for tests: two teams, a client of two clinicians, and all who must not see them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import uuid4

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.facts import consents
from accord.clinic.models import (
    Account,
    CheckIn,
    Contact,
    DutyShift,
    Engagement,
    Flag,
    Membership,
    Organisation,
    OwnLine,
    Person,
    Team,
)
from accord.clinic.models.actors import SYSTEM, Link
from accord.clinic.models.line import Line
from accord.clinic.models.reaction import Reaction, ReactionSharing
from accord.clinic.monitoring import contacts
from accord.clinic.programme.people import actions as people_actions
from accord.instruments.catalogue import get
from accord.records.ratings import Rater

PASSWORD = "a-long-test-password"
STEADY = {1: 6, 2: 6, 3: 6, 4: 6, 5: 6}
LOW = {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}
HURT = {**STEADY, 6: 2, 7: 0}


class World:
    """`ana` is treated by `lind` (therapy) and `ito` (group), first team; `ben` by `okafor`, second team."""

    flag: Flag  # where a test has one
    lines: Mapping[str, OwnLine]  # by whom they are shared with, where a test has some
    reaction: Reaction
    sharing: ReactionSharing

    def __init__(self) -> None:
        # Rows written at once: the actions behind them have tests of their own, and each takes its time.
        self.organisation = Organisation.objects.create(name=f"Programme {uuid4()}")
        self.first, self.second = (
            Team(organisation=self.organisation, name=name) for name in ("First", "Second")
        )
        Team.objects.bulk_create([self.first, self.second])
        self.ana, self.ben = (self._row(Person.Kind.CLIENT, f"CANARY-{name}") for name in ("ANA", "BEN"))
        self.lind, self.ito, self.okafor, self.supervisor, self.lead, self.stranger = (
            self._row(Person.Kind.STAFF, name)
            for name in ("Lind", "Ito", "Okafor", "Supervisor", "Lead", "Stranger")
        )
        staff = (self.lind, self.ito, self.okafor, self.supervisor, self.lead, self.stranger)
        Person.objects.bulk_create([self.ana, self.ben, *staff])
        Membership.objects.bulk_create(self._roles())
        self.with_lind = self._between(self.ana, self.lind, self.first)
        self.with_ito = self._between(self.ana, self.ito, self.first, Engagement.Role.GROUP)
        self.with_okafor = self._between(self.ben, self.okafor, self.second)
        Engagement.objects.bulk_create([self.with_lind, self.with_ito, self.with_okafor])

    def _row(self, kind: str, name: str) -> Person:
        return Person(organisation=self.organisation, kind=kind, code=f"code-{name}", name=name)

    def _roles(self) -> list[Membership]:
        roles = (
            (self.supervisor, self.first, Membership.Role.SUPERVISOR),
            (self.lead, self.first, Membership.Role.LEAD),
            (self.stranger, self.first, Membership.Role.THERAPIST),
            (self.lind, self.first, Membership.Role.THERAPIST),
            (self.ito, self.first, Membership.Role.SKILLS),
            (self.okafor, self.second, Membership.Role.THERAPIST),
        )
        return [
            Membership(
                organisation=self.organisation, person=person, team=team, role=role, since=days_ago(400)
            )
            for person, team, role in roles
        ]

    def _between(
        self, client: Person, clinician: Person, team: Team, role: str = Engagement.Role.INDIVIDUAL
    ) -> Engagement:
        return Engagement(
            organisation=self.organisation, client=client, clinician=clinician, team=team, role=role,
            since=days_ago(200),
        )  # fmt: skip

    def client_person(self, name: str) -> Person:
        return self._person(Person.Kind.CLIENT, name)

    def staff(self, name: str) -> Person:
        return self._person(Person.Kind.STAFF, name)

    def _person(self, kind: str, name: str) -> Person:
        return people_actions.add_person(
            organisation=self.organisation, kind=kind, code=f"code-{name}", name=name, by=SYSTEM
        )

    def join(self, person: Person, team: Team, role: str) -> Membership:
        return people_actions.give_role(person=person, team=team, role=role, since=days_ago(400), by=SYSTEM)

    def tell(self, client: Person) -> None:
        """The client has gone through what answers are used for, and left it as it is."""
        consent_actions.choose(client=client, choices=consents.ALLOWED_BY_DEFAULT, by=SYSTEM)

    def engage(
        self, client: Person, clinician: Person, team: Team, role: str = Engagement.Role.INDIVIDUAL
    ) -> Engagement:
        return people_actions.start_relationship(
            client=client, clinician=clinician, team=team, role=role, since=days_ago(200), by=SYSTEM
        )


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def signed_in(person: Person | None) -> Client:
    """A browser in which this person is signed in; None: nobody."""
    browser = Client()
    if person is None:
        return browser
    if person.account is None:
        person.account = Account.objects.create_user(
            organisation=person.organisation, email=f"{uuid4()}@test.example", password=PASSWORD
        )
        person.save()
    browser.force_login(person.account)
    if person.is_staff:
        use_second_factor(browser, person.account)
    return browser


def use_second_factor(browser: Client, account: Account) -> None:
    """Gives the account an authenticator app, and marks it as used in this browser's sign-in."""
    factor = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).first()
    factor = factor or TOTP.activate(account, generate_totp_secret()).instance
    session = browser.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "id": factor.pk}]
    session["account_authentication_methods_user"] = str(account.pk)
    session.save()


def signed_in_again(person: Person) -> Client:
    """The same, and the password was given again just now."""
    browser = signed_in(person)
    assert person.account is not None
    confirm_again(browser, person.account)
    return browser


def confirm_again(browser: Client, account: Account) -> None:
    """As if this person had given their password again just now."""
    session = browser.session
    given = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [*session.get("account_authentication_methods", []), given]
    session["account_authentication_methods_user"] = str(account.pk)
    session.save()


def fill(
    engagement: Engagement, answers: Mapping[int, float], days: int = 0, contact: Contact | None = None
) -> CheckIn:
    """The client filled the check-in so many days ago, about a new contact of that day."""
    about = contact or contacts.record(engagement=engagement, day=days_ago(days), by=SYSTEM)
    return checkins.submit(
        checkin_id=uuid4(),
        contact=about,
        rater=Rater.CLIENT,
        instrument=get("session-checkin"),
        answers=answers,
        by=Link(engagement.client),
        at=timezone.now() - timedelta(days=days),
    )


def fill_with_line(engagement: Engagement, words: str, audience: str) -> OwnLine:
    """The client fills the check-in about a contact of today, with a line of their own."""
    checkin = checkins.submit(
        checkin_id=uuid4(),
        contact=contacts.record(engagement=engagement, day=days_ago(0), by=SYSTEM),
        rater=Rater.CLIENT,
        instrument=get("session-checkin"),
        answers=STEADY,
        line=Line(words, audience),
        by=Link(engagement.client),
    )
    return OwnLine.objects.get(checkin=checkin)


def steady_then(engagement: Engagement, *last: Mapping[int, float], before: int = 8) -> list[CheckIn]:
    """Weekly steady check-ins, then the given ones; the latest is of today."""
    answers = [STEADY | {1: 5 + at % 3} for at in range(before)] + list(last)
    return [fill(engagement, given, 7 * (len(answers) - 1 - at)) for at, given in enumerate(answers)]


def run_shift(organisation: Organisation, name: str, *, hours: float = 1, since: float = 1) -> DutyShift:
    """Somebody's shift that began `since` hours ago and ends in `hours`; negative: to come, or over."""
    now = timezone.now()
    return DutyShift.objects.create(
        organisation=organisation, name=name, number="000 333", zone="UTC", entered_at=now,
        starts_at=now - timedelta(hours=since), ends_at=now + timedelta(hours=hours),
    )  # fmt: skip
