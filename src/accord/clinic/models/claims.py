"""Claims on jobs: at most one run of a job at a time, and no run stores anything after its claim ran out.

A claim is taken in a short transaction of its own: rows that another worker holds are skipped on PostgreSQL,
and on SQLite every transaction has the write lock (it begins IMMEDIATE). Whatever a job stores goes through
`fenced`. The clocks of several servers must agree to within seconds, as with any signed token.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone

from accord.clinic.models.job import JobState

Clock = Callable[[], datetime]
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
MOST_TRIES = 12  # of a part of a job, over about six hours; then it waits until something about it changes
AT_ONCE = 500  # rows in one statement


class ClaimLost(Exception):
    """This run's claim ran out or went to another worker: nothing of it may be stored."""


@dataclass(frozen=True)
class Claim:
    """One run of a job. `until`: when another worker may take the job over."""

    pk: int
    name: str
    key: str
    token: UUID
    due: datetime
    until: datetime
    attempts: int
    clock: Clock = field(default=timezone.now, compare=False)

    def hold(self) -> None:
        """Lock the claim to the end of the transaction: nobody takes it over meanwhile."""
        mine = JobState.objects.select_for_update().filter(pk=self.pk, claim=self.token)
        if not mine.values_list("pk").first():
            raise ClaimLost(f"{self.name} {self.key}: taken over by another worker")
        self.refuse_when_over()

    def refuse_when_over(self) -> None:
        if self.clock() >= self.until:
            raise ClaimLost(f"{self.name} {self.key}: not done within its limit")


_current: ContextVar[Claim | None] = ContextVar("claim", default=None)


@contextmanager
def fenced() -> Iterator[None]:
    """A transaction that commits only while the claim of the running job holds; outside a job, any other.

    What also the writers of facts lock (the relationship) is locked before.
    """
    claim = _current.get()
    with transaction.atomic():
        if claim:
            claim.hold()
        yield
        if claim:
            claim.refuse_when_over()


@contextmanager
def running(claim: Claim) -> Iterator[None]:
    """Fence writes inside the block by this claim."""
    before = _current.set(claim)
    try:
        yield
    finally:
        _current.reset(before)


def free(now: datetime) -> Q:
    """Rows that nobody works on: unclaimed, or claimed by a run whose time is over."""
    return Q(claim__isnull=True) | Q(claimed_until__lte=now)


def take(
    name: str, *, worker: str, limit: timedelta, clock: Clock = timezone.now, key: str | None = None
) -> Claim | None:
    """Claim the part of a job that has been due longest, or the part `key`; None if none is due and free."""
    now = clock()
    with transaction.atomic():
        rows = JobState.objects.select_for_update(skip_locked=connection.vendor == "postgresql")
        rows = rows.filter(free(now), name=name, due__lte=now, **({} if key is None else {"key": key}))
        row = rows.order_by("due", "key").first()
        if row is None or row.due is None:
            return None
        row.claim, row.claimed_by, row.claimed_until = uuid4(), worker, now + limit
        row.attempts += 1
        row.save(update_fields=["claim", "claimed_by", "claimed_until", "attempts"])
    return Claim(row.pk, name, row.key, row.claim, row.due, row.claimed_until, row.attempts, clock)


def succeed(claim: Claim, *, due: datetime | None) -> bool:
    """Give the claim back after success; next due then, or at once if it was woken meanwhile."""
    woken = Case(When(due=claim.due, then=due), default=F("due"))
    return _give_back(claim, due=woken, attempts=0, last_success=claim.clock())


def fail(claim: Claim, error: BaseException, *, for_ever: bool = False) -> bool:
    """Give the claim back after an error. Each further try waits twice as long, up to an hour.

    After `MOST_TRIES` nothing is tried until it is woken, unless it is to be tried `for_ever`.
    """
    now = claim.clock()
    pause = min(SHORTEST_PAUSE * 2 ** min(claim.attempts - 1, 20), LONGEST_PAUSE)
    gives_up = claim.attempts >= MOST_TRIES and not for_ever
    due = None if gives_up else now + pause
    woken = Case(When(due=claim.due, then=due), default=F("due"))
    trouble = f"{now:%Y-%m-%dT%H:%M:%S%z} {type(error).__name__}"
    return _give_back(claim, due=woken if gives_up else due, last_trouble=trouble)


def release(claim: Claim) -> bool:
    """Give the claim back undone: the next worker takes it at once, and the run may store nothing more."""
    return _give_back(claim, attempts=claim.attempts - 1)


def _give_back(claim: Claim, **values: object) -> bool:
    """False where the claim is another's by now."""
    mine = JobState.objects.filter(pk=claim.pk, claim=claim.token)
    return mine.update(claim=None, claimed_by="", claimed_until=None, **values) == 1


def wake(name: str, key: str = "", *, now: datetime | None = None) -> None:
    """Make a job due at once, in the caller's transaction: it is seen when that commits."""
    row = JobState(name=name, key=key, due=now or timezone.now())
    JobState.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["name", "key"], update_fields=["due"]
    )


def ensure(name: str, keys: Collection[str], now: datetime) -> None:
    """Make these parts of a job due, unless they are already due, or wait for another try."""
    known = dict(JobState.objects.filter(name=name).values_list("key", "due"))
    _insert([JobState(name=name, key=key, due=now) for key in keys if key not in known])
    idle = [key for key in keys if key in known and known[key] is None]
    for begin in range(0, len(idle), AT_ONCE):
        _make_due(name, idle[begin : begin + AT_ONCE], now)


def _insert(rows: list[JobState]) -> None:
    # One at a time on PostgreSQL: a row that a check-in is about to wake is waited for, and whoever waits
    # holds nothing that the check-in needs.
    step = 1 if connection.vendor == "postgresql" else AT_ONCE
    for begin in range(0, len(rows), step):
        JobState.objects.bulk_create(rows[begin : begin + step], ignore_conflicts=True)


@transaction.atomic
def _make_due(name: str, keys: Collection[str], now: datetime) -> None:
    rows = JobState.objects.select_for_update(skip_locked=connection.vendor == "postgresql")
    idle = rows.filter(name=name, key__in=keys, due__isnull=True, attempts__lt=MOST_TRIES)
    JobState.objects.filter(pk__in=list(idle.values_list("pk", flat=True))).update(due=now)
