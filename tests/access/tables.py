"""The reviewed tables: people.toml, groups.toml, and the access.toml of every feature, joined."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.access.records import ABOUT

HERE = Path(__file__).parent
FEATURES = HERE.parent / "clinic"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NO_RECORD = "to"
NOT_ANSWERED, MISSING, SIGN_IN = 405, 404, 302


@dataclass(frozen=True)
class Someone:
    name: str
    sees: tuple[str, ...]
    is_sent_to_sign_in: bool

    def may_see(self, owner: str, also: Iterable[str]) -> bool:
        """Whether an entry of `owner`, such as ana or ana/lind, may be in what they get."""
        client, of_one, _ = owner.partition("/")
        return not {owner, f"{client}/*" if of_one else owner}.isdisjoint({*self.sees, *also})


@dataclass(frozen=True, eq=False)
class Page:
    """One address; `expected` by (method, about, name): the status, where it is not a refusal."""

    key: str
    name: str
    address: str
    answered: frozenset[str]
    expected: Mapping[tuple[str, str, str], int]
    also: Mapping[str, tuple[str, ...]]  # who -> what they may see here beside what they see anyway
    things: Mapping[str, str]  # what stands in the address -> which record of `Programme.things` is meant
    leaves_a_receipt: bool
    tried_as: frozenset[str]  # empty: everybody
    sends: str  # what of `sending.SENDS` is sent

    @property
    def abouts(self) -> tuple[str, ...]:
        return ABOUT if "{" in self.address else (NO_RECORD,)

    def status(self, method: str, about: str, who: Someone) -> int:
        if (method, about, who.name) in self.expected:
            return self.expected[method, about, who.name]
        if method not in self.answered or any((one, about, who.name) in self.expected for one in METHODS):
            return NOT_ANSWERED
        return SIGN_IN if who.is_sent_to_sign_in else MISSING

    def refuses(self, method: str, about: str, who: Someone) -> bool:
        return (method, about, who.name) not in self.expected


def people() -> dict[str, Someone]:
    told = tomllib.loads((HERE / "people.toml").read_text(encoding="utf-8"))
    return {
        name: Someone(name, tuple(one["sees"]), one.get("at_door") == "sign in") for name, one in told.items()
    }


def features() -> dict[Path, dict[str, Any]]:
    """The access.toml of each feature that has one, by its folder."""
    paths = sorted(FEATURES.rglob("access.toml"))
    return {path.parent: tomllib.loads(path.read_text(encoding="utf-8")) for path in paths}


def actions() -> dict[str, Mapping[str, Mapping[str, list[str]]]]:
    """Action -> kind of record -> about whom -> who may."""
    joined: dict[str, Mapping[str, Mapping[str, list[str]]]] = {}
    for table in features().values():
        told = table.get("action", {})
        if twice := told.keys() & joined.keys():
            raise ValueError(f"found {sorted(twice)} in two tables, expected each action once")
        joined |= told
    return joined


def pages() -> dict[str, Page]:
    groups = tomllib.loads((HERE / "groups.toml").read_text(encoding="utf-8"))
    rows = [row for table in features().values() for row in table.get("page", ())]
    keys = {_key(row) for row in rows}
    return {key: _page(key, [row for row in rows if _key(row) == key], groups) for key in sorted(keys)}


def _key(row: Mapping[str, Any]) -> str:
    """The name of the address, with the records that are meant where there are several kinds."""
    return " with ".join([row["name"], *row.get("with", {}).values(), *row.get("sends", [])])


def _page(key: str, rows: list[dict[str, Any]], groups: Mapping[str, list[str]]) -> Page:
    expected: dict[tuple[str, str, str], int] = {}
    for row in rows:
        for about in {NO_RECORD, *ABOUT} & set(row):
            for method, status in row["answers"].items():
                for name in members(row[about], groups):
                    if (method, about, name) in expected:
                        raise ValueError(f"{row['name']}: found {method} by {name} twice, expected once")
                    expected[method, about, name] = status
    answered = frozenset(method for row in rows for method in row["answers"])
    also = {
        name: tuple(row["also"])
        for row in rows
        for about in {NO_RECORD, *ABOUT} & set(row)
        for name in members(row[about], groups)
        if "also" in row
    }
    first = rows[0]
    things = {name: name for name in re.findall(r"{(\w+)}", first["address"])} | first.get("with", {})
    receipt = any(row.get("leaves_a_receipt") for row in rows)
    tried_as = frozenset(name for row in rows for name in row.get("tried_as", ()))
    sends = next(iter(first.get("sends", [])), first["name"])
    return Page(
        key, first["name"], first["address"], answered, expected, also, things, receipt, tried_as, sends
    )


def members(names: Iterable[str], groups: Mapping[str, list[str]]) -> Iterator[str]:
    for name in names:
        if name in groups:
            yield from members(groups[name], groups)
        else:
            yield name


def addresses() -> dict[str, str]:
    """Every address of the live site by its name, written as in the table: {client} for <uuid:client_id>."""
    return {
        name: re.sub(r"<(?:\w+:)?(\w+?)(?:_id)?>", r"{\1}", path) for name, path in _walk(get_resolver(), "/")
    }


def _walk(resolver: URLResolver, before: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield pattern.name or path, path
        else:
            yield from _walk(pattern, path)
