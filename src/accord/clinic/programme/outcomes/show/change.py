"""How people changed, and how the alliance went over the weeks of treatment: in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accord.clinic.facts.instruments import pick
from accord.clinic.programme.outcomes.show.parts import Part, Table, arm, mode, number, percent, picture
from accord.clinic.programme.outcomes.show.treatment import months
from accord.figures.line_chart import Chart, Line, Point
from accord.figures.scale import drawn_range
from accord.records.ratings import Instrument
from accord.words.findings import range_word

Figures = Mapping[str, Any]
Known = Mapping[str, Instrument]


def outcome(told: Sequence[Figures], known: Known) -> Part:
    title = _("How people changed")
    if not told:
        empty = _(
            "Once ten people have filled the same outcome form twice, four weeks apart or more, the change "
            "from their first to their last will stand here."
        )
        return Part("outcome", title, empty=empty)
    return Part("outcome", title, more=tuple(_of(one, known) for one in told))


def _of(one: Figures, known: Known) -> Part:
    instrument = pick(known, one["instrument"])
    said = _("%(n)s people, first to last form in treatment; %(range)s.") % {
        "n": one["people"], "range": range_word(instrument),
    }  # fmt: skip
    names = {"first": _("First form"), "last": _("Last form"), "change": _("Change")}
    means = tuple((name, number(one[key], 2)) for key, name in names.items())
    tables = [Table(_("Means"), (_("What"), _("Mean")), means), *_beyond(one["shares"]), *_groups(one)]
    return Part(one["instrument"], instrument.name, (said,), tables=tuple(tables), notes=_notes(one))


def _beyond(shares: Figures) -> list[Table]:
    if not shares:
        return []
    names = {"better": _("Better"), "same": _("Within the error of the form"), "worse": _("Worse")}
    rows = [(names[key], percent(told)) for key, told in shares.items()]
    if len(rows) == 1:
        rows.append((_("Within the error, or worse"), _("the rest; fewer than ten people in one of them")))
    return [Table(_("Change beyond error"), (_("Change"), _("Share of people")), tuple(rows))]


def _groups(one: Figures) -> list[Table]:
    found = []
    for key, caption, corner, name in (
        ("arms", _("By arm"), _("Arm"), arm),
        ("modes", _("By who saw what was computed"), _("Who saw it"), mode),
    ):
        rows = tuple(
            (name(group), str(told["people"]), number(told["change"], 2), percent(told["worse"]))
            for group, told in sorted(one[key].items())
        )
        if rows:
            found.append(Table(caption, (corner, _("People"), _("Mean change"), _("Worse")), rows))
    return found


def _notes(one: Figures) -> tuple[str, ...]:
    if one["assumed"] is None:
        return (_("Nothing is known of the error of this form, so no change beyond error is told."),)
    found = [
        _("Beyond error: a change that error alone brings in 5 of 100 people (Jacobson and Truax 1991).")
    ]
    if one["assumed"]:
        found.append(
            _("The reliability it rests on is assumed: its source has not been checked for this program.")
        )
    found.append(
        _(
            "People who left without a second form are not in it; whoever stays longer has more time to "
            "change."
        )
    )
    return tuple(found)


def alliance(told: Sequence[Figures], known: Known) -> Part:
    title = _("How the alliance went")
    if not told:
        empty = _(
            "Once twenty people with at least five clinicians have rated the alliance in the same weeks of "
            "treatment, its course will stand here, clients and clinicians apart."
        )
        return Part("alliance", title, empty=empty)
    notes = (
        _("One value for each person and four weeks. The middle person, and between which values the "
          "middle half lies; that is told where at least ten people lie beyond on either side."),
        _("Later weeks hold those who stayed. A rise may come from who left."),
    )  # fmt: skip
    return Part("alliance", title, notes=notes, more=tuple(_course(one, known) for one in told))


def _course(one: Figures, known: Known) -> Part:
    instrument = pick(known, one["instrument"])
    rater = _("Rated by clients") if one["rater"] == "client" else _("Rated by clinicians")
    rows = tuple(
        (f"{week + 1:g}–{week + 4:g}", str(people), f"{median:.1f}", _middle_half(low, high))
        for week, people, median, low, high in one["points"]
    )
    head = (_("Weeks"), _("People"), _("Middle person"), _("Middle half"))
    table = Table(f"{instrument.name}, {range_word(instrument)}", head, rows)
    drawn = (_drawn(one, instrument, rater),) if len(rows) > 1 else ()
    return Part(f"alliance-{one['rater']}", rater, drawn=drawn, tables=(table,))


def _middle_half(low: float | None, high: float | None) -> str:
    return _("not told") if low is None or high is None else f"{low:.1f}–{high:.1f}"


def _drawn(one: Figures, instrument: Instrument, rater: str) -> Any:
    points = tuple(Point(week + 2, median, low, high) for week, _people, median, low, high in one["points"])
    values = [value for point in points for value in (point.y, point.low, point.high) if value is not None]
    low, high = drawn_range(values, instrument.low, instrument.high)
    told = _("%(rater)s: middle person and middle half by weeks in treatment") % {"rater": rater}
    line = Line(_("middle person"), points)
    ticks = months(points[-1].x)
    return picture(Chart(told, instrument.name, _("months in treatment"), (line,), ticks, low, high))
