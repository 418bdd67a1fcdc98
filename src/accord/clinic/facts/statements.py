"""Statements of a client that something happened between them, read from the answers without statistics."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from accord.clinic.models import CheckIn
from accord.records.ratings import Rater

VERSION = "word-1"  # takes the place of a computed flag's method version
LOUD_URGE = 4  # of 5

# instrument -> (item, or None for a form that came as a total; least value; what it says)
RULES: Mapping[str, tuple[tuple[int | None, float, str], ...]] = {
    "session-checkin": ((6, 2, "tension"), (8, LOUD_URGE, "urge")),
    "rupture-probe": ((1, 1, "probe"), (None, 1, "probe")),
    "urge-to-quit": ((1, LOUD_URGE, "urge"), (None, LOUD_URGE, "urge")),
}
STATEMENTS: Mapping[str, Callable[[], str]] = {
    "tension": lambda: _("their own word: a lot of tension or hurt between you"),
    "probe": lambda: _("their own word: there was tension or hurt between you"),
    "urge": lambda: _("their own word: a strong urge to stop this treatment"),
}


def statement_keys(checkin: CheckIn) -> tuple[str, ...]:
    """Keys of `STATEMENTS` for what a client says in a check-in."""
    if checkin.rater != Rater.CLIENT:
        return ()
    rules = RULES.get(checkin.instrument, ())
    keys = [
        key for item, least, key in rules if (value := _value(checkin, item)) is not None and value >= least
    ]
    return tuple(dict.fromkeys(keys))


def _value(checkin: CheckIn, item: int | None) -> float | None:
    return checkin.given_score if item is None else checkin.answers.get(str(item))


def statement_text(keys: tuple[str, ...] | list[str]) -> str:
    return "; ".join(STATEMENTS[key]() for key in keys)
