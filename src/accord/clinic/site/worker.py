"""A process that runs jobs: one thread for each run, so that a slow job delays no other.

Every second it asks the small job table, in one statement, what is due; the request that stores a fact has
put the relationship there with the same commit. Relationships that only the rows of facts know of are found
by each job's own clock.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from accord.clinic.models import claims, read_only
from accord.clinic.models.claims import Claim, Clock
from accord.clinic.site import job_runner, workers
from accord.clinic.web.jobs import Job

log = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks at the job table
NOTED_EVERY = timedelta(seconds=20)
GRACE = 10.0  # seconds that running jobs have to end when the worker is asked to stop
MOST_STUCK = 5  # runs past their limit whose threads may still be about


class Stuck(Exception):
    """Too many runs exceeded their limit and did not end: a new process is needed."""


@dataclass
class Lane:
    """A thread that runs one job, and its present claim."""

    job: Job
    thread: threading.Thread = field(init=False)
    claim: Claim | None = None

    def is_stuck(self, now: datetime) -> bool:
        return self.claim is not None and now >= self.claim.until


class Worker:
    def __init__(
        self, jobs: Collection[Job], *, name: str | None = None, clock: Clock = timezone.now
    ) -> None:
        self.jobs, self.clock = tuple(jobs), clock
        self.name = name or job_runner.process()
        self.started = clock()
        self.noted: datetime | None = None
        self.lanes: list[Lane] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        """Run until stopped. Raises `Stuck`."""
        while not self.stopping.is_set():
            try:
                self.look()
            except DatabaseError:  # it may be busy or away for a moment; health tells if it stays so
                log.exception("the worker could not look for what is due")
            self.stopping.wait(POLL)
        self.end()

    def look(self) -> None:
        """Start what is due; nothing in read-only mode."""
        close_old_connections()
        now = self.clock()
        self.lanes = [lane for lane in self.lanes if lane.thread.is_alive()]
        if sum(lane.is_stuck(now) for lane in self.lanes) > MOST_STUCK:
            raise Stuck
        if read_only.is_on():
            return
        self._note(now)
        job_runner.ensure_clocks(self.jobs, now)
        for job in job_runner.due(self.jobs, now):
            if self._at_work(job, now) < job.parallel:
                self._start(job)

    def _note(self, now: datetime) -> None:
        if self.noted is None or now - self.noted >= NOTED_EVERY:
            workers.note(self.name, self.started, now)
            self.noted = now

    def _at_work(self, job: Job, now: datetime) -> int:
        return sum(lane.job is job and not lane.is_stuck(now) for lane in self.lanes)

    def _start(self, job: Job) -> None:
        lane = Lane(job)
        lane.thread = threading.Thread(target=self._work, args=[lane], name=job.name, daemon=True)
        self.lanes.append(lane)
        lane.thread.start()

    def _work(self, lane: Lane) -> None:
        def began(claim: Claim) -> None:
            lane.claim = claim

        def stopped() -> bool:
            lane.claim = None
            return self.stopping.is_set() or read_only.is_on()

        try:
            job_runner.drain(lane.job, self.name, self.clock, stopped=stopped, began=began)
        except DatabaseError:  # claims that could not be given back run out
            log.exception("the database did not answer the job %s", lane.job.name)
        finally:
            lane.claim = None
            connection.close()

    def end(self, grace: float = GRACE) -> None:
        """Let running jobs end; after the time of grace give their claims back, so others begin them anew."""
        self.stopping.set()
        until = self.clock() + timedelta(seconds=grace)
        for lane in self.lanes:
            lane.thread.join(max(0.0, (until - self.clock()).total_seconds()))
        for claim in [lane.claim for lane in self.lanes if lane.claim]:
            claims.release(claim)
