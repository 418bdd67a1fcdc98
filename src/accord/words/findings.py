"""All sentences about findings, so that page, table and notebook say the same.

Callers pass `translate`, for example Django's gettext; the sentences themselves are the keys.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accord.columns import group_ids, to_steps
from accord.records.ratings import CHANNELS, NO_DAY, STATES, Context, Finding, Findings, Instrument, State
from accord.words.context import Translate, context_words

# Steps people can picture; an exact 1 in 37.4 would claim more than the method knows.
ROUND_ODDS = (2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000)
ODDS_BORDERS = tuple(math.sqrt(a * b) for a, b in pairwise(ROUND_ODDS))
WORTH_TELLING = 5.0  # a rating like that of more than one calm session in five needs no odds
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


def latest_sentence(state: State | None, translate: Translate = str) -> str:
    """Words for the latest state, beside a flag with a response; None: no rating came since.

    Only `BACK` speaks of the rating alone: a rupture can also rest on what was said or missed.
    """
    _ = translate
    if state is None:
        return _("no newer rating yet")
    return {
        State.RUPTURE: _("the latest numbers look like a rupture"),
        State.STRAIN: _("the latest numbers look strained"),
        State.DIP: _("the latest numbers are perhaps worse than their own course"),
        State.WORSE: _("the latest numbers are worse than their own course"),
        State.BACK: _("the latest rating is back at their own level"),
        State.STEADY: _("the latest numbers look as usual"),
        State.NO_RATING: _("no newer rating yet"),
    }.get(state, _("too few ratings to say how the latest one lies"))


def describe(finding: Finding, instrument: Instrument, translate: Translate = str) -> str:
    """One sentence about a finding in the instrument's units, with how often a calm session looks alike."""
    coarse, fine = places(instrument), places(instrument) + 1
    gap = level = None
    if finding.rating is not None and finding.difference is not None:
        expected = finding.rating - finding.difference
        shown = min(max(expected, instrument.low), instrument.high)
        gap = round(finding.difference if shown == expected else finding.rating - shown, fine)
        level = round(shown, coarse)
    odds = _odds_step(finding.one_in or 0.0)
    rated = finding.rating is not None
    key = (finding.state, rated, gap, level, finding.low_start, odds, finding.also, finding.context)
    return _sentence(key, instrument, translate)


def describe_columns(findings: Findings, translate: Translate = str) -> Iterator[str]:
    """The sentences of `describe`, row by row, for findings held as columns."""
    texts, index = sentences(findings, translate)
    return map(texts.__getitem__, index.tolist())


def sentences(findings: Findings, translate: Translate = str) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct sentences of `describe`, and each row's index among them.

    A million rows have a few thousand distinct sentences.
    """
    fine = places(findings.instrument) + 1
    # The estimated course may lie beyond the scale if ratings pile up at its end; the end is shown.
    expected = findings.rating - findings.difference
    level = np.clip(expected, findings.instrument.low, findings.instrument.high)
    gap = np.where(level == expected, findings.difference, findings.rating - level).round(fine)
    level = level.round(fine - 1)
    odds = np.searchsorted(ODDS_BORDERS, findings.one_in, side="right")
    odds = np.where(findings.one_in >= WORTH_TELLING, odds, -1)
    rated = ~np.isnan(findings.rating)
    parts = (findings.state, rated, gap, level, findings.low_start, odds, findings.also)
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
                step,
                channels_of(also),
                NO_CONTEXT,
            ),
            findings.instrument,
            translate,
        )
        for state, is_rated, gap_, level_, low_start, step, also in distinct
    ]
    return texts, index


def rows(findings: Findings) -> Iterator[Finding]:
    """Findings held as columns, one by one."""
    columns = zip(
        findings.session.tolist(), findings.day.tolist(), findings.rating.tolist(),
        findings.level.tolist(), findings.level_low.tolist(), findings.level_high.tolist(),
        findings.surprise.tolist(), findings.p_rupture.tolist(), findings.state.tolist(),
        findings.low_start.tolist(), findings.difference.tolist(), findings.one_in.tolist(),
        findings.also.tolist(), strict=True,
    )  # fmt: skip
    for session, day, rating, level, low, high, surprise, p, state, low_start, gap, one_in, also in columns:
        yield Finding(
            session, as_date(day), known(rating), known(level), known(low), known(high),
            known(surprise), known(p), STATES[state], low_start, known(gap), known(one_in),
            channels_of(also),
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


def range_word(instrument: Instrument, translate: Translate = str) -> str:
    """The instrument's range, and its direction where higher is worse."""
    _ = translate
    span = f"{instrument.low:g}-{instrument.high:g}"
    return _("%(span)s, higher is worse") % {"span": span} if instrument.lower_is_better else span


# state, rated, difference, level expected, low start, step of ROUND_ODDS, channels with evidence for a
# rupture, and context
_Key = tuple[State, bool, float | None, float | None, bool, int, tuple[str, ...], Context]
NO_CONTEXT = Context()


def _sentence(key: _Key, instrument: Instrument, _: Translate) -> str:
    state, rated, gap, level, low_start, odds, also, context = key
    parts = [_lead(state, _), _gap(gap, level, instrument, _)] if rated else [_without_rating(state, _)]
    if low_start:
        parts.append(_("starts lower than nine in ten relationships here"))
    parts += [_channel(name, _) for name in also]
    parts += context_words(context, _)
    parts.append(_odds(odds, _) if rated or also else "")
    return "; ".join(part for part in parts if part)


def _without_rating(state: State, _: Translate) -> str:
    # In the past tense: the sentence stays beside the session, also once ratings are back.
    if state is State.RUPTURE:
        return _("no rating for this session; what was known by then looked like a rupture")
    if state is State.WORSE:
        return _("no rating for this session; what was known by then looked worse than usual")
    return _("no rating for this session")


def _lead(state: State, _: Translate) -> str:
    if state is State.TOO_EARLY:
        return _("fewer than 3 ratings so far")
    if state is State.CANNOT_SAY:
        return _("all ratings so far at one end of the scale, so a change cannot be seen")
    if state is State.BACK:
        return _("ratings are back at their own course, which does not say that it is settled")
    return ""


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


def _odds_step(one_in: float) -> int:
    """The nearest step of ROUND_ODDS, or -1 if the odds are not worth showing or not known."""
    return bisect(ODDS_BORDERS, one_in) if one_in >= WORTH_TELLING else -1


def _odds(step: int, _: Translate) -> str:
    if step < 0:
        return ""
    if step == len(ROUND_ODDS) - 1:  # where the alarm threshold's own table ends
        return _("fewer than 1 calm session in %(n)s looks like this") % {"n": ROUND_ODDS[-2]}
    return _("about 1 calm session in %(n)s looks like this") % {"n": ROUND_ODDS[step]}
