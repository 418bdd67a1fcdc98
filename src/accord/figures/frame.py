"""The frame of a timeline: how much room there is, both scales, and what is written around the plot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accord.figures import svg
from accord.figures.scale import Scale, day_ticks, drawn_range, value_ticks
from accord.figures.series import Place, Timeline, by_day, place_of
from accord.records.ratings import Instrument
from accord.words.context import Translate
from accord.words.findings import number, range_word

LEFT, RIGHT = 44.0, 168.0  # room for the scale's numbers, and for the words at the end of the level
CAPTION, LANE = 26.0, 18.0  # the line on top; one line of labels
PLOT = 168.0
NARROW, WIDE, SESSION = 720.0, 6000.0, 14.0  # bounds of the plot; pixels a session needs to stay apart
TICK_ROOM = 76.0  # pixels a date needs below the axis
RECENT_DAYS = 42  # the axis reaches today if the last report is not longer ago than this


@dataclass(frozen=True, slots=True)
class Frame:
    """Scales and edges in pixels, y downwards."""

    x: Scale
    y: Scale
    width: float
    caption: float  # where the line on top stands
    top: float  # of the plot
    base: float  # of the plot; unrated sessions stand here
    marks: float  # middle of the lane for what happened beside the ratings
    height: float


def frame(series: Timeline, course: list[Place], rows_above: int, titled: bool) -> Frame:
    """Room for a course: wider with its length, so that nothing shrinks below reading size."""
    first, last = _reach(series, course)
    sessions = course[-1].finding.session - course[0].finding.session + 1 if course else 1
    plot = min(WIDE, max(NARROW, SESSION * sessions))
    caption = CAPTION * (2 if titled else 1) - 12
    top = caption + 20 + LANE * rows_above
    base = top + PLOT + 16
    after_axis = base + 30
    marks = after_axis + LANE / 2
    height = after_axis + (LANE if series.marks else 0) + 2 * LANE + 2
    low, high = drawn_range(_values(course), series.instrument.low, series.instrument.high)
    x = Scale(first, last, LEFT + 10, LEFT + plot)
    return Frame(x, Scale(low, high, top + PLOT, top), LEFT + plot + RIGHT, caption, top, base, marks, height)


def surroundings(
    series: Timeline, course: list[Place], room: Frame, titled: bool, translate: Translate
) -> list[str]:
    """Caption, numbers at the left, days below."""
    found = [_caption(series, room, titled, translate)]
    found += [_value_tick(value, room, series.instrument) for value in value_ticks(room.y.low, room.y.high)]
    found.append(svg.element("path", class_="axis", stroke=svg.SECOND, stroke_width=1.0, fill="none",
                             d=svg.path([(LEFT, room.base), (room.x.end, room.base)])))  # fmt: skip
    if not course:
        return found
    if by_day(series.findings):
        return found + _days(series, room, translate)
    return found + _sessions(room, translate)


def day_word(day: date, today: date, translate: Translate) -> str:
    """6 Mar, with the year where it is another one."""
    _ = translate
    months = (_("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May"), _("Jun"),
              _("Jul"), _("Aug"), _("Sep"), _("Oct"), _("Nov"), _("Dec"))  # fmt: skip
    told = f"{day.day} {months[day.month - 1]}"
    return told if day.year == today.year else f"{told} {day.year}"


def _tick_word(day: date, first: bool, ticks: list[date], translate: Translate) -> str:
    """Months alone where every tick is a first of the month; the year at the start and at each January."""
    if any(tick.day != 1 for tick in ticks):
        return day_word(day, day, translate)
    month = day_word(day, day, translate).removeprefix("1 ")
    return f"{month} {day.year}" if first or day.month == 1 else month


def direction(instrument: Instrument, translate: Translate) -> str:
    _ = translate
    return _("higher is worse") if instrument.lower_is_better else _("higher is better")


def _reach(series: Timeline, course: list[Place]) -> tuple[float, float]:
    """The axis: from the first session to the last, and on to today where that is near."""
    at = [place.at for place in course] + [place_of(mark, series) for mark in series.marks]
    if not at:
        return 0.0, 1.0
    first, last = min(at), max(at)
    today = float(series.today.toordinal())
    if by_day(series.findings) and last < today <= last + RECENT_DAYS:
        last = today
    return first, max(last, first + 1)


def _values(course: list[Place]) -> list[float]:
    ratings = [place.finding.rating for place in course if place.finding.rating is not None]
    return ratings + [edge for place in course if place.band for edge in place.band]


def _caption(series: Timeline, room: Frame, titled: bool, translate: Translate) -> str:
    """Range and direction at the right, where a narrow screen starts; a title, if drawn, at the left."""
    _ = translate
    told = [range_word(series.instrument), direction(series.instrument, _)]
    if (room.y.low, room.y.high) != (series.instrument.low, series.instrument.high):
        low, high = (number(edge, series.instrument) for edge in (room.y.low, room.y.high))
        told.append(_("drawn from %(low)s to %(high)s") % {"low": low, "high": high})
    line = svg.label("; ".join(told), room.width - 4, room.caption, text_anchor="end", class_="caption")
    if not titled:
        return line
    title = f"{series.title}: {series.instrument.name}"
    return svg.label(title, 0.0, 16.0, font_size=15.0, fill=svg.INK, class_="title") + line


def _value_tick(value: float, room: Frame, instrument: Instrument) -> str:
    y = room.y(value)
    line = svg.element("path", class_="grid", stroke=svg.LINE, stroke_width=1.0, fill="none",
                       d=svg.path([(LEFT, y), (room.x.end, y)]))  # fmt: skip
    words = number(value, instrument)
    left = svg.label(words, LEFT - 8, y + 4, text_anchor="end", class_="tick")
    return line + left + svg.label(words, room.x.end + 13, y + 4, class_="tick")


def _days(series: Timeline, room: Frame, translate: Translate) -> list[str]:
    first, last = date.fromordinal(round(room.x.low)), date.fromordinal(round(room.x.high))
    ticks = day_ticks(first, last, max(2, int((room.x.end - room.x.start) / TICK_ROOM)))
    today = float(series.today.toordinal())
    shows_today = room.x.low <= today <= room.x.high
    found = []
    for day in ticks:
        x = room.x(float(day.toordinal()))
        words = _tick_word(day, day is ticks[0], ticks, translate)
        if not (shows_today and abs(x - room.x(today)) < TICK_ROOM * 0.8):
            found.append(_below(words, x, room))
    return found + ([_below(translate("today"), room.x(today), room)] if shows_today else [])


def _sessions(room: Frame, translate: Translate) -> list[str]:
    _ = translate
    at_most = max(2, int((room.x.end - room.x.start) / TICK_ROOM))
    whole = sorted({round(value) for value in value_ticks(room.x.low, room.x.high, at_most)})
    ticks = [value for value in whole if room.x.low <= value <= room.x.high]
    told = [_below(str(value), room.x(value), room) for value in ticks]
    return [*told, svg.label(_("session"), LEFT - 8, room.base + 20, text_anchor="end", class_="tick")]


def _below(words: str, x: float, room: Frame) -> str:
    tick = svg.element("path", class_="axis", stroke=svg.SECOND, stroke_width=1.0, fill="none",
                       d=svg.path([(x, room.base), (x, room.base + 5)]))  # fmt: skip
    return tick + svg.label(words, x, room.base + 20, text_anchor="middle", class_="tick")
