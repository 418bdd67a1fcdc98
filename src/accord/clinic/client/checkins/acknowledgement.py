"""What the page after sending says back: the client's own taps about tension and the urge to stop, in words.

Always as many sentences, whatever was answered, and never a score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accord.clinic.models import CheckIn
from accord.records.ratings import Instrument

TENSION, SETTLED, URGE = "tension or hurt", "settled by the end", "urge to stop treatment"
SETTLED_WHOLLY = 2.0


@dataclass(frozen=True)
class Acknowledgement:
    """`hard`: the client said that something was hard, so help is open on the page."""

    sentences: tuple[str, ...]
    hard: bool


def acknowledge(checkin: CheckIn, instrument: Instrument) -> Acknowledgement:
    """Sentences about the taps of a form that asks about them; none for another form."""
    numbers = {item.about: str(item.number) for item in instrument.items}
    if not {TENSION, SETTLED, URGE} <= numbers.keys():
        return Acknowledgement((), False)
    taps = {about: checkin.answers.get(numbers[about]) for about in (TENSION, SETTLED, URGE)}
    return Acknowledgement((_tension(taps), _settled(taps), _urge(taps)), _is_hard(taps))


Taps = Mapping[str, float | None]


def _is_hard(taps: Taps) -> bool:
    settled = taps[SETTLED]
    unsettled = settled is not None and settled < SETTLED_WHOLLY
    return bool(taps[TENSION] or taps[URGE] or unsettled)


def _tension(taps: Taps) -> str:
    sentences = {
        0.0: _("You said that there was no tension or hurt between you."),
        1.0: _("You said that there was a little tension or hurt between you."),
        2.0: _("You said that there was a lot of tension or hurt between you."),
    }
    return _of(sentences, taps[TENSION], _("You left out whether there was tension or hurt between you."))


def _settled(taps: Taps) -> str:
    if not taps[TENSION]:
        return _("Nothing was asked about settling it.")
    sentences = {
        0.0: _("You said that it was not settled by the end."),
        1.0: _("You said that it was partly settled by the end."),
        2.0: _("You said that it was settled by the end."),
    }
    return _of(sentences, taps[SETTLED], _("You left out whether it was settled by the end."))


def _urge(taps: Taps) -> str:
    urge = _("You said that you feel an urge to stop this treatment.")
    sentences = {
        0.0: _("You said that you feel no urge to stop this treatment."),
        **dict.fromkeys((1.0, 2.0, 3.0, 4.0), urge),
        5.0: _("You said that your urge to stop this treatment is so strong that you may stop."),
    }
    return _of(sentences, taps[URGE], _("You left out how strong your urge to stop this treatment is."))


def _of(sentences: Mapping[float, str], tap: float | None, left_out: str) -> str:
    return left_out if tap is None else sentences.get(tap, left_out)
