"""Run jobs that are due, one after the other in this thread, each under its own claim."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db.models import Q

from accord.clinic.models import JobState, claims
from accord.clinic.models.claims import Claim, ClaimLost, Clock
from accord.clinic.web.jobs import Job

log = logging.getLogger(__name__)


def server() -> str:
    """Name of this server among those of one database: its host and data folder."""
    folder = sha256(str(settings.ACCORD.folder).encode()).hexdigest()[:8]
    return f"{socket.gethostname()[:80]}:{folder}"


def process() -> str:
    """The name of this process as a worker."""
    return f"{server()}:{os.getpid()}"


def clock_key(job: Job) -> str:
    """The key of the row that holds a job's clock."""
    return server() if job.here else ""


def ensure_clocks(jobs: Collection[Job], now: datetime) -> None:
    """Create missing clock rows of jobs; a new one is due at once."""
    known = set(JobState.objects.filter(key__in=("", server())).values_list("name", "key"))
    for job in jobs:
        if (job.name, clock_key(job)) not in known:
            claims.ensure(job.name, [clock_key(job)], now)


def due(jobs: Iterable[Job], now: datetime) -> list[Job]:
    """Jobs with something due here and unclaimed. Takes no lock, so that polling is cheap."""
    rows = JobState.objects.filter(claims.free(now), due__lte=now)
    names = set(rows.filter(~_elsewhere(jobs)).values_list("name", flat=True).distinct())
    return [job for job in jobs if job.name in names]


def _elsewhere(jobs: Iterable[Job]) -> Q:
    """Rows of other servers."""
    return Q(name__in=[job.name for job in jobs if job.here]) & ~Q(key=server())


def drain(
    job: Job,
    worker: str,
    clock: Clock,
    *,
    stopped: Callable[[], bool] = lambda: False,
    began: Callable[[Claim], object] = bool,
) -> dict[str, bool]:
    """Run everything due of a job. Return for each part whether it succeeded."""
    done: dict[str, bool] = {}
    only = server() if job.here else None
    while not stopped():
        claim = claims.take(job.name, worker=worker, limit=job.limit, clock=clock, key=only)
        if claim is None:
            break
        began(claim)
        went_well = run(job, claim)
        if claim.key != clock_key(job):
            done[claim.key] = went_well
    return done


def run(job: Job, claim: Claim) -> bool:
    """Run a job once under its claim. Return whether it succeeded; if not, it is retried later."""
    is_clock = claim.key == clock_key(job)
    try:
        with claims.running(claim):
            _work(job, claim, is_clock)
    except ClaimLost as lost:
        log.warning("nothing of this run was stored: %s", lost)
        return False
    except Exception as error:  # whatever it is, the rows still say what is due
        log.exception("the job %s %s did not end well", job.name, claim.key)
        claims.fail(claim, error, for_ever=is_clock)
        return False
    return claims.succeed(claim, due=claim.clock() + job.every if is_clock else None)


def _work(job: Job, claim: Claim, is_clock: bool) -> None:
    if job.waiting is None:
        job.run()
    elif is_clock:
        claims.ensure(job.name, job.waiting(), claim.clock())
    else:
        job.run(claim.key)
