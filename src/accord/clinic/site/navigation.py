"""The navigation of staff: the entries that features declare, for those who may follow them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from accord.clinic.models import Person
from accord.clinic.policy import Action
from accord.clinic.site.features import FEATURES
from accord.clinic.web.feature import Link


@dataclass(frozen=True)
class Entry:
    """`number`: how many are new, shown beside the label unless it is 0."""

    url_name: str
    label: Any
    is_current: bool
    number: int


def entries(person: Person, allowed: Collection[Action], page: str | None) -> tuple[Entry, ...]:
    """Entries in the order of the list of features. `page`: name of the page that is shown, if it has one."""
    links = (link for feature in FEATURES for link in feature.navigation if link.action in allowed)
    return tuple(_entry(link, person, page) for link in links)


def _entry(link: Link, person: Person, page: str | None) -> Entry:
    is_current = page == link.url_name or page in link.with_pages
    return Entry(link.url_name, link.label, is_current, link.badge(person) if link.badge else 0)
