"""What the site does by itself: a job has a name, a clock and a time limit. `site.jobs` runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Job:
    """Work that comes due by the clock or by stored rows.

    `run` is safe to repeat and finds by itself what is due. `every`: time between two runs. `limit`: after
    this time another worker may take the job over; what the first one still does is not stored.
    """

    name: str
    every: timedelta
    run: Callable[[], object]
    limit: timedelta = timedelta(minutes=10)
