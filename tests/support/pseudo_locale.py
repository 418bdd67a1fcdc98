"""A pseudo-locale: every translated message is marked, so that text no translator can reach shows.

`marking` puts every message in brackets that no page uses otherwise. `unmarked` gives the words of a page
outside of all brackets: halves of sentences glued in code, labels nobody marked.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from accord.records.ratings import Instrument

OPEN, CLOSE = "⟦", "⟧"
READ_ALOUD = {"title", "aria-label", "alt", "placeholder", "aria-description", "content"}
SILENT = {"script", "style", "template", "pre", "code"}  # not sentences: programs, examples of files
WORD = re.compile(r"[^\W\d_]{2,}")
INNERMOST = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")


@contextmanager
def marking() -> Iterator[set[str]]:
    """Mark every message while it lasts; yields the messages asked for so far, as catalogues key them."""
    from django.utils import translation

    translation.gettext("")  # Django fills its functions in at first use
    translation.ngettext("", "", 1)
    translation.pgettext("", "")
    translation.npgettext("", "", "", 1)
    asked: set[str] = set()
    active: Any = vars(translation)["_trans"]
    originals = {name: getattr(active, name) for name in _MARKED}
    for name, marked in _MARKED.items():
        setattr(active, name, marked(asked))
    try:
        yield asked
    finally:
        for name, original in originals.items():
            setattr(active, name, original)


def _mark(asked: set[str], message: Any) -> str:
    text = str(message)
    asked.add(text)
    return f"{OPEN}{text}{CLOSE}" if text else text


def _plural(asked: set[str], singular: Any, plural: Any, number: Any) -> str:
    asked.add(str(plural))
    return _mark(asked, singular if number == 1 else plural)


_MARKED = {
    "gettext": lambda asked: lambda message: _mark(asked, message),
    "pgettext": lambda asked: lambda context, message: _mark(asked, message),
    "ngettext": lambda asked: lambda singular, plural, number: _plural(asked, singular, plural, number),
    "npgettext": lambda asked: (
        lambda context, singular, plural, number: _plural(asked, singular, plural, number)
    ),
}


class _Reader(HTMLParser):
    """Collects what a page shows or reads aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        given = dict(attrs)
        shown = READ_ALOUD - ({"content"} if tag == "meta" else set())
        self.pieces += [value for name, value in attrs if name in shown and value]
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.pieces.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def shown_text(html: str) -> str:
    """Text that a page shows or reads aloud, a piece a line."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "\n".join(reader.pieces)


def unmarked(text: str, data: Iterable[str] = ()) -> list[str]:
    """Lines of `text` with a word outside of all brackets. `data`: own words, names and codes to ignore."""
    for value in sorted(set(data), key=len, reverse=True):
        text = text.replace(value, " ")
    count = 1
    while count:
        text, count = INNERMOST.subn(" ", text)
    return [line.strip() for line in text.splitlines() if WORD.search(line)]


ENTRY = re.compile(r'^msgid(?:_plural)? ((?:".*"\n)+)', re.MULTILINE)


def keys_of(catalogue: str) -> set[str]:
    """Messages of a .po file, singular and plural."""
    entries = ENTRY.findall(catalogue)
    return {"".join(ast.literal_eval(line) for line in entry.splitlines()) for entry in entries}


def catalogues_of_others() -> Iterator[str]:
    """Catalogues that come with the libraries: their messages are theirs to translate."""
    import allauth
    import django

    for package in (django, allauth):
        for path in sorted(Path(package.__file__ or "").parent.rglob("locale/en/LC_MESSAGES/*.po")):
            yield path.read_text(encoding="utf-8")


def texts_of(instrument: Instrument) -> Iterator[str]:
    """Texts of an instrument: translated by its own versions, not by the catalogue."""
    yield from (instrument.name, *(item.wording for item in instrument.items))
    yield from (option.label for item in instrument.items for option in item.options)
    yield from (subscale.name for subscale in instrument.subscales)
