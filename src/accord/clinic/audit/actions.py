"""The actions that an audit event may name, with what a client reads of each in their own record.

Features declare them (`web.feature`), and the site hands them over when it starts. An event of any other name
is not written, so nothing happens in a client's record for which there are no words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class ClientWords:
    """What a client reads of an event. Of those of one day, the words with the lowest `rank` come first."""

    text: Any  # translated when it is shown
    rank: int


# For entries of everyday work, and for events that another version of the site wrote.
ENTERED = ClientWords(_("entered or changed something"), 1000)
# For events that are never part of a client's record, such as a backup.
OF_NO_CLIENT = None

Declared = Mapping[str, ClientWords | None]


class UndeclaredAction(LookupError):
    """An audit event was about to be written for which there are no words for its client."""


_declared: dict[str, ClientWords | None] = {}


def declare(features: Iterable[Declared]) -> None:
    """Set the actions of the whole site. Raises `ValueError` for an action that two features declare."""
    everything: dict[str, ClientWords | None] = {}
    for actions in features:
        if twice := sorted(everything.keys() & actions.keys()):
            raise ValueError(f"found two declarations of {', '.join(twice)}, expected one feature for each")
        everything.update(actions)
    _declared.clear()
    _declared.update(everything)


def declared() -> Declared:
    return dict(_declared)


def refuse_undeclared(action: str, *, of_client: bool) -> None:
    """Raises `UndeclaredAction` for an unknown action, and for one in a client's record without words."""
    if action not in _declared:
        raise UndeclaredAction(f"found the audit action {action}, expected one that a feature.py declares")
    if of_client and _declared[action] is OF_NO_CLIENT:
        raise UndeclaredAction(
            f"found {action} in the record of a client, expected words for the client beside it in feature.py"
        )


def words_for(action: str) -> ClientWords:
    """What a client reads of an event in their record, also of one that another version of the site wrote."""
    return _declared.get(action) or ENTERED
