"""Controls of hazards that are nothing but a setting: what the site does not do."""

from __future__ import annotations

import subprocess
import sys

from tests.support import clinic_environment


def _setting(name: str) -> str:
    """The value in a process of its own, since other tests here set what they need."""
    result = f"from accord.clinic import settings; print({name})"
    environment = {**clinic_environment.variables(), "PATH": ""}
    return subprocess.run(
        [sys.executable, "-c", result], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_the_site_is_set_to_send_no_mail():
    assert "dummy" in _setting("settings.EMAIL_BACKEND")


def test_the_site_speaks_one_language():
    assert _setting("[code for code, name in settings.LANGUAGES]") == "['en']\n"
