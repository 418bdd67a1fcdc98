"""What each page that a client or a clinician opens costs, counted in the database's work and not in time.

Every page is opened through its address, so what stands around it (the gate, the log, the navigation) is
counted too. It is undone afterwards: that a page was opened before makes no later look dearer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accord.clinic.client.own_notes import actions as own_notes
from accord.clinic.clinician.reactions import actions as reactions
from accord.clinic.facts import links
from accord.clinic.models import CareEpisode, CheckIn, Contact, Engagement, Organisation, Person
from accord.clinic.models.line import Line
from tests.proofs import worklist_cost
from tests.proofs.grown import Grown
from tests.proofs.worklist_cost import Cost
from tests.support.links import opened
from tests.support.thorough import PROOF
from tests.support.world import signed_in

FORM = "session-checkin"
TOO_MANY = 40_000_000  # steps, after which a page is stopped: it looks at everybody many times over
READS = ("SELECT", "WITH")


@dataclass(frozen=True)
class Page:
    """An address by its name, who opens it, and what it answers."""

    name: str
    viewer: str
    address: str
    status: int = 200

    def __str__(self) -> str:
        return f"{self.name} ({self.viewer})"


class Site:
    """A grown programme, its pages, and a browser for each who opens them."""

    def __init__(self) -> None:
        self.programme = Grown()
        self.client, self.untold = self.programme.clients_shown[0], self._untold()
        self.people: dict[str, Person] = {
            "client": self.client,
            "therapist": self.programme.therapist,
            "supervisor": self.programme.supervisor,
            "trainer": self.programme.trainer,
        }
        self._write()
        self.browsers = {name: signed_in(person) for name, person in self.people.items()}
        self.browsers["nobody"] = Client()
        self.pages = tuple(self._pages())

    def _untold(self) -> Contact:
        """A contact of a client who has not gone through the uses."""
        programme = self.programme
        person = Person.objects.create(
            organisation=programme.organisation, kind="client", code="new", name="new"
        )
        engagement = Engagement.objects.create(
            organisation=programme.organisation, client=person, clinician=programme.therapist,
            team=programme.team, since=programme.today,
        )  # fmt: skip
        return Contact.objects.create(
            organisation=programme.organisation, engagement=engagement, session=1, day=programme.today,
            made_at=programme.now,
        )  # fmt: skip

    def _write(self) -> None:
        """A line and a reaction with words, which a page opens."""
        self.engagement = Engagement.objects.get(client=self.client, clinician=self.programme.therapist)
        of_one = CheckIn.objects.filter(contact__engagement=self.engagement, line__isnull=True)
        checkin = of_one.filter(predecessor__isnull=True).first()
        assert checkin is not None
        self.line = own_notes.write(checkin=checkin, line=Line("words", "readers"))
        self.reaction = reactions.keep(
            reaction_id=checkin.pk,
            engagement=self.engagement,
            answers={1: 1},
            note="",
            by=self.people["therapist"],
        )

    def _opened(self, name: str, token: str) -> str:
        return opened(self.browsers["nobody"], reverse(name, args=[token]))

    def _pages(self) -> Iterator[Page]:
        waiting = Contact.objects.get(engagement=self.engagement, session=20)
        token, untold = links.make_token(waiting, FORM), links.make_token(self.untold, FORM)
        yield Page("home", "client", reverse("home"), 302)
        for name in ("forms", "own-answers", "own-answers-file", "own-uses", "who-opened", "own-lines"):
            yield Page(name, "client", reverse(name))
        yield Page("checkin", "nobody", self._opened("checkin", token))
        answered = CheckIn.objects.filter(contact__engagement=self.engagement, rater="client").latest("pk")
        receipt = links.make_token(answered.contact, FORM)
        yield Page("checkin-sent", "nobody", self._opened("checkin-sent", receipt))
        yield Page("uses-first", "nobody", self._opened("uses-first", untold))
        for viewer in ("therapist", "supervisor", "trainer"):
            yield Page("worklist", viewer, reverse("worklist"))
            yield Page("client", viewer, reverse("client", args=[self.client.pk]))
        for viewer in ("therapist", "supervisor", "trainer") if PROOF else ("therapist",):
            yield Page("home", viewer, reverse("home"), 302)
            yield Page("my-reactions", viewer, reverse("my-reactions"))
            yield Page("break-glass", viewer, reverse("break-glass"))
            yield Page("line", viewer, reverse("line", args=[self.line.pk]))
        yield from self._of_therapist(waiting)
        group = Engagement.objects.get(client=self.client, clinician=self.people["trainer"]).group_id
        yield Page("group-meeting", "trainer", reverse("group-meeting", args=[group]))

    def _of_therapist(self, waiting: Contact) -> Iterator[Page]:
        episode = CareEpisode.objects.get(client=self.client)
        for name, about in (
            ("own-checkin", self.engagement.pk),
            ("log-contact", self.engagement.pk),
            ("correct-contact", waiting.pk),
            ("reactions", self.engagement.pk),
            ("reaction", self.reaction.pk),
            ("agreements", self.client.pk),
            ("absences", self.client.pk),
            ("care-begin", self.untold.engagement.client_id),
            ("care-end", episode.pk),
            ("care-correct", episode.pk),
        ):
            yield Page(name, "therapist", reverse(name, args=[about]))

    def cost(self, page: Page, *, by_index: bool = False) -> Cost:
        """What one look at the page costs; `TOO_MANY` steps where it had to be stopped.

        `by_index`: on PostgreSQL, as if each table were too large to be read whole.
        """
        Organisation.objects.exists()  # SQLite reads its schema again after something was undone
        with CaptureQueriesContext(connection) as asked, worklist_cost.steps(TOO_MANY, every=1) as steps:
            answer = _undone(lambda: self.browsers[page.viewer].get(page.address))
        assert steps[0] >= TOO_MANY or answer.status_code == page.status, (page, answer)
        statements = [one["sql"] for one in asked.captured_queries]
        if connection.vendor == "sqlite":
            return Cost(len(statements), steps[0])
        read = (one for one in statements if one.startswith(READS))
        rows, pages = zip(*(worklist_cost.explained(one, by_index=by_index) for one in read), strict=True)
        return Cost(len(statements), sum(rows), sum(pages))


def _undone(open_page: Callable[[], Any]) -> Any:
    with transaction.atomic():
        try:
            return open_page()
        finally:
            transaction.set_rollback(True)


def analyze() -> None:
    """Has the database count the rows of every table, and plan by that from now on."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
