"""Change of people and alliance over the weeks of treatment as parts of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accord.clinic.facts.instruments import pick
from accord.clinic.programme.outcomes.show.parts import (
    Part,
    Table,
    arm,
    arms_note,
    mode,
    number,
    percent,
    picture,
)
from accord.clinic.programme.outcomes.show.treatment import months
from accord.figures.line_chart import Chart, Line, Point
from accord.figures.scale import drawn_range
from accord.records.ratings import Instrument
from accord.words.findings import range_word

Figures = Mapping[str, Any]
Known = Mapping[str, Instrument]


def outcome(figures: Sequence[Figures], known: Known) -> Part:
    title = _("How people changed")
    if not figures:
        empty = _(
            "Once ten people have filled the same outcome form twice, four weeks apart or more, the change "
            "from their first to their last will appear here."
        )
        return Part("outcome", title, empty=empty)
    return Part("outcome", title, more=tuple(_instrument_part(entry, known) for entry in figures))


def _instrument_part(entry: Figures, known: Known) -> Part:
    instrument = pick(known, entry["instrument"])
    said = _("%(n)s people, first to last form in treatment; %(range)s.") % {
        "n": entry["people"], "range": range_word(instrument),
    }  # fmt: skip
    names = {"first": _("First form"), "last": _("Last form"), "change": _("Change for the better")}
    means = tuple((name, number(entry[key], 2)) for key, name in names.items())
    tables = [Table(_("Means"), (_("What"), _("Mean")), means), *_beyond(entry["shares"]), *_groups(entry)]
    return Part(entry["instrument"], instrument.name, (said,), tables=tuple(tables), notes=_notes(entry))


def _beyond(shares: Figures) -> list[Table]:
    if not shares:
        return []
    names = {"better": _("Better"), "same": _("Within the error of the form"), "worse": _("Worse")}
    rows = [(names[key], percent(share)) for key, share in shares.items()]
    if len(rows) == 1:
        rows.append((_("Within the error, or worse"), _("the rest; fewer than ten people in one of them")))
    return [Table(_("Change beyond error"), (_("Change"), _("Share of people")), tuple(rows))]


def _groups(entry: Figures) -> list[Table]:
    tables = []
    for key, caption, corner, name in (
        ("arms", _("By arm"), _("Arm"), arm),
        ("modes", _("By who saw what was computed"), _("Who saw it"), mode),
    ):
        rows = tuple(
            (
                name(group),
                str(figures["people"]),
                number(figures["first"], 2),
                number(figures["change"], 2),
                percent(figures["worse"]),
            )
            for group, figures in sorted(entry[key].items())
        )
        if rows:
            head = (corner, _("People"), _("First form"), _("Mean change for the better"), _("Worse"))
            tables.append(Table(caption, head, rows))
    return tables


def _notes(entry: Figures) -> tuple[str, ...]:
    if entry["assumed"] is None:
        return (_("The measurement error of this form is not known, so no change beyond error is shown."),)
    notes = [
        _(
            "Beyond error: a change that measurement error alone produces in 5 of 100 people (Jacobson and "
            "Truax 1991)."
        )
    ]
    if entry["assumed"]:
        notes.append(
            _("The reliability it uses is assumed: its source has not been checked for this program.")
        )
    if entry["arms"]:
        notes.append(arms_note(has_intake=True))
    notes.append(
        _(
            "People who left without a second form are not included; people who stay longer have more time "
            "to change."
        )
    )
    return tuple(notes)


def alliance(figures: Sequence[Figures], known: Known) -> Part:
    title = _("Alliance over time")
    if not figures:
        empty = _(
            "Once twenty people with at least five clinicians have rated the alliance in the same weeks of "
            "treatment, its course will appear here, clients and clinicians apart."
        )
        return Part("alliance", title, empty=empty)
    notes = (
        _("One value for each person and four weeks. The median, and the range of the "
          "middle half, which is shown where at least ten people lie beyond it on either side."),
        _("Later weeks include only people who stayed. A rise may come from who left."),
    )  # fmt: skip
    return Part("alliance", title, notes=notes, more=tuple(_course(entry, known) for entry in figures))


def _course(entry: Figures, known: Known) -> Part:
    instrument = pick(known, entry["instrument"])
    rater = _("Rated by clients") if entry["rater"] == "client" else _("Rated by clinicians")
    rows = tuple(
        (f"{week + 1:g}–{week + 4:g}", str(people), f"{median:.1f}", _middle_half(low, high))
        for week, people, median, low, high in entry["points"]
    )
    head = (_("Weeks"), _("People"), _("Median"), _("Middle half"))
    table = Table(f"{instrument.name}, {_range(entry, instrument)}", head, rows)
    drawn = (_drawn(entry, instrument, rater),) if len(rows) > 1 else ()
    return Part(f"alliance-{entry['rater']}", rater, drawn=drawn, tables=(table,))


def _range(entry: Figures, instrument: Instrument) -> str:
    if not entry["turned"]:
        return str(range_word(instrument))
    words = {"low": f"{instrument.low:g}", "high": f"{instrument.high:g}"}
    return _("%(low)s–%(high)s, turned round: higher is better here, unlike on the form") % words


def _middle_half(low: float | None, high: float | None) -> str:
    return _("fewer than 10: not shown") if low is None or high is None else f"{low:.1f}–{high:.1f}"


def _drawn(entry: Figures, instrument: Instrument, rater: str) -> Any:
    points = tuple(Point(week + 2, median, low, high) for week, _people, median, low, high in entry["points"])
    values = [value for point in points for value in (point.y, point.low, point.high) if value is not None]
    low, high = drawn_range(values, instrument.low, instrument.high)
    title = _("%(rater)s: median and middle half by weeks in treatment") % {"rater": rater}
    line = Line(_("median"), points)
    ticks = months(points[-1].x)
    return picture(Chart(title, instrument.name, _("months in treatment"), (line,), ticks, low, high))
