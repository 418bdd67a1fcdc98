"""What became of ruptures, and whether the alarms were worth it: in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.clinic.models import Flag
from accord.clinic.programme.outcomes.show.parts import Part, Table, arm, mode, number, percent

Figures = Mapping[str, Any]
WITHIN = ("7", "14", "28")  # days, as they are stored


def repairs(told: Figures) -> Part:
    title = _("Ruptures and repairs")
    if told.get("few"):
        empty = _(
            "Once ten people, with at least five clinicians between them, have had a rupture flagged, what "
            "became of it will stand here: talked about, settled, and how long that took."
        )
        return Part("repairs", title, empty=empty)
    said = _("%(n)s ruptures of %(people)s people were opened, by their own word or by ratings.") % {
        "n": told["opened"], "people": told["people"],
    }  # fmt: skip
    tables = [_steps(_("What became of them"), told["steps"])]
    tables += _split(
        told["by_kind"], _("What opened it"), lambda name: str(dict(Flag.Kind.choices).get(name, name))
    )
    tables += _split(told["by_arm"], _("Arm"), arm)
    return Part("repairs", title, (said,), tables=tuple(tables), notes=(
        _("Fewer ruptures are not better: a rupture that is opened can be repaired."),
        _("One that waits counts for as long as it has waited (Kaplan and Meier). Ratings that are back "
          "are no repair."),
    ))  # fmt: skip


def step_names() -> dict[str, str]:
    return {
        "acted": _("Something was done"),
        "talked": _("Talked about together"),
        "settled": _("They say it is settled"),
    }


def _steps(caption: str, steps: Figures) -> Table:
    rows = tuple((name, *_step(steps[key])) for key, name in step_names().items())
    return Table(caption, (_("What"), *_days(), _("Half of them by")), rows)


def _days() -> tuple[str, ...]:
    return tuple(_("Within %(n)s days") % {"n": day} for day in WITHIN)


def _step(told: Figures | None) -> tuple[str, ...]:
    if told is None:
        return (_("not told"), *[""] * len(WITHIN))
    within = tuple(percent(told["within"].get(day)) for day in WITHIN)
    half = told["half"]
    days = _("not reached") if half is None else ngettext("%(n)s day", "%(n)s days", half) % {"n": half}
    return (*within, days)


def _split(parts: Figures, corner: str, name: Callable[[str], str]) -> list[Table]:
    """Talked about and settled within four weeks, part by part."""
    if not parts:
        return []
    rows = tuple(
        (
            name(key),
            str(one["opened"]),
            *(_last(one["steps"][step]) for step in ("acted", "talked", "settled")),
        )
        for key, one in parts.items()
    )
    head = (corner, _("Opened"), *step_names().values())
    return [Table(_("Within 28 days: %(by)s") % {"by": corner.lower()}, head, rows)]


def _last(told: Figures | None) -> str:
    return percent(told["within"].get(WITHIN[-1]) if told else None)


def truth_names() -> dict[str, str]:
    return {
        "probe": _("The client said that there was a lot of tension or hurt"),
        "urge": _("The client had an urge of 4 or more to stop"),
        "clinician": _("The clinician said that there was a lot of tension"),
        "observer": _("An observer saw a rupture"),
    }


def judged(told: Figures) -> Part:
    """Found and confirmed, by who told the truth."""
    title = _("Judged by what people said")
    known = {key: one for key, one in told.get("truths", {}).items() if one}
    if not known:
        return Part("judged", title, empty=_few(told))
    names = truth_names()
    head = (
        _("Who said it"),
        _("Ruptures"),
        _("Found"),
        _("Found by chance"),
        _("Flags asked about"),
        _("Confirmed"),
    )
    rows = tuple(
        (names[key], _of(one["found"]), _share(one["found"]), _share(one["by_chance"]), _of(one["confirmed"]),
         _share(one["confirmed"]))
        for key, one in known.items()
    )  # fmt: skip
    return Part("judged", title, (
        _("The tracker was run once more without the channel that tells the truth in that line, so that "
          "no channel judges itself."),
    ), tables=(Table(_("Alarms beside words"), head, rows),), notes=(
        _("Found: ruptures that somebody told of, with an alarm within two sessions. By chance: how often "
          "there was one near a session that was called calm. Only the distance between the two is worth "
          "something."),
        _("Confirmed: alarms near which somebody was asked, and said so. Where nobody was asked nothing is "
          "known. Not confirmed is not false: people often do not say it."),
    ))  # fmt: skip


def _few(told: Figures) -> str:
    return _(
        "Once ten people have told of a rupture near an alarm and ten of one without, and five clinicians "
        "work with them, it will stand here how many ruptures the alarms found and how many alarms were "
        "right."
    )


def _of(one: Figures) -> str:
    return _("not told") if one.get("few") else str(one["of"])


def _share(one: Figures) -> str:
    return _("not told") if one.get("few") else percent(one["share"])


def leaving(told: Figures) -> Part:
    title = _("Before people left")
    known = told.get("leaving", {})
    if all(one.get("few") for one in known.values()):
        empty = _(
            "Once ten people who left had an alarm in the four weeks before, and ten had none, it will stand "
            "here how many and how early."
        )
        return Part("leaving", title, empty=empty)
    names = {"all": _("Every channel"), "without": _("Without attendance and the urge to stop")}
    rows = tuple((names[key], *_lead(one)) for key, one in known.items())
    head = (_("Tracker with"), _("People who left"), _("Alarm in the 4 weeks before"),
            _("In others, in any 4 weeks"), _("Days before the last contact"))  # fmt: skip
    return Part("leaving", title, (
        _("An alarm in the four weeks up to the last contact of somebody who left early."),
    ), tables=(Table(_("How many, and how early"), head, rows),), notes=(
        _("Missed contacts and the urge to stop are part of leaving itself; the second line does without "
          "them."),
    ))  # fmt: skip


def _lead(one: Figures) -> tuple[str, ...]:
    if one.get("few"):
        return (_("not told"), "", "", "")
    chance = percent([one["by_chance"], None, None])
    return str(one["people"]), percent(one["warned"]), chance, number(one["days"], 0)


def load(told: Figures) -> Part:
    title = _("What they cost, and what was done")
    known = told.get("load", {"few": True})
    if known.get("few"):
        return Part(
            "load", title, empty=_("Once ten people are in treatment, the number of flags will stand here.")
        )
    words = {"n": known["flags"], "people": known["people"], "rate": number(known["rate"], 2)}
    said = (
        _("%(n)s flags of every kind for %(people)s people: %(rate)s for each person and month in treatment.")
        % words
    )
    tables = _split(told.get("by_mode", {}), _("Who saw what was computed"), mode)
    notes = []
    if not tables:
        notes.append(_(
            "What was done by who saw what is computed, so that harm would be seen, will stand here once "
            "each way was agreed on with ten people or more who had a rupture."
        ))  # fmt: skip
    return Part("load", title, (said,), tables=tuple(tables), notes=tuple(notes))
