"""What a worklist costs as the programme around it grows: statements, and the database's work for them.

The work is counted and not timed: on SQLite the steps of its virtual machine, on PostgreSQL the rows that it
touched, and beside them the pages. All are the same on a fast and on a slow machine.

PostgreSQL reads a small table whole, which is quicker than an index; so its rows are counted in a programme
that is large enough for indexes, and copied there by the server itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models import Field, Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.clinician.worklist.rows import Worklist
from accord.clinic.models import (
    Assessment,
    CheckIn,
    Contact,
    Engagement,
    Flag,
    ImportBatch,
    LeavingEstimate,
    LeavingModel,
    Membership,
    Organisation,
    Person,
    Response,
    Team,
)  # fmt: skip
from accord.clinic.policy import policy_read_once, primary_relation_to_each
from accord.clinic.programme.imports import analyze

CASELOAD = 60
SESSIONS = 3  # of each client
AT_ONCE = 5000
COPIED_FROM = 1000  # clients more: copied, since making so many one by one takes minutes
COPIED = (
    Person, Team, Membership, Engagement, Contact, CheckIn, Assessment, Flag, Response, LeavingEstimate
)  # fmt: skip
STEP = 50  # steps of the virtual machine between two ticks


@dataclass(frozen=True)
class Cost:
    """`queries` in all, `work` in steps or rows; `pages` on PostgreSQL, of 8 kB."""

    queries: int
    work: int
    pages: int = 0


class Programme:
    """An organisation of teams with one therapist and so many clients each; it can grow."""

    caseload = CASELOAD
    copies = True  # what is there already, where the database can do that by itself
    batch: ImportBatch | None = None  # the import that brings the clients

    def __init__(self) -> None:
        self.organisation = Organisation.objects.create(name=f"Programme {uuid4()}")
        self.clients = 0
        self.model = LeavingModel.objects.create(organisation=self.organisation, made_at=timezone.now())
        self.today = timezone.localdate()
        self.therapist, self.team = self.grow(self.caseload)
        self.supervisor = self._staff("supervisor", self.team, Membership.Role.SUPERVISOR)

    def grow(self, to: int) -> tuple[Any, Any]:
        """More teams, until there are so many clients. Returns the last team's therapist and the team."""
        therapist, team = None, None
        if self.copies and connection.vendor == "postgresql" and to - self.clients > COPIED_FROM:
            self._copy(to)
        while self.clients < to:
            team = Team.objects.create(organisation=self.organisation, name=f"team {self.clients}")
            therapist = self._staff(f"therapist {self.clients}", team, Membership.Role.THERAPIST)
            self._caseload(therapist, team, min(self.caseload, to - self.clients))
        analyze.count_rows()
        return therapist, team

    def _copy(self, to: int) -> None:
        """As many copies of what is there as still fit: teams, staff, clients and all that is about them."""
        times = (to - self.clients) // self.clients
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # what fits needs no look
            for model in COPIED:
                cursor.execute(_copying(model, self.clients), [times, self.organisation.pk])
            cursor.execute("SET LOCAL session_replication_role = origin")
        self.clients += self.clients * times

    def _staff(self, name: str, team: Team, role: str) -> Person:
        person = Person.objects.create(organisation=self.organisation, kind="staff", code=name, name=name)
        since = self.today - timedelta(days=400)
        Membership.objects.create(
            organisation=self.organisation, person=person, team=team, role=role, since=since
        )
        return person

    def _caseload(self, therapist: Person, team: Team, size: int) -> list[Engagement]:
        common = {"organisation": self.organisation, "batch": self.batch}
        names = [f"client {number:06d}" for number in range(self.clients, self.clients + size)]
        people = [Person(**common, kind="client", code=name, name=name) for name in names]
        since = self.today - timedelta(days=100)
        engagements = [
            Engagement(**common, client=person, clinician=therapist, team=team, since=since, revision=1)
            for person in people
        ]
        contacts = [
            Contact(
                **common,
                engagement=engagement,
                session=n,
                day=since + timedelta(days=30 * n),
                made_at=timezone.now(),
            )
            for engagement in engagements
            for n in range(1, SESSIONS + 1)
        ]
        begun = [self._assessment(engagement) for engagement in engagements]
        assessments = [
            self._assessment(engagement, before)
            for engagement, before in zip(engagements, begun, strict=True)
        ]
        flags = [
            self._flag(engagement, row)
            for engagement, row in zip(engagements[::3], assessments[::3], strict=True)
        ]
        Person.objects.bulk_create(people, AT_ONCE)
        Engagement.objects.bulk_create(engagements, AT_ONCE)
        Contact.objects.bulk_create(contacts, AT_ONCE)
        CheckIn.objects.bulk_create([self._checkin(contact) for contact in contacts], AT_ONCE)
        Assessment.objects.bulk_create([*begun, *assessments], AT_ONCE)
        Flag.objects.bulk_create(flags, AT_ONCE)
        Response.objects.bulk_create([self._response(flag, therapist) for flag in flags[::2]], AT_ONCE)
        LeavingEstimate.objects.bulk_create([self._estimate(person) for person in people], AT_ONCE)
        self.clients += size
        return engagements

    def _estimate(self, client: Person) -> LeavingEstimate:
        return LeavingEstimate(
            organisation=self.organisation, client=client, model=self.model, day=self.today, missed=0,
            chance=0.1, low=0.05, high=0.2, reasons=["level"], listed=True, made_at=timezone.now(),
        )  # fmt: skip

    def _checkin(self, contact: Contact) -> CheckIn:
        return CheckIn(
            organisation=self.organisation, contact=contact, rater="client", instrument="session-checkin",
            instrument_version="1", answers={"1": 5}, received_at=timezone.now(), body_hash="", via="link",
            batch=self.batch,
        )  # fmt: skip

    def _assessment(self, engagement: Engagement, begins: Assessment | None = None) -> Assessment:
        return Assessment(
            organisation=self.organisation, engagement=engagement, instrument="", instrument_version="",
            rater="", method_version="cost", revision=1, checkins_seen=0, as_of=self.today,
            made_at=timezone.now(), findings=[], state={}, begins=begins,
        )  # fmt: skip

    def _flag(self, engagement: Engagement, assessment: Assessment) -> Flag:
        return Flag(
            organisation=self.organisation, engagement=engagement, session=1, kind=Flag.Kind.SAID,
            method_version="cost", assessment=assessment, finding={"said": ["tension"]}, facts="",
            raised_at=timezone.now(),
        )  # fmt: skip

    def _response(self, flag: Flag, by: Person) -> Response:
        return Response(
            organisation=self.organisation, flag=flag, by=by, done="planned", day=self.today,
            made_at=timezone.now(),
        )  # fmt: skip


def _copying(model: type[Model], so_far: int) -> str:
    """The statement that copies all rows of an organisation; each copy has ids and names of its own."""
    columns = {field.column: _copied(field, so_far) for field in model._meta.concrete_fields}
    into = ", ".join(f'"{name}"' for name in columns)
    table, copied = f'"{model._meta.db_table}"', ", ".join(columns.values())
    return (
        f"INSERT INTO {table} ({into}) SELECT {copied} FROM {table}, generate_series(1, %s) AS n "
        "WHERE organisation_id = %s"
    )


def _copied(field: Field[Any, Any], so_far: int) -> str:
    column, mark = f'"{field.column}"', f"' {so_far}.' || n"
    if field.primary_key or field.related_model in COPIED:
        return f"md5({column}::text || {mark})::uuid"
    return f"{column} || {mark}" if field.name in ("name", "code") else column


def look(viewer: Person, now: datetime) -> Worklist:
    """What opening the page reads: the worklist, and how its viewer stands to each client on it."""
    result = worklist(viewer, now)
    primary_relation_to_each(viewer, sorted(result.client_ids))
    return result


def cost(viewer: Person, look: Callable[..., Worklist] = look) -> Cost:
    """What one look at the worklist of this person costs."""
    now = timezone.now()
    with policy_read_once(), CaptureQueriesContext(connection) as asked, steps() as counted:
        result = look(viewer, now)
    assert len(result.client_ids) == CASELOAD, "the worklist holds the whole caseload"
    statements = [query["sql"] for query in asked.captured_queries]
    if connection.vendor == "sqlite":
        return Cost(len(statements), counted[0] * STEP)
    rows, pages = zip(*map(explained, statements), strict=True)
    return Cost(len(statements), sum(rows), sum(pages))


@contextmanager
def steps(most: int = 0, every: int = STEP) -> Iterator[list[int]]:
    """Ticks of SQLite's machine, one for `every` so many steps; after `most` it stops at once. 0: never."""
    counted = [0]

    def tick() -> int:
        counted[0] += 1
        return most > 0 and counted[0] >= most

    connection.ensure_connection()
    if connection.vendor == "sqlite":
        connection.connection.set_progress_handler(tick, every)
    try:
        yield counted
    finally:
        if connection.vendor == "sqlite":
            connection.connection.set_progress_handler(None, 0)


def explained(statement: str, *, by_index: bool = False) -> tuple[int, int]:
    """The rows that PostgreSQL touched for a statement, those it threw away again among them; and pages.

    `by_index`: as it would read in large tables. A small table it reads whole.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL enable_seqscan = {'off' if by_index else 'on'}")
        # As its manual advises for a disk without moving parts: the tables that it reads whole are smaller.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}".replace("%", "%%"))
        (plan,) = cursor.fetchone()
    plan = (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]
    return _touched(plan), plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def _touched(node: dict[str, Any]) -> int:
    kept = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) if "Relation Name" in node else 0
    return int(kept * node["Actual Loops"]) + sum(map(_touched, node.get("Plans", ())))
