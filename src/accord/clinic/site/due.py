"""Run one round of every job at once in this process: by hand, and for tests."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone

from accord.clinic.facts.changed import ASSESS
from accord.clinic.models import JobState, claims
from accord.clinic.site import job_runner, workers
from accord.clinic.web.jobs import Job, declared


def run_due(jobs: Collection[Job] | None = None) -> tuple[int, int]:
    """One round, safe to repeat; what waits for another try is tried now. Jobs that a worker runs at this
    moment are left to it. Returns how many relationships waited and how many could be assessed."""
    jobs, now = declared() if jobs is None else jobs, timezone.now()
    job_runner.ensure_clocks(jobs, now)
    workers.note(job_runner.process(), now, now)
    done = {job.name: _round(job) for job in jobs}
    assessed = done.get(ASSESS, {})
    return len(assessed), sum(assessed.values())


def _round(job: Job) -> dict[str, bool]:
    now = timezone.now()
    waits = (Q(due__isnull=False) | Q(attempts__gte=claims.MOST_TRIES)) & (
        ~Q(key="") | Q(key=job_runner.clock_key(job))
    )
    JobState.objects.filter(waits, claims.free(now), name=job.name).update(due=now)
    return job_runner.drain(job, job_runner.process(), timezone.now)
