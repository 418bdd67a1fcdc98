"""Retention, ends of treatment, and events meanwhile as parts of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.clinic.models.overview import PEOPLE
from accord.clinic.programme.outcomes.show.parts import Part, Table, arm, arms_note, number, percent, picture
from accord.figures.line_chart import Chart, Line, Point

WEEKS_A_MONTH = 365.25 / 12 / 7
Figures = Mapping[str, Any]


def end_names() -> dict[str, str]:
    return {
        "still": _("still in treatment"),
        "left": _("left early"),
        "planned": _("ended as planned or agreed"),
        "elsewhere": _("went on elsewhere, or hospital"),
        "team": _("discharged by the team"),
        "died": _("died"),
        "others": _("other ends"),
    }


def retention(figures: Figures) -> Part:
    title = _("Who stays in treatment, and how others leave it")
    if figures.get("few"):
        return Part("retention", title, empty=_few_ends(figures.get("people")))
    curves, names = figures["curves"], end_names()
    said = [_staying(figures, curves)]
    if figures["half"]:
        months = round(figures["half"] / WEEKS_A_MONTH)
        half = ngettext(
            "Half were no longer in treatment after %(n)s month.",
            "Half were no longer in treatment after %(n)s months.",
            months,
        )
        said.append(half % {"n": months})
    return Part(
        "retention",
        title,
        tuple(said),
        (_curves(curves, names),),
        (_table(curves, names), *_by_arm(figures["arms"])),
        (
            _(
                "People who left, completed or moved are counted separately; the shares add up to 100 % "
                "(Aalen-Johansen). A curve has a point only where ten more people have ended that way; "
                "nothing is known between two points."
            ),
            *((arms_note(has_intake=False),) if figures["arms"] else ()),
        ),
    )


def _few_ends(people: int | None) -> str:
    sentence = _(
        "A curve of who stays in treatment will appear here once ten people have ended their first episode "
        "of care and ten are still in it or ended later."
    )
    return sentence if people is None else f"{_people(people)} {sentence}"


def _people(n: int) -> str:
    return ngettext(
        "%(n)s person has an episode of care here.", "%(n)s people have an episode of care here.", n
    ) % {"n": n}


def _staying(figures: Figures, curves: Figures) -> str:
    week, share, low, high = curves["still"][-1]
    words = {
        "n": figures["people"],
        "share": share,
        "low": low,
        "high": high,
        "months": round(week / WEEKS_A_MONTH),
    }
    return (
        _(
            "Of %(n)s people, %(share)s %% (%(low)s to %(high)s) are still in treatment after %(months)s "
            "months."
        )
        % words
    )


def _curves(curves: Mapping[str, Sequence[Sequence[float]]], names: Mapping[str, str]) -> Any:
    last = max(points[-1][0] for points in curves.values())
    lines = tuple(
        Line(names[kind], tuple(Point(*point) for point in points)) for kind, points in curves.items()
    )
    title = _("Share of people still in treatment, and ended in each way, by months since the start")
    return picture(
        Chart(title, _("of 100 people"), _("months in treatment"), lines, months(last), 0, 100, " %")
    )


def months(weeks: float) -> tuple[tuple[float, str], ...]:
    """Ticks of an axis in weeks, at every third month."""
    last = int(weeks / WEEKS_A_MONTH + 0.25)
    step = 3 if last <= 15 else 6 * max(1, round(last / 30))
    return tuple((month * WEEKS_A_MONTH, str(month)) for month in range(0, max(last, step) + 1, step))


def _table(curves: Mapping[str, Sequence[Sequence[float]]], names: Mapping[str, str]) -> Table:
    rows = tuple(
        (names[kind], str(round(week / WEEKS_A_MONTH, 1)), percent([share / 100 for share in shares]))
        for kind, points in curves.items()
        for week, *shares in points[1:]
    )
    return Table(_("The same in numbers"), (_("How"), _("Months"), _("Share of all")), rows)


def _by_arm(arms: Figures) -> tuple[Table, ...]:
    if not arms:
        return ()
    month = round(next(iter(arms.values()))["week"] / WEEKS_A_MONTH)
    rows = tuple(
        (arm(name), str(entry["people"]), percent(entry["left"])) for name, entry in sorted(arms.items())
    )
    caption = _("Left early within %(n)s months, by arm") % {"n": month}
    return (Table(caption, (_("Arm"), _("People"), _("Left early")), rows),)


def kind_names() -> dict[str, str]:
    return {"self-injury": _("Self-injury"), "attempt": _("Attempts to end life")}


def acts(figures: Figures) -> Part:
    title = _("Self-injury and attempts")
    if not figures:
        empty = _(
            "No events are on record. Once a file of events has been imported, their number per month in "
            "treatment will appear here, if ten people had such an event and ten had none."
        )
        return Part("acts", title, empty=empty)
    begins, ends = (date_format(date.fromisoformat(figures[entry]), "j M Y") for entry in ("from", "to"))
    said = _("Counted from %(begins)s to %(ends)s, the days that the record of events spans.") % {
        "begins": begins, "ends": ends,
    }  # fmt: skip
    kinds = tuple(_kind(kind, entry) for kind, entry in figures["kinds"].items())
    notes = (
        _("People without an entry in that time count as people without such an event."),
        _("A rate of a group says nothing about what one person will do; none is computed for one person."),
    )
    return Part("acts", title, (said,), notes=notes, more=kinds)


def _kind(kind: str, figures: Figures) -> Part:
    title = kind_names()[kind]
    if not figures["periods"]:
        empty = _("Fewer than %(n)s people had one, or fewer than %(n)s had none: not shown.") % {"n": PEOPLE}
        return Part(kind, title, empty=empty)
    periods, arms = figures["periods"], figures["arms"]
    drawn = (_rates(title, periods),) if len(periods) > 1 else ()
    notes = (arms_note(has_intake=True),) if arms else ()
    return Part(kind, title, drawn=drawn, tables=(_rates_by_time(periods), *_rates_by_arm(arms)), notes=notes)


def _rates_by_time(periods: Sequence[Figures]) -> Table:
    rows = tuple(
        (
            _span(entry),
            str(entry["people"]),
            str(entry["with"]),
            str(entry["months"]),
            number(entry["rate"], 2),
        )
        for entry in periods
    )
    head = (_("Months in treatment"), _("People"), _("With any"), _("Person-months"), _("Per person-month"))
    return Table(_("By time in treatment"), head, rows)


def _rates_by_arm(arms: Figures) -> tuple[Table, ...]:
    """Few columns, so that the rate at intake is in sight beside that of the whole treatment."""
    rows = tuple(
        (arm(name), str(entry["people"]), number(entry["intake"], 2), number(entry["rate"], 2))
        for name, entry in sorted(arms.items())
    )
    head = (_("Arm"), _("People"), _("At intake (months 0–3)"), _("Whole treatment"))
    return (Table(_("Per person-month, by arm"), head, rows),) if rows else ()


def _span(period: Figures) -> str:
    if period["to"] is None:
        return _("from %(n)s on") % {"n": f"{period['from']:g}"} if period["from"] else _("all")
    return f"{period['from']:g}–{period['to']:g}"


def _rates(title: str, periods: Sequence[Figures]) -> Any:
    points = tuple(Point(float(at), *period["rate"]) for at, period in enumerate(periods))
    ticks = tuple((float(at), _span(period)) for at, period in enumerate(periods))
    top = max(period["rate"][2] for period in periods)
    caption = _("%(what)s per person-month, by time in treatment") % {"what": title}
    line = Line("", points, banded=False)
    return picture(
        Chart(caption, _("per person-month"), _("months in treatment"), (line,), ticks, 0, top * 1.05)
    )
