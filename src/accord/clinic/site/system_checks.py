"""Checks before the site serves anybody. `serve` refuses to start while one of them is an error."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from accord import clinic
from accord.clinic.audit import actions
from accord.clinic.encryption import rings
from accord.clinic.encryption.rings import KeyProblem, RingName
from accord.clinic.environment import KEY_FILE, KEY_LENGTH, RETIRED, Environment
from accord.clinic.site.readiness import folder as data_folder

NAMED = re.compile(r"(\baction=)?\"([a-z_]+\.[a-z_]+)\"")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


@register()
def may_serve(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    return list(problems(settings.ACCORD, settings.SECRET_KEY))


@register()
def warns_of_retired_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    return list(retired_settings(settings.ACCORD))


def retired_settings(site: Environment) -> Iterator[CheckMessage]:
    """Warn of settings that are set and no longer read; a site in use must not stop because of them."""
    for name in site.retired:
        yield checks.Warning(
            f"{name} is no longer read: {RETIRED[name]}.", hint=f"Remove {name}.", id="accord.W001"
        )


@register()
def may_read(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    return list(key_problems(settings.ACCORD.folder, settings.SECRET_KEY))


def key_problems(folder: Path, secret_key: str) -> Iterator[CheckMessage]:
    """Every reason why free text could not be sealed and read here, in real use and in a demonstration."""
    seen = {secret_key}
    for name in RingName:
        try:
            ring = rings.load(folder, name)
        except KeyProblem as problem:
            yield _error("E020", str(problem), _RING_HINT)
            continue
        own = {base64.b64encode(key.secret).decode() for key in ring.keys.values()}
        if own & seen:
            yield _error("E021", f"The ring “{name.value}” holds a key that is used elsewhere.", _RING_HINT)
        seen |= own


@register()
def has_words(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    return list(wordless_actions(source_texts(), actions.declared()))


def source_texts() -> Iterator[tuple[str, str]]:
    """Path and text of each module of the clinic."""
    folder = Path(clinic.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        yield str(path.relative_to(folder)), path.read_text(encoding="utf-8")


def wordless_actions(sources: Iterable[tuple[str, str]], declared: Collection[str]) -> Iterator[CheckMessage]:
    """Names of audit actions in the code that no feature declares: their events would not be written.

    A name is one that is passed as `action`, or that begins as a declared one does. What neither shows is
    refused when it is written.
    """
    kinds = {name.split(".")[0] for name in declared}
    for path, text in sources:
        used = {name for passed, name in NAMED.findall(text) if passed or name.split(".")[0] in kinds}
        for name in sorted(used - set(declared)):
            yield _error(
                "E023", f"{path} names the audit action {name}, which no feature declares.", _WORDS_HINT
            )


@register()
def may_hold_a_record(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    return [] if settings.ACCORD.use == "demo" else list(data_folder.problems(settings.ACCORD))


def problems(site: Environment, key: str) -> list[CheckMessage]:
    """Every reason why this site must not serve, each with what to set."""
    strong = len(key) >= KEY_LENGTH and len(set(key)) >= 10 and not key.startswith("django-insecure")
    weak_key = _error("E001", "The key that signs sessions and links is missing or too weak.", _KEY_HINT)
    return ([] if strong else [weak_key]) + ([] if site.use == "demo" else _real(site))


def _real(site: Environment) -> list[CheckMessage]:
    held = {
        ("E002", "ACCORD_DEBUG shows the record on error pages.", "Unset ACCORD_DEBUG."): not site.debug,
        ("E003", "No crisis numbers are set.", _NUMBERS_HINT): bool(site.crisis_numbers),
        ("E005", "The site would be served without encryption.", _URL_HINT): site.https
        or site.host in LOCAL_HOSTS,
    }
    return [_error(*error) for error, holds in held.items() if not holds]


def _error(id: str, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"accord.{id}")


_KEY_HINT = (
    f"Set ACCORD_SECRET_KEY, or write a key into {KEY_FILE} in the data folder: "
    f"at least {KEY_LENGTH} random characters, known to nobody else."
)
_RING_HINT = (
    "A site that never had keys makes them by `accord keys new`. One that had them needs the same files "
    "back: what they sealed cannot be read without them (docs/how-to/keys.md)."
)
_WORDS_HINT = "Declare it with its words for the client in `audit_actions` of the feature.py of its feature."
_NUMBERS_HINT = "Set ACCORD_CRISIS_NUMBERS, such as 'Emergency: 112; Crisis line: 116 123'."
_URL_HINT = "Set ACCORD_URL to the https:// address that people open."
