"""A page costs what its own people cost, however many others the programme has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

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
SMALL, LARGE = 100, 5_000 if PROOF else 1_000
BY_FAR = 5  # times as many rows, which no choice of plan explains
PLANTED = {"sqlite": 300, "postgresql": 1_500}  # PostgreSQL reads 300 rows in a few blocks
MOST = 1.2  # times as much work, whatever the size of the programme; nothing is allowed beside it
# Every day PostgreSQL opens only the pages of the heaviest kinds.
HEAVY = ("worklist", "client", "my-reactions", "group-meeting", "line", "own-lines")

# Pages of the whole programme, for those who keep or lead it; of one's own sign-in; or that show nobody.
OTHERS = frozenset({
    "about", "health", "awake", "lock", "locked", "locked-passkey", "leave", "invitation", "session-end",
    "overview", "overview-alarms", "noticing", "leaving", "invitations", "invite", "invite-withdraw",
    "people", "person-new", "person", "person-name", "role-new", "relationship-new", "handover",
    "role-end", "relationship-end", "teams", "team-new", "team-name", "groups", "group-new", "group",
    "leader-new", "member-new", "leader-end", "break-glass-list", "break-glass-seen", "imports",
    "import-batch", "import-new", "import-preview", "import-put-back", "import-undo",
    "duty", "duty-new", "duty-change", "duty-take-back", "close-own-sign-in", "close-sign-in",
    "client-sign-in", "closing-confirm", "closing-withdraw", "second-step-again",
    "audit-log",
})  # fmt: skip
# Sent and never opened; what each writes is followed by one of the pages.
SENT = frozenset({
    "respond", "respond-acts", "ask", "reach-out", "reaction-share", "reaction-take-back", "line-share",
    "picture-open", "absence-take-back", "links-withdraw",
})  # fmt: skip
SIGN_IN = ("account_", "mfa_", "usersessions_")


@pytest.fixture
def site(monkeypatch) -> Site:
    monkeypatch.setattr(sessions, "GRAIN", sessions.LONGEST)  # no visit is noted while looking
    # On a slow machine a programme of thousands grows for longer than a sign-in may rest.
    monkeypatch.setattr(sessions, "IDLE", dict.fromkeys(sessions.IDLE, sessions.LONGEST))
    made = Site()
    made.programme.grow(SMALL)
    return made


def _costs(site: Site, *names: str, by_index: bool = False) -> Mapping[Page, Cost]:
    chosen = [page for page in site.pages if not names or page.name in names]
    site.cost(chosen[0])  # what is looked up once in a process is not counted
    return {page: site.cost(page, by_index=by_index) for page in chosen}


@contextmanager
def _counted() -> Iterator[None]:
    """After the database has counted its rows; on SQLite it forgets them again."""
    analyze()
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_stat1")
            cursor.execute("ANALYZE sqlite_schema")


def _in_a_small_programme(site: Site, *names: str) -> Mapping[Page, Cost]:
    """The cheaper look at each page: SQLite reads more of a table of which it has counted few rows, and
    PostgreSQL reads small tables whole, unless it is to read by index as it does in large ones."""
    uncounted = _costs(site, *names, by_index=True)
    with _counted():
        counted = _costs(site, *names, by_index=True)
    return {page: min(cost, counted[page], key=lambda one: one.work) for page, cost in uncounted.items()}


def _grown(site: Site, before: Mapping[Page, Cost], *names: str) -> dict[str, tuple[Cost, Cost]]:
    """The pages that cost more than they may."""
    after = _costs(site, *names)
    for page, small in before.items():
        print(f"{connection.vendor} {page}: {small} -> {after[page]}")
    return {
        str(page): (small, after[page]) for page, small in before.items() if _is_dearer(small, after[page])
    }


def _is_dearer(small: Cost, large: Cost) -> bool:
    """On PostgreSQL in rows and in blocks, or in rows by far: it takes more rows for fewer blocks, and a
    deeper index for fewer rows, but who reads a growing table reads more of both, and many more rows."""
    more_blocks = connection.vendor == "sqlite" or large.pages > small.pages * MOST
    more_rows = large.work > small.work * MOST
    return large.queries > small.queries or (more_rows and more_blocks) or large.work > small.work * BY_FAR


def test_no_page_costs_more_when_the_programme_around_it_grows(site):
    names = HEAVY if connection.vendor == "postgresql" and not PROOF else ()
    small = _in_a_small_programme(site, *names)
    site.programme.grow(LARGE)
    assert _grown(site, small, *names) == {}
    with _counted():
        assert _grown(site, small, *names) == {}


def _asking_of_everybody(today=None, whole=care.in_care):
    """The planted fault: who is in care, by a look at every relationship."""
    everybody = list(whole(today).values_list("pk", flat=True))
    return Engagement.objects.filter(pk__in=everybody)


def test_a_page_that_asks_about_everybody_is_found(site, monkeypatch):
    monkeypatch.setattr(care, "in_care", _asking_of_everybody)
    before = _in_a_small_programme(site, "checkin", "checkin-sent")
    with transaction.atomic():
        site.programme.grow(PLANTED[connection.vendor])
        found = _grown(site, before, "checkin", "checkin-sent")
    assert set(found) == {"checkin (nobody)", "checkin-sent (nobody)"}


def test_every_page_of_a_client_or_a_clinician_is_among_those_looked_at(site):
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    own = {name for name in names if not name.startswith(SIGN_IN)}
    known = {page.name for page in site.pages} | OTHERS | SENT
    assert own - known == set(), "name who opens it in tests/proofs/page_cost.py, or say why not above"
    assert known - own == set(), "no such page"
