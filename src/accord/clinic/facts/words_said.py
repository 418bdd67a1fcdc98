"""A client's own word that something happened between them: read from the answers, without statistics."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from accord.clinic.models import CheckIn
from accord.records.ratings import Rater

VERSION = "word-1"  # stands where a computed flag has its method's version
LOUD_URGE = 4  # of 5

# instrument -> (item, or None for a form that came as a total; least value; what it says)
WORDS: Mapping[str, tuple[tuple[int | None, float, str], ...]] = {
    "session-checkin": ((6, 2, "tension"), (8, LOUD_URGE, "urge")),
    "rupture-probe": ((1, 1, "probe"), (None, 1, "probe")),
    "urge-to-quit": ((1, LOUD_URGE, "urge"), (None, LOUD_URGE, "urge")),
}
SENTENCES: Mapping[str, Callable[[], str]] = {
    "tension": lambda: _("their own word: a lot of tension or hurt between you"),
    "probe": lambda: _("their own word: there was tension or hurt between you"),
    "urge": lambda: _("their own word: a strong urge to stop this treatment"),
}


def said(checkin: CheckIn) -> tuple[str, ...]:
    """What a client's check-in says in their own word: keys of `SENTENCES`."""
    if checkin.rater != Rater.CLIENT:
        return ()
    words = WORDS.get(checkin.instrument, ())
    found = [
        key for item, least, key in words if (value := _value(checkin, item)) is not None and value >= least
    ]
    return tuple(dict.fromkeys(found))


def _value(checkin: CheckIn, item: int | None) -> float | None:
    return checkin.given_score if item is None else checkin.answers.get(str(item))


def sentence(keys: tuple[str, ...] | list[str]) -> str:
    return "; ".join(SENTENCES[key]() for key in keys)
