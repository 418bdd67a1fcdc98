"""Sentences about a session's context and about the strength of each channel's evidence.

Part of `words`; callers pass `translate`, as there.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from accord.records.ratings import Absence, Context, Finding, Hard

Translate = Callable[[str], str]


def context_words(context: Context, translate: Translate = str) -> list[str]:
    """The context of a session, one phrase each."""
    _ = translate
    parts = [absence_word(context.absence, _)] if context.absence else []
    if context.hard:
        parts.append(hard_phrase(context.hard, _))
    if context.back_after == 1:
        parts.append(_("back after an announced break of 1 week"))
    elif context.back_after:
        parts.append(_("back after an announced break of %(n)s weeks") % {"n": context.back_after})
    if context.took_over:
        parts.append(_("among the first contacts after a change of clinician"))
    return parts


def absence_word(absence: Absence, translate: Translate = str) -> str:
    _ = translate
    return {
        Absence.ANNOUNCED: _("an absence that was announced"),
        Absence.CANCELLED: _("cancelled beforehand by the client"),
        Absence.BY_CLINICIAN: _("the clinician could not keep this contact"),
    }[absence]


def hard_word(hard: Hard, translate: Translate = str) -> str:
    _ = translate
    return {
        Hard.CHAIN_ANALYSIS: _("a chain analysis"),
        Hard.LIMIT: _("a limit"),
        Hard.EXPOSURE: _("an exposure"),
        Hard.ENDING: _("an ending"),
        Hard.OTHER: _("something else"),
    }[hard]


def hard_phrase(hard: Hard, translate: Translate = str) -> str:
    _ = translate
    if hard is Hard.OTHER:
        return _("a contact that was meant to be hard")
    return _("a contact that was meant to be hard (%(why)s)") % {"why": hard_word(hard, _)}


# Evidence thresholds: likelihood ratios of 1.2, 2 and 5, in either direction.
A_LITTLE, CLEARLY, STRONGLY = math.log(1.2), math.log(2), math.log(5)


def spoken(finding: Finding, translate: Translate = str) -> str:
    """Sentences listing the channels for and against a rupture, each with the strength of its evidence."""
    _ = translate
    ordered = sorted(finding.said, key=lambda channel: -abs(channel[1]))
    speak = [(name, ratio) for name, ratio in ordered if abs(ratio) >= A_LITTLE]
    sides = (
        (_("Speaks for a rupture: %(what)s."), [channel for channel in speak if channel[1] > 0]),
        (_("Speaks against a rupture: %(what)s."), [channel for channel in speak if channel[1] < 0]),
    )
    parts = [
        sentence % {"what": ", ".join(_strength(*channel, _) for channel in channels)}
        for sentence, channels in sides
        if channels
    ]
    return " ".join(parts)


def _strength(name: str, ratio: float, _: Translate) -> str:
    size = abs(ratio)
    how = _("strongly") if size >= STRONGLY else _("clearly") if size >= CLEARLY else _("a little")
    return _("%(channel)s (%(how)s)") % {"channel": _side(name, ratio > 0, _), "how": how}


def _side(name: str, speaks_for: bool, _: Translate) -> str:
    """A phrase for what was observed in a channel."""
    return {
        "rating": (_("the rating"), _("the rating")),
        "probe": (_("what they said about tension or hurt"), _("that they said there was no tension")),
        "attendance": (_("the missed contact"), _("that they came")),
        "form": (_("the form left empty"), _("that the form was filled")),
        "urge": (_("their urge to stop treatment"), _("their urge to stop treatment")),
        "clinician": (_("the clinician's own rating"), _("the clinician's own rating")),
    }[name][0 if speaks_for else 1]


def unlabelled_note(translate: Translate = str) -> str:
    """The note required beside words about certainty until a site has labels of its own."""
    _ = translate
    return _("in simulated programmes; not yet known here")
