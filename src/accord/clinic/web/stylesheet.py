"""The one style sheet of the pages, put together from features' sheets when static files are collected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage

NAME = "clinic/accord.css"
CLINIC = Path(__file__).parents[1]
# In the order of the sheet: where two rules are equally specific, the later one wins.
SHEETS = (
    "web/styles/tokens.css",
    "web/styles/base.css",
    "clinician/worklist/styles.css",
    "clinician/client_page/styles.css",
    "web/styles/charts.css",
    "programme/outcomes/styles.css",
    "programme/duty/styles.css",
    "accounts/styles.css",
    "web/styles/tables.css",
    "web/styles/lists.css",
    "client/own_record/styles.css",
    "web/styles/urgent.css",
    "client/checkins/styles.css",
    "web/styles/own_words.css",
    "clinician/reactions/styles.css",
    "web/styles/last.css",
)


def text() -> str:
    """The whole sheet."""
    return "\n".join((CLINIC / name).read_text(encoding="utf-8") for name in SHEETS)


class WholeSheet(Storage):
    """A store that holds nothing but the sheet."""

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        return ContentFile(text().encode(), name=name)

    def path(self, name: str) -> str:
        """The sheet it begins with; collectstatic names it in its report."""
        return str(CLINIC / SHEETS[0])

    def get_modified_time(self, name: str) -> datetime:
        newest = max((CLINIC / sheet).stat().st_mtime for sheet in SHEETS)
        return datetime.fromtimestamp(newest, tz=UTC)


class StylesheetFinder(BaseFinder):
    """Hands the sheet to collectstatic. It is no file of its own, so there is none to find."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        yield NAME, WholeSheet()

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        return []
