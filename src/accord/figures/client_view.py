"""The same course for the client's own eyes: what they said, their usual, rough patches. No state, no odds.

A judgement of a person is not drawn here, and nothing is red. It shows only where feedback was agreed on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from accord.figures import svg
from accord.figures.frame import Frame, day_word, frame, surroundings
from accord.figures.series import Episode, Place, Timeline, episodes, places
from accord.figures.shapes import STEADY, shape, unrated
from accord.figures.stroke_helpers import halo, joined, levels, readout
from accord.words.context import Translate
from accord.words.findings import number, range_word


@dataclass(frozen=True, slots=True)
class CalmRow:
    """One line of the table beside the figure. `patch`: the session lies in a rough patch."""

    session: int
    day: date | None
    rating: str
    patch: bool


def calm(series: Timeline, translate: Translate = str) -> str:
    """The figure as one `<svg>`, without marks: what staff did about a flag is theirs to tell."""
    series = replace(series, marks=())
    course = places(series)
    found = episodes(course)
    room = frame(series, course, 1 if found else 0, False)
    parts = [_patch(one, room, translate) for one in found]
    parts += surroundings(series, course, room, False, translate)
    parts += levels(course, series, room)
    parts += joined(course, series, room)
    parts += _usual(course, room, translate)
    parts += [_point(place, series, room, translate) for place in course]
    return svg.element(
        "svg", *parts, class_="timeline calm", role="group", aria_label=series.title,
        viewBox=f"0 0 {svg.number(room.width)} {svg.number(room.height)}",
        width=room.width, height=room.height,
    )  # fmt: skip


def calm_rows(series: Timeline) -> tuple[CalmRow, ...]:
    """The same as a table, oldest first."""
    course = places(series)
    rough = {place.finding.session for one in episodes(course) for place in one.places}
    return tuple(_row(place, series, place.finding.session in rough) for place in course)


def _row(place: Place, series: Timeline, patch: bool) -> CalmRow:
    finding = place.finding
    rating = "" if finding.rating is None else number(finding.rating, series.instrument)
    return CalmRow(finding.session, finding.day, rating, patch)


def _patch(episode: Episode, room: Frame, translate: Translate) -> str:
    """A soft ground under the sessions, named above."""
    left = room.x(episode.places[0].at) - 9
    right = room.x(episode.places[-1].at) + 9
    words = translate("a rough patch")
    top, height = room.top - 4, room.base - room.top + 4
    ground = svg.element("rect", class_="patch", x=left, y=top, width=right - left, height=height, rx=6.0,
                         fill=svg.LINE, fill_opacity=0.5)  # fmt: skip
    at = max(0.0, min(left, room.width - svg.width_of(words)))
    return ground + svg.over(words, at, room.top - 10, class_="word patch", fill=svg.SECOND)


def _usual(course: list[Place], room: Frame, translate: Translate) -> list[str]:
    last = next((place for place in reversed(course) if place.finding.level is not None), None)
    if last is None or last.finding.level is None:
        return []
    y = min(max(room.y(last.finding.level), room.top + 10), room.base - 18)
    return [svg.over(translate("your usual"), room.x.end + 42, y, class_="word level", fill=svg.ACT)]


def _point(place: Place, series: Timeline, room: Frame, translate: Translate) -> str:
    x, finding = room.x(place.at), place.finding
    told = _told(place, series, translate)
    if finding.rating is None:
        return svg.element("g", svg.element("title", svg.text(told)), unrated(x, room.base, False),
                           class_="unrated", role="img", aria_label=told)  # fmt: skip
    y = room.y(finding.rating)
    return svg.element("g", halo(x, y), shape(STEADY, x, y), readout([told], x, room),
                       class_="point steady", tabindex=0.0, role="img", aria_label=told)  # fmt: skip


def _told(place: Place, series: Timeline, translate: Translate) -> str:
    _ = translate
    finding, instrument = place.finding, series.instrument
    when = (
        day_word(finding.day, series.today, _) if finding.day else _("session %(n)s") % {"n": finding.session}
    )
    if finding.rating is None:
        return _("%(when)s: no answer") % {"when": when}
    told = {"when": when, "rating": number(finding.rating, instrument), "range": range_word(instrument, _)}
    return _("%(when)s: you said %(rating)s (%(range)s)") % told
