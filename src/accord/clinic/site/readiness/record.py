"""Whether the record fits the program and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.checks import CheckMessage, Error
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max

from accord.clinic.models import AuditEvent, Organisation

CLOCKS_DIFFER = timedelta(minutes=5)  # two machines of one site may


def problems(connection: BaseDatabaseWrapper, now: datetime) -> Iterator[CheckMessage]:
    """After the migrations: what of the record does not fit."""
    executor = MigrationExecutor(connection)
    wanted = set(executor.loader.disk_migrations)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        message = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in waiting[:3])
        yield _error(
            "E060", f"The database has yet to be brought up to date ({message}).", "accord manage migrate"
        )
        return
    later = sorted(name for app, name in executor.loader.applied_migrations if app == "clinic"
                   and (app, name) not in wanted)  # fmt: skip
    if later:
        hint = "Install the version of accord that was used last, or restore the backup made before it."
        yield _error("E061", f"The database is of a later version of accord ({later[0]}).", hint)
    newest = newest_event()
    if newest and newest > now + CLOCKS_DIFFER:
        message = (
            f"The clock says {now:%Y-%m-%d %H:%M} UTC, and the newest row is of {newest:%Y-%m-%d %H:%M}."
        )
        yield _error("E062", message, "Set this machine's clock; deadlines and days would be wrong.")


def newest_event() -> datetime | None:
    """When anything was last done here. One look at an index for each organisation."""
    seen = [
        AuditEvent.objects.filter(organisation_id=pk).aggregate(at=Max("at"))["at"]
        for pk in Organisation.objects.values_list("pk", flat=True)
    ]
    return max((at for at in seen if at), default=None)


def _error(id: str, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"accord.{id}")
