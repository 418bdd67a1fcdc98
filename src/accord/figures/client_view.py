"""The same course for the client's own eyes: what they said, their usual, rough patches. No state, no odds.

A judgement of a person is not drawn here, and nothing is red. It shows only where feedback was agreed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accord.figures import svg
from accord.figures.lanes import Axis, Lane, Strip, draw_lanes, merged_rows, shared_axis
from accord.figures.plot import Plot, day_word, plot_height, plot_in, surroundings
from accord.figures.series import Episode, Place, Row, Timeline, episodes, places
from accord.figures.shapes import STEADY, shape, unrated
from accord.figures.stroke_helpers import halo, joined, levels, readout
from accord.words.context import Translate
from accord.words.findings import number, range_word


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One line of the table beside the figure. `patch`: the session lies in a rough patch."""

    session: int
    day: date | None
    rating: str | None  # empty where a session was not rated; None where the line is of another lane
    patch: bool
    also: str = ""  # what other lanes say


@dataclass(frozen=True, slots=True)
class ClientRatingsLane:
    """The ratings in the client's own words, without states."""

    for_client: bool = True

    def reach(self, series: Timeline) -> list[float]:
        return [place.at for place in places(series)]

    def height(self, axis: Axis) -> float:
        return plot_height(_lines_above(axis), titled=False)

    def draw(self, axis: Axis, strip: Strip) -> list[str]:
        series, course, translate = axis.series, axis.course, axis.translate
        plot = plot_in(strip, axis, _lines_above(axis), titled=False)
        drawn = [_patch(episode, plot, translate) for episode in episodes(course)]
        drawn += surroundings(series, course, plot, False, translate)
        drawn += levels(course, series, plot)
        drawn += joined(course, series, plot)
        drawn += _usual(course, plot, translate)
        return drawn + [_point(place, series, plot, translate) for place in course]

    def table_rows(self, series: Timeline, translate: Translate) -> list[Row]:
        return [_row(place, series, translate) for place in places(series)]


def client_timeline(series: Timeline, translate: Translate = str, *, lanes: Sequence[Lane] = ()) -> str:
    """The figure as one `<svg>`, with those of `lanes` that the client's own view may show."""
    every: list[Lane] = [ClientRatingsLane(), *(lane for lane in lanes if lane.for_client)]
    axis = shared_axis(series, every, translate)
    drawn, height = draw_lanes(every, axis)
    return svg.element(
        "svg", *drawn, class_="timeline calm", role="group", aria_label=series.title,
        viewBox=f"0 0 {svg.number(axis.width)} {svg.number(height)}", width=axis.width, height=height,
    )  # fmt: skip


def client_rows(
    series: Timeline, translate: Translate = str, *, lanes: Sequence[Lane] = ()
) -> tuple[ClientRow, ...]:
    """The same as a table, oldest first."""
    course = places(series)
    sessions = {place.finding.session for place in course}
    rough = {place.finding.session for episode in episodes(course) for place in episode.places}
    others = [row for lane in lanes if lane.for_client for row in lane.table_rows(series, translate)]
    table = merged_rows(ClientRatingsLane().table_rows(series, translate), others)
    return tuple(
        ClientRow(row.session, row.day, row.rating, row.session in rough, row.mark)
        if row.session in sessions
        else ClientRow(row.session, row.day, None, False, row.words)
        for row in table
    )


def _lines_above(axis: Axis) -> int:
    return 1 if episodes(axis.course) else 0


def _row(place: Place, series: Timeline, translate: Translate) -> Row:
    finding = place.finding
    rating = "" if finding.rating is None else number(finding.rating, series.instrument)
    return Row(finding.session, finding.day, _words(place, series, translate), rating)


def _patch(episode: Episode, plot: Plot, translate: Translate) -> str:
    """A soft ground under the sessions, named above."""
    left = plot.x(episode.places[0].at) - 9
    right = plot.x(episode.places[-1].at) + 9
    words = translate("a rough patch")
    top, height = plot.top - 4, plot.base - plot.top + 4
    ground = svg.element("rect", class_="patch", x=left, y=top, width=right - left, height=height, rx=6.0,
                         fill=svg.LINE, fill_opacity=0.5)  # fmt: skip
    at = max(0.0, min(left, plot.width - svg.width_of(words)))
    return ground + svg.over(words, at, plot.top - 10, class_="word patch", fill=svg.SECOND)


def _usual(course: list[Place], plot: Plot, translate: Translate) -> list[str]:
    last = next((place for place in reversed(course) if place.finding.level is not None), None)
    if last is None or last.finding.level is None:
        return []
    y = min(max(plot.y(last.finding.level), plot.top + 10), plot.base - 18)
    return [svg.over(translate("your usual"), plot.x.end + 42, y, class_="word level", fill=svg.ACT)]


def _point(place: Place, series: Timeline, plot: Plot, translate: Translate) -> str:
    x, finding = plot.x(place.at), place.finding
    words = _words(place, series, translate)
    if finding.rating is None:
        return svg.element("g", svg.element("title", svg.text(words)), unrated(x, plot.base, False),
                           class_="unrated", role="img", aria_label=words)  # fmt: skip
    y = plot.y(finding.rating)
    return svg.element("g", halo(x, y), shape(STEADY, x, y), readout([words], x, plot.width, plot.height),
                       class_="point steady", tabindex=0.0, role="img", aria_label=words)  # fmt: skip


def _words(place: Place, series: Timeline, translate: Translate) -> str:
    _ = translate
    finding, instrument = place.finding, series.instrument
    when = (
        day_word(finding.day, series.today, _) if finding.day else _("session %(n)s") % {"n": finding.session}
    )
    if finding.rating is None:
        return _("%(when)s: no answer") % {"when": when}
    values = {"when": when, "rating": number(finding.rating, instrument), "range": range_word(instrument, _)}
    return _("%(when)s: you said %(rating)s (%(range)s)") % values
