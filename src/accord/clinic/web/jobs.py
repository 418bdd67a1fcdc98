"""The declaration of a job: name, clock and time limit. `site.jobs` lists every job."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Job:
    """Work that comes due by the clock or by stored rows.

    `run` is safe to repeat, finds by itself what is due, and stores through `models.claims.fenced`. With
    `waiting` the job has parts: every so often `waiting` names those that the stored rows say are due, and
    `run` does one of them; each has a claim and tries of its own. `limit`: after this time another worker may
    take over, and what the first one still does is not stored. `lanes`: parts that one worker does at once.
    `here`: each server does it for itself.
    """

    name: str
    every: timedelta
    run: Callable[..., object]
    limit: timedelta = timedelta(minutes=10)
    waiting: Callable[[], Collection[str]] | None = None
    lanes: int = 1
    here: bool = False
