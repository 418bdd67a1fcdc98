"""Boxes that have to be ticked before a file is imported; each confirms what was shown and no more."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from accord.clinic.programme.imports.file_preview import FilePreview

NOT_REAL = "confirmed_not_real"  # the box that says that nobody in the file is real
NO_ANSWERS: Mapping[str, str] = {}


class Unconfirmed(Exception):
    """An import that lacks a confirmation or an answer; `problems`: a sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


def tick_name(kind: str, *shown: object) -> str:
    """The name of a box, which changes with what it confirms, so that nothing is confirmed unseen.

    Where a list has changed since it was shown, the name that was sent is no longer that of its box, and
    the list is shown again.
    """
    content = json.dumps([str(part) for part in shown])
    return f"{kind}-{sha256(content.encode()).hexdigest()[:12]}"


def unconfirmed(shown: FilePreview[Any], confirmed: Collection[str], more: Sequence[str] = ()) -> list[str]:
    """A sentence for each missing answer or confirmation; `more`: those of this kind of file alone."""
    if shown.unanswered:
        return [_("Say for each code below whom it means.")]
    missing = {kind for kind, name in shown.ticks.items() if name not in confirmed}
    problems = [text for kind, text in _to_confirm() if kind in missing] + list(more)
    if any(answer.field not in confirmed for answer in shown.safety):
        problems.append(_("Each answer above 0 on a safety item, and each act, has to be read and ticked."))
    if shown.needs_not_real_confirmation and NOT_REAL not in confirmed:
        problems.append(_("A demonstration takes only files about nobody real. Confirm that this is one."))
    if not shown.writes_something:
        problems.append(_("No row is left to import."))
    return problems


def _to_confirm() -> tuple[tuple[str, str], ...]:
    return (
        ("bad", _("Some rows cannot be taken. Tick that they are left out, or correct the file.")),
        ("to_confirm", _("Confirm that the known clients are the people that this source means.")),
        ("new_people", _("Confirm the new people, or correct their codes in the file.")),
        ("new_pairs", _("Confirm the new relationships, or correct the file.")),
        ("ended", _("Confirm that rows belong to relationships that have ended, or correct the file.")),
    )
