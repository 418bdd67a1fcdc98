"""Quality of dropout estimates at this site, in words for the programme lead and supervisors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.clinic.models import LeavingModel, Organisation
from accord.clinic.monitoring.dropout_shown import newest_model, one_in
from accord.figures.calibration import calibration

MONTH = 365.25 / 12
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Refusal:
    """The reason why nothing is estimated, the data available, and the data needed."""

    why: str
    there_is: str
    needs: str


@dataclass(frozen=True)
class Line:
    """One figure: its name, value, and meaning."""

    name: str
    value: str
    means: str


@dataclass(frozen=True)
class Split:
    """The figures of one way of evaluation."""

    key: str
    title: str
    help: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class DropoutReport:
    """`made_at` None: nothing was learned yet."""

    made_at: datetime | None = None
    refusal: Refusal | None = None
    splits: tuple[Split, ...] = ()
    only_by_clinician: bool = False  # too few left before to judge by time
    figure: SafeString | None = None
    tenths: tuple[tuple[str, str, int], ...] = ()
    benefit: tuple[tuple[str, str, str], ...] = ()
    runs: tuple[tuple[int, int, int, int], ...] = ()
    suspicion: bool = False


def dropout_report(organisation: Organisation) -> DropoutReport:
    newest = newest_model(organisation)
    if newest is None:
        return DropoutReport()
    if newest.refused:
        return DropoutReport(newest.made_at, refusal=_refusal(newest))
    figures = newest.report
    by_time, by_clinician = figures["by_time"], figures["by_clinician"]
    judged = by_time or by_clinician
    days = newest.values["setting"]["horizon"]
    splits = [_split("clinician", by_clinician, days)]
    if by_time:
        splits.insert(0, _split("time", by_time, days, EPOCH + timedelta(days=figures["split_day"])))
    return DropoutReport(
        newest.made_at,
        splits=tuple(splits),
        only_by_clinician=by_time is None,
        figure=_figure(judged["tenths"]),
        tenths=tuple((_percent(row["told"]), _percent(row["came"]), row["rows"]) for row in judged["tenths"]),
        benefit=tuple(_benefit(row) for row in judged["benefit"]),
        runs=tuple(tuple(run) for run in figures["runs"]),
        suspicion=figures["suspicion"],
    )


def _refusal(row: LeavingModel) -> Refusal:
    base, needed = row.report.get("base"), row.report.get("needed")
    there_is = ""
    if base:
        there_is = _("There are %(people)s people over %(months)s, and %(leavers)s of them left early.") % {
            "people": base["people"],
            "months": _months(base["days"]),
            "leavers": base["leavers"],
        }
    if not needed:
        return Refusal(str(row.get_refused_display()), there_is, "")
    needs = _(
        "It would take at least %(leavers)s who left early: at this pace %(people)s people over %(months)s."
    ) % {"leavers": needed["leavers"], "people": needed["people"], "months": _months(needed["days"])}
    return Refusal(str(row.get_refused_display()), there_is, needs)


def _months(days: int) -> str:
    n = max(1, round(days / MONTH))
    return ngettext("%(n)s month", "%(n)s months", n) % {"n": n}


def _split(key: str, figures: Mapping[str, Any], days: int, since: date | None = None) -> Split:
    titles = {
        "time": (_("Judged by time"), _("learned from before %(day)s, judged on what came after")),
        "clinician": (_("Judged by clinician"), _("each client by what other clinicians' clients taught")),
    }
    title, about = titles[key]
    # Whose calibration was learned on the same rows is calibrated on them: that tells nothing.
    lines = [
        *_who(figures, days),
        *_apart(figures),
        *(_true(figures) if key == "time" else ()),
        *_worth(figures),
    ]
    return Split(key, title, about % {"day": date_format(since, "j M Y")} if since else about, tuple(lines))


def _who(figures: Mapping[str, Any], days: int) -> list[Line]:
    people = _("%(people)s people, of whom %(leavers)s left") % figures
    base = _("about 1 in %(n)s leave within %(days)s days of a contact") % {
        "n": one_in(figures["base"]), "days": days,
    }  # fmt: skip
    return [Line(_("Judged on"), people, base)]


def _apart(figures: Mapping[str, Any]) -> list[Line]:
    ahead = ", ".join(
        _("%(auc)s within %(days)s days") % {"auc": _two(auc), "days": days}
        for days, auc in figures["auc_by_days"]
    )
    early = _("early in treatment %(early)s, later %(later)s") % {
        "early": _two(figures["auc_early"]), "later": _two(figures["auc_later"]),
    }  # fmt: skip
    same = _("giving everybody the same chance would score %(same)s; lower is better") % {
        "same": f"{figures['brier_same']:.4f}"
    }
    return [
        Line(
            _("Discrimination (AUC)"),
            _interval(figures["auc"]),
            _("of one client who leaves and one who stays, how often the first was given the higher chance"),
        ),
        Line(_("AUC over time"), ahead, early),
        Line(_("Brier score"), _interval(figures["brier"], 4), same),
    ]


def _true(figures: Mapping[str, Any]) -> list[Line]:
    return [
        Line(
            _("Calibration slope"),
            _interval(figures["slope"]),
            _("1 is right; below 1, the chances were spread too far apart; intercept %(value)s")
            % {"value": _two(figures["intercept"])},
        ),
        Line(_("Expected for each who left"), _interval(figures["expected"]), _("1 is right")),
    ]


def _worth(figures: Mapping[str, Any]) -> list[Line]:
    value = _("%(found)s of those who leave are on the worklist beforehand") % {
        "found": _percent(figures["sensitivity"])
    }
    means = _("of those on it, about 1 in %(n)s leaves; the others do not") % {
        "n": one_in(figures["predictive_value"])
    }
    return [Line(_("On the worklist"), value, means)]


def _benefit(row: Mapping[str, float]) -> tuple[str, str, str]:
    return (
        _("1 in %(n)s") % {"n": one_in(row["threshold"])},
        f"{1000 * row['chosen']:.1f}",
        f"{1000 * row['everybody']:.1f}",
    )


def _figure(tenths: Sequence[Mapping[str, float]]) -> SafeString:
    points = [(tenth["told"], tenth["came"]) for tenth in tenths]
    title = _(
        "Estimates in ten groups from lowest to highest, with the share who left; "
        "the table has the same numbers"
    )
    return mark_safe(calibration(title, points, _))  # noqa: S308  (our own renderer escapes every word)


def _interval(estimate: Sequence[float], digits: int = 2) -> str:
    value, low, high = (f"{edge:.{digits}f}" for edge in estimate)
    return _("%(value)s, 95 %% interval %(low)s to %(high)s") % {
        "value": value, "low": low, "high": high,
    }  # fmt: skip


def _two(value: float) -> str:
    return f"{value:.2f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
