"""The same course for the client's own eyes: their answers, their usual, rough patches. No score, no odds.

A judgement of a person is not drawn here, and nothing is red. It shows only where feedback was agreed on. For
a session that the client did not rate, nothing is drawn or said but that no answer came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from accord.figures import svg
from accord.figures.lanes import Axis, Lane, Strip, draw_lanes, merged_rows, shared_axis
from accord.figures.plot import Plot, day_word, plot_height, plot_in, surroundings
from accord.figures.series import (
    Episode,
    Place,
    Row,
    Timeline,
    clean,
    episodes,
    places,
    usual_ranges,
)
from accord.figures.shapes import STEADY, shape, unrated
from accord.figures.stroke_helpers import halo, joined, levels, readout
from accord.records.ratings import Finding, State
from accord.words.context import Translate

Usual = tuple[float, float] | None  # where four of five of the ratings before a session fall

APART = 8.0  # pixels between two words of one line


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One line of the table beside the figure. `patch`: the session lies in a rough patch."""

    session: int
    day: date | None
    said: str | None  # empty where a session was not rated; None where the line is of another lane
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
        drawn = _patches(course, plot, translate)
        drawn += surroundings(series, course, plot, None, translate)
        drawn += levels(course, series, plot)
        drawn += joined(course, series, plot)
        drawn += _usual(course, plot, translate)
        return drawn + [_point(place, series, plot, translate) for place in course]

    def table_rows(self, series: Timeline, translate: Translate) -> list[Row]:
        return [_row(place, series, translate) for place in places(series)]


def client_timeline(series: Timeline, translate: Translate = str, *, lanes: Sequence[Lane] = ()) -> str:
    """The figure as one `<svg>`, with those of `lanes` that the client's own view may show."""
    every: list[Lane] = [ClientRatingsLane(), *(lane for lane in lanes if lane.for_client)]
    axis = shared_axis(of_own_ratings(series), every, translate)
    drawn, height = draw_lanes(every, axis)
    return svg.element(
        "svg", *drawn, class_="timeline calm", role="group", aria_label=series.title,
        viewBox=f"0 0 {svg.number(axis.width)} {svg.number(height)}", width=axis.width, height=height,
    )  # fmt: skip


def client_rows(
    series: Timeline, translate: Translate = str, *, lanes: Sequence[Lane] = ()
) -> tuple[ClientRow, ...]:
    """The same as a table, oldest first."""
    series = of_own_ratings(series)
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


def of_own_ratings(series: Timeline) -> Timeline:
    """The same course without what was computed from silence: a session that the client did not rate keeps
    its day alone, and one that they rated is part of an episode only below their usual."""
    lower_is_better = series.instrument.lower_is_better
    cleaned = tuple(clean(finding) for finding in series.findings)
    pairs = zip(cleaned, usual_ranges(cleaned), strict=True)
    return replace(series, findings=tuple(_of_own_rating(*pair, lower_is_better) for pair in pairs))


def _of_own_rating(finding: Finding, usual: Usual, lower_is_better: bool) -> Finding:
    if finding.rating is None:
        return replace(
            finding, level=None, level_low=None, level_high=None, surprise=None, p_rupture=None,
            difference=None, state=State.NO_RATING,
        )  # fmt: skip
    below = _beside_usual(finding, usual) == (1 if lower_is_better else -1)
    return finding if below else replace(finding, state=State.STEADY)


def _beside_usual(finding: Finding, usual: Usual) -> int | None:
    """-1 for a rating lower than their usual, 1 for a higher one, 0 within it; None where it is not known.

    `usual`: the range of the ratings before it; with too few of them, the band of the own level is used.
    """
    low, high = usual or (finding.level_low, finding.level_high)
    if finding.rating is None or low is None or high is None:
        return None
    return (finding.rating > max(low, high)) - (finding.rating < min(low, high))


def _row(place: Place, series: Timeline, translate: Translate) -> Row:
    finding = place.finding
    said = "" if finding.rating is None else _compared(place, series, translate)
    return Row(finding.session, finding.day, _words(place, series, translate), said)


def _patches(course: list[Place], plot: Plot, translate: Translate) -> list[str]:
    """A soft ground under each rough patch, named above where the words have room."""
    words, taken, drawn = translate("a rough patch"), -APART, []
    for episode in episodes(course):
        left = plot.x(episode.places[0].at) - 9
        at = max(0.0, min(left, plot.width - svg.width_of(words)))
        drawn.append(_ground(episode, plot))
        if at >= taken + APART:
            drawn.append(svg.over(words, at, plot.top - 10, class_="word patch", fill=svg.SECOND))
            taken = at + svg.width_of(words)
    return drawn


def _ground(episode: Episode, plot: Plot) -> str:
    left, right = plot.x(episode.places[0].at) - 9, plot.x(episode.places[-1].at) + 9
    top, height = plot.top - 4, plot.base - plot.top + 4
    return svg.element("rect", class_="patch", x=left, y=top, width=right - left, height=height, rx=6.0,
                       fill=svg.LINE, fill_opacity=0.5)  # fmt: skip


def _usual(course: list[Place], plot: Plot, translate: Translate) -> list[str]:
    last = next((place for place in reversed(course) if place.finding.level is not None), None)
    if last is None or last.finding.level is None:
        return []
    y = min(max(plot.y(last.finding.level), plot.top + 10), plot.base - 18)
    return [svg.over(translate("your usual"), plot.x.end + 13, y, class_="word level", fill=svg.ACT)]


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
    finding = place.finding
    when = (
        day_word(finding.day, series.today, _) if finding.day else _("session %(n)s") % {"n": finding.session}
    )
    if finding.rating is None:
        return _("%(when)s: no answer") % {"when": when}
    return _("%(when)s: %(compared)s") % {"when": when, "compared": _compared(place, series, _)}


def _compared(place: Place, series: Timeline, translate: Translate) -> str:
    """Their answers beside their own usual, in words: a score would be read as a mark."""
    _ = translate
    beside = _beside_usual(place.finding, place.band)
    if beside is None:
        return _("you answered")
    if beside == 0:
        return _("about your usual")
    went_well = beside == (-1 if series.instrument.lower_is_better else 1)
    return _("better than your usual") if went_well else _("below your usual")
