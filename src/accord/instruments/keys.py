"""Takes the keys of one TOML table, each of its kind, and refuses unknown ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from accord.errors import InputError

Choice = TypeVar("Choice", bound=StrEnum)


class Keys:
    """One table of a definition. Every refusal names the file and the full key."""

    def __init__(self, values: Mapping[str, Any], file: str, path: str = "") -> None:
        self._values, self._file, self._path = values, file, path
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        self._known.append(key)
        return key in self._values

    def refusal(self, key: str, expected: str, found: object = None) -> InputError:
        place = f"{self._path}.{key}" if self._path else key
        shown = "" if found is None else _shown(found)
        return InputError(expected, file=f"{self._file}, key {place}", found=shown)

    def finish(self) -> None:
        """Refuse whatever key was never asked for."""
        for key in self._values:
            if key not in self._known:
                raise self.refusal(key, f"one of the keys {', '.join(dict.fromkeys(self._known))}", key)

    def text(self, key: str, default: str | None = None) -> str:
        if key not in self and default is not None:
            return default
        value = self._need(key, "one line of text")
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise self.refusal(key, "one line of text", value)
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self._values[key] if key in self else default
        if not isinstance(value, bool):
            raise self.refusal(key, "true or false", value)
        return value

    def number(self, key: str) -> float:
        value = self._need(key, "a number")
        if not _is_number(value):
            raise self.refusal(key, "a number", value)
        return float(value)

    def number_or_none(self, key: str) -> float | None:
        return self.number(key) if key in self else None

    def whole(self, key: str) -> int:
        value = self._need(key, "a whole number above 0")
        if not _is_whole(value):
            raise self.refusal(key, "a whole number above 0", value)
        return int(value)

    def value(self, key: str) -> object:
        """The raw value, for a caller who checks it."""
        return self._need(key, "a value")

    def date_or_none(self, key: str) -> date | None:
        value = self._values[key] if key in self else None
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise self.refusal(key, "a date, written 2025-12-31 without quotes", value)
        return value

    def choice(self, key: str, kind: type[Choice]) -> Choice:
        expected = f"one of {', '.join(kind)}"
        return self._as_choice(key, kind, self._need(key, expected))

    def choices(self, key: str, kind: type[Choice]) -> tuple[Choice, ...]:
        choices = tuple(self._as_choice(key, kind, value) for value in self._list(key))
        if not choices or len(set(choices)) != len(choices):
            raise self.refusal(key, f"some of {', '.join(kind)}, each once", self._values[key])
        return choices

    def numbers(self, key: str) -> tuple[float, ...]:
        values = self._list(key)
        if not all(map(_is_number, values)):
            raise self.refusal(key, "a list of numbers", values)
        return tuple(map(float, values))

    def wholes(self, key: str) -> tuple[int, ...]:
        values = self._list(key)
        if not all(map(_is_whole, values)):
            raise self.refusal(key, "a list of whole numbers above 0", values)
        return tuple(values)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of one-line texts, any of which may be empty."""
        values = self._list(key)
        if not all(isinstance(value, str) and value.isprintable() for value in values):
            raise self.refusal(key, "a list of one-line texts", values)
        return tuple(values)

    def table(self, key: str) -> Keys | None:
        if key not in self:
            return None
        value = self._values[key]
        if not isinstance(value, dict):
            raise self.refusal(key, f"a table, written [{key}]", value)
        return self._under(value, key)

    def named_tables(self, key: str) -> dict[str, Keys]:
        """The tables [key.NAME], by name. The caller has to finish each."""
        outer = self.table(key)
        if outer is None:
            return {}
        tables = {name: outer.table(name) for name in outer._values}
        return {name: table for name, table in tables.items() if table is not None}

    def tables(self, key: str) -> list[Keys]:
        if key not in self:
            return []
        values = self._values[key]
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.refusal(key, f"tables, each written [[{key}]]", values)
        return [self._under(value, f"{key}[{place}]") for place, value in enumerate(values, 1)]

    def _under(self, values: Mapping[str, Any], key: str) -> Keys:
        return Keys(values, self._file, f"{self._path}.{key}" if self._path else key)

    def _need(self, key: str, expected: str) -> Any:
        if key not in self:
            raise self.refusal(key, expected, "nothing")
        return self._values[key]

    def _list(self, key: str) -> list[Any]:
        values = self._need(key, "a list")
        if not isinstance(values, list):
            raise self.refusal(key, "a list", values)
        return values

    def _as_choice(self, key: str, kind: type[Choice], value: object) -> Choice:
        if not isinstance(value, str) or value not in set(kind):
            raise self.refusal(key, f"one of {', '.join(kind)}", value)
        return kind(value)


def _is_number(value: object) -> bool:
    # A TOML boolean is a Python int, and TOML has inf and nan: none of them is a number here.
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _shown(found: object) -> str:
    text = str(found) or "an empty text"
    return text if len(text) <= 60 else f"{text[:57]}..."
