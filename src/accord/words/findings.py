"""All sentences about findings, so that page, table and notebook say the same.

Callers pass `translate`, for example Django's gettext; the sentences themselves are the keys.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from accord.columns import group_ids, to_steps
from accord.records.ratings import (
    CHANNELS,
    EVIDENCE,
    NO_DAY,
    STATES,
    Context,
    Finding,
    Findings,
    Instrument,
    State,
)
from accord.words.chance import CHANGED, STEPS, TENTHS, UNKNOWN, chance_of, chance_words, likelihood_word
from accord.words.context import Translate, context_words

NEAR_THE_END = 0.05  # of the scale
EPOCH = date(1970, 1, 1)


def uncalibrated_note(translate: Translate = str) -> str:
    """The note required wherever `p_rupture` is shown."""
    _ = translate
    return _(
        "The probability of a rupture is uncalibrated here: it held in simulated programmes; "
        "how it holds at this site is not yet known."
    )


def unseen_note(translate: Translate = str) -> str:
    """The note required wherever somebody could read "no flag" as "well"."""
    _ = translate
    return _("About half of ruptures leave no mark in ratings.")


def state_word(state: State, translate: Translate = str) -> str:
    _ = translate
    return {
        State.RUPTURE: _("rupture"),
        State.BACK: _("ratings back"),
        State.NO_RATING: _("no rating"),
        State.TOO_EARLY: _("too early to say"),
        State.CANNOT_SAY: _("cannot say"),
        State.STRAIN: _("strain"),
        State.STEADY: _("steady"),
        State.WORSE: _("worse than own course"),
        State.DIP: _("dip"),
    }[state]


def session_word(finding: Finding, translate: Translate = str) -> str:
    """What one session is called: its state, and of a rupture how likely it is."""
    _ = translate
    if finding.state is not State.RUPTURE:
        return state_word(finding.state, _)
    step, _tenths = chance_of(finding)
    return _("no rating, after a possible rupture") if step == UNKNOWN else likelihood_word(step, _)


def describe(finding: Finding, instrument: Instrument, translate: Translate = str) -> str:
    """One sentence about a finding: what carried it first, in the instrument's units, and the chance."""
    coarse, fine = places(instrument), places(instrument) + 1
    gap = level = None
    if finding.rating is not None and finding.difference is not None:
        gap = round(finding.difference, fine)
        level = round(finding.rating - finding.difference, coarse)
    rated = finding.rating is not None
    key = (
        finding.state, rated, gap, level, finding.low_start, *chance_of(finding), finding.also,
        strongest_of(finding), finding.context,
    )  # fmt: skip
    return _sentence(key, instrument, translate)


def strongest_of(finding: Finding) -> str:
    """What speaks loudest for a rupture, of EVIDENCE; the rating where nothing does."""
    name, ratio = max(finding.said, key=lambda channel: channel[1], default=(finding.strongest, 1.0))
    return name if ratio > 0 else EVIDENCE[0]


def describe_columns(findings: Findings, translate: Translate = str) -> Iterator[str]:
    """The sentences of `describe`, row by row, for findings held as columns."""
    texts, index = sentences(findings, translate)
    return map(texts.__getitem__, index.tolist())


def sentences(findings: Findings, translate: Translate = str) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct sentences of `describe`, and each row's index among them.

    A million rows have a few thousand distinct sentences.
    """
    fine = places(findings.instrument) + 1
    gap = findings.difference.round(fine)
    level = (findings.rating - findings.difference).round(fine - 1)
    changed = np.isin(findings.state, [STATES.index(state) for state in CHANGED])
    known_chance = changed & ~np.isnan(findings.p_rupture)
    p = np.nan_to_num(findings.p_rupture)
    step = np.where(known_chance, np.searchsorted(STEPS, p, side="right"), UNKNOWN).astype(np.int8)
    chance = np.where(known_chance, np.round(TENTHS * p), UNKNOWN).astype(np.int8)
    rated = ~np.isnan(findings.rating)
    parts = (
        findings.state, rated, gap, level, findings.low_start, step, chance, findings.also,
        findings.strongest,
    )  # fmt: skip
    keys = (*parts[:2], to_steps(gap, fine), to_steps(level, fine - 1), *parts[4:])
    first, index = group_ids(*keys)
    distinct = zip(*(part[first].tolist() for part in parts), strict=True)
    texts = [
        _sentence(
            (
                STATES[state],
                is_rated,
                known(gap_),
                known(level_),
                low_start,
                step_,
                chance_,
                channels_of(also),
                EVIDENCE[strongest],
                NO_CONTEXT,
            ),
            findings.instrument,
            translate,
        )
        for state, is_rated, gap_, level_, low_start, step_, chance_, also, strongest in distinct
    ]
    return texts, index


def rows(findings: Findings) -> Iterator[Finding]:
    """Findings held as columns, one by one."""
    columns = zip(
        findings.session.tolist(), findings.day.tolist(), findings.rating.tolist(),
        findings.level.tolist(), findings.level_low.tolist(), findings.level_high.tolist(),
        findings.surprise.tolist(), findings.p_rupture.tolist(), findings.state.tolist(),
        findings.low_start.tolist(), findings.difference.tolist(),
        findings.also.tolist(), findings.strongest.tolist(), strict=True,
    )  # fmt: skip
    for (
        session, day, rating, level, low, high, surprise, p, state, low_start, gap, also, strongest
    ) in columns:  # fmt: skip
        yield Finding(
            session, as_date(day), known(rating), known(level), known(low), known(high),
            known(surprise), known(p), STATES[state], low_start, known(gap),
            channels_of(also), strongest=EVIDENCE[strongest],
        )  # fmt: skip


def known(value: float) -> float | None:
    """A number of a column, or None where the column holds NaN."""
    return None if math.isnan(value) else value


def as_date(day: int) -> date | None:
    """A day of a column, or None where it is not known."""
    return None if day == NO_DAY else EPOCH + timedelta(days=day)


def places(instrument: Instrument) -> int:
    """Number of decimals of a level; a difference gets one more."""
    return 0 if instrument.high - instrument.low >= 20 else 1


def number(value: float, instrument: Instrument) -> str:
    """A level or rating with as many decimals as the scale carries."""
    return f"{value:.{places(instrument)}f}"


def range_words(usual: tuple[float, float], instrument: Instrument, translate: Translate = str) -> str:
    """Where four of five ratings fall; at the best end of the scale, that they usually lie there."""
    _ = translate
    near = NEAR_THE_END * (instrument.high - instrument.low)
    if instrument.lower_is_better and usual[1] <= instrument.low + near:
        return _("usually at or near the bottom, %(low)s") % {"low": number(instrument.low, instrument)}
    if not instrument.lower_is_better and usual[0] >= instrument.high - near:
        return _("usually at or near the top, %(high)s") % {"high": number(instrument.high, instrument)}
    low, high = (number(edge, instrument) for edge in usual)
    return _("4 of 5 ratings: %(low)s-%(high)s") % {"low": low, "high": high}


def range_word(instrument: Instrument, translate: Translate = str) -> str:
    """The instrument's range, and its direction where higher is worse."""
    _ = translate
    span = f"{instrument.low:g}-{instrument.high:g}"
    return _("%(span)s, higher is worse") % {"span": span} if instrument.lower_is_better else span


# state, rated, difference, level expected, low start, step of the chance and its tenths, channels with
# evidence for a rupture, the strongest evidence, and context
_Key = tuple[State, bool, float | None, float | None, bool, int, int, tuple[str, ...], str, Context]
NO_CONTEXT = Context()


def _sentence(key: _Key, instrument: Instrument, _: Translate) -> str:
    state, rated, gap, level, low_start, step, chance, also, strongest, context = key
    carrier = _channel(strongest, _) if state in CHANGED and strongest != EVIDENCE[0] else ""
    parts = [_lead(state, step, _), carrier]
    parts.append(_gap(gap, level, instrument, _) if rated else _without_rating(_))
    if low_start:
        parts.append(_("starts lower than nine in ten relationships here"))
    parts += [_channel(name, _) for name in also if _channel(name, _) != carrier]
    parts += context_words(context, _)
    parts.append(chance_words(state, chance, _))
    return "; ".join(part for part in parts if part)


def _without_rating(_: Translate) -> str:
    return _("no rating for this session")


def _lead(state: State, step: int, _: Translate) -> str:
    if state is State.TOO_EARLY:
        return _("fewer than 3 ratings so far")
    if state is State.CANNOT_SAY:
        return _("all ratings so far at one end of the scale, so a change cannot be seen")
    if state is State.BACK:
        return _("ratings are back within their usual range, which does not say that it is settled")
    return likelihood_word(step, _) if state is State.RUPTURE and step != UNKNOWN else ""


def _gap(gap: float | None, level: float | None, instrument: Instrument, _: Translate) -> str:
    if gap is None or level is None:
        return _("first rating")
    values = {
        "gap": f"{abs(gap):.{places(instrument) + 1}f}",
        "level": number(level, instrument),
        "range": range_word(instrument, _),
    }
    if gap == 0:
        return _("at their level of %(level)s (%(range)s)") % values
    if gap < 0:
        return _("%(gap)s points below their level of %(level)s (%(range)s)") % values
    return _("%(gap)s points above their level of %(level)s (%(range)s)") % values


def _channel(name: str, _: Translate) -> str:
    return {
        "probe": _("they said that there was tension or hurt"),
        "attendance": _("the contact was missed"),
        "form": _("the form was left empty"),
        "urge": _("their urge to stop treatment was higher than usual"),
        "clinician": _("the clinician's own rating was lower than usual"),
    }[name]


@cache
def channels_of(bits: int) -> tuple[str, ...]:
    """The channels of a column's bits."""
    return tuple(name for bit, name in enumerate(CHANNELS) if bits >> bit & 1)
