"""What one cell of a ratings table may hold. Each parser takes the text of a cell and gives its value.

A cell that is not understood raises `BadCellError`, whose message is what was expected instead.
"""

from __future__ import annotations

import re
from datetime import date

from accord.records import NO_DAY, RATERS

FORMULA_STARTERS = ("=", "+", "-", "@", "\t", "\r")
EPOCH = date(1970, 1, 1).toordinal()
MOST_SESSIONS = 2**31 - 1  # the column is 32 bits wide

_INTEGER = re.compile(r"[0-9]{1,10}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RATER_CODES = {rater.value: code for code, rater in enumerate(RATERS)}


class BadCellError(ValueError):
    """The text of a cell is not what its column holds; the message says what is expected."""


def person_id(text: str) -> str:
    """A client's or clinician's id without the spaces around it."""
    trimmed = text.strip(" ")
    # A spreadsheet would run such an id as a formula on the machine of whoever opens the findings.
    if text.startswith(FORMULA_STARTERS) or trimmed.startswith(FORMULA_STARTERS):
        raise BadCellError("an id that does not begin with =, +, -, @, a tab or a carriage return")
    if not trimmed.isprintable():
        raise BadCellError("an id of visible characters only")
    return trimmed


def client_id(text: str) -> str:
    trimmed = person_id(text)
    if not trimmed:
        raise BadCellError("the client's id")
    return trimmed


def session(text: str) -> int:
    trimmed = text.strip(" ")
    if not _INTEGER.fullmatch(trimmed) or int(trimmed) > MOST_SESSIONS:
        raise BadCellError("a whole session number, 0 or more, such as 12")
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
        pass  # a month 13 or a 30 February: told below like any other text
    raise BadCellError("a calendar date written YYYY-MM-DD, such as 2025-01-31")


def rater(text: str) -> int:
    """The code of a rater: its position in `records.RATERS`."""
    code = _RATER_CODES.get(text.strip(" ").casefold())
    if code is None:
        raise BadCellError(f"one of {', '.join(_RATER_CODES)}")
    return code


def number(text: str) -> float:
    """A decimal number; NaN for an empty cell, which is a form or an item that was not filled."""
    trimmed = text.strip(" ")
    if not trimmed:
        return float("nan")
    if not _NUMBER.fullmatch(trimmed):
        raise BadCellError("a number with a decimal point, such as 27 or 27.5, or an empty cell")
    return float(trimmed)


def shown(text: str, most: int = 60) -> str:
    """The text of a cell as an error quotes it: in quotes, on one line, not longer than `most`."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return repr(cut) if text else "an empty cell"
