"""The course of one relationship as an accessible SVG, and the table that says the same.

One renderer for the site's page, a printed page and a notebook. No inline style and no script: classes for
the site's style sheet, presentation attributes for everywhere else.
"""

from __future__ import annotations

from accord.figures import labels, svg
from accord.figures.frame import Frame, day_word, frame, surroundings
from accord.figures.series import (
    IN_EPISODE,
    Mark,
    Place,
    Row,
    Timeline,
    episodes,
    place_of,
    places,
)
from accord.figures.shapes import KINDS, cross, shape, unrated
from accord.figures.spark import spark
from accord.figures.stroke_helpers import halo, joined, levels, readout
from accord.words.context import Translate
from accord.words.findings import describe, number, range_word, state_word

STANDALONE = """
text{font-family:system-ui,sans-serif;font-variant-numeric:tabular-nums}
.point:focus,.mark:focus{outline:none}
.point:focus .halo,.mark:focus .halo{stroke:#1F6F6B;stroke-width:2}
.point:hover .readout,.point:focus .readout,.mark:hover .readout,.mark:focus .readout{visibility:visible}
"""


__all__ = ["Mark", "Row", "Timeline", "spark", "table_rows", "timeline"]


def timeline(series: Timeline, translate: Translate = str, *, standalone: bool = False) -> str:
    """The figure as one `<svg>`; `standalone` adds namespace, title, paper and own style for notebooks."""
    course = places(series)
    found = episodes(course)
    rows = labels.rows(found, series, translate)
    room = frame(series, course, 1 + max(rows, default=-1), standalone)
    parts = _standalone(room) if standalone else []
    parts += surroundings(series, course, room, standalone, translate)
    parts += levels(course, series, room)
    parts += joined(course, series, room)
    parts += [labels.bracket(*pair, series, room, translate) for pair in zip(found, rows, strict=True)]
    parts += labels.level_words(course, series, room, translate)
    parts += labels.silence(course, series, room, translate)
    parts += [_point(place, series, room, translate) for place in course]
    parts += labels.named(course, room, translate)
    parts += [_mark(mark, series, room, translate) for mark in series.marks]
    if not course:
        parts.append(svg.label(translate("no session yet"), room.x.start, room.y.end + 40, class_="tick"))
    return svg.element(
        "svg", *parts, class_="timeline", role="group", aria_label=series.title,
        viewBox=f"0 0 {svg.number(room.width)} {svg.number(room.height)}",
        width=room.width, height=room.height,
        xmlns="http://www.w3.org/2000/svg" if standalone else None,
    )  # fmt: skip


def table_rows(series: Timeline, translate: Translate = str) -> tuple[Row, ...]:
    """The same course as a table, oldest first."""
    return tuple(_row(place, series, translate) for place in places(series))


def _standalone(room: Frame) -> list[str]:
    paper = svg.element("rect", width=room.width, height=room.height, fill=svg.PAPER)
    return [f"<style>{STANDALONE}</style>", paper]


def _point(place: Place, series: Timeline, room: Frame, translate: Translate) -> str:
    x, finding = room.x(place.at), place.finding
    facts, words = _facts(place, series, translate), describe(place.finding, series.instrument, translate)
    name = {"role": "img", "aria_label": f"{facts}: {words}"}
    if finding.rating is None:
        tick = unrated(x, room.base, finding.state in IN_EPISODE)
        title = svg.element("title", svg.text(name["aria_label"]))
        kind = "unrated rupture" if finding.state in IN_EPISODE else "unrated"
        return svg.element("g", title, tick, class_=kind, **name)
    y, kind = room.y(finding.rating), KINDS[finding.state]
    return svg.element("g", halo(x, y), shape(kind, x, y), readout([facts, words], x, room),
                       class_=f"point {kind}", tabindex=0.0, **name)  # fmt: skip


def _facts(place: Place, series: Timeline, translate: Translate) -> str:
    """Day, session, rating, level and state, in one breath."""
    _ = translate
    finding, instrument = place.finding, series.instrument
    parts = [day_word(finding.day, series.today, _)] if finding.day else []
    parts.append(_("session %(n)s") % {"n": finding.session})
    if finding.rating is None:
        return ", ".join(parts)
    told = {"rating": number(finding.rating, instrument), "range": range_word(instrument)}
    parts.append(_("rated %(rating)s (%(range)s)") % told)
    return ", ".join([*parts, *_level_told(place, series, _), state_word(finding.state, _)])


def _level_told(place: Place, series: Timeline, translate: Translate) -> list[str]:
    _ = translate
    if place.finding.level is None:
        return []
    return [_("own level %(level)s") % {"level": number(place.finding.level, series.instrument)}]


def _mark(mark: Mark, series: Timeline, room: Frame, translate: Translate) -> str:
    x = room.x(place_of(mark, series))
    when = day_word(mark.day, series.today, translate) if mark.day else ""
    told = ": ".join(part for part in (when, mark.words) if part)
    return svg.element("g", halo(x, room.marks), cross(x, room.marks), readout([told], x, room),
                       class_="mark", tabindex=0.0, role="img", aria_label=told)  # fmt: skip


def _row(place: Place, series: Timeline, translate: Translate) -> Row:
    finding, instrument = place.finding, series.instrument
    band = " – ".join(number(edge, instrument) for edge in place.band) if place.band else ""
    marks = [mark.words for mark in series.marks if mark.session == finding.session]
    return Row(
        session=finding.session,
        day=finding.day,
        rating="" if finding.rating is None else number(finding.rating, instrument),
        level="" if finding.level is None else number(finding.level, instrument),
        band=band,
        p_rupture="" if finding.p_rupture is None else f"{finding.p_rupture:.2f}",
        state=state_word(finding.state, translate),
        words=describe(finding, instrument, translate),
        mark="; ".join(marks),
    )
