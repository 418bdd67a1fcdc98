"""What the figures about alarms come to, in a sentence made from the figures themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

Figures = Mapping[str, Any]
MUCH = 1.5  # times as frequent: below it an alarm hardly tells anything of one person


def of_leaving(cell: Figures) -> tuple[str, ...]:
    """Whether an alarm tells who leaves; nothing where the figures are not shown."""
    if cell.get("few"):
        return ()
    words = {"warned": _whole(cell["warned"][0]), "others": _whole(cell["by_chance"])}
    return (_leaving_sentence(cell) % words,)


def _leaving_sentence(cell: Figures) -> str:
    side = _side(cell["warned"], cell["by_chance"])
    if side > 0 and cell["warned"][0] >= MUCH * cell["by_chance"]:
        return _(
            "An alarm is more frequent before somebody leaves: in the four weeks before leaving "
            "%(warned)s %% had one, of the others in any four weeks %(others)s %%."
        )
    if side < 0:
        return _(
            "An alarm does not tell who leaves: in the four weeks before leaving %(warned)s %% had one, of "
            "the others in any four weeks %(others)s %%."
        )
    return _(
        "An alarm hardly tells who leaves: in the four weeks before leaving %(warned)s %% had one, of the "
        "others in any four weeks %(others)s %%."
    )


def of_judging(truths: Mapping[str, Figures]) -> tuple[str, ...]:
    """Whether alarms find what people reported, and how often they are right; by the first known source."""
    for truth in truths.values():
        if not (truth["found"].get("few") or truth["by_chance"].get("few")):
            return (_judging_sentence(truth), *_right(truth["confirmed"]))
    return ()


def _judging_sentence(truth: Figures) -> str:
    chance = truth["by_chance"]["share"][0]
    words = {"found": _whole(truth["found"]["share"][0]), "chance": _whole(chance)}
    if _side(truth["found"]["share"], chance) > 0:
        sentence = _(
            "Alarms find more of what people reported than chance would: %(found)s %% of the ruptures, where "
            "%(chance)s %% of calm sessions had an alarm near them."
        )
    else:
        sentence = _(
            "Alarms find hardly more of what people reported than chance would: %(found)s %% of the "
            "ruptures, where %(chance)s %% of calm sessions had an alarm near them."
        )
    return sentence % words


def _right(confirmed: Figures) -> tuple[str, ...]:
    if confirmed.get("few"):
        return ()
    sentence = _("Of the flags near which somebody was asked, %(right)s %% were confirmed.")
    return (sentence % {"right": _whole(confirmed["share"][0])},)


def _side(interval: list[float], other: float) -> int:
    """1: the whole interval lies above the other value; -1: below; 0: it holds the value."""
    _value, low, high = interval
    return 1 if low > other else -1 if high < other else 0


def _whole(share: float) -> int:
    return round(100 * share)
