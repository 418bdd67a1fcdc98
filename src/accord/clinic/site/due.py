"""What happens without anybody asking: assess what waits, sweep old uploads, say that the watch goes on, and
once a week make the programme's figures anew."""

from __future__ import annotations

from django.utils import timezone

from accord.clinic.facts import current as facts
from accord.clinic.models import Engagement, Heartbeat
from accord.clinic.monitoring import assessment, flags
from accord.clinic.monitoring import leaving as estimates
from accord.clinic.programme.imports import uploads
from accord.clinic.programme.outcomes import actions as overviews


def run_due() -> tuple[int, int]:
    """One round, safe to repeat. Returns how many relationships waited and how many could be assessed."""
    waiting = list(
        facts.unassessed(Engagement.objects.all()) | facts.of_other_method(assessment.METHOD_VERSION)
    )
    done = flags.reassess_all(waiting)
    estimates.refresh_due()
    uploads.sweep()
    Heartbeat.objects.update_or_create(name="run_due", defaults={"at": timezone.now()})
    overviews.make_due()  # last: it may take a while, and nobody waits for it
    return len(waiting), done
