"""Every job of the site, by name."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accord.clinic.audit import verify_when_due
from accord.clinic.facts.changed import ASSESS
from accord.clinic.monitoring import after_facts, dropout, populations
from accord.clinic.programme.imports import uploads
from accord.clinic.programme.outcomes import actions as outcome_actions
from accord.clinic.site import mode
from accord.clinic.web.jobs import Job

HOUR = timedelta(hours=1)


def verify_audit() -> None:
    verify_when_due.verify_if_due(timezone.now())


JOBS: tuple[Job, ...] = (
    Job("audit-readings", timedelta(seconds=30), mode.take_in, here=True),
    Job(
        populations.JOB, timedelta(minutes=10), populations.learn_after_imports,
        limit=HOUR, waiting=populations.waiting,
    ),
    Job(ASSESS, timedelta(seconds=30), after_facts.after_facts_of, waiting=after_facts.waiting, lanes=2),
    Job("estimates", timedelta(minutes=10), dropout.refresh_due, limit=HOUR),
    Job("sweep-uploads", HOUR, uploads.sweep, here=True),
    Job("overviews", HOUR, outcome_actions.make_due, limit=HOUR),
    Job("verify-audit", HOUR, verify_audit, limit=timedelta(hours=6)),
)  # fmt: skip
