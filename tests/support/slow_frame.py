"""The study frame by plain loops over rows of texts and numbers: slow, each column as its words say it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

KNOWN = ("rupture", "back", "strain", "steady")


class Form(NamedTuple):
    client: str
    clinician: str
    session: int
    day: int | None
    rater: str
    instrument: str
    score: float  # NaN: not filled


class Episode(NamedTuple):
    client: str
    start: int
    end: int | None
    reason: str
    arm: str


class Event(NamedTuple):
    client: str
    day: int
    kind: str
    times: int


@dataclass(frozen=True)
class Asked:
    alliance: dict[str, str]
    outcome: str
    kinds: tuple[str, ...]
    record_ends: int
    period_days: int = 28
    lag: int = 1
    leaving: tuple[str, ...] = ("left",)


Found = dict[tuple[str, str, int], str]  # client, clinician, session -> state of the tracker


def mean(values):
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def slow_frame(forms: list[Form], episodes: list[Episode], events: list[Event], states: Found, asked: Asked):
    """Rows as dicts, by client and period."""
    rows = []
    for client in sorted({one.client for one in episodes}):
        one = min((e for e in episodes if e.client == client), key=lambda e: e.start)
        if one.start <= asked.record_ends:
            rows += _person(one, forms, events, states, asked)
    _centre(rows, asked)
    for row in rows:
        for name in _lagged_names(asked):
            row[f"{name}_lag"] = _before(rows, row, name, asked.lag)
    return rows


def _lagged_names(asked):
    names = [f"alliance_{rater}_within" for rater in asked.alliance]
    return [*names, "outcome", "rupture", "unrepaired", *(kind.replace("-", "_") for kind in asked.kinds)]


def _before(rows, row, name, lag):
    for other in rows:
        if other["client"] == row["client"] and other["period"] == row["period"] - lag:
            return other[name]
    return math.nan


def _person(episode, forms, events, states, asked):
    cut = episode.end is None or episode.end > asked.record_ends
    end = asked.record_ends if cut else episode.end
    reason = "ongoing" if cut else episode.reason
    mine = [form for form in forms if form.client == episode.client]
    dated = _with_days(mine, episode.start)
    rows, period = [], 0
    while episode.start + period * asked.period_days <= end:
        first = episode.start + period * asked.period_days
        last = min(first + asked.period_days - 1, end)
        inside = [form for form in dated if form.day is not None and first <= form.day <= last]
        whole = [form for form in dated if form.day is not None and episode.start <= form.day <= end]
        row = {
            "client": episode.client,
            "arm": episode.arm,
            "period": period,
            "start_day": period * asked.period_days,
            "days": last - first + 1,
            "end_reason": reason if last == end else "",
            "left": float(last == end and reason in asked.leaving),
        }
        row |= _ratings(inside, asked) | _clinicians(inside, whole, asked)
        row |= _events(episode.client, first, last, events, asked)
        rows.append(row | _rupture(inside, rows, whole, states, first))
        period += 1
    return rows


def _with_days(forms, start):
    """Every form with the earliest date of its session, or a week for each session."""
    found = []
    for form in forms:
        same = [one for one in forms if one.clinician == form.clinician]
        session = [one.day for one in same if one.session == form.session and one.day is not None]
        if session:
            found.append(form._replace(day=min(session)))
        elif all(one.day is None for one in same):
            weeks = form.session - min(one.session for one in same)
            found.append(form._replace(day=start + 7 * weeks))
        else:
            found.append(form._replace(day=None))
    return found


def _of_alliance(forms, asked):
    return [form for form in forms if asked.alliance.get(form.rater) == form.instrument]


def _ratings(inside, asked):
    row = {}
    for rater, instrument in asked.alliance.items():
        own = [form.score for form in inside if (form.rater, form.instrument) == (rater, instrument)]
        row[f"alliance_{rater}"] = mean(own)
    row["outcome"] = mean(
        [form.score for form in inside if (form.rater, form.instrument) == ("client", asked.outcome)]
    )
    forms = _of_alliance(inside, asked)
    row["sessions"] = len({(form.clinician, form.session) for form in forms if not math.isnan(form.score)})
    row["forms"] = len(forms)
    row["missing_forms"] = sum(math.isnan(form.score) for form in forms)
    return row


def _contacts(forms, asked):
    """Clinicians with the number of their contacts that have a filled form of the alliance."""
    filled = [form for form in _of_alliance(forms, asked) if not math.isnan(form.score)]
    return Counter(clinician for clinician, _ in {(form.clinician, form.session) for form in filled})


def _clinicians(inside, whole, asked):
    now, overall = _contacts(inside, asked), _contacts(whole, asked)
    anyway = Counter(clinician for clinician, _ in {(form.clinician, form.session) for form in whole})
    if now:
        chosen = sorted(now, key=lambda name: (-now[name], -overall[name], name))[:3]
    elif anyway:
        chosen = sorted(anyway, key=lambda name: (-overall[name], -anyway[name], name))[:1]
        now = {chosen[0]: 1}
    else:
        chosen = []
    total = sum(now[name] for name in chosen)
    row = {}
    for place, (name, weight) in enumerate(
        (("clinician", "weight_1"), ("clinician_2", "weight_2"), ("clinician_3", "weight_3"))
    ):
        there = place < len(chosen)
        row[name] = chosen[place] if there else ""
        row[weight] = now[chosen[place]] / total if there else 0.0
    return row


def _events(client, first, last, events, asked):
    return {
        kind.replace("-", "_"): sum(
            one.times
            for one in events
            if one.client == client and one.kind == kind and first <= one.day <= last
        )
        for kind in asked.kinds
    }


def _rupture(inside, earlier, whole, states, first):
    """By the sessions of the period; and what of the period before is still open."""
    sessions = sorted({(form.clinician, form.session) for form in inside})
    said = {key: states.get((inside[0].client, *key), "") for key in sessions} if inside else {}
    known = [state for state in said.values() if state in KNOWN]
    rupture = float("rupture" in known) if known else math.nan
    at_end = {}
    for clinician, session in sessions:
        if said[clinician, session] in KNOWN:
            at_end[clinician] = said[clinician, session]
    still = set(at_end)
    opened = {name for name, state in at_end.items() if state == "rupture"}
    if earlier:
        opened |= {name for name in earlier[-1]["_open"] if name not in still}
    unrepaired = float(bool(opened)) if opened or at_end else math.nan
    own = {name for name, state in at_end.items() if state == "rupture"}
    return {"rupture": rupture, "unrepaired": unrepaired, "_open": own}


def _centre(rows, asked):
    """Between: the mean over a person's periods less the mean over people; within: the rest."""
    for rater in asked.alliance:
        name = f"alliance_{rater}"
        people = {row["client"] for row in rows}
        own = {who: mean([row[name] for row in rows if row["client"] == who]) for who in people}
        overall = mean(list(own.values()))
        for row in rows:
            mine = [r for r in rows if r["client"] == row["client"] and not math.isnan(r[name])]
            row[f"{name}_between"] = own[row["client"]] - overall
            row[f"{name}_within"] = row[name] - own[row["client"]] if len(mine) > 1 else math.nan
