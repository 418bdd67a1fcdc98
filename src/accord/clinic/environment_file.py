"""The file of settings that a service, cron and a shell share.

A service manager and a shell read one line differently once a value holds blanks or signs without quotes.
Only lines that both read alike are taken; any other is refused with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from accord.clinic.environment import RETIRED, SETTINGS, SettingError

NAMED_BY = "ACCORD_ENV_FILE"
DEFAULT = Path("/etc/accord.env")
LINE = re.compile(
    r"""(?P<name>[A-Z_]+)=(?:'(?P<single>[^'\\]*)'|"(?P<double>[^"\\$`]*)"|(?P<plain>[\w@%+=:,./-]*))"""
)
FORM = "NAME=value, with single quotes around a value that holds blanks or signs"


def with_file(environment: Mapping[str, str], default: Path = DEFAULT) -> dict[str, str]:
    """The environment with the settings of the file beneath it: what the environment names already wins.

    A demonstration reads no file unless `ACCORD_ENV_FILE` names one. Raises `SettingError`.
    """
    named = environment.get(NAMED_BY)
    if named:
        return {**read(Path(named)), **environment}
    if named is None and environment.get("ACCORD_USE", "real") == "real" and default.exists():
        return {**read(default), **environment}
    return dict(environment)


def read(path: Path) -> dict[str, str]:
    """The settings of a file. Raises `SettingError` for one that cannot be read or has a wrong line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(NAMED_BY, str(path), f"a file of settings that can be read ({error})") from error
    return dict(_settings(path, lines))


def _settings(path: Path, lines: list[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.fullmatch(line.rstrip())
        if match is None:  # without the line itself, which may hold a password
            raise SettingError(f"{path}, line {number}", line.partition("=")[0], FORM)
        if match["name"] not in SETTINGS and match["name"] not in RETIRED:
            raise SettingError(f"{path}, line {number}", match["name"], f"one of {', '.join(SETTINGS)}")
        yield match["name"], match["single"] or match["double"] or match["plain"] or ""
