"""Telephone numbers as people write them, and as a telephone dials them."""

from __future__ import annotations

import re
from typing import NamedTuple


class LabelledNumber(NamedTuple):
    label: str
    number: str

    @property
    def dialled(self) -> str:
        return dialled(self.number)


def dialled(number: str) -> str:
    """The number without what only readers need: blanks, words, and a (0) after a country code."""
    if number.startswith("+"):
        number = number.replace("(0)", "")
    return re.sub(r"[^+*#0-9]", "", re.sub(r"\([^)]*[^\W\d][^)]*\)", "", number))
