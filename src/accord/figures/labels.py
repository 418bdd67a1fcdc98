"""Labels inside a figure: names are next to the thing itself, instead of in a legend."""

from __future__ import annotations

from accord.figures import svg
from accord.figures.lanes import Axis
from accord.figures.plot import Plot, day_word
from accord.figures.series import Episode, Place, Timeline, episodes
from accord.figures.shapes import DROP, KINDS, RETURN, WATCH
from accord.records.ratings import Construct
from accord.words.chance import UNKNOWN, chance_of
from accord.words.context import Translate
from accord.words.findings import number, range_words, state_word

SILENT_DAYS = 21  # longer than this without a report and the figure says so
ROWS_ABOVE = 3  # lines for the brackets' words before they may touch


def named(course: list[Place], plot: Plot, translate: Translate) -> list[str]:
    """A word beside the first session of each stretch that is strained or back; ruptures have brackets."""
    drawn: list[str] = []
    before, edge = "", 0.0
    for place in course:
        kind = KINDS[place.finding.state] if place.finding.rating is not None else before
        words = state_word(place.finding.state, translate)
        half = svg.width_of(words) / 2
        x = min(plot.x(place.at), plot.x.end - half)  # right of the plot are the scale's numbers
        if kind in (WATCH, RETURN) and kind != before and x - half > edge:
            y = min(plot.y(place.finding.rating or 0.0) + 20, plot.base - 14)
            drawn.append(svg.over(words, x, y, class_=f"word {kind}", text_anchor="middle",
                                   fill=svg.STRAIN if kind == WATCH else svg.BACK))  # fmt: skip
            edge = x + half
        before = kind
    return drawn


def _episode_words(episode: Episode, series: Timeline, translate: Translate) -> str:
    _ = translate
    first = episode.places[0].finding
    when = day_word(first.day, series.today, _) if first.day else _("session %(n)s") % {"n": first.session}
    if series.instrument.construct is not Construct.ALLIANCE:
        return _("worse than own course, %(when)s") % {"when": when}
    sentences = {
        UNKNOWN: (_("possible rupture since %(when)s"), _("possible rupture %(when)s")),
        0: (_("unusual since %(when)s"), _("unusual %(when)s")),
        1: (_("possible rupture since %(when)s"), _("possible rupture %(when)s")),
        2: (_("likely rupture since %(when)s"), _("likely rupture %(when)s")),
    }
    step = max(chance_of(place.finding)[0] for place in episode.places)
    return sentences[step][0 if episode.open else 1] % {"when": when}


def rows(axis: Axis) -> list[int]:
    """The line above the plot for each bracket's words, so that neighbours do not overlap."""
    ends = [-1.0] * ROWS_ABOVE
    rows = []
    for episode in episodes(axis.course):
        start = axis.x(episode.places[0].at) - 7
        row = next((row for row, end in enumerate(ends) if end < start), ends.index(min(ends)))
        words = start + svg.width_of(_episode_words(episode, axis.series, axis.translate)) + 12
        ends[row] = max(words, axis.x(episode.places[-1].at) + 12)
        rows.append(row)
    return rows


def bracket(episode: Episode, row: int, series: Timeline, plot: Plot, translate: Translate) -> str:
    """A bracket over an episode with its words; open at the right while it lasts."""
    left, right = plot.x(episode.places[0].at) - 7, plot.x(episode.places[-1].at) + 7
    y = plot.top - 6 - 18 * row
    points = [(left, y + 7), (left, y), (right, y)] + ([] if episode.open else [(right, y + 7)])
    words = _episode_words(episode, series, translate)
    line = svg.element("path", class_="bracket", fill="none", stroke=svg.RUPTURE, stroke_width=1.5,
                       d=svg.path(points))  # fmt: skip
    need = svg.width_of(words)
    if episode.open and right - left > need:
        left = right - need  # at the newest sessions, which a narrow screen shows first
    end = plot.width - need
    return line + svg.over(words, max(0.0, min(left, end)), y - 4, class_=f"word {DROP}", fill=svg.RUPTURE)


def level_words(course: list[Place], series: Timeline, plot: Plot, translate: Translate) -> list[str]:
    """Own level and usual range named where they end, instead of in a legend."""
    _ = translate
    last = next((place for place in reversed(course) if place.finding.level is not None), None)
    if last is None or last.finding.level is None:
        return []
    x = plot.x.end + 42
    y = min(max(plot.y(last.finding.level), plot.top + 10), plot.base - 34)
    level = {"level": number(last.finding.level, series.instrument)}
    drawn = [svg.over(_("own level %(level)s") % level, x, y, class_="word level", fill=svg.ACT)]
    if last.band:
        words = range_words(last.band, series.instrument, _)
        drawn.append(svg.over(words, x, y + 16, class_="word level", fill=svg.ACT))
    return drawn


def silence(course: list[Place], series: Timeline, plot: Plot, translate: Translate) -> list[str]:
    """Words in the figure itself about missing reports, which are never drawn as quiet ones."""
    _ = translate
    rated = [place.finding for place in course if place.finding.rating is not None]
    reported = [finding.day for finding in rated if finding.day]
    if not reported or (series.today - reported[-1]).days <= SILENT_DAYS:
        return []
    when = {"day": day_word(reported[-1], series.today, _)}
    words = _("no report since %(day)s") % when
    return [svg.over(words, plot.width - 4, plot.base - 6, class_="word silence", text_anchor="end")]
