"""The plot of the ratings: its scales and edges, and the numbers, days and caption written around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accord.figures import svg
from accord.figures.lanes import LANE, LEFT, Axis, Strip
from accord.figures.scale import Scale, day_ticks, drawn_range, value_ticks
from accord.figures.series import Place, Timeline, by_day
from accord.records.ratings import Instrument
from accord.words.context import Translate
from accord.words.findings import number, range_word

CAPTION = 26.0  # the line on top
PLOT = 168.0
BELOW = 30.0  # the axis with its days
TICK_ROOM = 76.0  # pixels a date needs below the axis


@dataclass(frozen=True, slots=True)
class Plot:
    """Scales and edges in pixels, y downwards. `width` and `height` are those of the whole figure."""

    x: Scale
    y: Scale
    width: float
    caption: float  # baseline of the line on top
    top: float
    base: float  # unrated sessions are drawn on it
    height: float


def plot_height(lines_above: int, titled: bool) -> float:
    """Pixels of the plot with its caption, so many lines of words above it, and the axis below."""
    return _top(lines_above, titled) + PLOT + 16 + BELOW


def plot_in(strip: Strip, axis: Axis, lines_above: int, titled: bool) -> Plot:
    """The plot in its strip; drawn is the part of the instrument's range that the course needs."""
    top = strip.top + _top(lines_above, titled)
    instrument = axis.series.instrument
    low, high = drawn_range(_values(axis.course), instrument.low, instrument.high)
    y = Scale(low, high, top + PLOT, top)
    caption = strip.top + _caption_base(titled)
    return Plot(axis.x, y, axis.width, caption, top, strip.bottom - BELOW, strip.height)


def _caption_base(titled: bool) -> float:
    return CAPTION * (2 if titled else 1) - 12


def _top(lines_above: int, titled: bool) -> float:
    return _caption_base(titled) + 20 + LANE * lines_above


def surroundings(
    series: Timeline, course: list[Place], plot: Plot, titled: bool | None, translate: Translate
) -> list[str]:
    """Caption, numbers at the left, days below. `titled` None: without caption and numbers."""
    drawn = [] if titled is None else _scale_words(series, plot, titled, translate)
    drawn.append(svg.element("path", class_="axis", stroke=svg.SECOND, stroke_width=1.0, fill="none",
                             d=svg.path([(LEFT, plot.base), (plot.x.end, plot.base)])))  # fmt: skip
    if not course:
        return drawn
    if by_day(series.findings):
        return drawn + _days(series, plot, translate)
    return drawn + _sessions(plot, translate)


def _scale_words(series: Timeline, plot: Plot, titled: bool, translate: Translate) -> list[str]:
    """The caption, and the numbers at both sides of the plot."""
    ticks = value_ticks(plot.y.low, plot.y.high)
    return [
        _caption(series, plot, titled, translate),
        *(_value_tick(value, plot, series.instrument) for value in ticks),
    ]


def day_word(day: date, today: date, translate: Translate) -> str:
    """A day as 6 Mar, with the year where it differs from today's."""
    _ = translate
    months = (_("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May"), _("Jun"),
              _("Jul"), _("Aug"), _("Sep"), _("Oct"), _("Nov"), _("Dec"))  # fmt: skip
    words = f"{day.day} {months[day.month - 1]}"
    return words if day.year == today.year else f"{words} {day.year}"


def _tick_word(day: date, first: bool, ticks: list[date], translate: Translate) -> str:
    """Months alone where every tick is a first of the month; the year at the start and at each January."""
    if any(tick.day != 1 for tick in ticks):
        return day_word(day, day, translate)
    month = day_word(day, day, translate).removeprefix("1 ")
    return f"{month} {day.year}" if first or day.month == 1 else month


def direction(instrument: Instrument, translate: Translate) -> str:
    _ = translate
    return _("higher is worse") if instrument.lower_is_better else _("higher is better")


def _values(course: list[Place]) -> list[float]:
    ratings = [place.finding.rating for place in course if place.finding.rating is not None]
    return ratings + [edge for place in course if place.band for edge in place.band]


def _caption(series: Timeline, plot: Plot, titled: bool, translate: Translate) -> str:
    """Range and direction at the right, where a narrow screen starts; a title, if drawn, at the left."""
    _ = translate
    parts = [range_word(series.instrument), direction(series.instrument, _)]
    if (plot.y.low, plot.y.high) != (series.instrument.low, series.instrument.high):
        low, high = (number(edge, series.instrument) for edge in (plot.y.low, plot.y.high))
        parts.append(_("drawn from %(low)s to %(high)s") % {"low": low, "high": high})
    line = svg.label("; ".join(parts), plot.width - 4, plot.caption, text_anchor="end", class_="caption")
    if not titled:
        return line
    title = f"{series.title}: {series.instrument.name}"
    return svg.label(title, 0.0, 16.0, font_size=15.0, fill=svg.INK, class_="title") + line


def _value_tick(value: float, plot: Plot, instrument: Instrument) -> str:
    y = plot.y(value)
    line = svg.element("path", class_="grid", stroke=svg.LINE, stroke_width=1.0, fill="none",
                       d=svg.path([(LEFT, y), (plot.x.end, y)]))  # fmt: skip
    words = number(value, instrument)
    left = svg.label(words, LEFT - 8, y + 4, text_anchor="end", class_="tick")
    return line + left + svg.label(words, plot.x.end + 13, y + 4, class_="tick")


def _days(series: Timeline, plot: Plot, translate: Translate) -> list[str]:
    first, last = date.fromordinal(round(plot.x.low)), date.fromordinal(round(plot.x.high))
    ticks = day_ticks(first, last, max(2, int((plot.x.end - plot.x.start) / TICK_ROOM)))
    today = float(series.today.toordinal())
    shows_today = plot.x.low <= today <= plot.x.high
    drawn = []
    for day in ticks:
        x = plot.x(float(day.toordinal()))
        words = _tick_word(day, day is ticks[0], ticks, translate)
        if not (shows_today and abs(x - plot.x(today)) < TICK_ROOM * 0.8):
            drawn.append(_below(words, x, plot))
    return drawn + ([_below(translate("today"), plot.x(today), plot)] if shows_today else [])


def _sessions(plot: Plot, translate: Translate) -> list[str]:
    _ = translate
    at_most = max(2, int((plot.x.end - plot.x.start) / TICK_ROOM))
    whole = sorted({round(value) for value in value_ticks(plot.x.low, plot.x.high, at_most)})
    ticks = [value for value in whole if plot.x.low <= value <= plot.x.high]
    labels = [_below(str(value), plot.x(value), plot) for value in ticks]
    return [*labels, svg.label(_("session"), LEFT - 8, plot.base + 20, text_anchor="end", class_="tick")]


def _below(words: str, x: float, plot: Plot) -> str:
    tick = svg.element("path", class_="axis", stroke=svg.SECOND, stroke_width=1.0, fill="none",
                       d=svg.path([(x, plot.base), (x, plot.base + 5)]))  # fmt: skip
    return tick + svg.label(words, x, plot.base + 20, text_anchor="middle", class_="tick")
