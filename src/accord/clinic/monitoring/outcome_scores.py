"""A client's scores of outcome forms, first and latest, in words: the adapter to the science of change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accord.clinic.facts import current as facts
from accord.clinic.models import Engagement
from accord.clinic.monitoring.assessment import score_of
from accord.records.ratings import Construct, Instrument, Rater
from accord.science.change import reliable
from accord.words.findings import range_word

DECIMALS = 1  # of a score that is a sum; a mean of items gets one more
WIDE = 20  # points of a scale from which a score is a sum


@dataclass(frozen=True)
class OutcomeScore:
    """`first` and `latest` are equal, with their days, where there is one form only. `change`: in words."""

    instrument: str
    range: str
    first: str
    first_day: date
    latest: str
    latest_day: date
    change: str


def outcome_scores(these: QuerySet[Engagement], known: Mapping[str, Instrument]) -> tuple[OutcomeScore, ...]:
    """One for each outcome form that the client filled in these relationships, by the form's name."""
    named = {each.id: each for each in known.values() if each.construct is Construct.OUTCOME}
    forms = facts.current_checkins().filter(
        contact__engagement__in=these,
        rater=Rater.CLIENT,
        instrument__in=named,
        contact__day__isnull=False,
    )
    scores: dict[str, list[tuple[date, float]]] = {}
    for form in forms.select_related("contact"):
        if (score := score_of(form)) is not None and form.contact.day:
            scores.setdefault(form.instrument, []).append((form.contact.day, score))
    return tuple(_shown(named[name], sorted(scores[name])) for name in sorted(scores))


def _shown(instrument: Instrument, dated: list[tuple[date, float]]) -> OutcomeScore:
    (first_day, first), (latest_day, latest) = dated[0], dated[-1]
    return OutcomeScore(
        instrument.name,
        range_word(instrument, _),
        _number(first, instrument),
        first_day,
        _number(latest, instrument),
        latest_day,
        _change(instrument, first, latest) if len(dated) > 1 else "",
    )


def _number(score: float, instrument: Instrument) -> str:
    decimals = DECIMALS if instrument.high - instrument.low >= WIDE else DECIMALS + 1
    return f"{score:.{decimals}f}"


def _change(instrument: Instrument, first: float, latest: float) -> str:
    change = reliable(instrument, np.array([first]), np.array([latest]))
    if change is None:
        return _("whether that is more than the form's own error is not known")
    if change.better[0]:
        words = _("better by more than the form's own error")
    elif change.worse[0]:
        words = _("worse by more than the form's own error")
    else:
        words = _("no change beyond the form's own error")
    return _("%(change)s, which is assumed") % {"change": words} if change.assumed else words
