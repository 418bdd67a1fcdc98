"""Errors that every package may raise, and messages that a page can translate whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

Translate = Callable[[str], str]


def how_to_install(extra: str) -> str:
    """What to type for an extra. No package index: a package named accord there is somebody else's."""
    return f"in a checkout of accord, type: pip install '.[{extra}]'"


class Message(str):
    """English text that keeps its template and values, so that it can be translated whole.

    It is a plain string to everything that writes or compares it, such as a file of rejected rows.
    """

    key: str
    values: dict[str, Any]

    def __new__(cls, key: str, **values: Any) -> Self:
        text = super().__new__(cls, key % values if values else key)
        text.key, text.values = key, values
        return text

    def translated(self, translate: Translate) -> str:
        """The message in another language; its values are translated where they are messages."""
        if not self.values:
            return translate(self.key)
        return translate(self.key) % {
            name: translated(value, translate) for name, value in self.values.items()
        }


def message(key: str, **values: Any) -> Message:
    """A message; imported as `_`, so that `makemessages` collects its key."""
    return Message(key, **values)


_ = message


def translated(text: Any, translate: Translate) -> Any:
    """`text` by `translate` where it is a message; names, codes and numbers as they are."""
    return text.translated(translate) if isinstance(text, Message) else text


class InputError(Exception):
    """Bad input, described so that it can be mended: file, row, column, what was found, what was expected."""

    def __init__(
        self, expected: str, *, file: str = "", row: int | None = None, column: str = "", found: str = ""
    ) -> None:
        self.file, self.row, self.column, self.found, self.expected = file, row, column, found, expected
        super().__init__(str(self._message()))

    def sentence(self, translate: Translate) -> str:
        """The error in the reader's language, as one sentence."""
        return self._message().translated(translate)

    def _message(self) -> Message:
        expected, found, place = self.expected, self.found, self._place()
        if found and place:
            return _(
                "%(place)s: found %(found)s, expected %(expected)s",
                place=place,
                found=found,
                expected=expected,
            )
        if found:
            return _("found %(found)s, expected %(expected)s", found=found, expected=expected)
        if place:
            return _("%(place)s: expected %(expected)s", place=place, expected=expected)
        return _("expected %(expected)s", expected=expected)

    def _place(self) -> str:
        """Where in the input the error is; empty where it has no place."""
        shape = (bool(self.file), self.row is not None, bool(self.column))
        key = PLACES[shape]
        return _(key, file=self.file, row=self.row, column=self.column) if key else ""


# By whether the file, the row and the column are known. The keys are marked here and translated when shown.
PLACES = {
    (True, True, True): _("%(file)s, row %(row)s, column %(column)s"),
    (True, True, False): _("%(file)s, row %(row)s"),
    (True, False, True): _("%(file)s, column %(column)s"),
    (True, False, False): "%(file)s",
    (False, True, True): _("row %(row)s, column %(column)s"),
    (False, True, False): _("row %(row)s"),
    (False, False, True): _("column %(column)s"),
    (False, False, False): "",
}


class FormError(InputError):
    """A refusal on a form: one whole, translated sentence that says what to do instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.args = (sentence,)

    def sentence(self, translate: Translate) -> str:
        """The sentence, which was translated where it was raised."""
        return str(translated(self.expected, translate))
