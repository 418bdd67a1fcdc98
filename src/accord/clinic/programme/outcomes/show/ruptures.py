"""Ruptures, repairs and the quality of alarms as parts of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.clinic.models import Flag
from accord.clinic.programme.outcomes.show import conclusions
from accord.clinic.programme.outcomes.show.parts import Part, Table, arm, arms_note, mode, number, percent

Figures = Mapping[str, Any]
WITHIN = ("7", "14", "28")  # days, as they are stored


def repairs(figures: Figures) -> Part:
    title = _("Ruptures and repairs")
    if figures.get("few"):
        empty = _(
            "Once ten people, with at least five clinicians between them, have had a rupture flagged, this "
            "part will show what was done: talked about, settled, and how long that took."
        )
        return Part("repairs", title, empty=empty)
    said = _("%(n)s ruptures of %(people)s people were flagged, by their own words or by ratings.") % {
        "n": figures["opened"], "people": figures["people"],
    }  # fmt: skip
    sentences = (said, *not_counted(figures["left_out"]))
    tables = [_steps(_("What was done"), figures["steps"])]
    tables += _split(
        figures["by_kind"],
        _("What raised the flag"),
        lambda name: str(dict(Flag.Kind.choices).get(name, name)),
    )
    tables += _split(figures["by_arm"], _("Arm"), arm)
    return Part("repairs", title, sentences, tables=tuple(tables), notes=(
        _("Fewer ruptures are not better: a rupture that is talked about can be repaired."),
        _("A rupture that is still open counts for as long as it has been open (Kaplan-Meier). Ratings "
          "that return to the usual level are not a repair."),
        *((arms_note(has_intake=False),) if figures["by_arm"] else ()),
    ))  # fmt: skip


def not_counted(left_out: Figures) -> tuple[str, ...]:
    """What the record holds beside the flags that are counted, the same sentence on each page."""
    if not left_out:
        return ()
    if left_out.get("few"):
        return (
            _(
                "Flags of fewer than ten people are on record and not counted on these pages: about contacts "
                "outside their first treatment, of people who switched flags off, or of a rare kind."
            ),
        )
    sentence = _(
        "%(n)s more flags of %(people)s people are on record and not counted on these pages: about contacts "
        "outside their first treatment, of people who switched flags off, or of a rare kind."
    )
    return (sentence % {"n": left_out["flags"], "people": left_out["people"]},)


def step_names() -> dict[str, str]:
    return {
        "acted": _("Something was done"),
        "talked": _("Talked about together"),
        "settled": _("Seems settled, by a clinician's impression"),
    }


def _steps(caption: str, steps: Figures) -> Table:
    rows = tuple((name, *_step(steps[key])) for key, name in step_names().items())
    return Table(caption, (_("What"), *_days(), _("Half of them by")), rows)


def _days() -> tuple[str, ...]:
    return tuple(_("Within %(n)s days") % {"n": day} for day in WITHIN)


def _step(step: Figures | None) -> tuple[str, ...]:
    if step is None:
        return (_("fewer than 10: not shown"), *[""] * len(WITHIN))
    within = tuple(percent(step["within"].get(day)) for day in WITHIN)
    half = step["half"]
    days = _("not reached") if half is None else ngettext("%(n)s day", "%(n)s days", half) % {"n": half}
    return (*within, days)


def _split(parts: Figures, corner: str, name: Callable[[str], str]) -> list[Table]:
    """Talked about and settled within four weeks, part by part."""
    if not parts:
        return []
    rows = tuple(
        (
            name(key),
            str(part["opened"]),
            *(_last(part["steps"][step]) for step in ("acted", "talked", "settled")),
        )
        for key, part in parts.items()
    )
    head = (corner, _("Flagged"), *step_names().values())
    return [Table(_("Within 28 days: %(by)s") % {"by": corner.lower()}, head, rows)]


def _last(step: Figures | None) -> str:
    return percent(step["within"].get(WITHIN[-1]) if step else None)


def truth_names() -> dict[str, str]:
    return {
        "probe": _("The client said that there was a lot of tension or hurt"),
        "urge": _("The client had an urge of 4 or more to stop"),
        "clinician": _("The clinician said that there was a lot of tension"),
        "observer": _("An observer saw a rupture"),
    }


def judged(figures: Figures) -> Part:
    """Recall and precision of alarms, by the source that is taken as the truth."""
    title = _("Judged by what people said")
    known = {key: truth for key, truth in figures.get("truths", {}).items() if truth}
    if not known:
        return Part("judged", title, empty=_few(figures))
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
        (
            names[key],
            _count(truth["found"]),
            _share(truth["found"]),
            _share(truth["by_chance"]),
            _count(truth["confirmed"]),
            _share(truth["confirmed"]),
        )
        for key, truth in known.items()
    )
    return Part("judged", title, (
        *conclusions.of_judging(known),
        _("The tracker was run once more without the channel that each row takes as the truth, so that "
          "no channel judges itself. Its flags in these rows are therefore others than those that people "
          "saw, and of another number."),
    ), tables=(Table(_("Flags compared with what people said"), head, rows),), notes=(
        _("Found: ruptures that somebody reported, with an alarm within two sessions. By chance: how often "
          "there was an alarm near a session that was reported as calm. Only the difference between the "
          "two counts."),
        _("Confirmed: alarms near which somebody was asked and reported a rupture. Where nobody was asked "
          "nothing is known. Not confirmed does not mean false: people often do not say it."),
    ))  # fmt: skip


def _few(figures: Figures) -> str:
    return _(
        "Once ten people have reported a rupture near an alarm and ten a rupture without one, and five "
        "clinicians work with them, this part will show how many ruptures the alarms found and how many "
        "alarms were right."
    )


def _count(cell: Figures) -> str:
    return _("fewer than 10: not shown") if cell.get("few") else str(cell["of"])


def _share(cell: Figures) -> str:
    return _("fewer than 10: not shown") if cell.get("few") else percent(cell["share"])


def leaving(figures: Figures) -> Part:
    title = _("Before people left")
    known = figures.get("leaving", {})
    if all(instrument.get("few") for instrument in known.values()):
        empty = _(
            "Once ten people who left had an alarm in the four weeks before, and ten had none, this part "
            "will show how many and how early."
        )
        return Part("leaving", title, empty=empty)
    names = {"all": _("Every channel"), "without": _("Without attendance and the urge to stop")}
    rows = tuple((names[key], *_lead(cell)) for key, cell in known.items())
    head = (_("Tracker with"), _("People who left"), _("Alarm in the 4 weeks before"),
            _("In others, in any 4 weeks"), _("Days before the last contact"))  # fmt: skip
    return Part("leaving", title, (
        *conclusions.of_leaving(known["all"]),
        _("An alarm in the four weeks up to the last contact of somebody who left early."),
    ), tables=(Table(_("How many, and how early"), head, rows),), notes=(
        _("Missed contacts and the urge to stop are part of leaving itself; the second row leaves them "
          "out."),
    ))  # fmt: skip


def _lead(cell: Figures) -> tuple[str, ...]:
    if cell.get("few"):
        return (_("fewer than 10: not shown"), "", "", "")
    chance = percent([cell["by_chance"], None, None])
    return str(cell["people"]), percent(cell["warned"]), chance, number(cell["days"], 0)


def load(figures: Figures) -> Part:
    title = _("What they cost, and what was done")
    known = figures.get("load", {"few": True})
    if known.get("few"):
        return Part(
            "load", title, empty=_("Once ten people are in treatment, the number of flags will appear here.")
        )
    words = {
        "n": known["flags"],
        "ruptures": known["ruptures"],
        "people": known["people"],
        "rate": number(known["rate"], 2),
    }
    if known["flags"] == known["ruptures"]:
        said = (
            _("%(n)s flags for %(people)s people in treatment: %(rate)s for each person and month.") % words
        )
    else:
        said = (
            _(
                "%(n)s flags of every kind, %(ruptures)s of them of a rupture, for %(people)s people in "
                "treatment: %(rate)s for each person and month."
            )
            % words
        )
    tables = _split(figures.get("by_mode", {}), _("Who saw what was computed"), mode)
    notes = []
    if not tables:
        notes.append(_(
            "What was done by who saw what is computed, so that harm would be seen, will appear here once "
            "each way was agreed on with ten people or more who had a rupture."
        ))  # fmt: skip
    sentences = (said, *not_counted(known["left_out"]))
    return Part("load", title, sentences, tables=tuple(tables), notes=tuple(notes))
