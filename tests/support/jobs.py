"""The jobs of a site that a test drives by itself: done right after each act, as a worker would do them."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

ACTS = (
    ("accord.clinic.client.checkins.actions", "submit"),
    ("accord.clinic.monitoring.contacts", "log"),
    ("accord.clinic.monitoring.contacts", "log_meeting"),
    ("accord.clinic.monitoring.contacts", "correct"),
    ("accord.clinic.programme.imports.ratings_import", "commit"),
    ("accord.clinic.programme.imports.batch_actions", "undo"),
    ("accord.clinic.programme.imports.batch_actions", "put_back"),
)


def after_facts() -> None:
    """What facts have woken: values are learned from imports, and relationships are assessed."""
    from accord.clinic.facts.changed import ASSESS
    from accord.clinic.monitoring import populations
    from accord.clinic.site import job_runner
    from accord.clinic.web.jobs import declared

    for job in declared():
        if job.name in (populations.JOB, ASSESS):
            job_runner.drain(job, "tests", timezone.now)


def done_after_each_act(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on whoever stores facts finds them assessed when the act returns, if they can be assessed."""
    from importlib import import_module

    for place, name in ACTS:
        module = import_module(place)
        monkeypatch.setattr(module, name, _and_then(getattr(module, name)))


def _and_then(act: Any) -> Any:
    def acted(**given: Any) -> Any:
        made = act(**given)
        after_facts()
        return made

    return acted
