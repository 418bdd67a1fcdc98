"""A page costs what its own people cost, however many others the programme has."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.db import connection, transaction
from django.urls import get_resolver

from accord.clinic.accounts import sessions
from accord.clinic.facts import care
from accord.clinic.models import Engagement
from tests.proofs.page_cost import Page, Site, analyze
from tests.proofs.worklist_cost import Cost
from tests.support.thorough import PROOF

pytestmark = pytest.mark.django_db
SMALL, PLANTED, LARGE = 100, 300, 5_000 if PROOF else 1_000
MOST = 1.2  # times as much work, whatever the size of the programme; nothing is allowed beside it
KNOWN = {("postgresql", "my-reactions (therapist)"): 1.3}  # grows more than it may: 1,540 to 1,871 rows
# Every day PostgreSQL opens only the pages of the heaviest kinds.
HEAVY = ("worklist", "client", "my-reactions", "group-meeting", "line", "own-lines")

# Pages of the whole programme, for those who keep or lead it; of one's own sign-in; or that show nobody.
OTHERS = frozenset({
    "about", "health", "awake", "lock", "locked", "locked-passkey", "leave", "invitation", "session-end",
    "overview", "overview-alarms", "noticing", "leaving", "invitations", "invite", "invite-withdraw",
    "people", "person-new", "person", "person-name", "role-new", "relationship-new", "handover",
    "role-end", "relationship-end", "teams", "team-new", "team-name", "groups", "group-new", "group",
    "leader-new", "member-new", "leader-end", "break-glass-list", "break-glass-seen", "imports",
    "import-new", "import-preview", "import-undo",
})  # fmt: skip
# Sent and never opened; what each writes is followed by one of the pages.
SENT = frozenset({"respond", "ask", "reach-out", "reaction-share", "reaction-take-back", "line-share"})
SIGN_IN = ("account_", "mfa_", "usersessions_")


@pytest.fixture
def site(monkeypatch) -> Site:
    monkeypatch.setattr(sessions, "GRAIN", sessions.LONGEST)  # no visit is noted while looking
    made = Site()
    made.programme.grow(SMALL)
    return made


def _costs(site: Site, *names: str) -> Mapping[Page, Cost]:
    chosen = [page for page in site.pages if not names or page.name in names]
    site.cost(chosen[0])  # what is looked up once in a process is not counted
    return {page: site.cost(page) for page in chosen}


def _counted(site: Site, *names: str) -> Mapping[Page, Cost]:
    """The same after the database has counted its rows; on SQLite it forgets them again."""
    analyze()
    found = _costs(site, *names)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_stat1")
            cursor.execute("ANALYZE sqlite_schema")
    return found


def _fewest(costs: Mapping[Page, Cost], others: Mapping[Page, Cost]) -> Mapping[Page, Cost]:
    """The cheaper look at each page: SQLite reads more of a table of which it has counted few rows."""
    return {page: min(cost, others[page], key=lambda one: one.work) for page, cost in costs.items()}


def _bound(page: Page) -> float:
    """How many times the work a page may take in the larger programme."""
    return KNOWN.get((connection.vendor, str(page)), MOST)


def _grown(before: Mapping[Page, Cost], after: Mapping[Page, Cost]) -> dict[str, tuple[Cost, Cost]]:
    """The pages that cost more than they may."""
    for page, small in before.items():
        large = after[page]
        print(f"{connection.vendor} {page}: {small.work} -> {large.work}, {large.queries} statements")
    return {
        str(page): (small, after[page])
        for page, small in before.items()
        if after[page].queries > small.queries or after[page].work > small.work * _bound(page)
    }


def test_no_page_costs_more_when_the_programme_around_it_grows(site):
    names = HEAVY if connection.vendor == "postgresql" and not PROOF else ()
    small = _fewest(_costs(site, *names), _counted(site, *names))
    site.programme.grow(LARGE)
    assert _grown(small, _costs(site, *names)) == {}
    assert _grown(small, _counted(site, *names)) == {}


def _asking_of_everybody(today=None, whole=care.in_care):
    """The planted fault: who is in care, by a look at every relationship."""
    everybody = list(whole(today).values_list("pk", flat=True))
    return Engagement.objects.filter(pk__in=everybody)


def test_a_page_that_asks_about_everybody_is_found(site, monkeypatch):
    monkeypatch.setattr(care, "in_care", _asking_of_everybody)
    before = _costs(site, "checkin", "checkin-sent")
    with transaction.atomic():
        site.programme.grow(PLANTED)
        found = _grown(before, _costs(site, "checkin", "checkin-sent"))
    assert set(found) == {"checkin (nobody)", "checkin-sent (nobody)"}


def test_every_page_of_a_client_or_a_clinician_is_among_those_looked_at(site):
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    own = {name for name in names if not name.startswith(SIGN_IN)}
    assert own == {page.name for page in site.pages} | OTHERS | SENT
