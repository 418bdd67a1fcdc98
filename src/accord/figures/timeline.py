"""The course of one relationship as an accessible SVG, and the table that says the same.

One renderer for the site's page, a printed page and a notebook. No inline style and no script: classes for
the site's style sheet, presentation attributes for everywhere else.
"""

from __future__ import annotations

from accord.figures import svg, writing
from accord.figures.frame import Frame, day_word, frame, surroundings
from accord.figures.series import (
    IN_EPISODE,
    Mark,
    Place,
    Row,
    Timeline,
    episodes,
    longest_step,
    place_of,
    places,
    runs,
)
from accord.figures.shapes import KINDS, cross, shape, unrated
from accord.figures.spark import spark
from accord.words import describe, number, range_word, state_word
from accord.words_beside import Translate

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
    rows = writing.rows(found, series, translate)
    room = frame(series, course, 1 + max(rows, default=-1), standalone)
    parts = _standalone(room) if standalone else []
    parts += surroundings(series, course, room, standalone, translate)
    parts += _levels(course, series, room)
    parts += _joined(course, series, room)
    parts += [writing.bracket(*pair, series, room, translate) for pair in zip(found, rows, strict=True)]
    parts += writing.level_words(course, series, room, translate)
    parts += writing.silence(course, series, room, translate)
    parts += [_point(place, series, room, translate) for place in course]
    parts += writing.named(course, room, translate)
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


def _levels(course: list[Place], series: Timeline, room: Frame) -> list[str]:
    """The 80 % band, and the own level dashed upon it; one of each for every stretch without a gap."""
    step = longest_step(series)
    bands = runs(course, lambda place: place.band is not None, step)
    lines = runs(course, lambda place: place.finding.level is not None, step)
    return [_band(run, room) for run in bands] + [_level(run, room) for run in lines]


def _band(run: list[Place], room: Frame) -> str:
    upper = [(room.x(place.at), room.y(place.band[1])) for place in run if place.band]
    lower = [(room.x(place.at), room.y(place.band[0])) for place in run if place.band]
    if len(run) == 1:
        upper, lower = _widened(upper), _widened(lower)
    return svg.element("path", class_="band", fill=svg.ACT, fill_opacity=0.12,
                       d=svg.path(upper + lower[::-1], closed=True))  # fmt: skip


def _level(run: list[Place], room: Frame) -> str:
    points = [(room.x(place.at), room.y(place.finding.level or 0.0)) for place in run]
    return svg.element("path", class_="level", fill="none", stroke=svg.ACT, stroke_width=1.5,
                       stroke_dasharray="6 4", d=svg.path(_widened(points) if len(run) == 1 else points),
    )  # fmt: skip


def _widened(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A stretch of one session, made wide enough to be seen."""
    x, y = points[0]
    return [(x - 5, y), (x + 5, y)]


def _joined(course: list[Place], series: Timeline, room: Frame) -> list[str]:
    """Neighbouring ratings joined by a thin line, broken wherever a rating is missing."""
    found = runs(course, lambda place: place.finding.rating is not None, longest_step(series))
    return [
        svg.element("path", class_="ratings", fill="none", stroke=svg.SECOND, stroke_width=1.0,
                    d=svg.path([(room.x(place.at), room.y(place.finding.rating or 0.0)) for place in run]))
        for run in found
        if len(run) > 1
    ]  # fmt: skip


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
    return svg.element("g", _halo(x, y), shape(kind, x, y), _readout([facts, words], x, room),
                       class_=f"point {kind}", tabindex=0.0, **name)  # fmt: skip


def _halo(x: float, y: float) -> str:
    """What shows the focus, and what a finger or a pointer meets."""
    return svg.element("circle", class_="halo", cx=x, cy=y, r=11.0, fill="none", stroke="none",
                       pointer_events="all")  # fmt: skip


def _readout(lines: list[str], x: float, room: Frame) -> str:
    """The same words, written below the figure near the mark while it is pointed at or focused."""
    need = max(svg.width_of(line) for line in lines)
    right = x > room.width / 2
    start = min(room.width - 4, max(x + 40, need)) if right else max(0.0, min(x - 40, room.width - need))
    told = [
        svg.element("tspan", svg.text(line), x=start, dy=16.0 if at else 0.0) for at, line in enumerate(lines)
    ]
    y = room.height - 6 - 16 * (len(lines) - 1)
    return svg.element("text", *told, class_="readout", y=y, visibility="hidden", fill=svg.INK,
                       font_size=12.0, text_anchor="end" if right else "start")  # fmt: skip


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
    return svg.element("g", _halo(x, room.marks), cross(x, room.marks), _readout([told], x, room),
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
