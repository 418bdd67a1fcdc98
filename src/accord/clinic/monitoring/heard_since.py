"""What was rated last, and what came since: sentences beside a flag, each with its day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.clinic.monitoring.flag_course import FlagCourse
from accord.records.ratings import Finding, Instrument, State
from accord.records.usual_range import usual_range
from accord.words.findings import number, range_words


def day_words(day: date | None) -> str:
    return date_format(day, "j M") if day else _("a day that is not known")


def heard_since(course: FlagCourse, before: Sequence[float], instrument: Instrument | None) -> str:
    """The last rating since the flag's episode began, where it lies, and what was missed or left empty since.

    `before`: the ratings up to the flag, oldest first. Nothing is called back, steady or settled that is not.
    """
    sessions = [*course.sessions, *course.later]
    rated = [at for at, finding in enumerate(sessions) if finding.rating is not None]
    if not sessions or instrument is None:
        return ""
    if not rated:
        first = _("No rating since %(day)s.") % {"day": day_words(sessions[0].day)}
        return " ".join([first, *_not_heard(sessions)])
    last = sessions[rated[-1]]
    earlier = [*before, *(finding.rating for finding in sessions[: rated[-1]] if finding.rating is not None)]
    parts = [_rating(last, usual_range(earlier), instrument), *_not_heard(sessions[rated[-1] + 1 :])]
    return " ".join([*_back(course), *parts])


def _rating(last: Finding, usual: tuple[float, float] | None, instrument: Instrument) -> str:
    values = {"day": day_words(last.day), "rating": number(last.rating or 0.0, instrument)}
    if usual is None:
        return _("Last rating %(day)s: %(rating)s.") % values
    values["usual"] = range_words(usual, instrument, _)
    return _("Last rating %(day)s: %(rating)s (%(usual)s).") % values


def _back(course: FlagCourse) -> list[str]:
    if not any(finding.state is State.BACK for finding in course.later):
        return []
    back = next(finding for finding in course.later if finding.state is State.BACK)
    since = _("Within their usual range on %(day)s; nobody can tell from that whether it is settled.")
    return [since % {"day": day_words(back.day)}]


def _not_heard(findings: Sequence[Finding]) -> list[str]:
    missed, empty = (sum(_has(finding, name) for finding in findings) for name in ("attendance", "form"))
    parts = []
    if missed:
        parts.append(
            ngettext("Since then %(n)s contact was missed.", "Since then %(n)s contacts were missed.", missed)
            % {"n": missed}
        )
    if empty:
        parts.append(
            ngettext(
                "Since then %(n)s form was left empty.", "Since then %(n)s forms were left empty.", empty
            )
            % {"n": empty}
        )
    return parts


def _has(finding: Finding, channel: str) -> bool:
    return any(name == channel and ratio > 0 for name, ratio in finding.said)
