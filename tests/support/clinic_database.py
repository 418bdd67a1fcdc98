"""Django with an empty SQLite database in a scratch folder, for proofs that run without pytest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import clinic_environment


@contextmanager
def running() -> Iterator[None]:
    folder = Path(clinic_environment.apply())
    try:
        _load(folder)
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _load(folder: Path) -> None:
    from django.conf import settings
    from django.core.management import call_command

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    from accord.clinic.encryption import rings
    from tests.support import ready_made

    rings.make_missing(folder)
    setup_test_environment()  # addresses such as testserver, and mail that goes nowhere
    ready_made.prepare()
    call_command("check")
