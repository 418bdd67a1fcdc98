"""The lane of the ratings: own level and band, each session's mark, ruptures bracketed, the axis below."""

from __future__ import annotations

from dataclasses import dataclass

from accord.figures import labels, svg
from accord.figures.lanes import Axis, Strip
from accord.figures.plot import Plot, day_word, plot_height, plot_in, surroundings
from accord.figures.series import IN_EPISODE, Place, Row, Timeline, episodes, places
from accord.figures.shapes import KINDS, shape, unrated
from accord.figures.stroke_helpers import halo, joined, levels, readout
from accord.words.context import Translate
from accord.words.findings import describe, number, range_word, session_word


@dataclass(frozen=True, slots=True)
class RatingsLane:
    """For clinicians: with states and ruptures. `titled` writes the title into the figure."""

    titled: bool = False
    for_client: bool = False  # a judgement of the person; the client's view has a lane of its own

    def reach(self, series: Timeline) -> list[float]:
        return [place.at for place in places(series)]

    def height(self, axis: Axis) -> float:
        return plot_height(self._lines_above(axis), self.titled)

    def draw(self, axis: Axis, strip: Strip) -> list[str]:
        series, course, translate = axis.series, axis.course, axis.translate
        plot = plot_in(strip, axis, self._lines_above(axis), self.titled)
        drawn = surroundings(series, course, plot, self.titled, translate)
        drawn += levels(course, series, plot)
        drawn += joined(course, series, plot)
        pairs = zip(episodes(course), labels.rows(axis), strict=True)
        drawn += [labels.bracket(*pair, series, plot, translate) for pair in pairs]
        drawn += labels.level_words(course, series, plot, translate)
        drawn += labels.silence(course, series, plot, translate)
        drawn += [_point(place, series, plot, translate) for place in course]
        drawn += labels.named(course, plot, translate)
        return drawn if course else [*drawn, _nothing_yet(plot, translate)]

    def table_rows(self, series: Timeline, translate: Translate) -> list[Row]:
        return [_row(place, series, translate) for place in places(series)]

    def _lines_above(self, axis: Axis) -> int:
        return 1 + max(labels.rows(axis), default=-1)


def _nothing_yet(plot: Plot, translate: Translate) -> str:
    return svg.label(translate("no session yet"), plot.x.start, plot.y.end + 40, class_="tick")


def _point(place: Place, series: Timeline, plot: Plot, translate: Translate) -> str:
    x, finding = plot.x(place.at), place.finding
    facts, words = _facts(place, series, translate), describe(place.finding, series.instrument, translate)
    name = {"role": "img", "aria_label": f"{facts}: {words}"}
    if finding.rating is None:
        tick = unrated(x, plot.base, finding.state in IN_EPISODE)
        title = svg.element("title", svg.text(name["aria_label"]))
        kind = "unrated rupture" if finding.state in IN_EPISODE else "unrated"
        return svg.element("g", title, tick, class_=kind, **name)
    y, kind = plot.y(finding.rating), KINDS[finding.state]
    said = readout([facts, words], x, plot.width, plot.height)
    return svg.element("g", halo(x, y), shape(kind, x, y), said, class_=f"point {kind}", tabindex=0.0, **name)


def _facts(place: Place, series: Timeline, translate: Translate) -> str:
    """Day, session, rating, level and state of a session, in one sentence."""
    _ = translate
    finding, instrument = place.finding, series.instrument
    parts = [day_word(finding.day, series.today, _)] if finding.day else []
    parts.append(_("session %(n)s") % {"n": finding.session})
    if finding.rating is None:
        return ", ".join(parts)
    values = {"rating": number(finding.rating, instrument), "range": range_word(instrument)}
    parts.append(_("rated %(rating)s (%(range)s)") % values)
    return ", ".join([*parts, *_level_words(place, series, _), session_word(finding, _)])


def _level_words(place: Place, series: Timeline, translate: Translate) -> list[str]:
    _ = translate
    if place.finding.level is None:
        return []
    return [_("own level %(level)s") % {"level": number(place.finding.level, series.instrument)}]


def _row(place: Place, series: Timeline, translate: Translate) -> Row:
    finding, instrument = place.finding, series.instrument
    band = " – ".join(number(edge, instrument) for edge in place.band) if place.band else ""
    return Row(
        session=finding.session,
        day=finding.day,
        rating="" if finding.rating is None else number(finding.rating, instrument),
        level="" if finding.level is None else number(finding.level, instrument),
        band=band,
        p_rupture="" if finding.p_rupture is None else f"{finding.p_rupture:.2f}",
        state=session_word(finding, translate),
        words=describe(finding, instrument, translate),
    )
