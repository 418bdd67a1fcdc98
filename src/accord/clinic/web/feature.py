"""The declaration of a feature. `site.features` lists every feature; nothing is discovered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern

from accord.clinic.audit.actions import ClientWords
from accord.clinic.models import Person
from accord.clinic.policy import Action
from accord.clinic.web.demonstration import Demonstration
from accord.clinic.web.jobs import Job
from accord.clinic.web.lanes import TimelineLane


@dataclass(frozen=True)
class Link:
    """An entry in the navigation of staff, for those whose roles could allow `action` with some record.

    `with_pages`: names of further pages on which the entry is marked as the current one.
    `badge`: counts what is new to this person; a count of 0 shows nothing.
    """

    url_name: str
    label: Any  # translated when it is shown
    action: Action
    with_pages: frozenset[str] = frozenset()
    badge: Callable[[Person], int] | None = None


@dataclass(frozen=True)
class Feature:
    """A feature's addresses, navigation, audit actions with their words for clients, jobs, lanes of the
    timeline on the page about a client, and demonstration.

    `audit_actions`: every action its events may name; `audit.actions` says what the values mean.
    `demo`: fills in the feature's part of the demonstration.
    """

    urls: Sequence[URLPattern] = ()
    navigation: tuple[Link, ...] = ()
    audit_actions: Mapping[str, ClientWords | None] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    lanes: tuple[TimelineLane, ...] = ()
    demo: Callable[[Demonstration], None] | None = None
