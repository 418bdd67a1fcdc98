"""Parsers for single cells of a table: each takes the text of a cell and returns its value.

A cell that is not understood raises `BadCellError`, whose message is what was expected instead.
"""

from __future__ import annotations

import re
from datetime import date

from accord.errors import message as _
from accord.records.care import END_REASONS, EVENT_KINDS
from accord.records.ratings import NO_DAY, RATERS

FORMULA_STARTERS = ("=", "+", "-", "@", "\t", "\r")
EPOCH = date(1970, 1, 1).toordinal()
MOST_SESSIONS = 2**31 - 1  # the column is 32 bits wide
LONGEST_WORD = 40  # of an arm or a kind of event, in characters

_INTEGER = re.compile(r"[0-9]{1,10}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORD = re.compile(r"[^\W\d_]([^\W_]|-)*")
_END_CODES = {reason.value: code for code, reason in enumerate(END_REASONS)}
_RATER_CODES = {rater.value: code for code, rater in enumerate(RATERS)}


class BadCellError(ValueError):
    """The text of a cell is not what its column holds; `expected` says what it should be."""

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(expected)


def person_id(text: str) -> str:
    """A client's or clinician's id without the spaces around it."""
    trimmed = text.strip(" ")
    # A spreadsheet would run such an id as a formula on the reader's machine.
    if text.startswith(FORMULA_STARTERS) or trimmed.startswith(FORMULA_STARTERS):
        raise BadCellError(_("an id that does not begin with =, +, -, @, a tab or a carriage return"))
    if not trimmed.isprintable():
        raise BadCellError(_("an id of visible characters only"))
    return trimmed


def client_id(text: str) -> str:
    trimmed = person_id(text)
    if not trimmed:
        raise BadCellError(_("the client's id"))
    return trimmed


def session(text: str) -> int:
    trimmed = text.strip(" ")
    if not _INTEGER.fullmatch(trimmed) or int(trimmed) > MOST_SESSIONS:
        raise BadCellError(_("a whole session number, 0 or more, such as 12"))
    return int(trimmed)


def day(text: str) -> int:
    """Days since 1970-01-01; `NO_DAY` for an empty cell."""
    trimmed = text.strip(" ")
    if not trimmed:
        return NO_DAY
    try:
        if _ISO_DATE.fullmatch(trimmed):
            return date.fromisoformat(trimmed).toordinal() - EPOCH
    except ValueError:
        pass  # a month 13 or a 30 February: reported below like any other text
    raise BadCellError(_("a calendar date written YYYY-MM-DD, such as 2025-01-31"))


def rater(text: str) -> int:
    """The code of a rater: its position in `records.RATERS`."""
    code = _RATER_CODES.get(text.strip(" ").casefold())
    if code is None:
        raise BadCellError(_("one of %(values)s", values=", ".join(_RATER_CODES)))
    return code


def whole_count(text: str) -> int:
    trimmed = text.strip(" ")
    if not _INTEGER.fullmatch(trimmed) or int(trimmed) > MOST_SESSIONS:
        raise BadCellError(_("a whole number of times, 0 or more"))
    return int(trimmed)


def known_day(text: str) -> int:
    """Days since 1970-01-01; an empty cell is refused."""
    if (parsed := day(text)) == NO_DAY:
        raise BadCellError(_("a calendar date written YYYY-MM-DD, such as 2025-01-31"))
    return parsed


def end_reason(text: str) -> int:
    """The code of an end: its position in `care.END_REASONS`."""
    code = _END_CODES.get(text.strip(" ").casefold())
    if code is None:
        raise BadCellError(_("one of %(values)s", values=", ".join(END_REASONS)))
    return code


def arm(text: str) -> str:
    """The name of a treatment arm; empty where there is only one."""
    name = text.strip(" ")
    if text.startswith(FORMULA_STARTERS) or name.startswith(FORMULA_STARTERS):
        raise BadCellError(_("a name that does not begin with =, +, -, @, a tab or a carriage return"))
    if not name.isprintable():
        raise BadCellError(_("a name of visible characters only"))
    if len(name) > LONGEST_WORD:
        raise BadCellError(_("a name of at most %(most)s characters", most=LONGEST_WORD))
    return name


def event_kind(text: str) -> str:
    """The kind of an event in lower case, so that two spellings do not become two kinds."""
    word = text.strip(" ").casefold()
    if not _WORD.fullmatch(word) or len(word) > LONGEST_WORD:
        known = ", ".join(EVENT_KINDS)
        raise BadCellError(_("%(known)s, or a word of your own of letters, digits and hyphens", known=known))
    return word


def number(text: str) -> float:
    """A decimal number; NaN for an empty cell, which is a form or an item that was not filled."""
    trimmed = text.strip(" ")
    if not trimmed:
        return float("nan")
    if not _NUMBER.fullmatch(trimmed):
        raise BadCellError(_("a number with a decimal point, such as 27 or 27.5, or an empty cell"))
    return float(trimmed)


def shown(text: str, most: int = 60) -> str:
    """The text of a cell as an error quotes it: in quotes, on one line, not longer than `most`."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return repr(cut) if text else _("an empty cell")
