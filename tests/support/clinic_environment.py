"""The clinic's settings for tests: a demo site in a scratch folder, never the database of who runs them."""

from __future__ import annotations

import os
import tempfile

SECRET = "only-for-tests-" + "x" * 50


def variables(database_url: str | None = None, folder: str | None = None) -> dict[str, str]:
    """What a test site reads from its environment. Without `database_url`: SQLite in its folder."""
    told = {
        "DJANGO_SETTINGS_MODULE": "accord.clinic.settings",
        "ACCORD_USE": "demo",
        "ACCORD_SECRET_KEY": SECRET,
        "ACCORD_FOLDER": folder or tempfile.mkdtemp(prefix="accord-tests-"),
    }
    if database_url is not None:
        told["DATABASE_URL"] = database_url
    return told


def without_accord(environment: dict[str, str]) -> dict[str, str]:
    """The caller's environment with nothing left in it that could point to a real site."""
    own = ("ACCORD_", "DATABASE_URL")
    kept = {key: value for key, value in environment.items() if not key.startswith(own)}
    return {**kept, "ACCORD_ENV_FILE": ""}  # no file of settings of this machine either


def apply(database_url: str | None = None) -> str:
    """Sets this process's environment; call before Django loads. Returns the scratch folder."""
    told = variables(database_url)
    kept = without_accord(dict(os.environ))
    for name in set(os.environ) - set(kept) - {"ACCORD_SHARED_DATA", "ACCORD_HYPOTHESIS"}:
        del os.environ[name]
    os.environ.update(kept | told)
    return told["ACCORD_FOLDER"]
