"""What the surroundings say: every setting of a site, read once, refused loudly where it makes no sense.

`SETTINGS` is the one list of names. Nothing here connects, imports Django or touches the disk beyond reading
the key file of the data folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from accord.clinic.telephone import LabelledNumber

SETTINGS: Mapping[str, str] = {
    "ACCORD_USE": "`real` or `demo`; `real` if absent",
    "ACCORD_FOLDER": "folder of the site's data; `accord-data` if absent",
    "ACCORD_SECRET_KEY": "signs sessions and check-in links; at least 50 characters",
    "ACCORD_URL": "the address people open; `http://localhost:8000` if absent",
    "ACCORD_CRISIS_NUMBERS": "`label: number; label: number`, shown before every form",
    "ACCORD_TIME_ZONE": "such as `Europe/Berlin`; `UTC` if absent",
    "ACCORD_DEBUG": "`1` shows error pages for developers; refused in real use",
    "DATABASE_URL": "`sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST:PORT/NAME`",
}
# Names of earlier versions, with what has taken their place: a site that still has one goes on, and says so.
RETIRED: Mapping[str, str] = {
    "ACCORD_ON_DUTY": "the programme lead enters who is on duty, and when, on the page “Duty rota”"
}
KEY_FILE = "secret-key"
KEY_LENGTH = 50  # characters below which a signing key is refused
WAL_IS_SAFE_FROM = ((3, 51, 3), (3, 50, 7), (3, 44, 6))  # earlier ones can lose a commit on a WAL reset


class SettingError(Exception):
    """A setting that makes no sense: which one, what was found, what was expected."""

    def __init__(self, name: str, found: str, expected: str) -> None:
        super().__init__(f"{name}: found {found!r}, expected {expected}")


@dataclass(frozen=True)
class Environment:
    """The settings of one site, parsed."""

    use: str
    folder: Path
    secret_key: str
    url: str
    crisis_numbers: tuple[LabelledNumber, ...]
    time_zone: str
    debug: bool
    database: Mapping[str, Any]
    retired: tuple[str, ...] = ()  # names of `RETIRED` that are still set
    names_folder: bool = True  # whether the folder was named; else it is the one of the working directory

    @property
    def https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


def read(env: Mapping[str, str], sqlite_version: tuple[int, ...]) -> Environment:
    """The settings in `env`. Raises `SettingError` for a value that cannot be understood."""
    folder = Path(env.get("ACCORD_FOLDER") or "accord-data").absolute()
    return Environment(
        use=_one_of(env, "ACCORD_USE", ("real", "demo")),
        folder=folder,
        secret_key=env.get("ACCORD_SECRET_KEY") or _key_file(folder),
        url=_url(env.get("ACCORD_URL") or "http://localhost:8000"),
        crisis_numbers=_numbers(env.get("ACCORD_CRISIS_NUMBERS", "")),
        time_zone=_zone(env.get("ACCORD_TIME_ZONE") or "UTC"),
        debug=_one_of(env, "ACCORD_DEBUG", ("0", "1")) == "1",
        database=database(
            env.get("DATABASE_URL") or f"sqlite:///{folder / 'accord.sqlite3'}", sqlite_version
        ),
        retired=tuple(name for name in RETIRED if env.get(name, "").strip()),
        names_folder=bool(env.get("ACCORD_FOLDER")),
    )


def _one_of(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = (env.get(name) or choices[0]).strip().lower()
    if value not in choices:
        raise SettingError(name, value, " or ".join(choices))
    return value


def _key_file(folder: Path) -> str:
    path = folder / KEY_FILE
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise SettingError("ACCORD_URL", value, "https://NAME without a path (http only for localhost)")
    return f"{parts.scheme}://{parts.netloc}"


def _numbers(value: str) -> tuple[LabelledNumber, ...]:
    pairs = []
    for part in filter(None, (part.strip() for part in value.split(";"))):
        label, colon, number = (piece.strip() for piece in part.rpartition(":"))
        if not (colon and label and any(sign.isdigit() for sign in number)):
            raise SettingError("ACCORD_CRISIS_NUMBERS", part, "label: number; label: number")
        pairs.append(LabelledNumber(label, number))
    return tuple(pairs)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise SettingError("ACCORD_TIME_ZONE", value, "a zone such as Europe/Berlin") from None
    return value


def database(url: str, sqlite_version: tuple[int, ...]) -> dict[str, Any]:
    """Django's description of the database at `url`. Raises `SettingError` for any other kind."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and not parts.netloc and parts.path.strip("/"):
        return _sqlite(unquote(parts.path[1:]), sqlite_version)
    if parts.scheme in ("postgres", "postgresql") and parts.path.strip("/"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": _tls(parts.query),
        }
    shown = f"{parts.scheme}://..."  # never the password
    raise SettingError("DATABASE_URL", shown, "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME")


def _tls(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = sorted(set(options) - {"sslmode", "sslrootcert"})
    if unknown:
        raise SettingError(
            "DATABASE_URL", f"...?{unknown[0]}=", "sslmode or sslrootcert after the question mark"
        )
    return options


def _sqlite(path: str, version: tuple[int, ...]) -> dict[str, Any]:
    # EXTRA: a commit that was acknowledged survives a power cut, in either journal; it is said first, so that
    # it holds while the journal is changed. IMMEDIATE: a writer waits for its turn instead of failing at once
    # when a reading transaction wants to write.
    journal = "WAL" if wal_is_safe(version) else "DELETE"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # Recursive: replacing a row asks the guards of facts as deleting it would.
            "init_command": f"PRAGMA synchronous=EXTRA;PRAGMA journal_mode={journal};"
            "PRAGMA foreign_keys=ON;PRAGMA recursive_triggers=ON;",
        },
    }


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is past the WAL-reset bug: 3.51.3, 3.50.7 or 3.44.6 and their later patches."""
    newest = WAL_IS_SAFE_FROM[0]
    return version >= newest or any(
        version[:2] == fixed[:2] and version >= fixed for fixed in WAL_IS_SAFE_FROM
    )
