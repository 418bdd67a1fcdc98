"""Log lines without secrets: anybody who has the address of a check-in link or an invitation can use it.

Redaction happens where a line is written, after the message, its arguments and a traceback were put together,
so that no logger has to know of it.
"""

from __future__ import annotations

import logging
import re
from typing import Any

REMOVED = "[removed]"
# The part of an address after these is the secret itself, whatever its form.
ADDRESSES = re.compile(r"(/(?:c|%63|invitation)/)[^/\s\"'<>\])]+", re.IGNORECASE)
# Values signed as this site signs them: content, time and signature between colons (also written as %3A).
SIGNED = re.compile(r"[\w.=-]{8,}(?:(?::|%3A)[\w-]{5,8})?(?::|%3A)[\w-]{40,}")
# Sessions, form tokens and the like: long runs of letters and digits that are no record's id.
RUN = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}(?![\w-])")
RECORD_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def redact(text: str) -> str:
    """The text with every secret replaced."""
    text = ADDRESSES.sub(rf"\1{REMOVED}", text)
    text = SIGNED.sub(REMOVED, text)
    return RUN.sub(lambda run: run[0] if RECORD_ID.fullmatch(run[0]) else REMOVED, text)


class Formatter(logging.Formatter):
    """Format a line, then redact it."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def logging_settings() -> dict[str, Any]:
    """Django's `LOGGING`: a single handler for every logger. Those that Django sets up itself are undone."""
    through_root = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"redacted": {"()": Formatter}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "redacted"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "accord": {"level": "INFO"},
            "django": {**through_root, "level": "WARNING"},
            "django.server": {**through_root, "level": "WARNING"},
        },
    }
