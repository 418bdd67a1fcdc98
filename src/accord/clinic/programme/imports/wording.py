"""What is wrong with a file, in the language of the person who reads it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext

from accord.errors import translated
from accord.exchange.reading import BadCell


def cells(bad: Iterable[BadCell]) -> tuple[BadCell, ...]:
    """The same cells, with what they hold and what was expected in the reader's language."""
    return tuple(
        cell._replace(found=translated(cell.found, gettext), expected=translated(cell.expected, gettext))
        for cell in bad
    )


def notes(texts: Iterable[str]) -> tuple[str, ...]:
    """The same notes in the reader's language."""
    return tuple(translated(text, gettext) for text in texts)
