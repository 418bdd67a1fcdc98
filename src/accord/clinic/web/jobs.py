"""The declaration of a job: name, clock and time limit. Each feature declares its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from graphlib import TopologicalSorter


@dataclass(frozen=True)
class Job:
    """Work that comes due by the clock or by stored rows.

    `run` is safe to repeat, finds by itself what is due, and stores through `models.claims.fenced`. With
    `waiting` the job has parts: every so often `waiting` names those that the stored rows say are due, and
    `run` does one of them; each has a claim and tries of its own. `limit`: after this time another worker may
    take over, and what the first one still does is not stored. `parallel`: parts that one worker does at
    once. `here`: each server does it for itself. `after`: names of jobs whose results it uses; in one round
    they come first.
    """

    name: str
    every: timedelta
    run: Callable[..., object]
    limit: timedelta = timedelta(minutes=10)
    waiting: Callable[[], Collection[str]] | None = None
    parallel: int = 1
    here: bool = False
    after: tuple[str, ...] = ()


_declared: dict[str, Job] = {}


def declare(jobs: Iterable[Job]) -> None:
    """Take these for the jobs of the site. Raises `ValueError` for two of one name or an unknown `after`."""
    ordered = in_order(tuple(jobs))
    _declared.clear()
    _declared.update({job.name: job for job in ordered})


def declared() -> tuple[Job, ...]:
    """Every job of the site; each comes behind those whose results it uses."""
    return tuple(_declared.values())


def in_order(jobs: Collection[Job]) -> tuple[Job, ...]:
    """The same jobs, each behind those whose results it uses."""
    by_name = {job.name: job for job in jobs}
    unknown = {name for job in jobs for name in job.after} - by_name.keys()
    if unknown or len(by_name) < len(jobs):
        raise ValueError(f"two jobs have one name, or one comes after an unknown job: {sorted(unknown)}")
    return tuple(
        by_name[name] for name in TopologicalSorter({job.name: job.after for job in jobs}).static_order()
    )
