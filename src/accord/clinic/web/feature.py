"""What a feature tells the site about itself. `site.features` lists every feature; nothing is discovered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern

from accord.clinic.models import Person
from accord.clinic.policy import Action
from accord.clinic.web.jobs import Job


@dataclass(frozen=True)
class Link:
    """An entry of the navigation. `current_on`: names of further pages on which it is marked as current."""

    url_name: str
    label: Any  # translated when it is shown
    action: Action | None = None  # shown to those who may do this; None: to everybody signed in
    current_on: frozenset[str] = frozenset()
    badge: str = ""  # name of the badge beside it


@dataclass(frozen=True)
class Badge:
    """A number beside an entry of the navigation; 0 shows nothing."""

    name: str
    count: Callable[[Person], int]


@dataclass(frozen=True)
class Feature:
    """A feature's addresses, navigation, audit actions with their words for clients, jobs, badges, demo."""

    urls: tuple[URLPattern, ...] = ()
    navigation: tuple[Link, ...] = ()
    audit_actions: Mapping[str, Any] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    badges: tuple[Badge, ...] = ()
    lanes: tuple[Any, ...] = ()
    demo: Callable[..., None] | None = None
