"""Parts and tables of the outcome pages, and their number formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accord.clinic.models import CareEpisode, FeedbackMode
from accord.figures.line_chart import Chart, chart

StoredInterval = Sequence[float | None] | None  # value, low and high end, as stored


@dataclass(frozen=True)
class Table:
    """`rows`: the first cell of each is its name."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Part:
    """One question of the page. `empty`: what will appear here and when; then nothing else is there."""

    key: str
    title: str
    said: tuple[str, ...] = ()
    drawn: tuple[SafeString, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    empty: str = ""
    more: tuple[Part, ...] = field(default=())


def picture(drawing: Chart) -> SafeString:
    # Our own renderer escapes every word it is given.
    return mark_safe(chart(drawing))  # noqa: S308


def percent(interval: StoredInterval) -> str:
    """Such as "34 % (25 to 44)", from shares."""
    if interval is None or interval[0] is None:
        return _("fewer than 10: not shown")
    value, low, high = (None if end is None else round(100 * end) for end in interval)
    if low is None or high is None:
        return _("%(value)s %%") % {"value": value}
    return _("%(value)s %% (%(low)s to %(high)s)") % {"value": value, "low": low, "high": high}


def number(interval: StoredInterval, digits: int) -> str:
    """Such as "5.0 (3.7 to 6.8)"."""
    if interval is None or interval[0] is None:
        return _("fewer than 10: not shown")
    value, low, high = (None if end is None else f"{end:.{digits}f}".replace("-", "−") for end in interval)
    if low is None or high is None:
        return str(value)
    return _("%(value)s (%(low)s to %(high)s)") % {"value": value, "low": low, "high": high}


def arm(name: str) -> str:
    """An arm as it is called here."""
    if name == "others":
        return _("other arms")
    return str(dict(CareEpisode.Method.choices).get(name, name))


def mode(name: str) -> str:
    return _("other modes") if name == "others" else str(dict(FeedbackMode.Mode.choices).get(name, name))


def interval_note() -> str:
    return _("In brackets: where the true value lies in 95 of 100 such programmes.")


def arms_note(*, has_intake: bool) -> str:
    """How to read a table by arm."""
    if has_intake:
        return _(
            "Read each arm beside its own intake: unless chance assigned people to arms, arms that differed "
            "at the start may differ later for that reason alone."
        )
    return _(
        "Of this nothing is known at intake. Unless chance assigned people to arms, arms may differ for "
        "reasons that were there at the start."
    )
