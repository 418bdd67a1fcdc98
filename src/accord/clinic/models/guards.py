"""Database guards that refuse to change or delete a fact, for every connection and statement.

Every table of a model under `AppendOnly` gets its guards after each migration and loses them before one that
has something to do: a migration may reshape a table, and SQLite reshapes by making it anew, which drops what
hangs on it. The owner of the database can still remove the guards; the audit chain shows changes made then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from accord.clinic.models.fact import AppendOnly

TELLS = "holds facts: write a successor instead"
FUNCTION = f"""CREATE OR REPLACE FUNCTION clinic_fact_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% {TELLS}', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$"""
STANDING = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'fixed_*'",
    # 'A' is a trigger that fires in every session, also in one that applies changes from elsewhere.
    "postgresql": "SELECT tgname, relname, CASE tgenabled WHEN 'A' THEN pg_get_functiondef(tgfoid) END "
    "FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE starts_with(tgname, 'fixed_')",
}


def guarded() -> list[type[Model]]:
    """Every model whose rows are written once."""
    return [model for model in apps.get_models() if issubclass(model, AppendOnly)]


def guards(model: type[Model], vendor: str) -> Mapping[str, str]:
    """Name of each guard of a model's table -> the statements that make it."""
    return _sqlite(model) if vendor == "sqlite" else _postgresql(model)


def _sqlite(model: type[Model]) -> dict[str, str]:
    table = model._meta.db_table
    unique = [field.column for field in model._meta.concrete_fields if field.unique]
    known = " OR ".join(f'"{column}" = NEW."{column}"' for column in unique)
    # Without the third, INSERT OR REPLACE would remove the row that is there without asking the second.
    is_known = f'EXISTS (SELECT 1 FROM "{table}" WHERE {known})'  # noqa: S608  (names from our models)
    whens = {"update": "", "delete": "", "insert": f" WHEN {is_known}"}
    return {
        f"fixed_{table}_{verb}": f'CREATE TRIGGER "fixed_{table}_{verb}" BEFORE {verb.upper()} '
        f"ON \"{table}\"{when} BEGIN SELECT RAISE(ABORT, '{table} {TELLS}'); END"
        for verb, when in whens.items()
    }


def _postgresql(model: type[Model]) -> dict[str, str]:
    table = model._meta.db_table
    whats = {"change": ("UPDATE OR DELETE", "ROW"), "truncate": ("TRUNCATE", "STATEMENT")}
    return {
        f"fixed_{table}_{name}": f'CREATE TRIGGER "fixed_{table}_{name}" BEFORE {verb} ON "{table}" '
        f"FOR EACH {level} EXECUTE FUNCTION clinic_fact_is_fixed(); "
        f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER "fixed_{table}_{name}"'
        for name, (verb, level) in whats.items()
    }


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the guards that this database's tables lack, or have in another form."""
    installed = {name: definition for name, _, definition in _installed(connection)}
    return [
        name
        for name, made_by in _wanted(connection).items()
        if not _is(installed.get(name), made_by, connection.vendor)
    ]


def _is(installed: str | None, made_by: str, vendor: str) -> bool:
    return installed == made_by if vendor == "sqlite" else TELLS in (installed or "")


def put_up(connection: BaseDatabaseWrapper) -> None:
    """Make every guard, unless all of them stand."""
    if not missing(connection):
        return
    take_down(connection)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for statements in _wanted(connection).values():
            cursor.execute(statements)


def take_down(connection: BaseDatabaseWrapper) -> None:
    """Remove the guards: for a migration, and for tests that empty their tables."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for name, table, _ in _installed(connection):
            where = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER "{name}"{where}')


def _wanted(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Every guard of the tables that are there; a migration may have gone back to before some of them."""
    there = set(connection.introspection.table_names())
    result: dict[str, str] = {}
    for model in guarded():
        if model._meta.db_table in there:
            result |= guards(model, connection.vendor)
    return result


def _installed(connection: BaseDatabaseWrapper) -> list[tuple[str, str, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(STANDING[connection.vendor])
        return list(cursor.fetchall())


def before_migrating(*, using: str = DEFAULT_DB_ALIAS, plan: Any = (), **kwargs: Any) -> None:
    if plan:
        take_down(connections[using])


def after_migrating(*, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    put_up(connections[using])
