"""What the commands share: the site's settings from the environment, and making a site ready to serve."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from accord.clinic import environment_file
from accord.clinic.environment import KEY_FILE, SettingError

if TYPE_CHECKING:
    from django.core.checks import CheckMessage


REFUSED = 2  # exit code of a command that changed nothing
WHERE_IT_IS_SET = (
    f"Check ACCORD_FOLDER and DATABASE_URL, in the environment or in {environment_file.DEFAULT}; a new site "
    "is set up with: accord manage setup"
)
NOWHERE = (
    "No site was found here: ACCORD_FOLDER is not set, neither in the environment nor in "
    f"{environment_file.DEFAULT}, and there is no folder {{}}. Nothing was changed. Set ACCORD_FOLDER to the "
    "folder of the site's data, which may be a new one."
)


class CannotServe(Exception):
    """Reason why the site does not start, in words for its operator."""


def load() -> None:
    """Load Django with the environment's settings.

    Raises `CannotServe` for one that makes no sense, and where nothing says which site is meant.
    """
    os.umask(0o077)  # whatever the site writes is for its owner only
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.clinic.settings")
    import django
    from django.conf import settings

    try:
        if not settings.ACCORD.names_folder and not settings.ACCORD.folder.is_dir():
            raise CannotServe(NOWHERE.format(settings.ACCORD.folder))
        django.setup()
    except SettingError as error:
        raise CannotServe(str(error)) from error
    from accord.clinic.web import log_redaction

    log_redaction.redact_faults()


def run(does: Callable[[], int]) -> int:
    """What a command does on the loaded site, and what it gives back; 2 with a reason where it is refused."""
    try:
        load()
        return does()
    except CannotServe as refusal:
        complain(refusal)
        return REFUSED


def make_folder(folder: Path, *, with_key: bool) -> None:
    """The data folder, for its owner only, and with a signing key of its own where that is asked for."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / KEY_FILE
    if with_key and not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64), encoding="utf-8")


def refuse_unready() -> None:
    """Print the warnings of this site. Raises `CannotServe` with every reason why it must not serve."""
    from django.core import checks

    messages = [message for message in checks.run_checks() if not message.is_silenced()]
    _refuse(message for message in messages if message.level >= checks.ERROR)
    for message in messages:
        if (message.id or "").startswith("accord."):
            print(f"accord: {message.msg} {message.hint or ''}", file=sys.stderr)


def refuse_forgetful_database() -> None:
    """Raises `CannotServe` where the database could lose what it acknowledged. A demonstration may."""
    from django.conf import settings
    from django.db import connection

    from accord.clinic.site.readiness import database

    if settings.ACCORD.use != "demo":
        with _reaching_it():
            connection.ensure_connection()
            _refuse(database.problems(connection))


def refuse_strange_record() -> None:
    """Raises `CannotServe` where the record is of another version of the program, or of a later day."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from accord.clinic.site.readiness import record

    if settings.ACCORD.use != "demo":
        with _reaching_it():
            _refuse(record.problems(connection, timezone.now()))


@contextmanager
def _reaching_it() -> Iterator[None]:
    from django.db import DatabaseError

    try:
        yield
    except DatabaseError as error:
        raise CannotServe(f"The database does not answer: {error}") from error


def _refuse(messages: Iterable[CheckMessage]) -> None:
    lines = "\n".join(f"  {message.msg} {message.hint or ''}" for message in messages)
    if lines:
        raise CannotServe(f"The site does not start:\n{lines}")


def prepare(*, migrate: bool = True) -> None:
    """Bring the database and the styles up to date."""
    from django.core.management import call_command

    from accord.clinic.site import migration

    if migrate:
        migration.migrate()
    call_command("collectstatic", interactive=False, verbosity=0, stdout=StringIO())


def refuse_absent_record() -> None:
    """Raises `CannotServe` where there is no database, an empty one, or one that was never set up."""
    from django.db import connection

    _refuse_absent_file(connection.vendor, str(connection.settings_dict["NAME"]))
    with _reaching_it():
        tables = connection.introspection.table_names()
        if "clinic_organisation" not in tables:
            raise CannotServe(f"The database holds no record. {WHERE_IT_IS_SET}")
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM clinic_organisation LIMIT 1")
            if cursor.fetchone() is None:
                raise CannotServe(f"The database was never set up. {WHERE_IT_IS_SET}")


def _refuse_absent_file(vendor: str, name: str) -> None:
    # Connecting to SQLite would make the file.
    if vendor == "sqlite" and not (Path(name).is_file() and Path(name).stat().st_size):
        raise CannotServe(f"There is no database at {name}. {WHERE_IT_IS_SET}")


def refuse_unmigrated() -> None:
    """Raises `CannotServe` where the database is not of this version; `serve` brings it up to date."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with _reaching_it():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CannotServe("The database is of another version; start `accord serve` first, or type: "
                              "accord manage migrate")  # fmt: skip


def refuse_changeable_facts() -> None:
    """Raises `CannotServe` when this database would let somebody change what was entered."""
    from django.db import connection

    from accord.clinic.models import guards as append_only

    if lacking := append_only.missing(connection):
        names = ", ".join(lacking)
        raise CannotServe(f"The database lacks guards of its facts ({names}); type: accord manage migrate")


def refuse_demonstration() -> None:
    """Raises `CannotServe` where real use would open sign-ins whose password and codes everybody knows."""
    from django.conf import settings

    from accord.clinic.site.demo import sign_in as demonstration

    if settings.ACCORD.use != "demo" and demonstration.accounts().exists():
        raise CannotServe(
            f"This database holds sign-ins of a demonstration (…{demonstration.DOMAIN}), whose password and "
            "codes are known to everybody. Real use needs a database of its own."
        )


def complain(problem: Exception) -> None:
    print(f"accord: {problem}", file=sys.stderr)
